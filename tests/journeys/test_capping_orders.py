"""Caps and budgets end to end: what was left is frozen with an order, what it uses is counted under lock, and no limit is exceeded."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from plugin.facts import CustomerRef, CustomersMerged, OrderLine
from plugin.journeys.documents import publish_document
from plugin.journeys.merging import merge_customers
from plugin.journeys.proving import find_drift, verify
from plugin.journeys.proving_days import prove_whole
from plugin.orders.tables import order_state
from plugin.programme.limit_tables import cap_charge, cap_use
from plugin.rules import default_document, dump_document
from tests.factories import CUSTOMER, balance_of, cancelled, credit_now, line_returned, make_shop, paid_order

OTHER = 7002
DAILY = {"id": "daily", "per": "member", "period": "day", "points": 100}


def capped_shop(tools, *caps, budgets=()):
    """A shop whose programme gives 1 point per euro under these limits."""
    document = dump_document(default_document()) | {"caps": list(caps), "budgets": list(budgets)}
    return make_shop(tools, document=document)


@pytest.fixture(autouse=True)
def proof(tools):
    """After every test the books are proven, and what is used is the sum of what is charged."""
    yield
    with tools.reading() as session:
        assert verify(session) == []
        assert find_drift(session, tools.clock()) == []
        used, charged = defaultdict(int), defaultdict(int)
        for row in session.execute(select(cap_use)):
            used[row.subject_id, row.limit_id, row.period] += row.used
        for row in session.execute(select(cap_charge)):
            charged[row.subject_id, row.limit_id, row.period] += row.points
        assert {key: points for key, points in used.items() if points} == dict(charged)
        programmes = set(session.scalars(select(order_state.c.programme_id)))
    for one in programmes:
        assert prove_whole(tools, one, tools.clock()).differences == 0


def available(tools, shop, customer_id=CUSTOMER):
    return balance_of(tools, shop, customer_id).available


def test_orders_of_one_batch_share_what_is_left(tools):
    shop = capped_shop(tools, DAILY)
    credit_now(tools, *(paid_order(shop, number, amount="60") for number in (1, 2, 3)))
    assert available(tools, shop) == 100
    assert explanations(tools)[2]["caps"] == [
        {"id": "daily", "kind": "cap", "period": "day", "asked": 60, "given": 40, "left": 40}
    ]
    assert why_nothing(tools) == {1: None, 2: None, 3: "cap"}


def test_every_member_has_a_cap_of_their_own_and_a_programme_one_for_all(tools):
    shop = capped_shop(tools, DAILY, {**DAILY, "id": "all", "per": "programme", "points": 150})
    credit_now(tools, paid_order(shop, 1, amount="120"), paid_order(shop, 2, OTHER, amount="120"))
    assert (available(tools, shop), available(tools, shop, OTHER)) == (100, 50)


def test_the_next_day_begins_with_the_whole_cap_by_the_programmes_clock(tools):
    shop = capped_shop(tools, DAILY)
    late, early = (datetime(2026, 11, 20, hour, 59, tzinfo=UTC) for hour in (21, 22))
    for number, at in ((1, late), (2, late), (3, early)):
        credit_now(tools, placed(paid_order(shop, number, amount="80"), at))
    assert available(tools, shop) == 180


def test_a_refund_frees_its_period_for_the_next_order(tools):
    shop = capped_shop(tools, DAILY)
    order = paid_order(shop, 1, amount="100")
    credit_now(tools, order)
    credit_now(tools, paid_order(shop, 2, amount="50"))
    assert available(tools, shop) == 100
    credit_now(tools, line_returned(order))
    credit_now(tools, paid_order(shop, 3, amount="70"))
    assert available(tools, shop) == 70
    assert why_nothing(tools)[2] == "cap"


def test_what_was_not_given_is_taken_back_first(tools):
    shop = capped_shop(tools, DAILY)
    order = paid_order(shop, 1, lines=lines("90", "60"))
    credit_now(tools, order)
    credit_now(tools, line_returned(order))
    assert available(tools, shop) == 60


def test_an_order_not_paid_yet_uses_nothing(tools):
    shop = capped_shop(tools, DAILY)
    waiting = paid_order(shop, 1, amount="100", financial_status="pending")
    credit_now(tools, waiting)
    credit_now(tools, paid_order(shop, 2, amount="70"))
    credit_now(tools, later(waiting, financial_status="paid"))
    assert available(tools, shop) == 100
    assert explanations(tools)[1]["points"] == 30


def test_what_a_cancelled_order_freed_and_others_took_does_not_come_back(tools):
    shop = capped_shop(tools, DAILY)
    order = paid_order(shop, 1, amount="100")
    credit_now(tools, order)
    credit_now(tools, gone := cancelled(order))
    credit_now(tools, paid_order(shop, 2, amount="70"))
    credit_now(tools, later(gone, cancelled_at=None, financial_status="paid"))
    assert available(tools, shop) == 100
    assert explanations(tools)[1]["points"] == 30


def test_an_edited_order_asks_for_more_while_there_is_any(tools):
    shop = capped_shop(tools, DAILY)
    order = paid_order(shop, 1, lines=lines("40"))
    credit_now(tools, order)
    credit_now(tools, paid_order(shop, 2, amount="30"))
    credit_now(tools, order := later(order, lines=lines("40", "50")))
    assert available(tools, shop) == 100
    credit_now(tools, later(order, name="renamed"))
    assert available(tools, shop) == 100


def test_a_state_that_says_nothing_new_leaves_what_was_left(tools):
    shop = capped_shop(tools, DAILY)
    first, second = paid_order(shop, 1, amount="80"), paid_order(shop, 2, amount="80")
    credit_now(tools, first)
    credit_now(tools, second)
    credit_now(tools, cancelled(first))
    credit_now(tools, later(second, name="renamed"))
    assert available(tools, shop) == 20


def test_a_guests_order_uses_the_cap_of_who_claims_it(tools):
    shop = capped_shop(tools, DAILY)
    guest = paid_order(shop, 1, None, amount="80")
    credit_now(tools, guest)
    credit_now(tools, paid_order(shop, 2, amount="50"))
    named = {"customer": CustomerRef(CUSTOMER, has_account=True), "customer_standing": "present"}
    credit_now(tools, later(guest, **named))
    assert available(tools, shop) == 100


def test_an_order_that_changes_hands_leaves_one_cap_for_the_other(tools):
    shop = capped_shop(tools, DAILY)
    order = paid_order(shop, 1, amount="80")
    credit_now(tools, order, paid_order(shop, 2, OTHER, amount="60"))
    credit_now(tools, later(order, customer=CustomerRef(OTHER, has_account=True)))
    assert (available(tools, shop), available(tools, shop, OTHER)) == (0, 100)
    credit_now(tools, paid_order(shop, 3, amount="100"))
    assert available(tools, shop) == 100


def test_two_who_become_one_keep_what_they_have_and_share_what_is_left(tools):
    shop = capped_shop(tools, DAILY)
    credit_now(tools, paid_order(shop, 1, amount="70"), paid_order(shop, 2, OTHER, amount="60"))
    with tools.writing() as session:
        fact = CustomersMerged(shop.programme_id, shop.shop_id, CUSTOMER, OTHER, tools.clock())
        merge_customers(session, tools.sealer, fact, tools.clock())
    credit_now(tools, paid_order(shop, 3, amount="50"))
    assert available(tools, shop) == 130


@pytest.mark.parametrize("per", ["member", "programme"])
def test_a_later_version_does_not_take_back_what_an_earlier_one_gave(tools, per):
    shop = capped_shop(tools, DAILY | {"per": per})
    order = paid_order(shop, 1, amount="80")
    credit_now(tools, order)
    with tools.writing() as session:
        document = dump_document(default_document()) | {"caps": [DAILY | {"per": per, "points": 10}]}
        publish_document(session, shop.programme_id, document, actor="test", now=tools.clock())
    credit_now(tools, placed(paid_order(shop, 2, amount="80"), tools.clock() + timedelta(minutes=1)))
    credit_now(tools, later(order, name="renamed"))
    assert available(tools, shop) == 80


def test_a_plain_programme_counts_nothing(tools, shop):
    credit_now(tools, paid_order(shop))
    with tools.reading() as session:
        assert session.execute(select(cap_use)).all() == []


def lines(*amounts):
    return tuple(OrderLine(100 + n, 1, Decimal(amount), product_id=301) for n, amount in enumerate(amounts))


def placed(order, at):
    return replace(order, placed_at=at, updated_at=at)


def later(order, **changes):
    return replace(order, updated_at=order.updated_at + timedelta(hours=1), **changes)


def explanations(tools):
    with tools.reading() as session:
        return {row.order_id: row.explanation for row in session.execute(select(order_state))}


def why_nothing(tools):
    with tools.reading() as session:
        return {row.order_id: row.why_nothing for row in session.execute(select(order_state))}


TWO_BUDGETS = (
    {"id": "keep", "purpose": "keeping", "period": "year", "points": 500},
    {"id": "win", "purpose": "winning", "period": "year", "points": 500},
)


def test_a_members_first_order_is_charged_to_winning_and_the_rest_to_keeping(tools):
    shop = capped_shop(tools, budgets=TWO_BUDGETS)
    credit_now(
        tools,
        paid_order(shop, 1, amount="10"),
        paid_order(shop, 2, amount="20"),
        paid_order(shop, 3, OTHER, amount="40"),
    )
    credit_now(tools, placed(paid_order(shop, 4, amount="80"), tools.clock()))
    assert used(tools) == {"win": 50, "keep": 100}


def test_an_order_stays_with_its_budget_when_an_older_one_turns_up(tools):
    shop = capped_shop(tools, budgets=TWO_BUDGETS)
    order = paid_order(shop, 1, amount="10")
    credit_now(tools, order)
    credit_now(tools, placed(paid_order(shop, 2, amount="20"), order.placed_at - timedelta(days=1)))
    credit_now(tools, later(order, lines=lines("15")))
    assert used(tools) == {"win": 15, "keep": 20}


def used(tools):
    with tools.reading() as session:
        found = {"win": 0, "keep": 0}
        for row in session.execute(select(cap_use).where(cap_use.c.used > 0)):
            found[row.limit_id] += row.used
        return found
