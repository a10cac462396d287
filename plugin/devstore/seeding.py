"""Gives a new sample shop a past: weeks of orders, refunds and codes, lived through over HTTP with the clock running fast.

Every order goes through the check-out and reaches the app as signed webhooks, so that nothing in the demo's books is invented.
"""

from __future__ import annotations

import random
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from plugin.devstore.parts import Parts
from plugin.devstore.records import Product
from plugin.devstore.visitor import Visitor

DAYS = 42
DAYS_BEFORE = 17
"""For so many days a sample shop sold without the app: within the 60 days that Shopify shows of the past."""
_WAKING_HOURS = range(8, 23)
_SETTLING_IN = timedelta(hours=1)
_PATIENCE_SECONDS = 30.0
_PAUSE_SECONDS = 0.005
_SEED = 20261121
_LOYALTY = (9, 7, 6, 5, 4, 3, 2)
_GUEST_SHARE = 0.1
_REFUND_SHARE = 0.09
_REDEEM_SHARE = 0.3


class Season:
    """Some weeks of a sample shop: with the app, or before it came."""

    def __init__(
        self,
        parts: Parts,
        store_url: str,
        app_url: str,
        is_worked_through: Callable[[], bool],
        *,
        days: int = DAYS,
        has_app: bool = True,
    ) -> None:
        self._parts = parts
        self._is_worked_through = is_worked_through
        self._days = days
        self._redeem_share = _REDEEM_SHARE if has_app else 0
        self._random = random.Random(_SEED + days - DAYS)  # noqa: S311 - the same lively weeks each time, not a secret
        self._browsers = [Visitor(store_url, app_url) for _ in _LOYALTY]
        self._guest = Visitor(store_url, app_url)
        self._merchant = Visitor(store_url, app_url)
        self._is_member = dict(zip(self._browsers, self._guest.samples().items(), strict=False))

    def live(self, start: datetime) -> int:
        """Live on from `start`, and come back to now; return how many orders were placed."""
        for browser, (_, customer_id) in self._is_member.items():
            browser.sign_in(customer_id)
        for moment in self._moments(start):
            self._parts.clock.put_at(moment)
            self._one_order()
        self._calm()
        self._parts.clock.return_to_now()
        for browser in (*self._browsers, self._guest, self._merchant):
            browser.close()
        return len(self._parts.store.books.orders)

    def _moments(self, start: datetime) -> Iterator[datetime]:
        """When somebody buys: none to two orders a day, in the shop's waking hours."""
        zone = ZoneInfo(self._parts.store.books.shop.timezone)
        midnight = start.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
        for day in range(self._days + 1):
            for hour in sorted(self._random.sample(_WAKING_HOURS, self._random.choice((0, 1, 1, 1, 2, 2)))):
                moment = midnight + timedelta(days=day, hours=hour, minutes=self._random.randrange(60))
                if start + _SETTLING_IN < moment.astimezone(UTC) < start + timedelta(days=self._days):
                    yield moment.astimezone(UTC)

    def _one_order(self) -> None:
        is_guest = self._random.random() < _GUEST_SHARE
        browser = self._guest if is_guest else self._random.choices(self._browsers, _LOYALTY)[0]
        browser.fill_cart(self._goods())
        if not is_guest and self._random.random() < self._redeem_share:
            self._redeem(browser)
        browser.pay_unseen()
        self._calm()
        if self._random.random() < _REFUND_SHARE:
            self._give_back()

    def _goods(self) -> dict[int, int]:
        products = [product for product in self._parts.store.books.products.values() if self._is_picked(product)]
        chosen = self._random.sample(products or list(self._parts.store.books.products.values()), k=1)
        chosen += self._random.sample(products, k=min(len(products), self._random.choice((0, 1, 1, 2))))
        return {product.variant_id: self._random.choice((1, 1, 1, 2)) for product in chosen}

    def _is_picked(self, product: Product) -> bool:
        return not product.is_gift_card or self._random.random() < _GUEST_SHARE

    def _redeem(self, browser: Visitor) -> None:
        """Trade points for the dearest reward within reach, and use the code at once more often than not."""
        within_reach = [reward for reward in browser.summary()["rewards"] if reward["is_affordable"]]
        if not within_reach:
            return
        answer = browser.redeem(within_reach[-1]["id"], str(uuid.UUID(int=self._random.getrandbits(128)))).json()
        if answer.get("code") and self._random.random() < 0.7:  # noqa: PLR2004 - most codes are used soon
            browser.try_code(answer["code"])

    def _give_back(self) -> None:
        """Refund a part of an order of the last days, or cancel it."""
        recent = [order for order in self._parts.store.orders_newest_first()[:6] if not order.refunds]
        if not recent:
            return
        order = self._random.choice(recent)
        if self._random.random() < 0.25:  # noqa: PLR2004 - a quarter of regrets is a cancellation
            self._merchant.post(f"/admin/orders/{order.order_id}/cancel")
        else:
            self._merchant.post(f"/admin/orders/{order.order_id}/refund", {f"line_{order.lines[0].line_id}": 1})
        self._calm()

    def _calm(self) -> None:
        """Let the webhooks arrive and be worked through before time goes on."""
        ends_at = time.monotonic() + _PATIENCE_SECONDS
        is_taken = self._parts.courier.wait_until_idle(_PATIENCE_SECONDS)
        while is_taken and not self._is_worked_through() and time.monotonic() < ends_at:
            threading.Event().wait(_PAUSE_SECONDS)
        if not is_taken or time.monotonic() >= ends_at:
            raise TimeoutError("the app does not work through the webhooks of the sample orders")
