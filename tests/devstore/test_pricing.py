"""A cart's parts add up to its whole, to the cent."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin.devstore.pricing import quote, spread
from plugin.devstore.records import Discount, Line
from plugin.devstore.samples import sample_books
from tests.devstore.conftest import StoreClock

NOW = StoreClock()()
cents = st.integers(1, 100_000).map(lambda number: Decimal(number) / 100)


def line(price: str | Decimal, quantity: int = 1, *, is_gift_card: bool = False) -> Line:
    return Line(0, 1, 2, "x", "v", "s", 10, is_gift_card, quantity, Decimal(price))


def off(amount: str | Decimal) -> Discount:
    return Discount(1, "t", "C", NOW, NOW, NOW, None, None, Decimal(amount), None, None, None, once_per_customer=False)


def shop(**card):
    return sample_books(NOW, **card).shop


@given(cents, st.lists(cents, min_size=1, max_size=8))
def test_a_spread_amount_adds_up_in_whole_cents(amount, weights):
    shares = spread(amount, weights, "EUR")
    assert sum(shares) == amount
    assert all(share == share.quantize(Decimal("0.01")) and share >= 0 for share in shares)


@given(st.lists(st.tuples(cents, st.integers(1, 5)), min_size=1, max_size=6), cents)
def test_no_line_is_discounted_below_zero(goods, amount):
    priced = quote(shop(), [line(price, count) for price, count in goods], off(amount))
    assert all(each.net >= 0 for each in priced.lines)
    assert priced.subtotal == max(Decimal(0), sum(price * count for price, count in goods) - amount)


def test_gift_cards_take_neither_discount_nor_tax():
    priced = quote(shop(), [line("50", is_gift_card=True), line("20")], off("5"))
    card, mug = priced.lines
    assert (card.discount, card.tax) == (0, 0)
    assert (mug.discount, mug.tax) == (Decimal(5), Decimal("2.50"))


@pytest.mark.parametrize(("is_included", "total"), [(True, "24.80"), (False, "29.76")])
def test_tax_is_in_the_price_or_on_top(is_included, total):
    assert quote(shop(taxes_included=is_included), [line("20")], None).total == Decimal(total)


def test_a_large_order_ships_free_and_a_gift_card_is_never_shipped():
    assert quote(shop(), [line("75")], None).shipping == 0
    assert quote(shop(), [line("74.99")], None).shipping == Decimal("4.80")
    assert quote(shop(), [line("50", is_gift_card=True)], None).shipping == 0
