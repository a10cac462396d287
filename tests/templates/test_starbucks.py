"""Ten baskets of a coffee house, worked out by hand from the terms of March 2026."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from plugin.facts import Context
from plugin.rules import dump_document, evaluate, lot_terms, parse_document
from plugin.rules.challenges import Deed, Span, completions
from plugin.rules.templates import get_template
from plugin.rules.terms import kept_until
from tests.rules.making import refund
from tests.templates.baskets import basket, born, gift_card, goods, had, points, refused, shows, tiers_held, tip

NAME = "inspired-by-starbucks-rewards"
DOCUMENT = get_template(NAME).document


@shows(NAME, "earn_rate")
def test_basket_1_tax_earns_nothing():
    assert points(NAME, goods("5.75", tax="0.51"), goods("4.25", tax="0.37")) == 10
    assert points(NAME, goods("6.26", tax="0.51"), goods("4.62", tax="0.37"), taxes_included=True) == 10


@shows(NAME, "tips_do_not_earn")
def test_basket_2_a_tip_earns_nothing():
    assert points(NAME, goods("7.45"), tip("1.00")) == 7


@shows(NAME, "excluded_goods")
def test_alcohol_donations_and_fees_earn_nothing():
    assert points(NAME, goods("7.45"), goods("12.00", "Alcohol"), goods("3.00", "donation"), goods("0.50", "fee")) == 7


@shows(NAME, "tier_rates")
@pytest.mark.parametrize(
    ("tier", "price", "given"), [("green", "10.00", 10), ("gold", "10.00", 12), ("reserve", "23.50", 39)]
)
def test_baskets_3_and_4_gold_and_reserve_earn_more(tier, price, given):
    assert points(NAME, goods(price), context={"tier": tier}) == given


@shows(NAME, "double_star_days")
def test_basket_6_a_double_star_day_doubles_what_the_tier_gives():
    day = datetime(2027, 3, 16, 8, 0, tzinfo=UTC)
    gold, green = ({"tier": tier, "timezone": "UTC"} for tier in ("gold", "green"))
    assert points(NAME, goods("15.00"), context=gold, placed_at=day) == 36
    assert points(NAME, goods("15.00"), context=green, placed_at=day) == 15, "Green has no such day"
    assert points(NAME, goods("15.00"), context=gold, placed_at=day.replace(day=17)) == 18


def test_doublings_do_not_stack():
    data = dump_document(DOCUMENT)
    data["campaigns"].append(data["campaigns"][0] | {"id": "another_doubling"})
    made, known = basket(goods("15.00"), placed_at=datetime(2027, 3, 16, 8, 0, tzinfo=UTC))
    assert evaluate(made, parse_document(data), Context(1, known, tier="gold", timezone="UTC")).points == 36


@shows(NAME, "challenges")
def test_three_visits_in_a_week_complete_a_challenge_once():
    (visits,) = DOCUMENT.challenges
    days = ("2026-11-23", "2026-11-24", "2026-11-29", "2026-11-29", "2026-11-30", "2026-12-01")
    deeds = [Deed(datetime.fromisoformat(f"{day}T10:00+00:00")) for day in days]
    found = completions(visits, deeds, Span(), "UTC", datetime(2026, 12, 31, tzinfo=UTC))
    assert ([one.period for one in found], visits.points) == (["2026-W48"], 25)


@shows(NAME, "tier_entry")
def test_basket_10_gold_is_reached_at_once_and_earns_from_the_next_day_on():
    held = tiers_held(NAME, ("2026-11-01", "points", 495), ("2026-11-21", "points", 10), until="2026-11-21")
    assert held == [("green", "2026-01-01", ""), ("gold", "2026-11-21", "2027-11-22")]
    assert points(NAME, goods("10.00"), context={"tier": held[-1][0]}) == 12


def test_gold_is_lost_after_twelve_months_without_five_hundred_stars_and_kept_with_them():
    start = ("2026-11-21", "points", 505)
    assert tiers_held(NAME, start, until="2027-11-30")[-1][0] == "green"
    assert tiers_held(NAME, start, ("2027-06-01", "points", 500), until="2027-11-30")[-1][0] == "gold"
    assert tiers_held(NAME, start, ("2027-06-01", "points", 2500), until="2027-11-30")[-1][0] == "reserve"


@shows(NAME, "catalogue")
@pytest.mark.parametrize(
    ("balance", "reward", "items", "given", "left"),
    [
        (215, "drink", (goods("6.95", less="6.95"), goods("4.00")), 4, 19),  # basket 8
        (60, "any_item", (goods("1.75", less="1.75"),), 0, 0),  # basket 9: the unused 0.25 is lost
    ],
)
def test_baskets_8_and_9_a_free_item_earns_nothing(balance, reward, items, given, left):
    bought = next(one for one in DOCUMENT.rewards if one.id == reward)
    assert points(NAME, *items) == given
    assert balance - bought.points + given == left
    assert bought.amount >= sum(line.discount for line, _ in items)


@shows(NAME, "catalogue")
def test_each_reward_of_the_catalogue_but_one_is_for_goods_of_its_kind():
    assert [one.id for one in DOCUMENT.rewards if one.items is None] == ["any_item"]


def test_the_catalogue_has_the_published_prices():
    assert [(one.points, str(one.amount)) for one in DOCUMENT.rewards if one.points] == [
        (25, "1"), (60, "2"), (100, "6"), (200, "10"), (300, "16"), (400, "20"),
    ]  # fmt: skip


@shows(NAME, "expiry")
@pytest.mark.parametrize(
    ("placed", "lapses"),
    [("2026-12-15", "2027-07-01"), ("2026-12-31", "2027-07-01"), ("2026-12-01", "2027-07-01"), ("2026-08-31", "2027-03-01")],
)  # fmt: skip
def test_stars_of_a_month_lapse_together_after_the_sixth_month(placed, lapses):
    terms = lot_terms(DOCUMENT, datetime.fromisoformat(f"{placed}T12:00+00:00"), "UTC")
    assert terms.expires_at == datetime.fromisoformat(f"{lapses}T00:00+00:00").astimezone(UTC)


@shows(NAME, "own_cup")
def test_baskets_5_and_6_ones_own_cup_doubles_the_order_and_no_double_star_day_doubles_it_again():
    cup = {"tags": ("own-cup",)}
    assert points(NAME, goods("4.60", less="0.10"), goods("8.00"), **cup) == 25
    day = datetime(2027, 3, 16, 8, 0, tzinfo=UTC)
    gold = {"tier": "gold", "timezone": "UTC"}
    assert points(NAME, goods("15.00"), context=gold, placed_at=day, **cup) == 36
    assert points(NAME, goods("12.50"), tags=("own-bag",)) == 12


@shows(NAME, "reload_bonus")
@pytest.mark.parametrize(("worth", "given"), [("29.99", 0), ("30", 10), ("50", 25), ("80", 25)])
def test_basket_7_a_reload_gives_its_bonus_and_no_base_whatever_the_tier(worth, given):
    assert points(NAME, gift_card(worth), context={"tier": "reserve"}) == given
    assert points(NAME, gift_card("40"), gift_card("40")) == 25
    assert points(NAME, goods("20.00"), gift_card("80")) == 20 + 25


@shows(NAME, "expiry_by_activity")
def test_basket_10_stars_of_gold_do_not_lapse_and_those_of_green_are_renewed():
    placed = datetime(2026, 12, 15, 12, tzinfo=UTC)
    assert lot_terms(DOCUMENT, placed, "UTC").rolling_months == 6
    assert kept_until(DOCUMENT, "green", None, "UTC") is None
    ends = kept_until(DOCUMENT, "gold", datetime(2027, 12, 22, tzinfo=UTC), "UTC")
    assert ends is not None
    assert ends.expires_at == datetime(2028, 7, 1, tzinfo=UTC)


@shows(NAME, "monthly_extra")
def test_an_extra_is_free_once_in_each_month_of_the_calendar():
    assert [one.points for one in DOCUMENT.rewards if one.id == "monthly_extra"] == [0]
    assert refused(NAME, "monthly_extra", "2026-04-30T12:00+00:00", tier="green") is None
    taken = had("monthly_extra", 0, "2026-04-01")
    assert refused(NAME, "monthly_extra", "2026-04-30T12:00+00:00", taken=taken) == "reward_limit"
    assert refused(NAME, "monthly_extra", "2026-05-01T00:00+00:00", taken=taken) is None


@shows(NAME, "birthday")
@pytest.mark.parametrize(("tier", "last"), [("green", "2026-03-01"), ("gold", "2026-03-07"), ("reserve", "2026-03-30")])
def test_a_birthday_is_treated_on_the_day_within_seven_or_within_thirty_by_tier(tier, last):
    mine = {"tier": tier, "birthday": born(3, 1)}
    assert refused(NAME, f"birthday_{tier}", "2026-02-28T23:59+00:00", **mine) == "reward_birthday"
    assert refused(NAME, f"birthday_{tier}", "2026-03-01T00:00+00:00", **mine) is None
    after = datetime.fromisoformat(f"{last}T23:59+00:00")
    assert refused(NAME, f"birthday_{tier}", after.isoformat(), **mine) is None
    assert refused(NAME, f"birthday_{tier}", (after + timedelta(minutes=1)).isoformat(), **mine) == "reward_birthday"
    again = had(f"birthday_{tier}", 0, "2026-03-01")
    assert refused(NAME, f"birthday_{tier}", "2026-03-01T12:00+00:00", taken=again, **mine) == "reward_limit"
    assert refused(NAME, f"birthday_{tier}", "2026-03-01T12:00+00:00", tier="none") == "reward_not_yours"


@shows(NAME, "returns")
def test_stars_of_a_returned_purchase_are_taken_back():
    assert points(NAME, goods("10.00")) == 10
    assert points(NAME, goods("10.00"), refunds=(refund((1, 1, "10.00")),), financial_status="refunded") == 0
    assert DOCUMENT.earning.claw_back == "debt"
