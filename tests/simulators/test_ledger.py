"""A short story of each simulator runs with every test; the long ones run by hand (`make simulate`)."""

from __future__ import annotations

import pytest

from tests.simulators import ledger, orders
from tests.simulators.door import DoorWorld
from tests.simulators.playing import Report

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_anything_may_happen_and_every_account_equals_its_replay(database_url, seed):
    report = ledger.run(seed, 300, database_url, every=150)
    assert report.violations == []
    assert report.ends["delivered"] > 0


@pytest.mark.parametrize("seed", [1, 2])
def test_orders_late_shuffled_doubled_and_with_gaps_end_as_in_time(database_url, seed):
    report = orders.run(seed, 50, database_url)
    assert report.violations == []
    assert report.sums["deliveries"] > report.sums["histories"] == 50
    assert report.sums["dumps compared"] >= orders.SHUFFLES


def test_orders_through_the_signed_door_end_as_in_time(database_url):
    report = orders.run(4, 20, database_url, kind=DoorWorld)
    assert report.violations == []


def test_the_comparison_sees_a_difference():
    """The control: two tellings that end differently are told apart."""
    teller = orders.Teller(Report(0), 0, 1, orders.World)
    teller.compare("control", '{"available": 25}', '{"available": 24}')
    assert len(teller.report.violations) == 1
