"""What the first page says of the daily proof: when all agrees, and when it does not."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from plugin.journeys.proving_days import prove_whole, settle_proof
from plugin.journeys.tools import Tools
from tests.admin.conftest import Mint
from tests.factories import CUSTOMER, Clock, Shopfront, credit_now, make_shop, paid_order


def _open(client: FlaskClient, shop: Shopfront, mint: Mint, locale: str = "en") -> str:
    answer = client.get("/app", query_string={"shop": shop.domain, "id_token": mint(shop), "locale": locale})
    assert answer.status_code == 200, answer.text
    return answer.text


def _seen(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def _days(html: str) -> list[str]:
    return re.findall(r'<li class="is-(\w+)" title', html)


def test_before_the_first_proof_the_card_says_what_will_come(client: FlaskClient, connected: Shopfront, mint: Mint):
    html = _open(client, connected, mint)
    assert "The first proof is made soon." in _seen(html)
    assert _days(html) == ["none"] * 30


def test_sound_books_are_said_to_be_so(
    client: FlaskClient, tools: Tools, connected: Shopfront, mint: Mint, clock: Clock
):
    credit_now(tools, paid_order(connected))
    settle_proof(tools, str(connected.programme_id), clock.now)
    html = _open(client, connected, mint)
    assert "Books proved today at 12:00 PM: 1 account, 1 order, 0 differences." in _seen(html)
    assert "All agrees" in _seen(html)
    assert _days(html) == ["none"] * 29 + ["sound"]
    assert 'id="differs"' not in html


@pytest.mark.parametrize("locale", ["bg", "tr"])
def test_the_card_speaks_the_merchants_language(
    client: FlaskClient, tools: Tools, connected: Shopfront, mint: Mint, locale: str
):
    prove_whole(tools, connected.programme_id, tools.clock())
    seen = _seen(_open(client, connected, mint, locale))
    assert "12:00" in seen
    assert "Books" not in seen


def test_a_difference_is_a_warning_with_the_rows(
    client: FlaskClient, tools: Tools, connected: Shopfront, mint: Mint, clock: Clock
):
    credit_now(tools, paid_order(connected))
    settle_proof(tools, str(connected.programme_id), clock.now - timedelta(days=1))
    with tools.writing() as session:
        session.execute(text("UPDATE account SET available = available + 100"))
    settle_proof(tools, str(connected.programme_id), clock.now)
    html = _open(client, connected, mint)
    seen = _seen(html)
    assert "Needs attention" in seen
    assert "The proof of Nov 21, 2026 found 3 differences. Nothing was changed by it." in seen
    assert f"Customer {CUSTOMER} , usable In the books 125 Should be 25" in seen
    assert f'href="https://{connected.domain}/admin/customers/{CUSTOMER}"' in html
    assert "A balance is not the sum of its movements" in seen
    assert _days(html) == ["none"] * 28 + ["sound", "differs"]


def test_a_proof_that_is_still_made_is_drawn_as_such(
    client: FlaskClient, tools: Tools, connected: Shopfront, mint: Mint, clock: Clock
):
    prove_whole(tools, connected.programme_id, clock.now - timedelta(days=1))
    with tools.writing() as session:
        session.execute(text("UPDATE proof SET finished_at = NULL, stage = 'orders'"))
    assert _days(_open(client, connected, mint))[-2:] == ["running", "none"]


def test_another_programmes_differences_are_nobody_elses_business(
    client: FlaskClient, tools: Tools, connected: Shopfront, mint: Mint, clock: Clock
):
    other = make_shop(tools, "laurel-other.myshopify.com")
    credit_now(tools, paid_order(other))
    with tools.writing() as session:
        session.execute(text("UPDATE account SET available = available + 100"))
    for shop in (connected, other):
        prove_whole(tools, shop.programme_id, clock.now - timedelta(minutes=1))
    html = _open(client, connected, mint)
    assert 'id="differs"' not in html
    assert "0 accounts, 0 orders, 0 differences" in _seen(html)
