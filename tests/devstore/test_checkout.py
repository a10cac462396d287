"""The check-out refuses what Shopify's documentation says it refuses, and sells the rest."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from plugin.devstore.records import Discount
from plugin.devstore.till import Refused
from tests.devstore.conftest import Stand, data_of


def make_code(stand: Stand, **changes: Any) -> Discount:
    now = stand.store.clock()
    plain = Discount(
        discount_id=stand.store.new_id(),
        title="5 off",
        code="FIVE-OFF",
        created_at=now,
        updated_at=now,
        starts_at=now - timedelta(minutes=1),
        ends_at=now + timedelta(days=90),
        customer_ids=(stand.person("Ada").customer_id,),
        amount=Decimal(5),
        percentage=None,
        minimum_subtotal=None,
        usage_limit=1,
        once_per_customer=True,
    )
    discount = replace(plain, **changes)
    stand.store.books.discounts[discount.discount_id] = discount
    return discount


def fill(stand: Stand, handle: str = "tea-bowl", count: int = 1) -> None:
    stand.client.post("/cart/add", data={"id": stand.product(handle).variant_id, "quantity": count})


def try_code(stand: Stand, code: str = "FIVE-OFF") -> str | None:
    answer = stand.client.post("/checkout/discount", data={"code": code})
    return data_of(answer.text, "refusal") if answer.status_code == 422 else None


def test_the_right_code_lowers_the_total_and_the_order_names_it(stand):
    make_code(stand)
    stand.sign_in("Ada")
    fill(stand)
    assert try_code(stand, " five-off ") is None
    assert data_of(stand.client.get("/checkout").text, "total") == "31.80"
    stand.client.post("/checkout/pay")
    (order,) = stand.store.books.orders.values()
    assert (order.discount_code, order.discount_amount, order.total) == ("FIVE-OFF", Decimal("5.00"), Decimal("31.80"))


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"customer_ids": (1,)}, "other_customer"),
        ({"minimum_subtotal": Decimal("32.01")}, "minimum_subtotal"),
        ({"minimum_subtotal": Decimal("32.00")}, None),
        ({"usage_limit": 0}, "used_up"),
        ({"customer_ids": None}, None),
    ],
)
def test_a_code_is_judged_by_its_conditions(stand, changes, word):
    make_code(stand, **changes)
    stand.sign_in("Ada")
    fill(stand)
    assert try_code(stand) == word


@pytest.mark.parametrize(("starts", "ends", "word"), [(1, 2, "not_started"), (-2, -1, "expired"), (-1, 1, None)])
def test_a_code_is_judged_by_its_dates(stand, starts, ends, word):
    now = stand.store.clock()
    make_code(stand, starts_at=now + timedelta(hours=starts), ends_at=now + timedelta(hours=ends))
    stand.sign_in("Ada")
    fill(stand)
    assert try_code(stand) == word


def test_a_guest_is_asked_to_sign_in_for_a_customers_code(stand):
    make_code(stand)
    fill(stand)
    assert try_code(stand) == "sign_in"


def test_a_code_does_nothing_for_a_gift_card(stand):
    make_code(stand)
    stand.sign_in("Ada")
    fill(stand, "gift-card")
    assert try_code(stand) == "nothing_eligible"


def test_a_code_that_was_good_when_typed_is_judged_again_when_paid(stand):
    discount = make_code(stand)
    stand.sign_in("Ada")
    fill(stand)
    assert try_code(stand) is None
    discount.ends_at = stand.store.clock()
    answer = stand.client.post("/checkout/pay")
    assert (answer.status_code, data_of(answer.text, "refusal")) == (422, "expired")
    assert stand.store.books.orders == {}


def test_one_use_is_one_use(stand):
    make_code(stand)
    stand.buy({"tea-bowl": 1}, code="FIVE-OFF")
    with pytest.raises(Refused, match="used_up"):
        stand.buy({"tea-bowl": 1}, code="FIVE-OFF")
    assert len(stand.store.books.orders) == 1


def test_an_order_brings_three_webhooks_of_one_event(stand):
    stand.buy({"morning-mug": 2})
    assert [topic for topic, _ in stand.sent()] == ["orders/create", "orders/paid", "orders/updated"]
    assert len({parcel.event_id for parcel in stand.parts.courier._waiting}) == 1


def test_no_webhook_is_sent_while_the_app_is_not_installed(stand):
    stand.store.books.installation = None
    stand.buy({"morning-mug": 2})
    assert stand.sent() == []


def test_a_refund_of_goods_is_worth_its_share_of_the_discounted_line(stand):
    make_code(stand)
    order = stand.buy({"morning-mug": 3}, code="FIVE-OFF")
    refund = stand.parts.till.refund_lines(order.order_id, {order.lines[0].line_id: 2})
    assert refund.lines[0].subtotal == Decimal("44.67")
    assert order.financial_status == "partially_refunded"
    with pytest.raises(Refused, match="more_than_kept"):
        stand.parts.till.refund_lines(order.order_id, {order.lines[0].line_id: 2})


def test_a_refund_of_money_is_a_negative_discrepancy_in_the_webhook(stand):
    order = stand.buy({"morning-mug": 1})
    stand.parts.till.refund_amount(order.order_id, Decimal("5.85"))
    body = next(body for topic, body in stand.sent() if topic == "refunds/create")
    (adjustment,) = body["order_adjustments"]
    assert (adjustment["kind"], adjustment["amount"]) == ("refund_discrepancy", "-5.85")
    assert body["refund_line_items"] == []


def test_a_cancelled_order_is_given_back_whole_and_only_once(stand):
    order = stand.buy({"morning-mug": 2})
    stand.parts.till.refund_lines(order.order_id, {order.lines[0].line_id: 1})
    stand.parts.till.cancel(order.order_id)
    assert (order.refunded, order.financial_status) == (order.total, "refunded")
    assert [topic for topic, _ in stand.sent()][-2:] == ["orders/cancelled", "orders/updated"]
    with pytest.raises(Refused, match="already_cancelled"):
        stand.parts.till.cancel(order.order_id)


def test_the_store_admin_refuses_in_a_sentence(stand):
    order = stand.buy({"morning-mug": 1})
    answer = stand.client.post(f"/admin/orders/{order.order_id}/refund", data={"amount": "999"})
    assert (answer.status_code, data_of(answer.text, "refusal")) == (422, "amount_out_of_range")


@pytest.mark.parametrize("form", [{"id": "x"}, {"id": "1", "quantity": "-1"}, {}, {"id": "²"}])
def test_a_form_that_is_none_is_a_bad_request(stand, form):
    assert stand.client.post("/cart/add", data=form).status_code in {400, 404}


def test_shopifys_link_brings_a_code_along_and_stays_in_the_shop(stand):
    make_code(stand)
    stand.sign_in("Ada")
    fill(stand)
    assert stand.client.get("/discount/FIVE-OFF?redirect=/checkout").location == "/checkout"
    assert stand.client.get("/discount/FIVE-OFF?redirect=//evil.example").location == "/"
    assert data_of(stand.client.get("/checkout").text, "total") == "31.80"


def test_a_code_for_some_goods_takes_nothing_off_others(stand):
    bowl = stand.product("tea-bowl")
    make_code(stand, variant_ids=frozenset({bowl.variant_id}), amount=Decimal(500))
    stand.sign_in("Ada")
    other = next(one for one in stand.store.books.products.values() if one != bowl and not one.is_gift_card)
    fill(stand, other.handle)
    assert try_code(stand) == "nothing_eligible"
    fill(stand)
    assert try_code(stand) is None
    stand.client.post("/checkout/pay")
    (order,) = stand.store.books.orders.values()
    assert {one.variant_id: one.discount for one in order.lines} == {bowl.variant_id: bowl.price, other.variant_id: 0}


@pytest.mark.parametrize(("dearest", "word"), [(None, None), ("4.80", None), ("4.79", "delivery_too_dear")])
def test_a_code_for_delivery_makes_it_free_unless_it_is_too_dear(stand, dearest, word):
    maximum = Decimal(dearest) if dearest else None
    make_code(stand, amount=None, is_free_shipping=True, maximum_shipping=maximum)
    stand.sign_in("Ada")
    fill(stand)
    assert try_code(stand) == word
    if word is None:
        stand.client.post("/checkout/pay")
        (order,) = stand.store.books.orders.values()
        assert (order.shipping, order.discount_amount, order.total) == (0, 0, Decimal("32.00"))
        assert ">delivery<" in stand.client.get("/admin/discounts").text
