"""Past orders in the admin: what each action answers, and to whom."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from plugin.journeys.backfill_pages import due_backfills, settle_backfill
from plugin.journeys.backfilling import Ask, count_past
from plugin.journeys.tools import Tools
from plugin.shopify.installation import NEEDED_SCOPES
from tests.admin.conftest import Mint, bearer, connect
from tests.admin.test_home import _seen
from tests.factories import Clock, Shopfront, make_shop
from tests.journeys.past_stage import Past

Act = Callable[..., tuple[int, str]]


@pytest.fixture
def act(client: FlaskClient, past: Past, mint: Mint) -> Act:
    """Send a signed action of the past's merchant: (status, the words of the answer)."""

    def _act(path: str = "", **form: str) -> tuple[int, str]:
        typed = {"since": "2026-09-23", "until": "2026-11-11", "version": "1"} | form
        answer = client.post(f"/app/past-orders{path}", data=typed, headers=bearer(mint(past.shop)))
        return answer.status_code, _seen(answer.text)

    return _act


def settle(tools: Tools) -> None:
    """Let the slow lane work on what is due."""
    for key in due_backfills(tools, tools.clock(), 10):
        settle_backfill(tools, key, tools.clock())


def _path(past: Past) -> str:
    (key,) = due_backfills(past.tools, past.clock(), 10)
    return "/" + key.partition(":")[2]


def test_a_range_is_counted_seen_and_given(act: Act, client: FlaskClient, past: Past, mint: Mint):
    status, seen = act()
    assert (status, "Counting 2" not in seen, "Counting" in seen) == (200, True, True)
    path = _path(past)
    settle(past.tools)
    counted = _seen(client.get(f"/app/past-orders{path}", headers=bearer(mint(past.shop))).text)
    assert "Ready to start" in counted
    assert "Orders found 4 Give points 2 Customers 2 Points in all 1,240" in counted
    assert "Worth €12.40, if all of it is spent: 1,240" in counted
    assert "2 orders give nothing 1 placed by guests 1 not paid" in counted
    assert "Giving points" in act(f"{path}/start")[1]
    settle(past.tools)
    done = _seen(client.get(f"/app/past-orders{path}", headers=bearer(mint(past.shop))).text)
    assert "Done" in done
    assert "Points given 1,240" in done
    assert (past.points(), past.points(7002)) == (1000, 240)
    past.prove()


def test_one_is_stopped_and_another_may_be_counted(act: Act, past: Past):
    act()
    path = _path(past)
    assert act() == (409, act()[1])
    assert "Wait until the one at work is done" in act()[1]
    assert "Cancelled" in act(f"{path}/cancel")[1]
    status, seen = act(f"{path}/start")
    assert (status, "That was not done" in seen) == (409, True)
    assert act()[0] == 200


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"since": ""}, "Choose a day."),
        ({"until": "soon"}, "Choose a day."),
        ({"until": "9999-12-31"}, "Choose a day."),
        ({"until": "2026-09-22"}, "This day is before the first one."),
        ({"since": "2026-11-20", "until": "2026-11-21"}, "Orders since Nov 11, 2026 earn points already."),
        ({"since": "2020-01-01", "until": "2020-02-01"}, "Shopify shows this app no orders as old as that."),
        ({"version": "9"}, "Choose a version."),
        ({"version": "²"}, "Choose a version."),
    ],
)
def test_what_is_refused_is_said_beside_the_field(act: Act, past: Past, typed: dict[str, str], said: str):
    status, seen = act(**typed)
    assert (status, said in seen) == (400, True), seen
    assert past.due() == 0


def test_the_page_says_what_can_be_reached(client: FlaskClient, past: Past, mint: Mint):
    answer = client.get("/app/past-orders", query_string={"shop": past.shop.domain, "id_token": mint(past.shop)})
    seen = _seen(answer.text)
    assert "Shopify shows this app only the last 60 days: orders since Sep 22, 2026 can be reached" in seen
    assert "Nothing counted yet" in seen
    assert 'value="2026-11-11" max="2026-11-11" min="2026-09-22"' in answer.text


def test_a_shop_with_no_past_within_reach_is_told_so(client: FlaskClient, tools: Tools, clock: Clock, mint: Mint):
    shop = connect(tools, make_shop(tools, scopes=NEEDED_SCOPES, earning_starts_at=clock() - timedelta(days=90)))
    seen = _seen(client.get("/app/past-orders", query_string={"shop": shop.domain, "id_token": mint(shop)}).text)
    assert "No past order can be reached" in seen


def test_nobody_sees_another_shops(client: FlaskClient, past: Past, mint: Mint, tools: Tools):
    since = past.clock() - timedelta(days=30)
    one = count_past(tools, past.shop.shop_id, Ask(since, "test"))
    stranger: Shopfront = make_shop(tools, "laurel-stranger.myshopify.com")
    path = f"/app/past-orders/{one.backfill_id}"
    assert client.get(path, headers=bearer(mint(stranger))).status_code == 404
    assert client.post(f"{path}/cancel", headers=bearer(mint(stranger))).status_code == 404
    assert client.post("/app/past-orders").status_code == 401
    assert past.again(one).state == "counting"
