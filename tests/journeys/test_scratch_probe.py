import copy
import os
import random

import pytest
from sqlalchemy import func, select

from plugin.ledger.tables import account
from plugin.members.tables import member
from tests.factories import make_shop
from tests.journeys.discount_desk import DiscountDesk
from tests.journeys.redeeming_stage import connect
from tests.journeys.shop_floor import Floor, at, customer, later, line, money, order, refund

WHO = (7001, 7002, 7003)
POLICIES = [
    {},
    {"claw_back": "write_off"},
    {"maturity_days": 1},
    {"expiry": {"kind": "rolling", "days": 2}},
    {"expiry": {"kind": "after_days", "days": 1}, "claw_back": "write_off"},
    {"rounding": "half_up", "base": {"taxes": True, "gift_cards": True, "tips": True}},
]


def history(order_id, dice):
    """States of one order, oldest first, one each minute from `start`."""
    lines = [line(n, dice.choice(["7.25", "40.00", "19.99"]), dice.randrange(1, 4)) for n in range(1, dice.randrange(2, 4))]
    who = dice.choice([None, *WHO])
    placed_minute = dice.randrange(0, 20)
    stamp = lambda m: at(f"09:{m:02d}")
    body = order(order_id, *lines, when=stamp(placed_minute), processed_at=stamp(placed_minute), created_at=stamp(placed_minute),
                 customer=customer(who) if who else None, financial_status=dice.choice(["paid", "pending", "paid"]))
    states, m, rid = [body], placed_minute, order_id * 100
    for _ in range(dice.randrange(1, 7)):
        m += dice.randrange(0, 5)
        last = copy.deepcopy(states[-1])
        step = dice.choice(["lines", "money", "kept", "payout", "add", "unpaid", "paid", "cancel", "hands", "refunded", "tag"])
        rid += 1
        ln = dice.choice(last["line_items"])
        worth = ln["price"]
        if step == "lines":
            last["refunds"].append(refund(rid, stamp(m), (ln["id"], 1, worth), amount=worth)); last["financial_status"] = "partially_refunded"
        elif step == "money":
            last["refunds"].append(refund(rid, stamp(m), beyond=["-5.00"], amount="5.00")); last["financial_status"] = "partially_refunded"
        elif step == "kept":
            last["refunds"].append(refund(rid, stamp(m), (ln["id"], 1, worth), beyond=[worth]))
        elif step == "payout":
            last["refunds"].append(refund(rid, stamp(m), beyond=[f"-{worth}"], amount=worth)); last["financial_status"] = "partially_refunded"
        elif step == "add":
            last["line_items"].append(line(len(last["line_items"]) + 1, "12.50")); last["financial_status"] = dice.choice(["partially_paid", last["financial_status"]])
        elif step == "unpaid":
            last["financial_status"] = dice.choice(["pending", "partially_paid", "voided"])
        elif step == "paid":
            last["financial_status"] = "paid"
        elif step == "cancel":
            last["cancelled_at"] = stamp(m)
            last["financial_status"] = dice.choice(["voided", "paid", "refunded", "partially_refunded"])
        elif step == "hands":
            last["customer"] = dice.choice([customer(w) for w in WHO] + [None])
        elif step == "refunded":
            last["financial_status"] = "refunded"
        last["updated_at"] = stamp(m)
        states.append(last)
    return states


def final(states):
    return states[-1]


@pytest.mark.parametrize("seed", range(int(os.environ.get("FROM", 0)), int(os.environ.get("TO", 40))))
def test_probe(tools, clock, seed, desk_for):
    dice = random.Random(seed)
    floors = []
    policy = dice.choice(POLICIES)
    histories = [history(5001 + n, dice) for n in range(4)]
    redeem_after = dice.randrange(1, 6)
    merge = dice.random() < 0.4
    for name in ("a", "b"):
        floor = Floor(tools, clock, make_shop(tools, f"laurel-{name}.myshopify.com"))
        desk_for(floor.shop)
        floor.publish(**policy)
        floors.append(floor)
    start = clock.now
    out = []
    for place, floor in enumerate(floors):
        clock.now = start
        shift = 1000 * place
        events = [(s["updated_at"], ("o", s)) for h in histories for s in h]
        if place == 0:
            events.sort(key=lambda e: e[0])
        else:
            # last state of each order last wins; shuffle with copies
            events = events * 2
            random.Random(seed + 1).shuffle(events)
        if policy.get("x"):
            pass
        for n, (_, (_, s)) in enumerate(events):
            s = copy.deepcopy(s); s["id"] += shift; s["admin_graphql_api_id"] = f"gid://shopify/Order/{s['id']}"
            floor.tell("orders/updated", s)
            floor.prove()
            if place == 0 and n >= redeem_after:
                for who in WHO:
                    try:
                        floor.redeem(f"wish-{who}-{n}", who)
                    except Exception:
                        pass
                floor.prove()
        if merge:
            body = {"admin_graphql_api_customer_kept_id": "gid://shopify/Customer/7002", "admin_graphql_api_customer_deleted_id": "gid://shopify/Customer/7001", "admin_graphql_api_job_id": None, "status": "completed", "errors": []}
            floor.tell("customers/merge", body)
            floor.prove()
        for h in histories:
            s = copy.deepcopy(h[-1]); s["id"] += shift
            floor.tell("orders/updated", s)
        floor.prove()
        floor.let_time_pass(days=1, hours=20)
        floor.prove()
        floor.let_time_pass(days=3)
        floor.prove()


@pytest.fixture
def desk_for(tools):
    import responses
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        def open_(shop):
            connect(tools, shop)
            DiscountDesk().serve(mock, shop.domain)
        yield open_
