"""Tiers: risen to at once, held through their period, kept or lost at its end, told the same whoever asks and when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin.errors import BadInput
from plugin.facts import Holding
from plugin.rules import default_document, dump_document, parse_document
from plugin.rules.measuring import Fact, Past
from plugin.rules.schema_tiers import Tiers
from plugin.rules.tiers import Start, better, holding_at, next_review, outlook, told_holdings

JOINED = datetime(2025, 1, 10, 12, tzinfo=UTC)


def spend(at_least: str, **more: Any) -> dict[str, Any]:
    return {"kind": "spend", "at_least": at_least, **more}


def level(name: str, entry: Any = None, **more: Any) -> dict[str, Any]:
    return {"id": name, "title": {"en": name.title()}, "entry": entry, **more}


def tiers(*levels: dict[str, Any], **more: Any) -> Tiers:
    """Bronze for all, silver from 100, gold from 500, in a year of the calendar, unless told otherwise."""
    usual = (level("bronze"), level("silver", spend("100")), level("gold", spend("500")))
    return document(*(levels or usual), **more).tiers


def document(*levels: dict[str, Any], **more: Any) -> Any:
    return parse_document(dump_document(default_document()) | {"tiers": {"levels": list(levels), **more}})


def on(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T12:00:00+00:00")


def day(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}T00:00:00+00:00")


def past(*spent: tuple[str, int], **more: Any) -> Past:
    """Orders of these days, each of so many units of money."""
    facts = [Fact(on(when), amount * 10**6, points=amount, orders=1) for when, amount in spent]
    return Past.of(facts, more.get("joined", JOINED), more.get("zone", "UTC"))


def held(by: Tiers, of: Past, when: str, start: Start | None = None) -> tuple[str | None, str | None, str]:
    """What is held at noon of a day: (tier, the first day without it, why)."""
    found = holding_at(by, of, start or Start(JOINED), on(when))
    return found.tier, found.until.date().isoformat() if found.until else None, found.why


def test_a_member_rises_in_the_instant_of_the_order_that_lifts_them():
    of = past(("2025-03-01", 60), ("2025-03-05", 40))
    assert held(tiers(), of, "2025-03-04") == ("bronze", None, "start")
    found = holding_at(tiers(), of, Start(JOINED), on("2025-07-01"))
    assert (found.tier, found.since, found.until) == ("silver", on("2025-03-05"), day("2027-01-01"))


def test_a_member_may_pass_over_a_level():
    assert held(tiers(), past(("2025-03-01", 800)), "2025-03-02")[0] == "gold"


@pytest.mark.parametrize(
    ("downgrade", "spent_later", "then"),
    [
        ("one_step", 0, ("silver", "2028-01-01", "dropped")),
        ("one_step", 100, ("silver", "2028-01-01", "dropped")),
        ("to_earned", 0, ("bronze", None, "dropped")),
        ("to_earned", 100, ("silver", "2028-01-01", "dropped")),
        ("never", 0, ("gold", "2028-01-01", "spared")),
        ("one_step", 500, ("gold", "2028-01-01", "kept")),
    ],
)
def test_the_end_of_a_period_looks_at_that_period_alone(downgrade, spent_later, then):
    of = past(("2025-03-01", 800), ("2026-06-01", spent_later))
    by = tiers(downgrade=downgrade)
    assert held(by, of, "2026-12-31") == ("gold", "2027-01-01", "reached")
    assert held(by, of, "2027-01-01") == then


def test_a_fall_goes_on_step_by_step():
    of = past(("2025-03-01", 800))
    assert [held(tiers(), of, f"{year}-06-01")[0] for year in range(2025, 2030)] == [
        "gold",
        "gold",
        "silver",
        "bronze",
        "bronze",
    ]


@pytest.mark.parametrize(("keep", "spent", "kept"), [("300", 299, False), ("300", 300, True), ("700", 600, False)])
def test_a_level_may_be_kept_by_less_or_by_more_than_it_took_to_enter(keep, spent, kept):
    by = tiers(level("bronze"), level("gold", spend("500"), keep=spend(keep)))
    of = past(("2025-03-01", 800), ("2026-06-01", spent))
    assert (held(by, of, "2027-02-01")[0] == "gold") is kept


@pytest.mark.parametrize(
    ("ordered", "then"),
    [
        ("2027-01-20", ("gold", "2028-01-01", "kept")),  # within the grace
        ("2027-02-02", ("silver", "2028-01-01", "dropped")),  # too late
    ],
)
def test_what_happens_in_the_grace_still_counts_for_the_ended_period(ordered, then):
    by = tiers(grace_days=31)
    of = past(("2025-03-01", 800), ("2026-06-01", 400), (ordered, 100))
    assert held(by, of, "2027-01-15") == ("gold", "2027-02-01", "grace")
    assert held(by, of, "2027-02-03") == then


def test_what_was_done_in_the_grace_may_lift_anew_once_it_is_over():
    by = tiers(grace_days=31, downgrade="to_earned")
    of = past(("2025-03-01", 800), ("2027-01-20", 120))
    assert held(by, of, "2027-02-01") == ("silver", "2029-01-01", "dropped")


def test_a_tier_to_the_end_of_the_year_is_kept_for_the_next_year():
    by = tiers(validity={"kind": "year_end", "years_later": 0})
    assert held(by, past(("2025-03-01", 800)), "2025-12-31") == ("gold", "2026-01-01", "reached")
    assert held(by, past(("2025-03-01", 800)), "2026-01-01") == ("gold", "2027-01-01", "kept")
    assert held(by, past(("2025-03-01", 800)), "2027-01-01") == ("silver", "2028-01-01", "dropped")


def test_months_are_counted_from_the_day_of_entry():
    by = tiers(validity={"kind": "months", "months": 12}, window={"kind": "rolling_months", "months": 12})
    of = past(("2025-03-15", 500), ("2026-03-15", 499))
    assert held(by, of, "2026-03-15") == ("gold", "2026-03-16", "reached")
    assert held(by, of, "2026-03-16") == ("silver", "2027-03-17", "dropped")
    assert held(by, past(("2025-03-15", 500), ("2026-03-15", 500)), "2026-03-16") == ("gold", "2027-03-16", "kept")


def test_a_tier_looked_at_every_day_follows_the_window():
    by = tiers(validity={"kind": "days", "days": 1}, window={"kind": "rolling_days", "days": 30}, downgrade="to_earned")
    of = past(("2025-03-01", 500))
    assert held(by, of, "2025-03-30")[0] == "gold"
    assert held(by, of, "2025-04-02")[0] == "bronze"


def test_anniversaries_part_the_years():
    by = tiers(validity={"kind": "anniversary"}, window={"kind": "anniversary_year"})
    of = past(("2025-12-01", 300), ("2026-01-12", 300))
    assert held(by, of, "2026-01-12") == ("silver", "2027-01-10", "kept")
    assert held(by, past(("2025-12-01", 300), ("2026-01-09", 300)), "2026-01-09")[0] == "gold"


def test_periods_end_at_the_programmes_midnight():
    of = past(("2025-03-01", 800), zone="Europe/Sofia")
    by = tiers()
    end = datetime(2026, 12, 31, 22, tzinfo=UTC)
    assert holding_at(by, of, Start(JOINED), end - timedelta(microseconds=1)).tier == "gold"
    assert holding_at(by, of, Start(JOINED), end).tier == "silver"


@pytest.mark.parametrize(
    ("entry", "spent", "is_met"),
    [
        (
            {"kind": "any", "of": [spend("1000"), {"kind": "orders", "at_least": 2}]},
            [("2025-03-01", 5), ("2025-04-01", 5)],
            True,
        ),
        (
            {"kind": "all", "of": [spend("1000"), {"kind": "orders", "at_least": 2}]},
            [("2025-03-01", 5), ("2025-04-01", 5)],
            False,
        ),
        (
            {"kind": "all", "of": [spend("10"), {"kind": "orders", "at_least": 2}]},
            [("2025-03-01", 5), ("2025-04-01", 5)],
            True,
        ),
        ({"kind": "points", "at_least": 11}, [("2025-03-01", 5), ("2025-04-01", 5)], False),
        (spend("10", window={"kind": "lifetime"}), [("2024-03-01", 5), ("2025-04-01", 5)], True),
        (spend("10"), [("2024-03-01", 5), ("2025-04-01", 5)], False),
    ],
)
def test_conditions_combine(entry, spent, is_met):
    assert held(tiers(level("bronze"), level("top", entry)), past(*spent), "2025-06-01")[0] == (
        "top" if is_met else "bronze"
    )


def test_without_a_level_for_everybody_there_may_be_none():
    by = tiers(level("silver", spend("100")))
    assert held(by, past(), "2025-06-01") == (None, None, "start")
    assert held(by, past(("2025-02-01", 100)), "2027-06-01") == (None, None, "dropped")


def test_what_was_promised_before_holds_through_its_end_under_new_terms():
    """Gold costs ten times as much from now on; who has it keeps it until the day they were told."""
    promised = Start(on("2025-06-01"), Holding("gold", on("2025-03-01"), day("2027-01-01"), "reached"))
    by = tiers(level("bronze"), level("silver", spend("1000")), level("gold", spend("5000")))
    of = past(("2025-03-01", 800))
    assert held(by, of, "2026-12-31", promised) == ("gold", "2027-01-01", "reached")
    assert held(by, of, "2027-01-01", promised)[0] == "silver"


def test_lower_thresholds_lift_at_once_and_from_then_on():
    promised = Start(on("2025-06-01"), Holding("silver", on("2025-03-01"), day("2027-01-01"), "reached"))
    by = tiers(level("bronze"), level("silver", spend("50")), level("gold", spend("100")))
    found = holding_at(by, past(("2025-03-01", 120)), promised, on("2025-06-01"))
    assert (found.tier, found.since) == ("gold", on("2025-06-01"))


def test_a_level_that_is_no_more_leaves_what_is_earned():
    promised = Start(on("2025-06-01"), Holding("platinum", on("2025-03-01"), day("2027-01-01"), "reached"))
    assert held(tiers(), past(("2025-03-01", 120)), "2025-07-01", promised)[0] == "silver"


def test_the_better_holding_is_the_higher_then_the_longer_one():
    silver, gold = (Holding(name, JOINED, day("2026-01-01"), "reached") for name in ("silver", "gold"))
    longer = Holding("silver", JOINED, None, "reached")
    assert better(tiers(), silver, gold) == better(tiers(), gold, silver) == gold
    assert better(tiers(), silver, longer) == longer


def test_the_outlook_tells_what_is_missing_in_numbers():
    of = past(("2026-02-01", 120))
    found = holding_at(tiers(), of, Start(JOINED), on("2026-03-01"))
    told = outlook(tiers(), of, found, on("2026-03-01"))
    assert told["next"]["tier"] == "gold"
    assert told["next"]["goals"] | {"window": None} == {
        "kind": "spend",
        "window": None,
        "have": "120",
        "need": "500",
        "missing": "380",
    }
    assert told["next"]["share"] == 0.24
    assert told["keep"]["goals"]["have"] == "0"  # the year at whose end it is looked at has not begun
    assert next_review(found, of, on("2026-03-01")) == day("2028-01-01")


SPENT = st.lists(st.tuples(st.integers(0, 1500), st.integers(1, 400)), max_size=12)


def _of(spent: list[tuple[int, int]]) -> Past:
    return Past.of([Fact(JOINED + timedelta(days=days), n * 10**6, n, 1) for days, n in spent], JOINED, "Europe/Sofia")


@given(SPENT, st.integers(0, 1600), st.sampled_from(["one_step", "to_earned", "never"]), st.sampled_from([0, 40]))
def test_telling_in_two_goes_is_telling_in_one(spent, pause, downgrade, grace):
    """The holding found at any time is a start from which the rest is told the same."""
    by, of = tiers(downgrade=downgrade, grace_days=grace), _of(spent)
    middle, end = JOINED + timedelta(days=pause), JOINED + timedelta(days=1700)
    seen = told_holdings(by, of, Start(JOINED), middle)
    assert holding_at(by, of, Start(middle, seen[-1]), end) == holding_at(by, of, Start(JOINED), end)


@given(SPENT, st.integers(0, 1600), st.tuples(st.integers(0, 1500), st.integers(1, 400)))
def test_another_order_never_lowers_a_tier(spent, later, more):
    by, now = tiers(), JOINED + timedelta(days=later)
    before, after = (holding_at(by, _of(one), Start(JOINED), now) for one in (spent, [*spent, more]))
    assert by.rank(after.tier) >= by.rank(before.tier)


@given(SPENT, st.randoms())
def test_it_does_not_matter_in_which_order_facts_come(spent, random):
    shuffled = random.sample(spent, len(spent))
    now = JOINED + timedelta(days=1600)
    assert holding_at(tiers(), _of(shuffled), Start(JOINED), now) == holding_at(tiers(), _of(spent), Start(JOINED), now)


@pytest.mark.parametrize(
    ("levels", "path", "fault"),
    [
        (
            [level("a"), level("b", spend("100")), level("c", spend("100"))],
            "tiers.levels[2].entry.at_least",
            "must be above tiers.levels[1]'s",
        ),
        ([level("a"), level("a", spend("100"))], "tiers.levels[1].id", "is the id of tiers.levels[0] already"),
        ([level("a"), level("b")], "tiers.levels[1].entry", "only the lowest"),
        ([level("a", keep=spend("5"))], "tiers.levels[0].keep", "nobody can lose"),
        (
            [level("a", {"kind": "any", "of": [{"kind": "orders", "at_least": "1.5"}]})],
            "tiers.levels[0].entry.of[0].at_least",
            "whole",
        ),
    ],
)
def test_contradictions_name_their_place(levels, path, fault):
    with pytest.raises(BadInput) as refusal:
        document(*levels)
    assert refusal.value.path == path
    assert fault in str(refusal.value)
