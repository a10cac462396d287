"""Webhook bodies as Shopify writes them: amounts as decimal strings with shop and presentment money, times with the shop's offset.

Names, addresses and phones are left out on purpose: the sample people have none.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from plugin.devstore.gids import gid
from plugin.devstore.records import Customer, Line, Order, Refund, ShopCard
from plugin.devstore.store import Store

Body = dict[str, Any]


def order_body(store: Store, order: Order) -> Body:
    """The body of orders/create, orders/paid, orders/updated and orders/cancelled."""
    shop = store.books.shop
    customer = store.books.customers.get(order.customer_id or 0)
    return {
        **_identity(shop, order),
        **_totals(shop, order),
        "customer": customer_body(shop, customer) if customer else None,
        "discount_applications": _applications(order),
        "discount_codes": _codes(order),
        "line_items": [_line(shop, order, line) for line in order.lines],
        "shipping_lines": [_shipping_line(shop, order)] if order.shipping else [],
        "refunds": [refund_body(store, order, refund) for refund in order.refunds],
    }


def refund_body(store: Store, order: Order, refund: Refund) -> Body:
    """The body of refunds/create. As in Shopify's, `subtotal` and `total_tax` of a line are JSON numbers, not strings."""
    shop = store.books.shop
    lines = {line.line_id: line for line in order.lines}
    return {
        "id": refund.refund_id,
        "admin_graphql_api_id": gid("Refund", refund.refund_id),
        "order_id": order.order_id,
        "created_at": stamp(shop, refund.created_at),
        "processed_at": stamp(shop, refund.created_at),
        "note": None,
        "restock": bool(refund.lines),
        "return": None,
        "refund_line_items": [
            {
                "id": part.refund_line_id,
                "line_item_id": part.line_id,
                "quantity": part.quantity,
                "restock_type": "return",
                "subtotal": float(part.subtotal),
                "total_tax": float(part.tax),
                "subtotal_set": money(shop, part.subtotal),
                "total_tax_set": money(shop, part.tax),
                "line_item": _line(shop, order, lines[part.line_id]),
            }
            for part in refund.lines
        ],
        "order_adjustments": _adjustments(shop, order, refund),
        "refund_shipping_lines": [],
        "transactions": [_transaction(shop, order, refund)],
    }


def customer_body(shop: ShopCard, customer: Customer) -> Body:
    """The body of customers/create and customers/update; also the customer inside an order."""
    return {
        "id": customer.customer_id,
        "admin_graphql_api_id": gid("Customer", customer.customer_id),
        "email": customer.email,
        "first_name": customer.first_name,
        "last_name": customer.last_name,
        "state": "enabled" if customer.has_account else "disabled",
        "verified_email": customer.has_account,
        "currency": shop.currency,
        "phone": None,
        "created_at": stamp(shop, customer.created_at),
        "updated_at": stamp(shop, customer.updated_at),
    }


def consent_body(shop: ShopCard, customer: Customer, channel: str) -> Body:
    """The body of the topic that tells a consent; the two topics name the customer differently."""
    consent = customer.consents[channel]
    told = {
        "state": consent.state,
        "opt_in_level": "single_opt_in",
        "consent_updated_at": stamp(shop, consent.updated_at),
    }
    if channel == "email":
        return {
            "customer_id": customer.customer_id,
            "email_address": customer.email,
            "email_marketing_consent": told,
        }
    return {
        "id": customer.customer_id,
        "admin_graphql_api_id": gid("Customer", customer.customer_id),
        "phone": None,
        "sms_marketing_consent": told | {"consent_collected_from": "SHOPIFY"},
    }


def shop_body(shop: ShopCard) -> Body:
    """The body of app/uninstalled and shop/update; Shopify leaves both domains null in it."""
    return {
        "id": shop.shop_id,
        "name": shop.name,
        "email": shop.email,
        "domain": None,
        "myshopify_domain": None,
        "currency": shop.currency,
        "iana_timezone": shop.timezone,
        "taxes_included": shop.taxes_included,
    }


def money(shop: ShopCard, amount: Decimal) -> Body:
    """An amount in shop and presentment money; this shop sells in one currency."""
    each = {"amount": f"{amount:.2f}", "currency_code": shop.currency}
    return {"shop_money": each, "presentment_money": dict(each)}


def stamp(shop: ShopCard, instant: datetime) -> str:
    """A time as Shopify prints it: the shop's local time with its offset, to the second."""
    return instant.astimezone(ZoneInfo(shop.timezone)).isoformat(timespec="seconds")


