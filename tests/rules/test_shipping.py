"""Shipping as spend, where the document lets it count: after discounts and refunds, of no product and of no unit."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest

from plugin.facts import Context, PaidOtherwise, Shipping
from plugin.rules import evaluate
from plugin.rules.asking import asks_of
from plugin.rules.order_facts import read_order
from plugin.rules.schema_earning import Base
from tests.rules.making import document, line, order, points, products, refund, spend


def shipped(price="6.00", discount="0", tax="0", **changes):
    shipping = Shipping(Decimal(price), Decimal(discount), Decimal(tax))
    return order(line(1, "10.00", 2), shipping=shipping, **changes)


def gave_back(shipping: str, tax: str = "0", *parts, discrepancy: str = "0"):
    return replace(refund(*parts, discrepancy=discrepancy), shipping=Decimal(shipping), shipping_tax=Decimal(tax))


def eligible(made, **switches):
    return read_order(made, Base(**{"shipping": True} | switches), ()).facts.eligible_spend


def test_shipping_counts_only_where_the_document_says_so():
    assert eligible(shipped(), shipping=False) == 20
    assert eligible(shipped()) == 26
    assert eligible(order(line(1, "10.00", 2))) == 20


@pytest.mark.parametrize(("discount", "expected"), [("1.50", "24.5"), ("6.00", "20"), ("7.00", "20")])
def test_it_is_worth_its_price_less_its_discounts_and_never_less_than_nothing(discount, expected):
    assert eligible(shipped(discount=discount)) == Fraction(expected)


@pytest.mark.parametrize(
    ("included", "taxes", "expected"), [(True, False, 25), (True, True, 26), (False, False, 26), (False, True, 27)]
)
def test_its_tax_counts_as_that_of_lines_does(included, taxes, expected):
    assert eligible(shipped(tax="1.00", taxes_included=included), taxes=taxes) == expected


@pytest.mark.parametrize(
    ("refunds", "expected"),
    [
        ((gave_back("2.00"),), "24"),
        ((gave_back("2.00"), gave_back("1.00")), "23"),
        ((gave_back("6.00"),), "20"),
        ((gave_back("9.00"),), "20"),
        ((gave_back("6.00", "0", (1, 2, "20.00")),), "0"),
        ((gave_back("0", "0", (1, 2, "20.00")),), "6"),
        ((gave_back("0", discrepancy="13.00"),), "13"),
        ((gave_back("0", discrepancy="26.00"),), "0"),
    ],
)
def test_refunds_of_shipping_of_goods_and_of_money_each_take_off_their_own(refunds, expected):
    assert eligible(shipped(refunds=refunds)) == Fraction(expected)


def test_the_tax_of_a_refund_is_taken_off_where_it_was_taken_off_the_price():
    made = shipped(price="6.00", tax="1.00", taxes_included=True, refunds=(gave_back("6.00", "1.00"),))
    assert eligible(made) == 20
    assert eligible(made, taxes=True) == 20
    half = shipped(price="6.00", tax="1.00", taxes_included=True, refunds=(gave_back("3.00", "0.50"),))
    assert eligible(half) == Fraction("22.5")


def test_it_is_no_item_and_no_product():
    by = document(
        spend("1"),
        products("none", {"vendors": ["Acme"]}, exclude=True),
        {"kind": "unit", "id": "each", "points": "100"},
        {"kind": "weight", "id": "heavy", "points": "100", "unit": "kg"},
        base={"shipping": True},
    )
    assert points(shipped(), by) == 26 + 200


def test_the_explanation_tells_how_much_of_what_counted_was_shipping():
    by = document(base={"shipping": True})
    made = evaluate(shipped(refunds=(gave_back("2.00"),)), by, Context(1))
    assert made.explanation["base"] == {"currency": "EUR", "eligible": "24", "refunded": "2", "shipping": "4"}
    assert made.explanation["left_out"] == []
    without = evaluate(shipped(), document(), Context(1))
    assert "shipping" not in without.explanation["base"]


def test_shipping_alone_that_came_back_is_an_order_refunded_and_no_line():
    by = document(base={"shipping": True})
    free = order(line(1, "0.00"), shipping=Shipping(Decimal(6)), refunds=(gave_back("0", discrepancy="6.00"),))
    made = evaluate(free, by, Context(1))
    assert (made.points, made.why_nothing) == (0, "refunded")
    assert made.explanation["left_out"] == [{"line_id": 1, "why": "free"}]


def test_gift_cards_paid_their_share_of_it():
    by = Base(shipping=True, paid_with_gift_cards=False)
    paid = PaidOtherwise(gift_cards=Decimal(13), total=Decimal(26))
    assert read_order(shipped(), by, (), paid).facts.eligible_spend == 13
    all_of_it = read_order(shipped(), by, (), PaidOtherwise(gift_cards=Decimal(26), total=Decimal(26)))
    assert dict(all_of_it.left_out) == {1: "paid_otherwise"}


def test_an_order_that_does_not_tell_it_waits_only_where_it_is_asked():
    bare = order(line(1))
    assert asks_of(document(base={"shipping": True})).missing(bare, Context(1))
    assert not asks_of(document(base={"shipping": True})).missing(shipped(), Context(1))
    assert not asks_of(document()).missing(bare, Context(1))
