"""The app proxy as Shopify plays it: adds its parameters, signs the query, forwards. Written from the documentation, not from our code."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from plugin.config import DEVELOPMENT_SECRET
from tests.factories import CUSTOMER, Clock


def sign(pairs: Sequence[tuple[str, str]], secret: str = DEVELOPMENT_SECRET) -> str:
    """The signature of these parameters."""
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    message = "".join(sorted(f"{name}={','.join(each)}" for name, each in values.items()))
    return hmac.new(secret.encode(), message.encode(), hashlib.sha256).hexdigest()


@dataclass
class Storefront:
    """A browser at a shop's storefront, signed in as `customer` or, with None, nobody."""

    client: FlaskClient
    clock: Clock
    domain: str
    customer: int | None = CUSTOMER
    locale: str = "en"

    def pairs(self, **asked: str) -> list[tuple[str, str]]:
        """The parameters of a request, in the order Shopify appends them; unsigned."""
        return [
            ("locale", self.locale),
            *asked.items(),
            ("shop", self.domain),
            ("logged_in_customer_id", str(self.customer or "")),
            ("path_prefix", "/apps/laurel"),
            ("timestamp", str(int(self.clock.now.timestamp()))),
        ]

    def url(self, path: str, secret: str = DEVELOPMENT_SECRET, **asked: str) -> str:
        """A signed address."""
        pairs = self.pairs(**asked)
        return f"/proxy/{path}?{urlencode([*pairs, ('signature', sign(pairs, secret))], quote_via=quote)}"

    def get(self, path: str, **asked: str) -> TestResponse:
        return self.client.get(self.url(path, **asked))

    def post(self, path: str, body: dict[str, Any]) -> TestResponse:
        return self.client.post(self.url(path), json=body)

    def delete(self, path: str) -> TestResponse:
        return self.client.delete(self.url(path))

    def redeem(self, reward_id: str = "five_off", wish_id: str = "wish-0001", **more: Any) -> TestResponse:
        return self.post("redemptions", {"reward_id": reward_id, "wish_id": wish_id, **more})