def _identity(shop: ShopCard, order: Order) -> Body:
    return {
        "id": order.order_id,
        "admin_graphql_api_id": gid("Order", order.order_id),
        "name": order.name,
        "number": order.number - 1000,
        "order_number": order.number,
        "token": order.token,
        "created_at": stamp(shop, order.placed_at),
        "processed_at": stamp(shop, order.placed_at),
        "updated_at": stamp(shop, order.updated_at),
        "cancelled_at": stamp(shop, order.cancelled_at) if order.cancelled_at else None,
        "cancel_reason": "customer" if order.cancelled_at else None,
        "currency": shop.currency,
        "presentment_currency": shop.currency,
        "financial_status": order.financial_status,
        "fulfillment_status": None,
        "confirmed": True,
        "test": False,
        "source_name": "web",
        "tags": "",
        "taxes_included": shop.taxes_included,
        "total_tip_received": "0.00",
        "note_attributes": [],
        "payment_gateway_names": ["stand-in"],
    }


def _totals(shop: ShopCard, order: Order) -> Body:
    amounts = {
        "subtotal_price": order.subtotal,
        "total_discounts": order.discount_amount,
        "total_line_items_price": order.subtotal + order.discount_amount,
        "total_price": order.total,
        "total_tax": order.tax,
        "current_subtotal_price": _current_subtotal(order),
        "current_total_price": order.total - order.refunded,
    }
    texts: Body = {name: f"{amount:.2f}" for name, amount in amounts.items()}
    sets = {f"{name}_set": money(shop, amount) for name, amount in amounts.items()}
    return texts | sets | {"total_shipping_price_set": money(shop, order.shipping)}


def _current_subtotal(order: Order) -> Decimal:
    back = [part.subtotal for refund in order.refunds for part in refund.lines]
    return max(Decimal(0), order.subtotal - sum(back, Decimal(0)))


def _applications(order: Order) -> list[Body]:
    if order.discount_code is None:
        return []
    return [
        {
            "type": "discount_code",
            "code": order.discount_code,
            "target_type": "line_item",
            "allocation_method": "across",
            "target_selection": "all",
            "value": f"{order.discount_amount:.2f}",
            "value_type": "fixed_amount",
        }
    ]


def _codes(order: Order) -> list[Body]:
    if order.discount_code is None:
        return []
    return [{"code": order.discount_code, "amount": f"{order.discount_amount:.2f}", "type": "fixed_amount"}]


def _line(shop: ShopCard, order: Order, line: Line) -> Body:
    allocation = {
        "amount": f"{line.discount:.2f}",
        "amount_set": money(shop, line.discount),
        "discount_application_index": 0,
    }
    return {
        "id": line.line_id,
        "admin_graphql_api_id": gid("LineItem", line.line_id),
        "product_id": line.product_id,
        "product_exists": True,
        "variant_id": line.variant_id,
        "title": line.title,
        "name": line.title,
        "vendor": line.vendor,
        "sku": line.sku,
        "grams": line.grams,
        "quantity": line.quantity,
        "current_quantity": order.kept_quantity(line),
        "price": f"{line.price:.2f}",
        "price_set": money(shop, line.price),
        "total_discount": "0.00",
        "total_discount_set": money(shop, Decimal(0)),
        "discount_allocations": [allocation] if line.discount else [],
        "gift_card": line.is_gift_card,
        "taxable": not line.is_gift_card,
        "requires_shipping": not line.is_gift_card,
        "tax_lines": [_tax_line(shop, line.tax)] if line.tax else [],
        "properties": [],
    }


def _tax_line(shop: ShopCard, amount: Decimal) -> Body:
    return {"title": "VAT", "rate": float(shop.tax_rate), "price": f"{amount:.2f}", "price_set": money(shop, amount)}


def _shipping_line(shop: ShopCard, order: Order) -> Body:
    return {
        "id": order.order_id + 1,
        "title": "Standard",
        "code": "Standard",
        "price": f"{order.shipping:.2f}",
        "price_set": money(shop, order.shipping),
        "discount_allocations": [],
        "tax_lines": [_tax_line(shop, order.shipping_tax)] if order.shipping_tax else [],
    }


def _adjustments(shop: ShopCard, order: Order, refund: Refund) -> list[Body]:
    parts = [("refund_discrepancy", "Refund discrepancy", refund.discrepancy)]
    parts.append(("shipping_refund", "Shipping refund", refund.shipping))
    return [
        {
            "id": refund.refund_id + index,
            "order_id": order.order_id,
            "refund_id": refund.refund_id,
            "kind": kind,
            "reason": reason,
            "amount": f"{-amount:.2f}",
            "amount_set": money(shop, -amount),
            "tax_amount": "0.00",
            "tax_amount_set": money(shop, Decimal(0)),
        }
        for index, (kind, reason, amount) in enumerate(parts, start=1)
        if amount
    ]


def _transaction(shop: ShopCard, order: Order, refund: Refund) -> Body:
    return {
        "id": refund.refund_id + 5,
        "admin_graphql_api_id": gid("OrderTransaction", refund.refund_id + 5),
        "order_id": order.order_id,
        "kind": "refund",
        "status": "success",
        "gateway": "stand-in",
        "amount": f"{refund.total:.2f}",
        "currency": shop.currency,
        "test": False,
    }
