"""From GraphQL's order to our snapshot: the same facts that a webhook's body gives."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from plugin.errors import ShopifyUnavailable
from plugin.facts import CustomerRef, Fetched, OrderLine, OrderSnapshot, Refund, RefundedLine, Shipping
from plugin.facts.orders import is_renewal_source
from plugin.money import parse_amount
from plugin.shopify.gids import number_of

ShopKey = tuple[UUID, UUID]
_GRAMS = {
    "GRAMS": Decimal(1),
    "KILOGRAMS": Decimal(1000),
    "OUNCES": Decimal("28.349523125"),
    "POUNDS": Decimal("453.59237"),
}


def snapshot(
    shop: ShopKey,
    order: dict[str, Any],
    lines: Sequence[dict[str, Any]],
    refunds: Sequence[dict[str, Any]],
    *,
    is_customer_withheld: bool,
) -> OrderSnapshot:
    """Put an order together; `lines` and `refunds` are complete."""
    customer = order["customer"]
    tip = _money(order["totalTipReceivedSet"])
    return OrderSnapshot(
        programme_id=shop[0],
        shop_id=shop[1],
        order_id=number_of(order["id"], "Order"),
        updated_at=_instant(order["updatedAt"]),
        placed_at=_instant(order["processedAt"]),
        currency=str(order["currencyCode"]),
        financial_status=str(order["displayFinancialStatus"] or "").lower(),
        name=str(order["name"]),
        customer=None if customer is None else _customer(customer),
        customer_standing="present" if customer else "unknown" if is_customer_withheld else "none",
        cancelled_at=None if order["cancelledAt"] is None else _instant(order["cancelledAt"]),
        is_test=bool(order["test"]),
        taxes_included=bool(order["taxesIncluded"]),
        source=str(order["sourceName"] or ""),
        lines=tuple(_line(one, tip) for one in lines),
        refunds=tuple(_refund(one) for one in refunds if not _is_waiting(one)),
        discount_codes=tuple(order["discountCodes"]),
        buyer_currency=str(order["presentmentCurrencyCode"] or ""),
        fetched=_fetched(order, lines),
        tags=tuple(sorted(order["tags"])),
        shipping_methods=tuple(str(one["title"]) for one in order["shippingLines"]["nodes"]),
        shipping=_shipping(order["shippingLine"]),
    )


def _shipping(line: dict[str, Any] | None) -> Shipping:
    """Read Shopify's summary of all shipping; an order that is not shipped has none."""
    if line is None:
        return Shipping(Decimal(0))
    return Shipping(
        price=_money(line["originalPriceSet"]),
        discount=_sum(one["allocatedAmountSet"] for one in line["discountAllocations"]),
        tax=_sum(one["priceSet"] for one in line["taxLines"]),
    )


def _fetched(order: dict[str, Any], lines: Sequence[dict[str, Any]]) -> Fetched:
    """Read what no webhook tells."""
    return Fetched(
        customer_tags=tuple(sorted((order["customer"] or {}).get("tags") or ())),
        is_subscription=any(one["sellingPlan"] for one in lines) or is_renewal_source(str(order["sourceName"] or "")),
        gift_cards=_paid_with(order, "gift_card"),
        store_credit=_paid_with(order, "shopify_store_credit"),
        total=_money(order["totalPriceSet"]),
    )


def _paid_with(order: dict[str, Any], gateway: str) -> Decimal:
    """Add up what was taken through one gateway: a sale, or the capture of what had been authorised before."""
    return _sum(
        one["amountSet"]
        for one in order["transactions"]
        if one["gateway"] == gateway and one["status"] == "SUCCESS" and one["kind"] in {"SALE", "CAPTURE"}
    )


def _customer(customer: dict[str, Any]) -> CustomerRef:
    return CustomerRef(number_of(customer["id"], "Customer"), has_account=customer["state"] == "ENABLED")


def _line(line: dict[str, Any], tip: Decimal) -> OrderLine:
    price, quantity = _money(line["originalUnitPriceSet"]), int(line["quantity"])
    return OrderLine(
        line_id=number_of(line["id"], "LineItem"),
        quantity=quantity,
        price=price,
        discount=_sum(one["allocatedAmountSet"] for one in line["discountAllocations"]),
        tax=_sum(one["priceSet"] for one in line["taxLines"]),
        product_id=None if line["product"] is None else number_of(line["product"]["id"], "Product"),
        variant_id=None if line["variant"] is None else number_of(line["variant"]["id"], "ProductVariant"),
        sku=line["sku"] or "",
        vendor=line["vendor"] or "",
        grams=_grams(line["weight"]),
        is_gift_card=bool(line["isGiftCard"]),
        is_tip=_is_tip(line, price * quantity, tip),
    )


def _is_tip(line: dict[str, Any], worth: Decimal, tips: Decimal) -> bool:
    """Tell a tip from goods as the webhook's reader does: it has no product and is worth exactly what the order's tips came to."""
    return line["product"] is None and line["variant"] is None and worth == tips > 0


def _refund(refund: dict[str, Any]) -> Refund:
    return Refund(
        refund_id=number_of(refund["id"], "Refund"),
        created_at=_instant(refund["createdAt"] or refund["processedAt"]),
        lines=tuple(_refunded_line(one) for one in refund["refundLineItems"]["nodes"]),
        discrepancy=-_adjusted(refund),
        shipping=_sum(one["subtotalAmountSet"] for one in refund["refundShippingLines"]["nodes"]),
        shipping_tax=_sum(one["taxAmountSet"] for one in refund["refundShippingLines"]["nodes"]),
    )


def _adjusted(refund: dict[str, Any]) -> Decimal:
    """Net the discrepancies: below zero is money given back beyond the lines, above zero is money kept."""
    return _sum(one["amountSet"] for one in refund["orderAdjustments"]["nodes"])


def _is_waiting(refund: dict[str, Any]) -> bool:
    """Tell whether a discrepancy cancels the lines because the money is still on its way: the order changes again when it arrives."""
    paybacks = [one["status"] for one in refund["transactions"]["nodes"] if one["kind"] == "REFUND"]
    return bool(paybacks) and "SUCCESS" not in paybacks and _adjusted(refund) > 0


def _refunded_line(line: dict[str, Any]) -> RefundedLine:
    return RefundedLine(
        line_id=number_of(line["lineItem"]["id"], "LineItem"),
        quantity=int(line["quantity"]),
        subtotal=_money(line["subtotalSet"]),
        tax=_money(line["totalTaxSet"]),
    )


def _grams(weight: dict[str, Any] | None) -> int:
    if weight is None:
        return 0
    return int((Decimal(str(weight["value"])) * _GRAMS[weight["unit"]]).to_integral_value())


def _sum(bags: Iterable[dict[str, Any]]) -> Decimal:
    return sum((_money(bag) for bag in bags), Decimal(0))


def _money(bag: dict[str, Any]) -> Decimal:
    return parse_amount(bag["shopMoney"]["amount"], path="amount")


def _instant(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ShopifyUnavailable("Shopify's answer holds a time without a zone")
    return at
