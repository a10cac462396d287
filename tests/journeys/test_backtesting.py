"""A draft tried on the past: what it would give is what crediting gives."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select

from plugin.facts import CustomerRef, OrderLine, OrderSnapshot, ProductFacts
from plugin.journeys.backtest_members import Window
from plugin.journeys.backtest_report import Assumed, report_of
from plugin.journeys.backtest_sums import Sums, put_together
from plugin.journeys.backtesting import Backtest, count_orders, parts_of, replay_part
from plugin.journeys.tools import Tools
from plugin.orders.products import keep_products
from plugin.orders.scratch import scratch_of
from plugin.orders.tables import order_state, order_target
from plugin.rules import ProgrammeDocument, default_document, dump_document, parse_document
from tests.factories import Shopfront, cancelled, credit_now, make_shop, paid_order, refunded

FIRST = datetime(2026, 9, 25, 9, 0, tzinfo=UTC)
SHOES = {"kind": "product_type", "id": "shoes", "match": {"product_types": ["shoes"]}, "multiplier": "3"}
SPEND = {"kind": "spend", "id": "base", "points_per_unit": "1"}


def document(*rules: dict[str, Any], **more: Any) -> ProgrammeDocument:
    made = dump_document(default_document()) | {
        name: more.pop(name) for name in ("enrolment", "rewards") if name in more
    }
    made["earning"] |= {"rules": list(rules) or [SPEND], **more}
    return parse_document(made)


def placed(
    shop: Shopfront, order_id: int, days: float = 0, customer_id: int | None = 7001, amount: str = "20.00"
) -> OrderSnapshot:
    at = FIRST + timedelta(days=days)
    return paid_order(shop, order_id, customer_id, amount, placed_at=at, updated_at=at)


def random_orders(shop: Shopfront, seed: int) -> list[OrderSnapshot]:
    """Forty orders of ten customers and some guests, of every kind."""
    draw = random.Random(seed)
    made = []
    for order_id in range(1, 41):
        amount = f"{draw.randint(0, 9000)}.{draw.randint(0, 99):02}"
        customer = draw.choice([*range(7001, 7011), None])
        order = placed(shop, order_id, draw.random() * 50, customer, amount)
        made.append(
            draw.choice([order, order, refunded(order, "5.00"), cancelled(order), replace(order, is_test=True)])
        )
    return made


def run(tools: Tools, one: Backtest, size: int = 7) -> Sums:
    with tools.reading() as session:
        return put_together(replay_part(session, one, part) for part in parts_of(session, one, size))


def backtest(shop: Shopfront, draft: ProgrammeDocument, **more: Any) -> Backtest:
    return Backtest(shop.programme_id, more.pop("window", Window("Europe/Sofia")), draft, **more)


@pytest.mark.parametrize("seed", range(3))
def test_the_current_programme_would_have_given_what_it_gave(tools: Tools, seed: int):
    shop = make_shop(tools, document=dump_document(document()))
    credit_now(tools, *random_orders(shop, seed))
    sums = run(tools, backtest(shop, document(), against=document()))
    with tools.reading() as session:
        given = session.execute(select(func.sum(order_target.c.points))).scalar_one()
        whys = Counter(session.execute(select(order_state.c.why_nothing)).scalars())
    del whys[None]
    assert sum(one.points for one in sums.draft.months.values()) == given
    assert sums.draft.nothing == whys
    assert (sums.orders, sums.fare.more, sums.fare.less) == (40, 0, 0)
    assert sums.draft == sums.against


def test_how_the_past_is_parted_does_not_matter(tools: Tools):
    shop = make_shop(tools)
    credit_now(tools, *random_orders(shop, 5))
    one = backtest(shop, document(SPEND | {"points_per_unit": "0.37"}), against=document())
    wholes = [run(tools, one, size) for size in (1, 3, 100)]
    assert wholes[0] == wholes[1] == wholes[2]


def test_a_file_of_the_same_orders_tells_the_same(tools: Tools):
    """And of an order that comes twice, the newer state counts."""
    shop = make_shop(tools)
    orders = random_orders(shop, 6)
    credit_now(tools, *orders)
    draft = document(SPEND | {"points_per_unit": "0.37"})
    stored = run(tools, backtest(shop, draft, against=document()))
    older = [replace(one, updated_at=one.updated_at - timedelta(days=1), financial_status="pending") for one in orders]
    with scratch_of([*orders[::-1], *older]) as scratch:
        one = backtest(shop, draft, against=document(), scratch=scratch)
        read = run(tools, one)
        with tools.reading() as session:
            assert count_orders(session, one) == sum(order.customer is not None for order in orders)
    assert read == stored


TIERS = {
    "levels": [
        {"id": "bronze", "title": {"en": "Bronze"}},
        {"id": "silver", "title": {"en": "Silver"}, "multiplier": "2", "entry": {"kind": "spend", "at_least": "3000"}},
    ],
    "window": {"kind": "lifetime"},
    "validity": {"kind": "for_ever"},
}
CAP = {"id": "monthly", "per": "member", "period": "month", "points": 12_000}


@pytest.mark.parametrize("seed", range(2))
def test_under_tiers_and_caps_it_tells_what_orders_credited_in_their_time_gave(tools: Tools, clock: Any, seed: int):
    by = parse_document(dump_document(document()) | {"tiers": TIERS, "caps": [CAP]})
    clock.now = FIRST - timedelta(days=1)
    shop = make_shop(tools, document=dump_document(by))
    orders = [one for one in random_orders(shop, seed) if not one.refunds and one.cancelled_at is None]
    for order in sorted(orders, key=lambda one: one.placed_at):
        clock.now = order.placed_at + timedelta(minutes=1)
        credit_now(tools, order)
    with tools.reading() as session:
        given = session.execute(select(func.sum(order_target.c.points))).scalar_one()
    plain = run(tools, backtest(shop, document())).draft
    sums = run(tools, backtest(shop, by, window=Window("Europe/Sofia", now=clock.now))).draft
    assert sum(one.points for one in sums.months.values()) == given
    assert given != sum(one.points for one in plain.months.values())
    assert sums.moves
    assert {(before, after) for _, before, after in sums.moves} == {("bronze", "silver")}


def test_what_was_asked_of_a_budget_is_told_and_not_applied(tools: Tools, shop: Shopfront):
    credit_now(tools, placed(shop, 1, amount="100"), placed(shop, 2, 1, 7002, "50"))
    budget = {"id": "new", "purpose": "winning", "period": "month", "points": 120}
    draft = parse_document(dump_document(document()) | {"budgets": [budget]})
    report = report_of(run(tools, backtest(shop, draft)), Assumed("EUR", Decimal(1)), draft, None)
    assert report.draft.exceeded == [("new", "2026-09", 150, 120)]
    assert report.draft.total.points == 150


def test_products_a_draft_asks_about_are_known_where_they_were_ever_fetched(tools: Tools, shop: Shopfront):
    known, unknown = placed(shop, 1), placed(shop, 2, 1)
    unknown = replace(unknown, lines=(OrderLine(20, 1, Decimal("20.00"), product_id=999),))
    credit_now(tools, known, unknown)
    with tools.writing() as session:
        keep_products(session, shop.programme_id, shop.shop_id, [ProductFacts(301, "Shoes")], FIRST)
    sums = run(tools, backtest(shop, document(SHOES, SPEND)))
    assert sum(one.points for one in sums.draft.months.values()) == 60 + 20
    assert sums.draft.unknown == 1


def test_what_was_frozen_with_an_order_stands(tools: Tools, clock: Any):
    """The product was a shoe when it was bought, and is a hat today."""
    shop = make_shop(tools, document=dump_document(document(SHOES, SPEND)))
    for product_type in ("Shoes", "Hats"):
        with tools.writing() as session:
            keep_products(session, shop.programme_id, shop.shop_id, [ProductFacts(301, product_type)], clock())
        credit_now(tools, placed(shop, 1))
    assert run(tools, backtest(shop, document(SHOES, SPEND))).draft.months[_month(2026, 9)].points == 60


def test_a_draft_lets_in_whom_its_own_enrolment_would_have_let_in(tools: Tools):
    """Two who never asked to join: one has an account with the shop."""
    shop = make_shop(tools, document=dump_document(document(enrolment="opt_in")))
    credit_now(tools, placed(shop, 1), replace(placed(shop, 2, 1), customer=CustomerRef(7002, has_account=False)))
    expected = {"opt_in": (0, 2), "account_holders": (20, 1), "every_customer": (40, 0)}
    for enrolment, (points, left_out) in expected.items():
        sums = run(tools, backtest(shop, document(enrolment=enrolment)))
        assert sum(one.points for one in sums.draft.months.values()) == points
        assert sums.draft.nothing["not_joined"] == left_out


def test_points_that_orders_keep_alive_run_out_after_a_gap(tools: Tools, shop: Shopfront):
    """Orders on 25 September, 5 October and 25 November; 30 days without one end the first two."""
    credit_now(tools, *(placed(shop, number, days) for number, days in ((1, 0), (2, 10), (3, 61))))
    draft = document(expiry={"kind": "rolling", "days": 30})
    months = run(tools, backtest(shop, draft)).draft.months
    assert {number: one.expired for number, one in months.items() if one.expired} == {
        _month(2026, 11): 40,
        _month(2026, 12): 20,
    }


def test_points_that_a_months_activity_renews_run_out_after_a_month_without_any(tools: Tools, shop: Shopfront):
    """Orders on 25 September, 5 October and 4 December; nothing in November ends the first two."""
    credit_now(tools, *(placed(shop, number, days) for number, days in ((1, 0), (2, 10), (3, 70))))
    renewed = {"kind": "after_months", "months": 1, "to_month_end": True, "renewed_by_activity": True}
    months = run(tools, backtest(shop, document(expiry=renewed))).draft.months
    assert {number: one.expired for number, one in months.items() if one.expired} == {
        _month(2026, 11): 40,
        _month(2027, 1): 20,
    }


@pytest.mark.parametrize(("tier", "expired"), [("gold", {}), ("basic", {"2026-10": 20, "2026-11": 20, "2027-01": 20})])
def test_points_that_a_tier_keeps_are_told_as_not_running_out(tools: Tools, shop: Shopfront, tier: str, expired):
    credit_now(tools, *(placed(shop, number, days) for number, days in ((1, 0), (2, 10), (3, 70))))
    levels = [{"id": "basic", "title": {"en": "Basic"}}]
    if tier == "gold":
        levels.append({"id": "gold", "title": {"en": "Gold"}, "entry": {"kind": "spend", "at_least": "0.01"}})
    kept = [{"tier": "gold", "expiry": {"kind": "never"}}] if tier == "gold" else []
    lives = {"expiry": {"kind": "after_months", "months": 1, "to_month_end": True}, "expiry_by_tier": kept}
    made = dump_document(document())
    made["earning"] |= lives
    draft = parse_document(made | {"tiers": {"levels": levels}})
    months = run(tools, backtest(shop, draft)).draft.months
    told = {f"{number // 12}-{number % 12 + 1:02}": one.expired for number, one in months.items() if one.expired}
    assert told == expired


def test_months_are_those_of_the_programme(tools: Tools, shop: Shopfront):
    """Half past ten in the evening of 30 September in London is October in Sofia."""
    at = datetime(2026, 9, 30, 21, 30, tzinfo=UTC)
    credit_now(tools, replace(placed(shop, 1), placed_at=at, updated_at=at))
    report = report_of(run(tools, backtest(shop, document())), Assumed("EUR", Decimal("0.5")), document(), None)
    assert [one.name for one in report.draft.months] == ["2026-10"]


def test_an_empty_past_tells_nothing(tools: Tools, shop: Shopfront):
    draft = document()
    report = report_of(run(tools, backtest(shop, draft)), Assumed("EUR", Decimal("0.5")), draft, draft)
    assert (report.orders, report.draft.months, report.draft.total.points) == (0, [], 0)


def _month(year: int, month: int) -> int:
    return year * 12 + month - 1
