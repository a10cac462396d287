"""Points by hand in the admin: what each action answers, and to whom."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from plugin.journeys.tools import Tools
from plugin.journeys.working_sheets import due_sheets, settle_sheet
from tests.admin.conftest import Mint, bearer
from tests.admin.test_home import _seen
from tests.factories import (
    CUSTOMER,
    Clock,
    Shopfront,
    balance_of,
    cancelled,
    credit_now,
    make_member,
    make_shop,
    paid_order,
)
from tests.journeys.test_adjusting import limited_shop, notes_of
from tests.journeys.test_crediting import spend

FILES = Path(__file__).parents[1] / "sheets" / "files"
FORM = {
    "customer": str(CUSTOMER),
    "direction": "give",
    "points": "100",
    "why": "goodwill",
    "expiry": "programme",
    "key": "k1",
}


@pytest.fixture
def act(client: FlaskClient, connected: Shopfront, mint: Mint):
    """Send an action as the merchant's page does: `act("adjust", points="5")`; gives (status, words, html)."""

    def _act(path: str, shop: Shopfront | None = None, **changes: object):
        data = FORM | changes if path in {"adjust", "write-off"} else changes
        answer = client.post(f"/app/points/{path}", data=data, headers=bearer(mint(shop or connected)))
        return answer.status_code, _seen(answer.text), answer.text

    return _act


def test_the_page_opens_with_a_token_and_fetches_one_without(client: FlaskClient, connected: Shopfront, mint: Mint):
    opened = client.get("/app/points", query_string={"shop": connected.domain, "id_token": mint(connected)})
    assert "One customer" in _seen(opened.text)
    assert "No file yet" in _seen(opened.text)
    sent = client.get("/app/points", query_string={"shop": connected.domain, "host": "x"})
    assert sent.status_code == 302
    assert "%2Fapp%2Fpoints%3F" in sent.headers["Location"], "and back here"


def test_points_are_given_once_however_often_the_form_is_sent(tools: Tools, connected: Shopfront, act):
    make_member(tools, connected, points=30)
    status, seen, html = act("adjust", public_note="For the wait", internal_note="Ticket 1")
    assert (status, "Done. Customer 7001 can now use 130 points." in seen) == (200, True)
    assert 'name="key" value="k1"' not in html, "the next change is another one"
    status, seen, _ = act("adjust", public_note="For the wait", internal_note="Ticket 1")
    assert (status, "nothing was done twice" in seen) == (200, True)
    assert balance_of(tools, connected).available == 130
    assert notes_of(tools, connected) == [("For the wait", "Ticket 1")]


def test_points_are_taken_and_debt_is_written_off(tools: Tools, connected: Shopfront, clock: Clock, act):
    make_member(tools, connected, points=30)
    clock.advance(minutes=1)
    _, seen, html = act("adjust", direction="take", points="50", may_owe="1")
    assert "Customer 7001 now owes 20 points." in seen
    assert "Write off the debt" in html
    clock.advance(minutes=1)
    _, seen, _ = act("write-off", key="k2")
    assert "The debt was written off." in seen
    assert balance_of(tools, connected).debt == 0
    assert act("write-off", key="k3")[:1] == (422,)


@pytest.mark.parametrize(
    ("changes", "said", "status"),
    [
        ({"customer": "ada"}, "s number, such as 7001.", 400),
        ({"customer": "9999"}, "There is no such member.", 404),
        ({"points": "1.5"}, "Write a whole number above 0.", 400),
        ({"points": ""}, "Write a whole number above 0.", 400),
        ({"direction": "take", "points": "31"}, "They have fewer points than that.", 409),
        ({"points": "100001"}, "more than one change may move", 422),
        ({"expiry": "day"}, "Choose a day that is not over.", 400),
        ({"expiry": "day", "last_day": "2026-11-20"}, "Choose a day that is not over.", 400),
        ({"expiry": "day", "last_day": "9999-12-31"}, "Choose a day that is not over.", 400),
        ({"public_note": "x" * 501}, "A note has at most 500 characters.", 400),
        ({"why": "because"}, "It was not done.", 400),
        ({"key": "a b"}, "It was not done.", 400),
    ],
)
def test_what_is_refused_is_said_beside_the_field_and_keeps_what_was_typed(
    tools: Tools, connected: Shopfront, act, changes, said, status
):
    make_member(tools, connected, points=30)
    answered, seen, html = act("adjust", **changes)
    assert (answered, said in seen) == (status, True), seen
    assert f'value="{changes.get("points", "100")}"' in html
    assert balance_of(tools, connected).available == 30


