"""The stand-in stays on this machine, away from real shops, and remembers what it sold."""

from __future__ import annotations

from dataclasses import replace

import pytest
import requests
import responses

from plugin.db import Database
from plugin.devstore.adapter import session_for
from plugin.devstore.clock import StoreClock
from plugin.devstore.guard import refuse_leftovers, refuse_real_shops
from plugin.devstore.samples import sample_books
from plugin.devstore.store import Store, load_books
from plugin.errors import Misconfigured
from tests.factories import make_settings, make_shop


def test_calls_to_a_shop_go_to_the_local_port_under_its_name():
    with responses.RequestsMock(target="requests.adapters.HTTPAdapter.send") as local, session_for(4321) as http:
        local.get("http://127.0.0.1:4321/admin/x?a=1", json={"ok": True})
        answer = http.get("https://laurel-demo.myshopify.com/admin/x?a=1", timeout=5)
        assert answer.url == "https://laurel-demo.myshopify.com/admin/x?a=1"
        assert local.calls[0].request.headers["Host"] == "laurel-demo.myshopify.com"


@pytest.mark.parametrize(
    "url", ["https://example.com/", "https://myshopify.com.evil.example/", "https://myshopify.com/"]
)
def test_nothing_else_leaves_the_machine(url):
    with session_for(4321) as http, pytest.raises(requests.ConnectionError, match="does not call"):
        http.get(url, timeout=5)


def test_it_refuses_a_production_installation(database):
    settings = replace(make_settings(database), env="production")
    with pytest.raises(Misconfigured, match="never runs there"):
        refuse_real_shops(settings, database)


def test_it_refuses_a_database_with_a_real_shop(tools, database):
    make_shop(tools, "real-one.myshopify.com")
    with pytest.raises(Misconfigured, match=r"real-one\.myshopify\.com"):
        refuse_real_shops(make_settings(database), database)


def test_it_refuses_a_database_left_over_from_another_demo(tools, database):
    refuse_leftovers(database)
    make_shop(tools)
    with pytest.raises(Misconfigured, match="earlier demo"):
        refuse_leftovers(database)


def test_it_takes_an_empty_database_and_one_that_is_not_there_yet(database, tmp_path):
    refuse_real_shops(make_settings(database), database)
    fresh = Database(f"sqlite:///{tmp_path / 'new.db'}")
    refuse_real_shops(make_settings(fresh), fresh)
    fresh.dispose()


def test_the_books_outlive_a_restart(stand, tmp_path):
    order = stand.buy({"morning-mug": 2})
    stand.token()
    Store(stand.store.books, stand.store.clock, tmp_path / "books.json").save()
    again = load_books(tmp_path / "books.json")
    assert again == stand.store.books
    assert again.orders[order.order_id].total == order.total


def test_every_sample_says_that_it_is_one():
    books = sample_books(StoreClock()())
    assert {customer.last_name for customer in books.customers.values()} == {"Sample"}
    assert {customer.email.partition("@")[2] for customer in books.customers.values()} == {"example.com"}
    assert len(books.products) == 12
