"""The commands that show and change: each on both databases."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import responses
from sqlalchemy import text, update

from plugin import inbox
from plugin.facts import DataRequest
from plugin.journeys.complying import note_request
from plugin.journeys.sealing_days import seal_days
from plugin.journeys.tools import Tools
from plugin.ledger.tables import account
from plugin.rules import default_document, dump_document, json_schema
from plugin.shops.store import find_shop
from tests.cli.conftest import Run
from tests.cli.test_start import PRODUCTION
from tests.factories import (
    CUSTOMER,
    Clock,
    Shopfront,
    balance_of,
    credit_now,
    make_delivery,
    make_shop,
    paid_order,
    refunded,
)


def test_a_shop_is_registered_without_a_browser_and_earns_from_its_start_line(laurel: Run, tools: Tools):
    result = laurel(
        "shop", "add", "new-shop.myshopify.com", "--currency", "BGN", "--timezone", "Europe/Sofia",
        "--name", "New", "--earning-starts-at", "2026-01-01T00:00+02:00",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    assert "new-shop.myshopify.com is registered (BGN, Europe/Sofia)" in result.stdout
    assert "Without a token" in result.stderr
    with tools.reading() as session:
        shop = find_shop(session, "new-shop.myshopify.com")
    assert shop is not None
    assert shop.earning_starts_at == datetime.fromisoformat("2026-01-01T00:00+02:00")
    assert "new-shop.myshopify.com" in laurel("shop", "list").stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["http://x.myshopify.com"], "myshopify.com domain"),
        (["a.myshopify.com", "--currency", "euro"], "currency"),
        (["a.myshopify.com", "--timezone", "Moon/Base"], "timezone"),
        (["a.myshopify.com", "--earning-starts-at", "tomorrow"], "is not an instant"),
    ],
)
def test_a_shop_that_makes_no_sense_is_not_registered(laurel: Run, arguments: list[str], said: str):
    result = laurel("shop", "add", *arguments)
    assert result.exit_code in {1, 2}
    assert said in result.stderr
    assert "No shop is registered" in laurel("shop", "list").stderr


def test_the_document_is_shown_checked_and_applied(laurel: Run, shop: Shopfront, tmp_path):
    shown = laurel("programme", "show", shop.domain)
    assert json.loads(shown.stdout) == dump_document(default_document())
    assert "Version 1" in shown.stderr
    document = json.loads(shown.stdout)
    document["earning"]["rules"][0]["points_per_unit"] = "2"
    file = tmp_path / "programme.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    assert "would become version 2" in laurel("programme", "check", shop.domain, file).stdout
    assert "Version 1" in laurel("programme", "show", shop.domain).stderr, "checking publishes nothing"
    assert "Published version 2" in laurel("programme", "apply", shop.domain, "-", stdin=json.dumps(document)).stdout
    assert json.loads(laurel("programme", "show", shop.domain).stdout) == document
    assert json.loads(laurel("programme", "show", shop.domain, "--version", 1).stdout) != document
    late = laurel("programme", "apply", shop.domain, file, "--expect", 1)
    assert (late.exit_code, "stale_version" in late.stderr) == (1, True)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "is not JSON"),
        ('{"schema_version": 2}', "schema_version"),
        ('{"earning": {"rules": [{"kind": "x"}]}}', "earning"),
    ],
)
def test_a_document_with_faults_is_refused_with_the_place(laurel: Run, shop: Shopfront, content: str, said: str):
    for command in ("check", "apply"):
        result = laurel("programme", command, shop.domain, "-", stdin=content)
        assert result.exit_code == 1
        assert said in result.stderr
    assert "Version 1" in laurel("programme", "show", shop.domain).stderr


def test_the_json_schema_is_printed(laurel: Run):
    assert json.loads(laurel("programme", "schema").stdout) == json_schema()


def test_a_member_is_shown_with_every_point_and_why(laurel: Run, tools: Tools, shop: Shopfront):
    order = paid_order(shop)
    credit_now(tools, order)
    credit_now(tools, refunded(order, "5.50"))
    seen = json.loads(laurel("member", "show", shop.domain, CUSTOMER, "--json").stdout)
    assert seen["points"] == {"available": 20, "pending": 0, "held": 0, "debt": 0}
    assert seen["customers"] == [{"shop_id": str(shop.shop_id), "customer_id": CUSTOMER}]
    newest, oldest = seen["postings"]
    assert oldest["explanation"]["evaluation"]["points"] == 25
    assert newest["explanation"]["evaluation"]["base"]["eligible"] == "20"
    assert [one["points"] for one in newest["entries"]] == [5]
    (lot,) = seen["lots"]
    assert (lot["columns"]["granted"], lot["columns"]["clawed_back"]) == (25, 5)
    page = laurel("member", "show", shop.domain, CUSTOMER).stdout
    assert "available 20, pending 0, held 0, debt 0" in page
    assert "available > issued" in page
    assert "Refund of order #5001" in page
    assert "Spending (spend): 20 points for €20" in page
    assert newest["explained"][0] == "€20 counted: 20 points in all"
    turkish = laurel("member", "show", shop.domain, CUSTOMER, "--language", "tr").stdout
    assert "#5001 siparişinin iadesi" in turkish
    assert "explanation" not in page


def test_a_members_data_is_written_whole_and_requests_are_listed(laurel: Run, tools: Tools, shop: Shopfront):
    credit_now(tools, paid_order(shop))
    told = json.loads(laurel("member", "export", shop.domain, CUSTOMER).stdout)
    assert told["points"]["available"] == 25
    assert [one["order_id"] for one in told["records"]["order_state"]] == [5001]
    assert json.loads(laurel("member", "requests", shop.domain).stdout) == []
    request = DataRequest(shop.programme_id, shop.shop_id, tools.clock(), 31, CUSTOMER, (5001,))
    with tools.writing() as session:
        note_request(session, request, tools.clock())
    (asked,) = json.loads(laurel("member", "requests", shop.domain).stdout)
    assert (asked["topic"], asked["customer_id"], asked["answer"]) == ("customers/data_request", CUSTOMER, None)


def test_a_customer_never_seen_is_said_to_be_so(laurel: Run, shop: Shopfront):
    result = laurel("member", "show", shop.domain, 999, "--json")
    assert result.exit_code == 1
    assert "customer 999" in result.stderr


def test_sound_books_are_proved_whole(laurel: Run, tools: Tools, shop: Shopfront):
    credit_now(tools, paid_order(shop))
    result = laurel("ledger", "prove", shop.domain)
    assert (result.exit_code, "1 accounts, 1 orders, 1 entries, 0 differences" in result.stdout) == (0, True)
    (proof,) = json.loads(laurel("ledger", "prove", "--json").stdout)
    assert (proof["accounts"], proof["differences"], proof["stage"]) == (1, 0, "done")


def test_a_difference_is_told_by_the_proof_too(laurel: Run, tools: Tools, shop: Shopfront):
    credit_now(tools, paid_order(shop))
    with tools.writing() as session:
        session.execute(text("UPDATE account SET available = available + 1"))
    result = laurel("ledger", "prove")
    assert result.exit_code == 1
    assert '"booked": {"pending": 0, "available": 26' in result.stdout
    assert balance_of(tools, shop).available == 26, "nothing is repaired"


def test_sound_books_verify(laurel: Run, tools: Tools, shop: Shopfront):
    credit_now(tools, paid_order(shop))
    result = laurel("ledger", "verify", shop.domain)
    assert (result.exit_code, "sound" in result.stdout) == (0, True)
    assert json.loads(laurel("ledger", "verify", "--json").stdout) == {"violations": [], "seals": []}


def test_the_newest_seal_is_told_so_that_it_can_be_noted_elsewhere(laurel: Run, tools: Tools, shop: Shopfront):
    credit_now(tools, paid_order(shop))
    (made,) = seal_days(tools, shop.programme_id, datetime.now(UTC) + timedelta(days=1))
    result = laurel("ledger", "verify", shop.domain)
    assert (result.exit_code, made.chain in result.stdout) == (0, True)
    assert "books and sealed days: 0 violations" in result.stderr
    (told,) = json.loads(laurel("ledger", "verify", "--json").stdout)["seals"]
    assert (told["number"], told["chain"]) == (1, made.chain)


def test_books_somebody_changed_are_found_out(laurel: Run, tools: Tools, shop: Shopfront):
    credit_now(tools, paid_order(shop))
    with tools.writing() as session:
        session.execute(text("UPDATE account SET available = available + 1"))
    result = laurel("ledger", "verify", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["violations"]
    assert laurel("ledger", "verify", shop.domain).exit_code == 1


def test_several_processes_find_what_one_does(laurel: Run, tools: Tools, shop: Shopfront):
    other = make_shop(tools, "other-shop.myshopify.com")
    credit_now(tools, paid_order(shop))
    assert laurel("ledger", "verify", "--jobs", "2").exit_code == 0
    credit_now(tools, paid_order(other, order_id=5002))
    with tools.writing() as session:
        session.execute(update(account).where(account.c.programme_id == other.programme_id).values(available=1))
    results = [laurel("ledger", "verify", "--jobs", jobs, "--json") for jobs in ("1", "2")]
    found = [json.loads(one.stdout)["violations"] for one in results]
    assert {UUID(one["programme_id"]) for one in found[0]} == {other.programme_id}
    assert found[0] == found[1]


def _dead_letter(tools: Tools, shop: Shopfront, clock: Clock) -> str:
    one = make_delivery(shop, "orders/paid", b'{"id": 1}', clock.now)
    tools.store([one])
    with tools.writing() as session:
        inbox.fail(session, one, "id: is no id", clock.now, is_final=True)
    return str(one.delivery_id)


def test_deliveries_are_listed_shown_and_replayed(laurel: Run, tools: Tools, shop: Shopfront, clock: Clock):
    dead = _dead_letter(tools, shop, clock)
    assert dead in laurel("deliveries", "list", shop.domain, "--state", "dead_letter").stdout
    assert json.loads(laurel("deliveries", "list", shop.domain, "--json").stdout)[0]["error"] == "id: is no id"
    shown = laurel("deliveries", "show", shop.domain, dead)
    assert json.loads(shown.stdout)["body_bytes"] == 9
    assert '{"id": 1}' not in shown.stdout, "a body may hold personal data"
    assert json.loads(laurel("deliveries", "show", shop.domain, dead, "--body").stdout)["body"] == '{"id": 1}'
    assert "1 put back in line" in laurel("deliveries", "replay", shop.domain, "--dead-letters").stdout
    assert dead in laurel("deliveries", "list", shop.domain, "--state", "waiting").stdout
    assert "1 put back in line" in laurel("deliveries", "replay", shop.domain, dead).stdout


def test_a_delivery_of_another_shop_is_neither_shown_nor_replayed(
    laurel: Run, tools: Tools, shop: Shopfront, clock: Clock
):
    from tests.factories import make_shop

    other = make_shop(tools, "other-shop.myshopify.com")
    dead = _dead_letter(tools, other, clock)
    assert laurel("deliveries", "show", shop.domain, dead).exit_code == 1
    result = laurel("deliveries", "replay", shop.domain, dead)
    assert result.exit_code == 1
    assert "1 could not be replayed" in result.stderr
    assert dead in laurel("deliveries", "list", other.domain, "--state", "dead_letter").stdout


def test_replaying_nothing_is_wrong_use(laurel: Run, shop: Shopfront):
    assert laurel("deliveries", "replay", shop.domain).exit_code == 2


def test_points_mature_when_their_time_is_run(laurel: Run, tools: Tools, clock: Clock):
    from tests.factories import make_shop

    document = dump_document(default_document())
    document["earning"]["maturity_days"] = 14
    shop = make_shop(tools, "patient-shop.myshopify.com", document=document)
    credit_now(tools, paid_order(shop))
    laurel("run-due")
    assert balance_of(tools, shop).pending == 25
    later = clock.now + timedelta(days=15)
    with responses.RequestsMock(assert_all_requests_are_fired=False):
        result = laurel("run-due", "--at", later.isoformat())
    assert re.search(r"^time +1 settled$", result.stdout, re.MULTILINE)
    assert balance_of(tools, shop).available == 25


def test_time_travel_is_for_development(laurel: Run):
    result = laurel("run-due", "--at", "2030-01-01", **PRODUCTION)
    assert result.exit_code == 2
    assert "development only" in result.stderr