def test_the_address_of_a_customers_page_names_them(
    client: FlaskClient, tools: Tools, connected: Shopfront, mint: Mint
):
    make_member(tools, connected, points=1234)
    for typed in ("7001", "https://admin.shopify.com/store/x/customers/7001", "gid://shopify/Customer/7001"):
        answer = client.get("/app/points/member", query_string={"customer": typed}, headers=bearer(mint(connected)))
        assert "1,234" in answer.text
    unknown = client.get("/app/points/member", query_string={"customer": "9"}, headers=bearer(mint(connected)))
    assert "has not seen this customer" in unknown.text


def test_a_limit_of_the_day_is_said(tools: Tools, act):
    shop = limited_shop(tools, points_max=100, points_max_per_day=150)
    make_member(tools, shop)
    assert act("adjust", shop)[0] == 200
    status, seen, _ = act("adjust", shop, key="k2")
    assert (status, "one person may move in a day" in seen) == (422, True)


def test_a_file_is_checked_started_and_taken_back(
    client: FlaskClient, tools: Tools, connected: Shopfront, mint: Mint, act
):
    status, seen, html = upload(act, (FILES / "loyaltylion.csv").read_bytes(), kind="opening")
    assert (status, "people.csv Checking" in seen) == (200, True)
    assert 'hx-trigger="every 1s"' in html
    settle(tools)
    sheet = sheet_id(html)
    checked = shown(client, connected, mint, sheet)
    seen = _seen(checked)
    assert "Ready to start" in seen
    assert "620 given and 0 taken, 2 customers" in seen
    assert "200 pending points are not brought over" in seen
    assert "3 rows are not taken" in seen
    assert "4 7003 was shut out of the old programme" in seen
    assert "every 1s" not in checked
    report = client.get(f"/app/points/sheets/{sheet}/rejected.csv?locale=tr", headers=bearer(mint(connected)))
    assert report.text.startswith("\ufeffSat")
    assert "Running" in act(f"sheets/{sheet}/start")[1]
    settle(tools)
    assert balance_of(tools, connected).available == 500
    assert "Take everything back" in shown(client, connected, mint, sheet)
    assert "Taking back" in act(f"sheets/{sheet}/undo")[1]
    settle(tools)
    assert "Taken back" in _seen(shown(client, connected, mint, sheet))
    assert balance_of(tools, connected).available == 0


def test_the_same_file_asks_before_it_runs_again(tools: Tools, connected: Shopfront, clock: Clock, act):
    make_member(tools, connected)
    sheets = []
    for _ in range(2):
        html = upload(act, b"customer_id,points\n7001,5\n")[2]
        sheets.append(sheet_id(html))
        settle(tools)
        first = act(f"sheets/{sheets[0]}/start")[0]
        settle(tools)
        clock.advance(minutes=1)
    assert first == 200
    status, seen, html = act(f"sheets/{sheets[1]}/start")
    assert (status, "The same file ran on" in seen, 'name="repeat"' in html) == (409, True, True)
    assert act(f"sheets/{sheets[1]}/start", repeat="1")[0] == 200
    settle(tools)
    assert balance_of(tools, connected).available == 10


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "The file has no rows."),
        (b"customer_id,points\n", "The file has no rows."),
        (b"PK\x03\x04\x00", "not a CSV file"),
        (b"name,points\nAda,5\n", "needs a column with points"),
        (b"points,points,email\n", "the same name"),
    ],
)
def test_a_file_that_is_none_is_refused_beside_the_field(act, raw, said):
    status, seen, _ = upload(act, raw)
    assert (status, said in seen) == (400, True), seen


