"""The brake on impatience."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from plugin import pace
from plugin.errors import TooFast
from plugin.pace import Pace, Paces

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def test_a_burst_passes_then_one_at_a_time():
    paces, slow = Paces(), Pace(burst=3, per_second=0.5)
    for _ in range(3):
        paces.take("a", slow, NOW)
    with pytest.raises(TooFast) as refusal:
        paces.take("a", slow, NOW)
    assert refusal.value.retry_after_seconds == 2
    paces.take("a", slow, NOW + timedelta(seconds=2))
    with pytest.raises(TooFast):
        paces.take("a", slow, NOW + timedelta(seconds=3))


def test_a_clock_that_goes_back_gives_nothing_away():
    paces, slow = Paces(), Pace(burst=1, per_second=1)
    paces.take("a", slow, NOW)
    with pytest.raises(TooFast):
        paces.take("a", slow, NOW - timedelta(hours=1))


def test_memory_is_bounded_and_the_longest_idle_are_forgotten():
    paces, slow = Paces(), Pace(burst=1, per_second=0.001)
    paces.take("first", slow, NOW)
    for at in range(pace._BUCKETS_MAX):
        paces.take(at, slow, NOW)
    assert len(paces._buckets) == pace._BUCKETS_MAX
    paces.take("first", slow, NOW)
