"""Points that a tier keeps from lapsing, and points that a month's activity renews: whatever comes when, the same is left."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from plugin.errors import BadInput
from plugin.journeys.passing_time import due_lots, settle_lots
from plugin.journeys.proving import find_drift, verify
from plugin.ledger.keeps import expiry_keep
from plugin.ledger.tables import lot
from plugin.rules import dump_document, lot_terms, parse_document
from plugin.rules.linting import lint
from tests.factories import balance_of, cancelled, credit_now
from tests.journeys.tier_stage import BRONZE, TierStage, at_noon, newer, tiered

HALF_A_YEAR = {"kind": "after_months", "months": 6, "to_month_end": True}
NEVER = [{"tier": "gold", "expiry": {"kind": "never"}}]
LEVEL = {"id": "gold", "title": {"en": "Gold"}, "entry": {"kind": "points", "at_least": "500"}}
TWELVE = {"window": {"kind": "rolling_months", "months": 12}, "validity": {"kind": "months", "months": 12}}


def document(**earning: Any) -> dict[str, Any]:
    made = tiered(BRONZE, LEVEL, **TWELVE, downgrade="to_earned")
    made["earning"] |= {"maturity_days": 0, "expiry": HALF_A_YEAR, "expiry_by_tier": NEVER, **earning}
    return made


class Life(TierStage):
    """A shop whose points have an end."""

    def go(self, day: str) -> None:
        """Let time pass, and the slow lane look at tiers, then at points."""
        self.clock.now = at_noon(day)
        self.settle()
        for key in due_lots(self.tools, self.clock.now, 10):
            settle_lots(self.tools, key, self.clock.now)

    def ends(self) -> list[str]:
        with self.tools.reading() as session:
            found = session.scalars(select(lot.c.expires_at).order_by(lot.c.occurred_at))
            return [str(one.date()) if one else "" for one in found]

    def left(self) -> int:
        with self.tools.reading() as session:
            assert find_drift(session, self.clock.now) == []
            assert [one.name for one in verify(session)] == []
        return balance_of(self.tools, self.shop).available


@pytest.fixture
def life(tools, clock) -> Life:
    clock.now = at_noon("2026-01-10")
    stage = Life.open(tools, clock, document())
    assert isinstance(stage, Life)
    return stage


def test_points_of_the_lowest_tier_lapse_at_their_own_end(life: Life):
    life.buy(1, "400")
    life.go("2026-07-31")
    assert (life.left(), life.ends()) == (400, ["2026-07-31"])  # 22:00 UTC is midnight at the shop
    life.go("2026-08-01")
    assert life.left() == 0


def test_points_of_gold_and_those_from_before_it_do_not_lapse_while_it_is_held(life: Life):
    life.buy(1, "400")
    life.go("2026-05-01")
    life.buy(2, "200")
    life.go("2026-05-02")
    assert life.tier() == "gold"
    life.go("2027-04-01")
    assert life.left() == 600


def test_after_gold_points_last_as_if_they_were_given_on_its_last_day(life: Life):
    life.buy(1, "600")
    life.go("2026-05-02")
    life.go("2027-01-12")
    assert life.tier() == "bronze"
    life.go("2027-07-30")
    assert (life.left(), life.ends()) == (600, ["2027-07-31"])
    life.go("2027-08-01")
    assert life.left() == 0


def test_gold_that_is_kept_moves_the_end_on(life: Life):
    life.buy(1, "600")
    life.go("2026-12-20")
    life.buy(2, "600")
    life.go("2027-01-12")
    assert life.tier() == "gold"
    life.go("2028-01-05")
    assert life.left() == 1200
    assert len(set(life.ends())) == 1


def test_what_lapsed_before_gold_stays_gone(life: Life):
    life.buy(1, "300")
    life.go("2026-08-02")
    assert life.left() == 0
    life.buy(2, "600")
    life.go("2026-08-03")
    assert (life.tier(), life.left()) == ("gold", 600)


def test_an_order_that_comes_late_and_made_gold_brings_back_what_lapsed_meanwhile(life: Life):
    life.buy(1, "400")
    late = life.order(2, "200", at=at_noon("2026-03-01"))
    life.go("2026-08-02")
    assert life.left() == 0
    credit_now(life.tools, late)
    life.settle()
    assert (life.tier(), life.left()) == ("gold", 600)


@pytest.mark.parametrize("is_late", [False, True])
def test_gold_that_a_refund_takes_back_keeps_nothing_whenever_it_is_told(life: Life, is_late: bool):
    life.buy(1, "400")
    life.clock.now = at_noon("2026-02-01")
    second = life.buy(2, "200")
    life.settle()
    taken = cancelled(newer(second), after=timedelta(days=1))
    if not is_late:
        credit_now(life.tools, taken)
    life.go("2026-08-02")
    if is_late:
        assert life.left() == 600
        credit_now(life.tools, taken)
        life.go("2026-08-02")
    assert (life.tier(), life.left()) == ("bronze", 0)
    with life.tools.reading() as session:
        assert session.execute(select(expiry_keep)).all() == []


def test_a_version_that_keeps_no_points_breaks_no_promise(life: Life):
    life.buy(1, "600")
    life.go("2026-02-01")
    life.publish(document(expiry_by_tier=[]))
    life.go("2026-12-01")
    assert (life.tier(), life.left()) == ("gold", 600)


def test_a_promise_outlives_the_renewal_of_its_tier_under_terms_that_keep_nothing(life: Life):
    life.buy(1, "600")
    life.go("2026-02-01")
    life.publish(document(expiry_by_tier=[]))
    life.go("2026-12-20")
    life.buy(2, "600")
    life.go("2027-01-12")
    assert (life.tier(), life.left(), life.ends()) == ("gold", 1200, ["2027-07-31", "2027-07-31"])
    life.go("2027-08-01")
    assert life.left() == 0


def test_a_promise_outlives_a_rise_under_terms_that_keep_nothing(tools, clock):
    clock.now = at_noon("2026-01-10")
    levels = tiered(BRONZE, LEVEL, LEVEL | {"id": "pearl", "entry": {"kind": "points", "at_least": "900"}}, **TWELVE)
    life = Life.open(tools, clock, document() | {"tiers": levels["tiers"]})
    life.buy(1, "600")
    life.go("2026-02-01")
    life.publish(document(expiry_by_tier=[]) | {"tiers": levels["tiers"]})
    life.go("2026-09-01")
    life.buy(2, "400")
    life.go("2026-09-02")
    assert (life.tier(), life.left()) == ("pearl", 1000)


def test_gold_that_is_renewed_day_by_day_keeps_points_as_long_as_it_is_held(tools, clock):
    clock.now = at_noon("2026-01-10")
    made = document()
    made["tiers"] |= {"validity": {"kind": "days", "days": 30}}
    life = Life.open(tools, clock, made)
    life.buy(1, "600")
    for day in ("2026-01-11", "2026-02-20", "2026-08-20", "2026-12-30"):
        life.go(day)
    assert (life.tier(), life.left()) == ("gold", 600)
    life.go("2027-03-20")
    assert (life.tier(), len(set(life.ends()))) == ("bronze", 1)
    life.go("2027-10-01")
    assert life.left() == 0


def test_a_version_that_keeps_points_does_so_for_who_holds_the_tier_already(tools, clock):
    clock.now = at_noon("2026-01-10")
    life = Life.open(tools, clock, document(expiry_by_tier=[]))
    life.buy(1, "600")
    life.go("2026-02-01")
    assert life.ends() == ["2026-07-31"]
    life.publish(document())
    life.go("2026-02-02")
    assert life.ends() == ["2027-07-31"]


def test_points_of_orders_in_a_tier_may_live_longer(tools, clock):
    clock.now = at_noon("2026-01-10")
    longer = [{"tier": "gold", "expiry": {"kind": "after_months", "months": 18}}]
    life = Life.open(tools, clock, document(expiry_by_tier=longer))
    life.buy(1, "600")
    life.go("2026-01-11")
    life.buy(2, "10")
    assert life.ends() == ["2026-07-31", "2027-07-11"]
    assert life.left() == 610


def test_activity_renews_points_through_the_sixth_month_after_it(tools, clock):
    clock.now = at_noon("2026-01-10")
    life = Life.open(tools, clock, document(expiry=HALF_A_YEAR | {"renewed_by_activity": True}))
    life.buy(1, "100")
    life.go("2026-03-15")
    life.buy(2, "5")
    assert life.ends() == ["2026-09-30", "2026-09-30"]
    life.go("2026-09-30")
    assert life.left() == 105
    life.go("2026-10-01")
    assert life.left() == 0


def test_late_activity_renews_what_would_have_lapsed(tools, clock):
    clock.now = at_noon("2026-01-10")
    life = Life.open(tools, clock, document(expiry=HALF_A_YEAR | {"renewed_by_activity": True}))
    life.buy(1, "100")
    late = life.order(2, "5", at=at_noon("2026-07-31"))
    life.go("2026-08-05")
    assert life.left() == 0
    credit_now(life.tools, late)
    assert (life.left(), life.ends()) == (105, ["2027-01-31", "2027-01-31"])


@pytest.mark.parametrize(
    ("earning", "path"),
    [
        ({"expiry_by_tier": [{"tier": "platinum", "expiry": {"kind": "never"}}]}, "earning.expiry_by_tier[0].tier"),
        ({"expiry_by_tier": [*NEVER, *NEVER]}, "earning.expiry_by_tier[1].tier"),
        (
            {"maturity_days": 30, "expiry_by_tier": [{"tier": "gold", "expiry": {"kind": "after_days", "days": 29}}]},
            "earning.expiry_by_tier[0].expiry.days",
        ),
        ({"expiry": {"kind": "after_months", "months": 6, "renewed_by_activity": True}}, "earning.expiry"),
    ],
)
def test_a_fault_in_the_life_of_points_is_told_with_its_place(earning, path):
    with pytest.raises(BadInput) as fault:
        parse_document(document(**earning))
    assert fault.value.path == path


def test_a_tier_in_which_points_live_no_longer_is_a_likely_mistake():
    same = parse_document(document(expiry_by_tier=[{"tier": "gold", "expiry": HALF_A_YEAR}]))
    assert "tier_life_not_longer" in {one.word for one in lint(same)}
    assert "tier_life_not_longer" not in {one.word for one in lint(parse_document(document()))}


def test_the_terms_of_an_order_are_those_of_the_tier_frozen_with_it():
    longer = [{"tier": "gold", "expiry": {"kind": "after_days", "days": 400}}]
    made = parse_document(document(expiry_by_tier=longer))
    placed = datetime(2026, 1, 10, 12, tzinfo=UTC)
    assert [lot_terms(made, placed, "UTC", tier).expires_at for tier in (None, "bronze", "gold")] == [
        datetime(2026, 8, 1, tzinfo=UTC),
        datetime(2026, 8, 1, tzinfo=UTC),
        datetime(2027, 2, 15, tzinfo=UTC),
    ]
    assert parse_document(dump_document(made)) == made