def test_no_file_is_refused_too(act):
    assert "Choose a file." in act("sheets", kind="adjustment")[1]


def test_a_file_may_be_larger_than_other_requests(client: FlaskClient, connected: Shopfront, mint: Mint):
    raw = b"customer_id,points,note\n" + b"7001,1,%s\n" % (b"x" * 1900) * 1200
    assert len(raw) > 2 * 1024 * 1024
    body = (
        b'--x\r\nContent-Disposition: form-data; name="kind"\r\n\r\nopening\r\n'
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n' + raw + b"\r\n--x--\r\n"
    )
    sent = {"data": body, "content_type": "multipart/form-data; boundary=x", "headers": bearer(mint(connected))}
    assert client.post("/app/points/sheets", **sent).status_code == 200
    assert client.post("/app/points/adjust", **sent).status_code == 413


def test_nobody_reaches_another_programmes_files_or_members(
    client, tools: Tools, connected: Shopfront, mint: Mint, act
):
    other = make_shop(tools, "other-shop.myshopify.com")
    make_member(tools, connected, points=30)
    sheet = sheet_id(upload(act, b"customer_id,points\n7001,5\n")[2])
    settle(tools)
    assert act("adjust", other)[0] == 404
    for path in ("start", "undo"):
        assert act(f"sheets/{sheet}/{path}", other)[0] == 404
    for path in ("", "/rejected.csv"):
        assert client.get(f"/app/points/sheets/{sheet}{path}", headers=bearer(mint(other))).status_code == 404
    assert balance_of(tools, connected).available == 30


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "member?customer=7001"),
        ("POST", "adjust"),
        ("POST", "write-off"),
        ("POST", "sheets"),
        ("GET", "sheets/01890000-0000-7000-8000-000000000000"),
        ("POST", "sheets/01890000-0000-7000-8000-000000000000/start"),
        ("POST", "sheets/01890000-0000-7000-8000-000000000000/undo"),
        ("GET", "sheets/01890000-0000-7000-8000-000000000000/rejected.csv"),
    ],
)
def test_nothing_is_done_or_shown_without_a_token(client: FlaskClient, method: str, path: str):
    assert client.open(f"/app/points/{path}", method=method, data=FORM if method == "POST" else None).status_code == 401


def test_what_people_wrote_is_shown_as_text(act, tools: Tools, connected: Shopfront, client: FlaskClient, mint: Mint):
    html = upload(act, b"customer_id,points\n<b>7001</b>,5\n", name="<img src=x>.csv")[2]
    settle(tools)
    sheet = sheet_id(html)
    assert "<img" not in html
    assert "<b>7001" not in shown(client, connected, mint, sheet)


def test_a_customer_who_owes_sees_their_debt_beside_the_form(
    client: FlaskClient, tools: Tools, connected: Shopfront, clock: Clock, mint: Mint
):
    order = paid_order(connected, amount="100.00")
    credit_now(tools, order)
    clock.advance(hours=1)
    spend(tools, connected, 80)
    clock.advance(hours=3)
    credit_now(tools, cancelled(order))
    answer = client.get("/app/points/member", query_string={"customer": "7001"}, headers=bearer(mint(connected)))
    assert "Owed 80" in _seen(answer.text)


def upload(act, raw: bytes, *, kind: str = "adjustment", name: str = "people.csv"):
    return act("sheets", kind=kind, why="promotion", expiry="programme", file=(io.BytesIO(raw), name))


def settle(tools: Tools) -> None:
    for key in due_sheets(tools, tools.clock(), 10):
        settle_sheet(tools, key, tools.clock())


def shown(client: FlaskClient, shop: Shopfront, mint: Mint, sheet: str) -> str:
    return client.get(f"/app/points/sheets/{sheet}", headers=bearer(mint(shop))).text


def sheet_id(html: str) -> str:
    """The first file on the page: the newest."""
    return html.partition('id="sheet-')[2][:36]
