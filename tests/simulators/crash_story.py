"""What happens at a shop while its app dies again and again: orders in every state, clicks, codes handed back, gifts, merges."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import jwt

from plugin.config import DEVELOPMENT_SECRET
from plugin.db import Database
from plugin.journeys.passing_time import settle_lots
from plugin.rules import default_document, dump_document
from plugin.shopify.installation import NEEDED_SCOPES
from tests.factories import API_KEY, Clock, Shopfront, credit_now, make_shop, make_tools, paid_order
from tests.journeys.redeeming_stage import connect
from tests.journeys.shop_floor import customer, line, order
from tests.ledger.test_seals import _dated
from tests.simulators.crash_shopify import Courier, Errand, Request
from tests.simulators.door import TOPICS, body_of
from tests.simulators.lives import END, Delivered, Event, Manner, delayed, live
from tests.simulators.orders import OPENED
from tests.storefront.proxy import Storefront
from tests.webhooks.sending import webhook_headers

SPENDERS = range(8001, 8009)
SPENDERS_HAVE = 30_000
PAIRS_FROM, PAIRS_HAVE, OLD_FROM = 8_100, 80, 9_001
REWARDS = ("five_off", "ten_off")
GIFT = 7
_GUARDED = frozenset({200, 201, 202, 409, 422})


def furnish(database: Database, shops: list[Shopfront]) -> None:
    """Make a shop whose spenders have points, and three days of long ago that are not sealed yet."""
    tools = make_tools(database, Clock(OPENED))
    document = dump_document(default_document())
    document["earning"] |= {"maturity_days": 2, "expiry": {"kind": "never"}}
    shop = make_shop(tools, document=document, scopes=NEEDED_SCOPES)
    connect(tools, shop)
    tools.clock.now = END  # type: ignore[attr-defined]
    for customer_id in SPENDERS:
        credit_now(tools, paid_order(shop, 900_000 + customer_id, customer_id, f"{SPENDERS_HAVE}.00"))
    for number in range(3):
        credit_now(tools, paid_order(shop, OLD_FROM + number, OLD_FROM + number))
        _dated(tools, OLD_FROM + number, 5 - number)
    settle_lots(tools, str(shop.programme_id), END)
    shops.append(shop)


@dataclass
class Story:
    """All that is to happen, in slices; `clock` tells the product's time when something is signed. A dense one has something of
    every kind in each slice.
    """

    shop: Shopfront
    dice: random.Random
    clock: Callable[[], datetime]
    courier: Courier
    slices: int
    is_dense: bool
    copies: int = 3
    sent: list[tuple[str, str]] = field(default_factory=list)
    wishes: dict[str, int] = field(default_factory=dict)
    gifts: dict[str, int] = field(default_factory=dict)
    pairs: list[int] = field(default_factory=list)
    events: list[Event] = field(init=False)

    def __post_init__(self) -> None:
        self.events = live(self.shop, self.dice, Manner(customers=10, orders=self._orders, wishes=0, sweeps=0))
        comings = [one for _, one in delayed(self.events, self.dice, self.copies) if isinstance(one, Delivered)]
        self._parts = _parts(comings, self.slices)
        self._numbers = itertools.count(1)

    @property
    def _orders(self) -> int:
        return self.slices * (2 if self.is_dense else 1)

    def next_slice(self) -> None:
        """Let a little more happen."""
        for event in next(self._parts, ()):
            self._tell(self.dice.choice(TOPICS), body_of(event.snapshot))
        number = next(self._numbers)
        self._tell("refunds/create", {"id": number, "order_id": 1 + self.dice.randrange(self._orders)})
        if self.is_dense or number % 3 == 0:
            self._merge(PAIRS_FROM + 2 * number)
        for _ in range(4 if self.is_dense else 2):
            self._wish()
        self._give(f"gift-{number}", self.dice.choice(SPENDERS))

    def _tell(self, topic: str, body: dict[str, Any], then: Callable[[Errand], None] = lambda _: None) -> None:
        """A webhook; some come twice."""
        raw, event_id = json.dumps(body).encode(), f"event-{len(self.sent)}"
        headers = webhook_headers(topic, raw, self.shop.domain, event_id)
        self.sent.append((topic, event_id))
        for _ in range(2 if self.copies > 1 and self.dice.random() < 0.3 else 1):
            self.courier.take(Errand("webhook", lambda: Request("POST", "/webhooks", raw, headers), then=then))

    def _merge(self, kept_id: int) -> None:
        """Two customers with an order each turn out to be one; we are told before their orders come, and twice afterwards."""
        self.pairs.append(kept_id)
        gids = {"kept": kept_id, "deleted": kept_id + 1}
        named = {f"admin_graphql_api_customer_{name}_id": f"gid://shopify/Customer/{one}" for name, one in gids.items()}
        merged = {**named, "admin_graphql_api_job_id": None, "status": "completed", "errors": []}
        if self.dice.random() < 0.3:
            self._tell("customers/merge", merged)
        for customer_id in (kept_id, kept_id + 1):
            bought = order(
                100_000 + customer_id, line(customer_id, f"{PAIRS_HAVE // 2}.00"), customer=customer(customer_id)
            )
            self._tell("orders/paid", bought, then=lambda _: self._tell("customers/merge", merged))

    def _wish(self) -> None:
        """A spender clicks, and clicks again while there is no answer; some hand their code back."""
        customer_id, wish_id = self.dice.choice(SPENDERS), f"wish-{len(self.wishes):05}"
        self.wishes[wish_id] = customer_id
        asked = {"reward_id": self.dice.choice(REWARDS), "wish_id": wish_id}
        hands_back = self.dice.random() < 0.5
        self.courier.take(
            Errand(
                f"wish {wish_id}",
                lambda: self._signed("POST", customer_id, "redemptions", asked),
                _GUARDED,
                lambda done: self._hand_back(customer_id, done) if hands_back else None,
            )
        )

    def _hand_back(self, customer_id: int, done: Errand) -> None:
        status, told = done.answer or (0, {})
        if status in {201, 202}:
            path = f"redemptions/{told['id']}"
            answers = frozenset({200}) if status == 201 else _GUARDED
            self.courier.take(Errand("hand back", lambda: self._signed("DELETE", customer_id, path), answers))

    def _signed(self, method: str, customer_id: int, path: str, body: dict[str, Any] | None = None) -> Request:
        visit = Storefront(None, Clock(self.clock()), self.shop.domain, customer_id)  # type: ignore[arg-type]
        raw = json.dumps(body).encode() if body else b""
        return Request(method, visit.url(path), raw, {"Content-Type": "application/json"})

    def _give(self, key: str, customer_id: int) -> None:
        """The merchant gives points and presses again while there is no answer."""
        self.gifts[key] = customer_id
        form = f"customer={customer_id}&direction=give&points={GIFT}&why=goodwill&expiry=never&key={key}".encode()
        typed = {"Content-Type": "application/x-www-form-urlencoded", "HX-Request": "true"}
        self.courier.take(
            Errand(
                f"gift {key}",
                lambda: Request("POST", "/app/points/adjust", form, {**typed, "Authorization": self._bearer()}),
            )
        )

    def _bearer(self) -> str:
        now = int(self.clock().timestamp())
        where = f"https://{self.shop.domain}"
        claims = {"iss": f"{where}/admin", "dest": where, "aud": API_KEY, "sub": "42", "jti": "j", "sid": "s"}
        times = {"nbf": now, "iat": now, "exp": now + int(timedelta(hours=1).total_seconds())}
        return f"Bearer {jwt.encode({**claims, **times}, DEVELOPMENT_SECRET, 'HS256')}"


def _parts(events: list[Delivered], count: int) -> Iterator[list[Delivered]]:
    """Part a long list into so many of about the same length."""
    for place in range(count):
        yield events[len(events) * place // count : len(events) * (place + 1) // count]
