"""Whatever happens to orders, in whatever order we hear of it: no cap is ever exceeded, and the books are what the contexts make."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from plugin.facts import CustomerRef, OrderLine
from plugin.journeys.proving import find_drift, verify
from plugin.orders.tables import order_state, order_target
from plugin.programme.limit_tables import cap_charge, cap_use
from plugin.rules import default_document, dump_document
from plugin.rules.capping import limits_of, period_name
from plugin.rules.schema import parse_document
from tests.factories import cancelled, credit_now, line_returned, make_shop, paid_order, refunded

LIMITS = {
    "caps": [
        {"id": "daily", "per": "member", "period": "day", "points": 120},
        {"id": "weekly", "per": "member", "period": "week", "points": 200},
        {"id": "all", "per": "programme", "period": "month", "points": 600},
    ],
    "budgets": [{"id": "keep", "purpose": "keeping", "period": "life", "points": 500}],
    "purposes": {"first_order": False},
}
CUSTOMERS = (7001, 7002, 7003)
STEPS = 40


@pytest.mark.parametrize("seed", range(12))
def test_no_cap_is_exceeded_whatever_happens_to_orders(tools, seed):
    chance = random.Random(seed)
    shop = make_shop(tools, document=dump_document(default_document()) | LIMITS)
    told = []
    for _ in range(STEPS):
        batch = [happening(chance, shop, told) for _ in range(chance.choice([1, 1, 3]))]
        told += batch
        credit_now(tools, *(batch + chance.sample(told, min(2, len(told)))))
        assert_counted(tools)
    before = given(tools)
    credit_now(tools, *chance.sample(told, len(told)))
    assert given(tools) == before
    assert_counted(tools)
    with tools.reading() as session:
        assert verify(session) == []
        assert find_drift(session, tools.clock()) == []


def happening(chance, shop, told):
    """Something new of an order told before, or a new order."""
    before = chance.choice(told) if told and chance.random() < 0.6 else None
    if before is None:
        return fresh(chance, shop)
    before = max((one for one in told if one.order_id == before.order_id), key=lambda one: one.updated_at)
    after = timedelta(minutes=chance.randint(1, 300))
    changes = (
        lambda: refunded(before, str(chance.randint(1, 40)), after=after),
        lambda: line_returned(before, after=after),
        lambda: cancelled(before, after=after),
        lambda: replace(before, updated_at=before.updated_at + after, cancelled_at=None, financial_status="paid"),
        lambda: replace(before, updated_at=before.updated_at + after, lines=(*before.lines, a_line(chance))),
        lambda: replace(
            before,
            updated_at=before.updated_at + after,
            customer=CustomerRef(chance.choice(CUSTOMERS), has_account=True),
        ),
    )
    return chance.choice(changes)()


def fresh(chance, shop):
    """A new order of any of some days, paid or not yet."""
    at = datetime.fromisoformat("2026-11-18T12:00:00+00:00") + timedelta(hours=chance.randint(0, 70))
    return paid_order(
        shop,
        chance.randint(1, 10**9),
        chance.choice(CUSTOMERS),
        placed_at=at,
        updated_at=at,
        financial_status=chance.choice(["paid", "paid", "pending"]),
        lines=tuple(a_line(chance) for _ in range(chance.randint(1, 3))),
    )


def a_line(chance):
    return OrderLine(chance.randint(1, 10**9), 1, Decimal(chance.randint(1, 9_000)) / 100, product_id=301)


def assert_counted(tools):
    """What is used is what is charged, what is charged is what was given, and none of it is more than the limit."""
    most = {one.limit_id: one for one in limits_of(parse_document(dump_document(default_document()) | LIMITS))}
    with tools.reading() as session:
        used = {(row.subject_id, row.limit_id, row.period): row.used for row in session.execute(select(cap_use))}
        charged, owed = Counter(), Counter()
        for row in session.execute(select(cap_charge)):
            charged[row.subject_id, row.limit_id, row.period] += row.points
        placed = {row.order_id: row.placed_at for row in session.execute(select(order_state))}
        for row in session.execute(select(order_target)):
            for limit in most.values():
                subject = row.account_id if limit.is_per_member else row.programme_id
                owed[subject, limit.limit_id, period_name(placed[row.order_id], limit.period, "Europe/Sofia")] += (
                    row.points
                )
    assert {key: points for key, points in used.items() if points} == dict(charged) == dict(owed)
    assert all(points <= most[key[1]].points for key, points in used.items() if points)


def given(tools):
    with tools.reading() as session:
        return {(row.order_id, row.account_id): row.points for row in session.execute(select(order_target))}
