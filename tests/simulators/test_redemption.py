"""A short story of each simulator runs with every test; the long ones run by hand."""

from __future__ import annotations

import pytest

from tests.simulators.redemption import play


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_no_weather_makes_a_free_code_or_loses_a_point(database, seed):
    report = play(database, seed, 60)
    assert report.violations == []
    assert report.wishes >= 60
    assert report.ends["held"] == 0
    assert min(report.fates[fate] for fate in ("late", "lost answer", "refused", "died after", "died somewhere")) > 0
