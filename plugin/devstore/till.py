"""Takes orders, gives refunds, cancels; each tells the app by webhooks what Shopify would tell it."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from plugin.devstore.bodies import order_body, refund_body
from plugin.devstore.courier import Courier
from plugin.devstore.discount_rules import Buyer, refusal
from plugin.devstore.pricing import Quote, quote, rounded, shipping_price
from plugin.devstore.records import ZERO, Line, Order, Refund, RefundedLine, Use
from plugin.devstore.store import Store


class Refused(Exception):
    """The till says no; `word` is the machine word that a page turns into a sentence."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


class Till:
    """The one place where orders change."""

    def __init__(self, store: Store, courier: Courier) -> None:
        self._store = store
        self._courier = courier

    def cart_lines(self, cart: Mapping[int, int]) -> tuple[Line, ...]:
        """Turn variant ids with quantities into lines; what the shop does not sell falls out."""
        found = [(self._store.product_by_variant(variant), count) for variant, count in cart.items() if count > 0]
        return tuple(
            Line(
                line_id=0,
                product_id=product.product_id,
                variant_id=product.variant_id,
                title=product.title,
                vendor=product.vendor,
                sku=product.sku,
                grams=product.grams,
                is_gift_card=product.is_gift_card,
                quantity=count,
                price=product.price,
            )
            for product, count in found
            if product
        )

    def price(self, cart: Mapping[int, int], buyer: Buyer, code: str | None) -> Quote:
        """Price a cart.

        Raises:
            Refused: the code does not apply, for the reason named.
        """
        with self._store.lock:
            lines = self.cart_lines(cart)
            discount = self._store.discount_by_code(code) if code else None
            shop = self._store.books.shop
            delivery = shipping_price(shop, lines, sum((line.gross for line in lines), ZERO))
            if code and (word := refusal(discount, buyer, lines, self._store.clock(), delivery)):
                raise Refused(word)
            return quote(shop, lines, discount)

    def place_order(self, cart: Mapping[int, int], buyer: Buyer, code: str | None) -> Order:
        """Sell: the code is judged again under the lock, so that one use is one use.

        Raises:
            Refused: the code no longer applies, or the cart is empty.
        """
        store = self._store
        with store.lock:
            priced = self.price(cart, buyer, code)
            if not priced.lines:
                raise Refused("empty_cart")
            order = self._new_order(priced, buyer, code)
            store.books.orders[order.order_id] = order
            if code and (discount := store.discount_by_code(code)):
                order.discount_code = discount.code
                discount.uses.append(Use(order.order_id, buyer.customer_id))
            self._tell(order, "orders/create", "orders/paid", "orders/updated")
        return order

    def refund_lines(self, order_id: int, quantities: Mapping[int, int]) -> Refund:
        """Take goods back: line ids with how many.

        Raises:
            Refused: more than was kept, or nothing.
        """
        with self._store.lock:
            order = self._store.books.orders[order_id]
            parts = [self._part(order, line, quantities.get(line.line_id, 0)) for line in order.lines]
            lines = tuple(part for part in parts if part is not None)
            if not lines:
                raise Refused("nothing_to_refund")
            return self._refund(order, lines, ZERO, ZERO)

    def refund_amount(self, order_id: int, amount: Decimal) -> Refund:
        """Give money back without goods: Shopify books it as a discrepancy.

        Raises:
            Refused: not above zero, or more than is left.
        """
        with self._store.lock:
            order = self._store.books.orders[order_id]
            if not ZERO < amount <= order.total - order.refunded:
                raise Refused("amount_out_of_range")
            return self._refund(order, (), rounded(amount, self._store.books.shop.currency), ZERO)

    def cancel(self, order_id: int) -> Order:
        """Cancel with everything refunded that was not yet.

        Raises:
            Refused: it is cancelled already.
        """
        with self._store.lock:
            order = self._store.books.orders[order_id]
            if order.cancelled_at is not None:
                raise Refused("already_cancelled")
            order.cancelled_at = self._now()
            if left := order.total - order.refunded:
                parts = [self._part(order, line, order.kept_quantity(line)) for line in order.lines]
                lines = tuple(part for part in parts if part is not None)
                shipping = min(order.shipping, left)
                goods = sum((self._worth(part) for part in lines), ZERO)
                lines = lines if goods + shipping <= left else ()
                self._refund(order, lines, left - shipping - (goods if lines else ZERO), shipping, is_told=False)
            order.updated_at = self._now()
            self._tell(order, *(("refunds/create",) if order.refunds else ()), "orders/cancelled", "orders/updated")
            return order

    def touch(self, order_id: int) -> None:
        """Tell the app about an order again, as any small change in the admin does."""
        with self._store.lock:
            order = self._store.books.orders[order_id]
            order.updated_at = self._now()
            self._tell(order, "orders/updated")

    def _now(self) -> datetime:
        """Orders carry whole seconds, as Shopify's do: two changes within one look equally new."""
        return self._store.clock().replace(microsecond=0)

    def _new_order(self, priced: Quote, buyer: Buyer, code: str | None) -> Order:
        store, now = self._store, self._now()
        order = Order(
            order_id=store.new_id(),
            number=store.books.next_order_number,
            token=secrets.token_hex(16),
            customer_id=buyer.customer_id,
            placed_at=now,
            updated_at=now,
            lines=tuple(replace(line, line_id=store.new_id()) for line in priced.lines),
            shipping=priced.shipping,
            shipping_tax=priced.shipping_tax,
            tax=priced.tax,
            total=priced.total,
            discount_code=code,
            discount_amount=priced.discount_amount,
        )
        store.books.next_order_number += 1
        return order

    def _part(self, order: Order, line: Line, count: int) -> RefundedLine | None:
        if not count:
            return None
        if not 0 < count <= order.kept_quantity(line):
            raise Refused("more_than_kept")
        currency = self._store.books.shop.currency
        share = Decimal(count) / line.quantity
        subtotal, tax = rounded(line.net * share, currency), rounded(line.tax * share, currency)
        return RefundedLine(self._store.new_id(), line.line_id, count, subtotal, tax)

    def _worth(self, part: RefundedLine) -> Decimal:
        return part.subtotal if self._store.books.shop.taxes_included else part.subtotal + part.tax

    def _refund(
        self,
        order: Order,
        lines: Sequence[RefundedLine],
        discrepancy: Decimal,
        shipping: Decimal,
        *,
        is_told: bool = True,
    ) -> Refund:
        now = self._now()
        goods = sum((self._worth(part) for part in lines), ZERO)
        total = min(goods + discrepancy + shipping, order.total - order.refunded)
        refund = Refund(self._store.new_id(), now, tuple(lines), discrepancy, shipping, total)
        order.refunds = (*order.refunds, refund)
        order.updated_at = now
        if is_told:
            self._tell(order, "refunds/create", "orders/updated")
        return refund

    def _tell(self, order: Order, *topics: str) -> None:
        event_id = str(uuid.uuid4())
        if self._store.books.installation is None:
            return
        for topic in topics:
            is_refund = topic == "refunds/create"
            body = refund_body(self._store, order, order.refunds[-1]) if is_refund else order_body(self._store, order)
            self._courier.send(topic, body, event_id, order.updated_at)
