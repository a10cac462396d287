"""Every named point, a few random moments, and a careless variant that must be caught; `make simulate KIND=crash` does the long run."""

from __future__ import annotations

import pytest

from tests.simulators import crash
from tests.simulators.benches import benched
from tests.simulators.crash_points import POINTS
from tests.simulators.crash_product import HASTY
from tests.simulators.crash_story import furnish

pytestmark = pytest.mark.slow
AT_RANDOM = 8


def test_killed_at_every_named_point_and_at_random_nothing_is_lost_or_doubled(database_url):
    report = crash.run(1, len(POINTS) + AT_RANDOM, database_url)
    assert report.violations == []
    assert report.points == list(POINTS)
    assert report.kills >= len(POINTS) + AT_RANDOM
    assert report.redemptions["201"] > 0


def test_deliveries_marked_as_done_before_their_work_are_seen_to_be_lost(database_url):
    """The control: kills between the two transactions, and the proof says what is missing."""
    report, shops = crash.Report(1), []
    with benched(lambda database: furnish(database, shops), database_url) as bench:
        crash.play(report, bench, shops[0], [HASTY] * 4, is_hasty=True)
    assert any("otherwise than undisturbed" in one or "instead of 80" in one for one in report.violations)
