"""A back-fill gives what the orders would have given in time: terms, products, refunds and spends included."""

from __future__ import annotations

import random
from datetime import timedelta

import responses
from sqlalchemy import select

from plugin.journeys.adjusting import Adjustment, adjust
from plugin.journeys.proving_days import prove_whole
from plugin.journeys.tools import Tools
from plugin.ledger import balances
from plugin.ledger.flows import LOT_COLUMNS
from plugin.ledger.tables import lot
from plugin.members import find_member
from plugin.rules import default_document, dump_document
from tests.factories import Clock, cancelled, credit_now, refunded
from tests.journeys.past_stage import Past, open_past


def test_it_gives_what_the_orders_would_have_given_in_time(tools: Tools, clock: Clock, http: responses.RequestsMock):
    """The same lives, told by webhooks to a shop that counted from the start, and by a back-fill to one that did not."""
    document = dump_document(default_document())
    document["earning"] |= {"expiry": {"kind": "after_days", "days": 40}, "maturity_days": 14}
    early = open_past(tools, clock, http, document=document, earning_starts_at=clock() - timedelta(days=90))
    late = open_past(tools, clock, http, domain="laurel-late.myshopify.com", document=document)
    for past, first_id in ((early, 0), (late, 1000)):
        for seed in range(12):
            live(past, random.Random(seed), first_id + seed * 10)
        credit_now(tools, *past.orders.values())
        for customer_id in (7001, 7002, 7003):
            spend(past, customer_id, 20)
    foreseen, came = late.count_and_run()
    assert foreseen.count.expected == came.count.given
    assert came.count.given.points > 0
    assert standing(early) == standing(late)
    early.prove()
    late.prove()
    assert prove_whole(tools, late.shop.programme_id, clock()).is_sound


def live(past: Past, chance: random.Random, first_id: int) -> None:
    """Some orders of some customers, old and new, some of which came back in part or whole."""
    for order_id in range(first_id + 1, first_id + chance.randrange(2, 7)):
        customer_id, amount = chance.choice((7001, 7002, 7003, None)), f"{chance.randrange(1, 200)}.50"
        order = past.order(order_id, chance.uniform(2, 58), customer_id=customer_id, amount=amount)
        if chance.random() < 0.4:
            order = past.put(refunded(order, amount, after=timedelta(hours=chance.randrange(1, 40))))
        if chance.random() < 0.2:
            past.put(cancelled(order))


def spend(past: Past, customer_id: int, points: int) -> None:
    """Take points away that the customer has from orders that count already."""
    wish = Adjustment(
        customer=(past.shop.programme_id, past.shop.shop_id, customer_id),
        points=-points, why="correction", key=f"spend-{customer_id}", actor="test", may_owe=True,
    )  # fmt: skip
    with past.tools.writing() as session:
        adjust(session, wish, past.clock())


def standing(past: Past) -> list[tuple[object, ...]]:
    """Each customer's balance and lots."""
    found: list[tuple[object, ...]] = []
    with past.tools.reading() as session:
        for customer_id in (7001, 7002, 7003):
            one = find_member(session, past.shop.programme_id, past.shop.shop_id, customer_id)
            assert one is not None
            account = balances(session, past.shop.programme_id, one.account_id)
            found.append((customer_id, account.pending, account.available, account.debt))
            rows = session.execute(select(lot).where(lot.c.account_id == one.account_id).order_by(lot.c.order_id))
            found += [
                (row.order_id % 1000, row.matures_at, row.expires_at, *(getattr(row, name) for name in LOT_COLUMNS))
                for row in rows
            ]
    return found


def test_products_the_version_asks_about_are_fetched_for_the_count_too(
    tools: Tools, clock: Clock, http: responses.RequestsMock
):
    document = dump_document(default_document())
    rule = {"kind": "product_type", "id": "double-tea", "match": {"product_types": ["Tea"]}, "multiplier": "2"}
    document["earning"]["rules"].append(rule)
    past = open_past(tools, clock, http, document=document)
    past.order(1, 20, amount="10.00")
    foreseen, came = past.count_and_run()
    assert (foreseen.count.expected.points, came.count.given.points, past.points()) == (20, 20, 20)
    past.prove()


def test_points_past_their_term_are_foreseen_and_expire(tools: Tools, clock: Clock, http: responses.RequestsMock):
    document = dump_document(default_document())
    document["earning"]["expiry"] = {"kind": "after_days", "days": 30}
    past = open_past(tools, clock, http, document=document)
    past.order(1, 50, amount="10.00")
    past.order(2, 20, amount="5.00")
    foreseen, came = past.count_and_run()
    assert (foreseen.count.expected.points, foreseen.count.lapsed) == (15, 10)
    assert (came.count.given.points, past.points()) == (15, 5)
    past.prove()
