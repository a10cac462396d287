"""A dev store of its own for each test: installed, with a clock that runs from a fixed morning."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from plugin.devstore.app import create_devstore
from plugin.devstore.clock import StoreClock
from plugin.devstore.deployment import deploy
from plugin.devstore.discount_rules import Buyer
from plugin.devstore.parts import Parts, make_parts
from plugin.devstore.records import Customer, Order, Product
from plugin.devstore.samples import sample_books
from plugin.devstore.store import Store
from plugin.devstore.tokens import install, issue

APP_URL = "http://127.0.0.1:9"
API_KEY = "test-api-key"
SECRET = "a secret of the dev store's tests"


@dataclass
class Stand:
    """A dev store with a browser in front of it."""

    parts: Parts
    client: FlaskClient

    @property
    def store(self) -> Store:
        return self.parts.store

    def product(self, handle: str) -> Product:
        return self.store.product_by_handle(handle)

    def person(self, first_name: str) -> Customer:
        return next(each for each in self.store.books.customers.values() if each.first_name == first_name)

    def buy(self, goods: dict[str, int], buyer: str | None = "Ada", code: str | None = None) -> Order:
        cart = {self.product(handle).variant_id: count for handle, count in goods.items()}
        who = Buyer(self.person(buyer).customer_id if buyer else None)
        return self.parts.till.place_order(cart, who, code)

    def token(self) -> str:
        return issue(self.store, self.store.books.installation).access_token

    def query(self, document: str, variables: dict[str, Any] | None = None, token: str | None = None) -> TestResponse:
        headers = {"X-Shopify-Access-Token": token or self.token()}
        body = {"query": document, "variables": variables or {}}
        return self.client.post("/admin/api/2026-10/graphql.json", json=body, headers=headers)

    def sign_in(self, first_name: str) -> None:
        self.client.post("/account/login", data={"customer_id": self.person(first_name).customer_id})

    def sent(self) -> list[tuple[str, dict[str, Any]]]:
        """What waits for delivery: topic and body."""
        return [(parcel.topic, json.loads(parcel.body)) for parcel in self.parts.courier._waiting]


@pytest.fixture
def stand() -> Iterator[Stand]:
    yield from make_stand()


def make_stand(**card: Any) -> Iterator[Stand]:
    clock = StoreClock()
    store = Store(sample_books(clock(), **card), clock)
    parts = make_parts(store, clock, deploy(APP_URL, API_KEY, SECRET))
    install(store, parts.deployment.scopes)
    client = create_devstore(parts).test_client()
    client.environ_base["HTTP_HOST"] = "127.0.0.1:8001"
    yield Stand(parts, client)
    parts.courier.stop()
    parts.http.close()


def data_of(page: str, name: str) -> str | None:
    """What a page carries in `data-<name>`."""
    found = re.search(rf'data-{name}="([^"]*)"', page)
    return found[1] if found else None
