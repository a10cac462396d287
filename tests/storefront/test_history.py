"""Every change of a member's points, with its reason."""

# ruff: noqa: RUF001 - letters and signs of other languages

from __future__ import annotations

from datetime import timedelta

import pytest

from plugin.journeys.adjusting import Adjustment, Notes, adjust
from plugin.journeys.passing_time import settle_lots
from tests.factories import CUSTOMER, cancelled, credit_now, make_member, paid_order, refunded
from tests.journeys.discount_desk import lost_call, refused
from tests.storefront.proxy import Storefront
from tests.storefront.test_summary import _publish


def _sentences(storefront: Storefront) -> list[str]:
    return [entry["sentence"] for entry in storefront.get("history").json["entries"]]


def test_orders_refunds_and_cancellations_say_what_they_did(storefront: Storefront, tools, shop):
    kept, gone = paid_order(shop, order_id=1001, amount="45"), paid_order(shop, order_id=1002, amount="30")
    credit_now(tools, kept)
    credit_now(tools, refunded(kept, "12"))
    credit_now(tools, gone)
    credit_now(tools, cancelled(gone))
    entries = storefront.get("history").json["entries"]
    assert [(entry["sentence"], entry["points"], entry["change_text"]) for entry in entries] == [
        ("30 points taken back: order #1002 was cancelled", -30, "−30"),
        ("12 points taken back: refund of order #1001", -12, "−12"),
        ("30 points for order #1002", 30, "+30"),
        ("45 points for order #1001", 45, "+45"),
    ]
    assert entries[0]["title"] == "Order #1002 cancelled"
    assert entries[-1]["date_text"] == "Nov 21, 2026"


@pytest.mark.parametrize(
    ("locale", "sentence"),
    [
        ("bg", "Отнети 12 точки: възстановена сума по поръчка #1001"),
        ("tr", "12 puan geri alındı: #1001 siparişinin iadesi"),
    ],
)
def test_reasons_are_given_in_the_shoppers_language(storefront: Storefront, tools, shop, locale, sentence):
    order = paid_order(shop, order_id=1001, amount="45")
    credit_now(tools, order)
    credit_now(tools, refunded(order, "12"))
    storefront.locale = locale
    assert _sentences(storefront)[0] == sentence


def test_a_redemption_is_one_line_once_its_points_are_spent(storefront: Storefront, tools, shop, desk):
    make_member(tools, shop, CUSTOMER, points=1200)
    desk.go_wrong("create", lost_call)
    assert storefront.redeem().status_code == 202
    assert _sentences(storefront)[0] == "500 points set aside for “€5 off your order”"
    assert storefront.redeem(wish_id="wish-0002").status_code == 201
    assert _sentences(storefront)[0] == "500 points spent on “€5 off your order”"
    assert len(_sentences(storefront)) == 3


def test_a_refused_redemption_shows_points_going_and_coming_back(storefront: Storefront, tools, shop, desk):
    make_member(tools, shop, CUSTOMER, points=1200)
    desk.go_wrong("create", refused("INVALID"))
    refusal = storefront.redeem()
    assert (refusal.status_code, refusal.json["error"]["code"]) == (422, "shopify_refused")
    entries = storefront.get("history").json["entries"]
    assert [entry["points"] for entry in entries[:2]] == [500, -500]
    assert entries[0]["sentence"] == "500 points given back: “€5 off your order” could not be prepared"


def test_points_on_their_way_say_when_they_arrive_and_arriving_is_no_line_of_its_own(
    storefront: Storefront, tools, shop
):
    _publish(tools, shop, earning__maturity_days=14)
    credit_now(tools, paid_order(shop, order_id=1001, amount="45"))
    (entry,) = storefront.get("history").json["entries"]
    assert entry["sentence"] == "45 points for order #1001, yours to use from Dec 5, 2026"
    assert entry["aside"] == "On the way, yours from Dec 5, 2026"
    tools.clock.advance(days=20)
    settle_lots(tools, str(shop.programme_id), tools.clock())
    (entry,) = storefront.get("history").json["entries"]
    assert (entry["sentence"], entry["aside"]) == ("45 points for order #1001", None)


def test_pages_follow_each_other_without_gap_or_repeat(storefront: Storefront, tools, shop):
    """Forty orders, some placed in the same second, read page by page."""
    for at in range(40):
        order = paid_order(shop, order_id=1000 + at, amount="10")
        placed = order.placed_at - timedelta(seconds=at // 3)
        credit_now(tools, paid_order(shop, order_id=1000 + at, amount="10", placed_at=placed))
    seen, before, pages = [], None, 0
    while pages == 0 or before:
        page = storefront.get("history", **({"before": before} if before else {})).json
        seen += page["entries"]
        before, pages = page["next"], pages + 1
    assert pages == 3
    assert len(seen) == len({entry["id"] for entry in seen}) == 40
    times = [entry["occurred_at"] for entry in seen]
    assert times == sorted(times, reverse=True)


@pytest.mark.parametrize(
    "before", ["x", "2026-01-01", "2026-01-01T00:00:00~" + "0" * 32, "~", "2026-01-01T00:00:00+00:00~zz", "9" * 500]
)
def test_a_page_mark_we_did_not_make_is_refused(storefront: Storefront, tools, shop, before: str):
    make_member(tools, shop, CUSTOMER, points=10)
    answer = storefront.get("history", before=before)
    assert (answer.status_code, answer.json["error"]["code"]) == (400, "bad_input")


def test_a_guest_has_no_history(storefront: Storefront):
    storefront.customer = None
    answer = storefront.get("history")
    assert (answer.status_code, answer.json["error"]) == (
        401,
        {"code": "not_signed_in", "message": "Please sign in first."},
    )


def test_nobody_reads_another_members_history(storefront: Storefront, tools, shop):
    make_member(tools, shop, 7002, points=990)
    make_member(tools, shop, CUSTOMER, points=10)
    other = storefront.get("history").json["entries"]
    assert [entry["points"] for entry in other] == [10]


def test_a_change_by_hand_shows_the_merchants_public_note_and_never_the_internal_one(
    storefront: Storefront, tools, shop
):
    make_member(tools, shop, CUSTOMER)
    customer = (shop.programme_id, shop.shop_id, CUSTOMER)
    wish = Adjustment(customer, 70, "goodwill", "k1", "merchant:1", Notes("For the long wait", "ticket 4711"))
    with tools.writing() as session:
        adjust(session, wish, tools.clock())
    (entry,) = storefront.get("history").json["entries"]
    assert (entry["title"], entry["points"], entry["aside"]) == ("Added by the shop", 70, "For the long wait")
    assert "4711" not in str(entry)
