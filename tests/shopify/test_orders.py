"""A fetched order is the whole order: the same facts a webhook brings, every page of them."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from plugin.db import new_id
from plugin.errors import ShopifyRefused, ShopifyUnavailable
from plugin.facts import CustomerRef, Fetched, OrderLine, OrderSnapshot, Refund, RefundedLine, Shipping
from plugin.shopify.client import AdminClient
from plugin.shopify.orders import fetch_orders, orders_updated_since
from tests.shopify.bodies import adjustment, by_id, line, one_by_id, order, refund, refund_line
from tests.shopify.stub import AdminStub, denied, money, page

SHOP = (new_id(), new_id())
REFUND = {"id": "gid://shopify/Refund/8001"}


def fetched(admin: AdminClient, shopify: AdminStub, **changes: Any) -> OrderSnapshot:
    shopify.root = {"refund": one_by_id(refund()), **shopify.root, "nodes": by_id(order(**changes))}
    (found,) = fetch_orders(admin, SHOP, [5001])
    return found


def test_an_order_comes_with_all_its_facts_in_shop_money(admin: AdminClient, shopify: AdminStub):
    expected = OrderSnapshot(
        programme_id=SHOP[0],
        shop_id=SHOP[1],
        order_id=5001,
        updated_at=datetime(2026, 11, 21, 9, 30, tzinfo=UTC),
        placed_at=datetime(2026, 11, 21, 9, 0, 1, tzinfo=UTC),
        currency="EUR",
        financial_status="paid",
        name="#5001",
        customer=CustomerRef(7001, has_account=True),
        customer_standing="present",
        taxes_included=True,
        source="web",
        lines=(
            OrderLine(
                line_id=60010,
                quantity=3,
                price=Decimal("10.00"),
                discount=Decimal("4.50"),
                tax=Decimal("4.25"),
                product_id=301,
                variant_id=401,
                sku="TEA-1",
                vendor="Tea House",
                grams=250,
            ),
        ),
        refunds=(
            Refund(
                refund_id=8001,
                created_at=datetime(2026, 11, 21, 9, 20, tzinfo=UTC),
                lines=(RefundedLine(60010, 1, Decimal("8.50"), Decimal("1.42")),),
            ),
        ),
        discount_codes=("LAUREL-1",),
        buyer_currency="EUR",
        fetched=Fetched(total=Decimal("30.00")),
        shipping=Shipping(Decimal(0)),
    )
    assert fetched(admin, shopify, refunds=[REFUND]) == expected


def test_shipping_comes_with_its_discounts_taxes_and_refunds(admin, shopify):
    summary = {
        "originalPriceSet": money("6.00"),
        "discountAllocations": [{"allocatedAmountSet": money("1.50")}],
        "taxLines": [{"priceSet": money("0.75")}, {"priceSet": money("0.05")}],
    }
    back = page({"subtotalAmountSet": money("2.00"), "taxAmountSet": money("0.33")})
    shopify.root = {"refund": one_by_id(refund(refundShippingLines=back))}
    got = fetched(admin, shopify, shippingLine=summary, refunds=[REFUND])
    assert got.shipping == Shipping(Decimal("6.00"), Decimal("1.50"), Decimal("0.80"))
    assert (got.refunds[0].shipping, got.refunds[0].shipping_tax) == (Decimal("2.00"), Decimal("0.33"))


def test_a_guest_is_told_from_a_customer_whom_shopify_withholds(admin: AdminClient, shopify: AdminStub):
    guest = fetched(admin, shopify, customer=None)
    assert (guest.customer, guest.customer_standing) == (None, "none")
    withheld = fetched(admin, shopify, customer=denied)
    assert (withheld.customer, withheld.customer_standing) == (None, "unknown")


def test_one_withheld_customer_does_not_make_the_others_unknown(admin: AdminClient, shopify: AdminStub):
    shopify.root = {"nodes": by_id(order(1, customer=denied), order(2, customer=None), order(3))}
    standings = [one.customer_standing for one in fetch_orders(admin, SHOP, [1, 2, 3])]
    assert standings == ["unknown", "none", "present"]


def test_a_product_or_sku_that_is_gone_is_left_empty(admin: AdminClient, shopify: AdminStub):
    bare = line(product=None, variant=None, sku=None, vendor=None, weight=None)
    got = fetched(admin, shopify, lineItems=page(bare)).lines[0]
    assert (got.product_id, got.variant_id, got.sku, got.vendor, got.grams) == (None, None, "", "", 0)


@pytest.mark.parametrize(
    ("value", "unit", "grams"),
    [(250.0, "GRAMS", 250), (1.5, "KILOGRAMS", 1500), (1.0, "POUNDS", 454), (2.0, "OUNCES", 57)],
)
def test_weights_are_grams_for_one_piece(admin: AdminClient, shopify: AdminStub, value: float, unit: str, grams: int):
    assert fetched(admin, shopify, lineItems=page(line(weight={"value": value, "unit": unit}))).lines[0].grams == grams


def test_a_tip_is_known_by_its_worth_and_by_having_no_product(admin: AdminClient, shopify: AdminStub):
    tip = line(2, quantity=1, originalUnitPriceSet=money("3.00"), product=None, variant=None)
    lines = page(line(1), tip, {**tip, "id": "gid://shopify/LineItem/3", "originalUnitPriceSet": money("4.00")})
    got = fetched(admin, shopify, lineItems=lines, totalTipReceivedSet=money("3.0"))
    assert [one.is_tip for one in got.lines] == [False, True, False]


def test_lines_beyond_the_first_page_are_fetched(admin: AdminClient, shopify: AdminStub):
    later = order(lineItems=page(*[line(at) for at in range(2, 40)]))
    shopify.root = {"order": one_by_id(later)}
    got = fetched(admin, shopify, lineItems=page(line(1), more="cursor-1"))
    assert [one.line_id for one in got.lines] == list(range(1, 40))
    assert shopify.variables()["after"] == "cursor-1"


def test_an_order_that_changes_while_we_read_it_is_read_again_later(admin: AdminClient, shopify: AdminStub):
    """Half an old state and half a new one would be a state that never was."""
    shopify.root = {"order": one_by_id(order(updatedAt="2026-11-21T09:31:00Z"))}
    with pytest.raises(ShopifyUnavailable):
        fetched(admin, shopify, lineItems=page(line(1), more="cursor-1"))


def test_refund_lines_beyond_the_first_page_are_fetched(admin: AdminClient, shopify: AdminStub):
    pages = {None: page(refund_line(1), more="r1"), "r1": page(refund_line(2))}

    def lines(_info: Any, after: str | None = None, **_: Any) -> dict[str, Any]:
        return pages[after]

    shopify.root = {"refund": one_by_id(refund(refundLineItems=lines))}
    got = fetched(admin, shopify, refunds=[REFUND])
    assert [one.line_id for one in got.refunds[0].lines] == [1, 2]


@pytest.mark.parametrize(
    ("amounts", "discrepancy"),
    [(["-5.85"], "5.85"), (["-5.85", "-1.00"], "6.85"), (["5.85"], "-5.85"), (["-5.85", "5.85"], "0"), ([], "0")],
)
def test_money_given_back_beyond_the_lines_is_the_discrepancy(admin, shopify: AdminStub, amounts, discrepancy: str):
    shopify.root = {"refund": one_by_id(refund(orderAdjustments=page(*map(adjustment, amounts))))}
    got = fetched(admin, shopify, refunds=[REFUND])
    assert got.refunds[0].discrepancy == Decimal(discrepancy)


def test_a_refund_whose_money_is_still_on_its_way_does_not_count_yet(admin: AdminClient, shopify: AdminStub):
    waiting = refund(
        orderAdjustments=page(adjustment("8.50")), transactions=page({"kind": "REFUND", "status": "PENDING"})
    )
    shopify.root = {"refund": one_by_id(waiting)}
    assert fetched(admin, shopify, refunds=[REFUND]).refunds == ()


def test_cancelled_and_test_orders_say_so(admin: AdminClient, shopify: AdminStub):
    got = fetched(admin, shopify, cancelledAt="2026-11-21T11:00:00+02:00", test=True, displayFinancialStatus="VOIDED")
    assert got.cancelled_at == datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
    assert (got.is_test, got.financial_status) == (True, "voided")


def test_orders_that_are_not_there_are_left_out(admin: AdminClient, shopify: AdminStub):
    shopify.root = {"nodes": by_id(order(2), order(9))}
    assert [one.order_id for one in fetch_orders(admin, SHOP, list(range(1, 13)))] == [2, 9]
    assert [len(body["variables"]["ids"]) for body in shopify.sent] == [5, 5, 2]


def test_orders_denied_altogether_are_no_empty_shop(admin: AdminClient, shopify: AdminStub):
    shopify.root = {"nodes": denied}
    with pytest.raises(ShopifyRefused) as no:
        fetch_orders(admin, SHOP, [5001])
    assert no.value.codes == ("ACCESS_DENIED",)


def test_updated_orders_come_page_by_page_oldest_change_first(admin: AdminClient, shopify: AdminStub):
    pages = {None: page(order(1), order(2), more="p1"), "p1": page(order(3))}

    def orders(_info: Any, after: str | None = None, **_: Any) -> dict[str, Any]:
        return pages[after]

    shopify.root = {"orders": orders, "nodes": by_id(order(1), order(2), order(3))}
    since, until = datetime(2026, 11, 20, tzinfo=UTC), datetime(2026, 11, 21, 10, tzinfo=UTC)
    found = list(orders_updated_since(admin, SHOP, since, until))
    assert [[one.order_id for one in some] for some in found] == [[1, 2], [3]]
    search = "updated_at:>='2026-11-20T00:00:00Z' AND updated_at:<='2026-11-21T10:00:00Z'"
    assert shopify.variables(0)["search"] == search


def test_nothing_updated_is_no_page(admin: AdminClient, shopify: AdminStub):
    shopify.root = {"orders": page()}
    at = datetime(2026, 11, 21, tzinfo=UTC)
    assert list(orders_updated_since(admin, SHOP, at, at)) == []


def test_what_no_webhook_tells_comes_with_a_fetch(admin: AdminClient, shopify: AdminStub):
    """Tags, subscriptions, and what was paid with gift cards and store credit; a failed try and a void took nothing."""

    def paid(gateway: str, amount: str, kind: str = "SALE", status: str = "SUCCESS") -> dict[str, Any]:
        return {"gateway": gateway, "kind": kind, "status": status, "amountSet": money(amount)}

    got = fetched(
        admin,
        shopify,
        presentmentCurrencyCode="SEK",
        customer={"id": "gid://shopify/Customer/7001", "state": "ENABLED", "tags": ["vip", "Staff"]},
        lineItems=page(line(1), line(2, sellingPlan={"name": "Every month"})),
        transactions=[
            paid("gift_card", "5.00"),
            paid("gift_card", "2.50", "CAPTURE"),
            paid("gift_card", "9.00", status="FAILURE"),
            paid("shopify_store_credit", "4.00"),
            paid("shopify_store_credit", "1.00", "VOID"),
            paid("shopify_payments", "18.50"),
        ],
    )
    told = Fetched(
        ("Staff", "vip"), is_subscription=True, gift_cards=Decimal("7.5"), store_credit=Decimal(4), total=Decimal(30)
    )
    assert (got.fetched, got.buyer_currency) == (told, "SEK")


def test_an_order_that_a_running_subscription_placed_is_one_whatever_its_lines_say(
    admin: AdminClient, shopify: AdminStub
):
    got = fetched(admin, shopify, sourceName="subscription_contract_checkout_one")
    assert got.fetched is not None
    assert got.fetched.is_subscription


def test_an_orders_own_tags_and_its_ways_of_delivery_are_read(admin: AdminClient, shopify: AdminStub):
    shipping = page({"title": "No rush"})
    shopify.root = {"nodes": [order(tags=["vip", "own-cup"], shippingLines=shipping)]}
    (told,) = fetch_orders(admin, SHOP, [5001])
    assert (told.tags, told.shipping_methods) == (("own-cup", "vip"), ("No rush",))
