"""Orders, refunds, products and customers as Admin GraphQL shows them."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from graphql import GraphQLError

from plugin.devstore.gids import gid, parse_gid
from plugin.devstore.graph_lists import connection, matches, parse_search
from plugin.devstore.records import ZERO, Customer, Line, Order, Product, Refund, RefundedLine
from plugin.devstore.store import Store

Shown = dict[str, Any]
_WIDE_SCOPE = "read_all_orders"
_REACH = timedelta(days=60)
_SORTED: dict[str, Callable[[Order], datetime]] = {
    "PROCESSED_AT": lambda order: order.placed_at,
    "UPDATED_AT": lambda order: order.updated_at,
}
_RESTOCKED = "RETURN"
_SEARCHABLE = frozenset({"updated_at", "created_at", "processed_at", "id", "financial_status", "status"})


class OrderGraph:
    """Shows one store's orders. Nested lists are functions, so that only what is asked for is made."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def orders(self, scopes: Collection[str], **arguments: Any) -> Shown:
        """The connection `orders`, sorted by when they were placed or updated; only those of 60 days without the wide scope."""
        instant = _SORTED.get(arguments.get("sortKey", "PROCESSED_AT"))
        if instant is None:
            raise GraphQLError("the dev store sorts orders by PROCESSED_AT or UPDATED_AT only")
        orders = sorted(self._store.books.orders.values(), key=lambda order: (instant(order), order.order_id))
        if _WIDE_SCOPE not in scopes:
            orders = [order for order in orders if order.placed_at >= self._store.clock() - _REACH]
        terms = parse_search(arguments.get("query"), _SEARCHABLE)
        found = [order for order in orders if matches(terms, self._searchable(order))]
        return connection(found, self.order, arguments, lambda order: (instant(order).isoformat(), order.order_id))

    def customers(self, **arguments: Any) -> Shown:
        """The connection `customers`, by id."""
        return connection(list(self._store.books.customers.values()), self.customer, arguments)

    def order(self, order: Order) -> Shown:
        """One order."""
        shop = self._store.books.shop
        customer = self._store.books.customers.get(order.customer_id or 0)
        return {
            "__typename": "Order",
            "id": gid("Order", order.order_id),
            "name": order.name,
            "number": order.number,
            "createdAt": order.placed_at,
            "processedAt": order.placed_at,
            "updatedAt": order.updated_at,
            "cancelledAt": order.cancelled_at,
            "cancelReason": "CUSTOMER" if order.cancelled_at else None,
            "test": False,
            "confirmed": True,
            "taxesIncluded": shop.taxes_included,
            "currencyCode": shop.currency,
            "presentmentCurrencyCode": shop.currency,
            "sourceName": "web",
            "tags": [],
            "shippingLines": lambda _info, **arguments: connection(
                (order,) if order.shipping else (), lambda _one: {"title": "Standard"}, arguments
            ),
            "discountCode": order.discount_code,
            "discountCodes": [order.discount_code] if order.discount_code else [],
            "displayFinancialStatus": order.financial_status.upper(),
            "displayFulfillmentStatus": "UNFULFILLED",
            "customer": self.customer(customer) if customer else None,
            **self._totals(order),
            "lineItems": lambda _info, **arguments: connection(
                order.lines, lambda line: self._line(order, line), arguments
            ),
            "shippingLine": self._shipping_line(order),
            "refunds": lambda _info, **arguments: [
                self.refund(order, refund) for refund in order.refunds[: arguments.get("first")]
            ],
            "transactions": lambda _info, **_arguments: [self._sale(order)],
        }

    def refund(self, order: Order, refund: Refund) -> Shown:
        """One refund of an order."""
        lines = {line.line_id: line for line in order.lines}
        return {
            "__typename": "Refund",
            "id": gid("Refund", refund.refund_id),
            "createdAt": refund.created_at,
            "processedAt": refund.created_at,
            "updatedAt": refund.created_at,
            "note": None,
            "totalRefundedSet": self._money(refund.total),
            "refundLineItems": lambda _info, **arguments: connection(
                refund.lines, lambda part: self._refunded_line(order, lines[part.line_id], part), arguments
            ),
            "refundShippingLines": lambda _info, **arguments: connection(
                self._refunded_shipping(refund), lambda shown: shown, arguments
            ),
            "orderAdjustments": lambda _info, **arguments: connection(
                self._adjustments(refund), lambda shown: shown, arguments
            ),
            "transactions": lambda _info, **arguments: connection(
                [self._payment(refund.refund_id + 5, "REFUND", refund.total)], lambda shown: shown, arguments
            ),
        }

    def find_refund(self, refund_id: int) -> Shown | None:
        """One refund by its own id."""
        pairs = ((order, refund) for order in self._store.books.orders.values() for refund in order.refunds)
        return next((self.refund(order, refund) for order, refund in pairs if refund.refund_id == refund_id), None)

    def find_customer(self, identifier: dict[str, Any]) -> Shown | None:
        """`customerByIdentifier`, as far as the app asks: by number or by e-mail address."""
        number = (parse_gid(str(identifier.get("id") or "")) or ("", 0))[1]
        email = str(identifier.get("emailAddress") or "").casefold()
        for one in self._store.books.customers.values():
            if one.customer_id == number or (email and one.email.casefold() == email):
                return self.customer(one)
        return None

    def customer(self, customer: Customer) -> Shown:
        """One customer, without names or addresses: the app has no business with them."""
        owner = gid("Customer", customer.customer_id)
        return {
            "__typename": "Customer",
            "id": owner,
            "state": "ENABLED" if customer.has_account else "DISABLED",
            "tags": [],
            "createdAt": customer.created_at,
            "updatedAt": customer.updated_at,
            "metafield": lambda _info, key, namespace=None: self.metafield(owner, namespace or "$app", key),
        }

    def metafield(self, owner: str, namespace: str, key: str) -> Shown | None:
        """One metafield of an owner, None if it was never set."""
        found = self._store.metafield(owner, namespace, key)
        if found is None:
            return None
        return {
            "__typename": "Metafield",
            "id": gid("Metafield", found.metafield_id),
            "namespace": found.namespace,
            "key": found.key,
            "type": found.kind,
            "value": found.value,
        }

    def product(self, product: Product) -> Shown:
        """One product with its collections."""
        names = sorted({name for each in self._store.books.products.values() for name in each.collections})
        return {
            "__typename": "Product",
            "id": gid("Product", product.product_id),
            "title": product.title,
            "handle": product.handle,
            "productType": product.product_type,
            "vendor": product.vendor,
            "tags": list(product.tags),
            "isGiftCard": product.is_gift_card,
            "collections": lambda _info, **arguments: connection(
                product.collections,
                lambda name: {"id": gid("Collection", 9001 + names.index(name)), "title": name},
                arguments,
            ),
        }

    def _searchable(self, order: Order) -> Shown:
        return {
            "updated_at": order.updated_at,
            "created_at": order.placed_at,
            "processed_at": order.placed_at,
            "id": order.order_id,
            "financial_status": order.financial_status,
            "status": None,
        }

    def _totals(self, order: Order) -> Shown:
        back = sum((part.subtotal for refund in order.refunds for part in refund.lines), ZERO)
        amounts = {
            "subtotalPriceSet": order.subtotal,
            "currentSubtotalPriceSet": order.subtotal - back,
            "totalPriceSet": order.total,
            "totalTaxSet": order.tax,
            "totalRefundedSet": order.refunded,
            "totalDiscountsSet": order.discount_amount,
            "totalShippingPriceSet": order.shipping,
            "totalTipReceivedSet": ZERO,
        }
        return {name: self._money(amount) for name, amount in amounts.items()}

    def _line(self, order: Order, line: Line) -> Shown:
        allocations = [{"allocatedAmountSet": self._money(line.discount)}] if line.discount else []
        return {
            "__typename": "LineItem",
            "id": gid("LineItem", line.line_id),
            "name": line.title,
            "title": line.title,
            "quantity": line.quantity,
            "currentQuantity": order.kept_quantity(line),
            "sku": line.sku,
            "vendor": line.vendor,
            "isGiftCard": line.is_gift_card,
            "requiresShipping": not line.is_gift_card,
            "weight": {"value": float(line.grams), "unit": "GRAMS"},
            "sellingPlan": None,
            "product": {"id": gid("Product", line.product_id)},
            "variant": {"id": gid("ProductVariant", line.variant_id)},
            "originalUnitPriceSet": self._money(line.price),
            "discountAllocations": allocations,
            "totalDiscountSet": self._money(line.discount),
            "taxLines": [self._tax_line(line.tax)] if line.tax else [],
        }

    def _refunded_line(self, order: Order, line: Line, part: RefundedLine) -> Shown:
        return {
            "id": gid("RefundLineItem", part.refund_line_id),
            "quantity": part.quantity,
            "lineItem": self._line(order, line),
            "restockType": _RESTOCKED,
            "subtotalSet": self._money(part.subtotal),
            "totalTaxSet": self._money(part.tax),
        }

    def _adjustments(self, refund: Refund) -> list[Shown]:
        """Money beyond lines. Signs as in the webhook: what goes to the buyer is negative."""
        if not refund.discrepancy:
            return []
        return [
            {
                "id": gid("OrderAdjustment", refund.refund_id + 1),
                "reason": "REFUND_DISCREPANCY",
                "amountSet": self._money(-refund.discrepancy),
                "taxAmountSet": self._money(ZERO),
            }
        ]

    def _shipping_line(self, order: Order) -> Shown | None:
        if not order.shipping:
            return None
        return {
            "id": gid("ShippingLine", order.order_id + 1),
            "originalPriceSet": self._money(order.shipping),
            "discountAllocations": [],
            "taxLines": [self._tax_line(order.shipping_tax)] if order.shipping_tax else [],
        }

    def _refunded_shipping(self, refund: Refund) -> list[Shown]:
        if not refund.shipping:
            return []
        amounts = {"subtotalAmountSet": refund.shipping, "taxAmountSet": ZERO}
        shown = {name: self._money(amount) for name, amount in amounts.items()}
        return [{"id": gid("RefundShippingLine", refund.refund_id + 2), **shown}]

    def _sale(self, order: Order) -> Shown:
        return self._payment(order.order_id + 5, "SALE", order.total)

    def _payment(self, payment_id: int, kind: str, amount: Decimal) -> Shown:
        return {
            "__typename": "OrderTransaction",
            "id": gid("OrderTransaction", payment_id),
            "kind": kind,
            "status": "SUCCESS",
            "gateway": "stand-in",
            "amountSet": self._money(amount),
        }

    def _tax_line(self, amount: Decimal) -> Shown:
        return {"title": "VAT", "rate": float(self._store.books.shop.tax_rate), "priceSet": self._money(amount)}

    def _money(self, amount: Decimal) -> Shown:
        each = {"amount": f"{amount:.2f}", "currencyCode": self._store.books.shop.currency}
        return {"shopMoney": each, "presentmentMoney": each}
