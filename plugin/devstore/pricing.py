"""What a cart costs: discount spread over its lines, tax, shipping. Exact to the cent, so that the parts add up to the whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal

from babel.numbers import get_currency_precision

from plugin.devstore.records import ZERO, Discount, Line, ShopCard


@dataclass(frozen=True, slots=True)
class Quote:
    """A priced cart. `tax` includes the tax on shipping; `total` is what the buyer pays."""

    lines: tuple[Line, ...]
    discount_amount: Decimal
    shipping: Decimal
    shipping_tax: Decimal
    tax: Decimal
    total: Decimal

    @property
    def subtotal(self) -> Decimal:
        """Lines after discounts."""
        return sum((line.net for line in self.lines), ZERO)


def quote(shop: ShopCard, lines: Sequence[Line], discount: Discount | None) -> Quote:
    """Price a cart with at most one discount."""
    discounted = _discounted(shop, lines, discount)
    taxed = tuple(replace(line, tax=_line_tax(shop, line)) for line in discounted)
    subtotal = sum((line.net for line in taxed), ZERO)
    shipping = _shipping(shop, taxed, subtotal, discount)
    shipping_tax = _tax(shop, shipping)
    tax = sum((line.tax for line in taxed), shipping_tax)
    total = subtotal + shipping + (ZERO if shop.taxes_included else tax)
    return Quote(taxed, sum((line.discount for line in taxed), ZERO), shipping, shipping_tax, tax, total)


def eligible_subtotal(lines: Sequence[Line], discount: Discount) -> Decimal:
    """What a discount may touch: its own items, or everything but gift cards."""
    return sum((line.gross for line in lines if discount.covers(line)), ZERO)


def shipping_price(shop: ShopCard, lines: Sequence[Line], subtotal: Decimal) -> Decimal:
    """What delivery costs without a discount."""
    is_shipped = any(not line.is_gift_card for line in lines)
    return shop.shipping_price if is_shipped and subtotal < shop.free_shipping_from else ZERO


def spread(amount: Decimal, weights: Sequence[Decimal], currency: str) -> list[Decimal]:
    """Share an amount out by weight in whole minor units; the largest remainders get what rounding left over."""
    unit = Decimal(1).scaleb(-get_currency_precision(currency))
    total = sum(weights, ZERO)
    if not total:
        return [ZERO for _ in weights]
    exact = [amount * weight / total for weight in weights]
    shares = [share - share % unit for share in exact]
    missing = int((amount - sum(shares, ZERO)) / unit)
    by_remainder = sorted(range(len(shares)), key=lambda index: shares[index] - exact[index])
    for index in by_remainder[:missing]:
        shares[index] += unit
    return shares


def rounded(amount: Decimal, currency: str) -> Decimal:
    """Round half up to the currency's minor unit."""
    return amount.quantize(Decimal(1).scaleb(-get_currency_precision(currency)), ROUND_HALF_UP)


def _discounted(shop: ShopCard, lines: Sequence[Line], discount: Discount | None) -> list[Line]:
    if discount is None or discount.is_free_shipping:
        return list(lines)
    eligible = eligible_subtotal(lines, discount)
    wanted = discount.amount if discount.amount is not None else eligible * (discount.percentage or ZERO)
    weights = [line.gross if discount.covers(line) else ZERO for line in lines]
    shares = spread(rounded(min(wanted, eligible), shop.currency), weights, shop.currency)
    return [replace(line, discount=share) for line, share in zip(lines, shares, strict=True)]


def _line_tax(shop: ShopCard, line: Line) -> Decimal:
    return ZERO if line.is_gift_card else _tax(shop, line.net)


def _tax(shop: ShopCard, amount: Decimal) -> Decimal:
    part = shop.tax_rate / (1 + shop.tax_rate) if shop.taxes_included else shop.tax_rate
    return rounded(amount * part, shop.currency)


def _shipping(shop: ShopCard, lines: Sequence[Line], subtotal: Decimal, discount: Discount | None) -> Decimal:
    price = shipping_price(shop, lines, subtotal)
    return ZERO if discount is not None and discount.is_free_shipping else price
