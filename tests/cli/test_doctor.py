"""The doctor names what is wrong and what to do; silence about a fault would be one."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import responses

from plugin import inbox
from plugin.facts import TokenPair
from plugin.journeys.tools import Tools
from plugin.sealing import Sealer
from plugin.shopify.installation import NEEDED_SCOPES
from plugin.shops.store import find_shop
from plugin.shops.tokens import keep_tokens
from tests.cli.conftest import Run
from tests.cli.test_start import PRODUCTION
from tests.factories import Clock, Shopfront, credit_now, make_delivery, make_shop, paid_order


def _connected(tools: Tools, sealer: Sealer | None = None, **changes: object) -> Shopfront:
    now = tools.clock()
    front = make_shop(tools, scopes=NEEDED_SCOPES)
    pair = TokenPair(
        access_token="shpat_test",
        refresh_token="shprt_test",
        access_expires_at=now + timedelta(hours=1),
        refresh_expires_at=now + timedelta(days=90),
    )
    with tools.writing() as session:
        shop = find_shop(session, front.domain)
        assert shop is not None
        keep_tokens(session, sealer or tools.sealer, shop, replace(pair, **changes))  # type: ignore[arg-type]
    return front


def _findings(laurel: Run, *options: str, **environment: str) -> tuple[int, dict[str, list[str]]]:
    result = laurel("doctor", "--json", *options, **environment)
    found: dict[str, list[str]] = {"ok": [], "warning": [], "fault": []}
    for one in json.loads(result.stdout):
        found[one["state"]].append(f"{one['subject']}: {one['text']}")
    return result.exit_code, found


def test_a_sound_shop_is_well(laurel: Run, tools: Tools, clock: Clock):
    shop = _connected(tools)
    tools.store([make_delivery(shop, "orders/paid", b"{}", clock.now)])
    status, found = _findings(laurel, "--offline")
    assert (status, found["fault"]) == (0, [])
    assert f"{shop.domain}: the token is good" in found["ok"]
    assert f"{shop.domain}: all scopes are granted" in found["ok"]
    assert any("last webhook arrived" in one for one in found["ok"])
    assert any("development secrets" in one for one in found["warning"])


def test_an_empty_installation_says_how_to_begin(laurel: Run):
    result = laurel("doctor", "--offline")
    assert result.exit_code == 0
    assert "`laurel shop add`" in result.stdout
    assert "0 at fault" in result.stdout


def test_a_shop_without_a_token_is_at_fault(laurel: Run, shop: Shopfront):
    status, found = _findings(laurel)
    assert status == 1
    assert f"{shop.domain}: there is no token; its merchant has to open the app in the shop's admin" in found["fault"]
    assert any("scopes are missing: read_customer_merge" in one for one in found["fault"])


def test_dead_and_dying_tokens_are_told_apart(laurel: Run, tools: Tools, clock: Clock):
    hour = timedelta(hours=1)
    _connected(tools, access_expires_at=clock.now - hour, refresh_expires_at=clock.now + timedelta(days=29))
    status, found = _findings(laurel, "--offline")
    assert (status, any("refresh token dies on" in one for one in found["warning"])) == (0, True)
    clock.advance(days=30)
    status, found = _findings(laurel, "--offline")
    assert (status, any("the token is dead" in one for one in found["fault"])) == (1, True)


def test_a_token_sealed_with_a_lost_key_is_said_to_be_so(laurel: Run, tools: Tools):
    _connected(tools, Sealer(["another-key-that-was-lost-0123456789abcdef"]))
    status, found = _findings(laurel, "--offline")
    assert (status, any("LAUREL_SECRET_KEY" in one for one in found["fault"])) == (1, True)


def test_dead_letters_and_withheld_customers_are_to_look_at(laurel: Run, tools: Tools, clock: Clock):
    shop = _connected(tools)
    one = make_delivery(shop, "orders/paid", b"{}", clock.now)
    tools.store([one])
    with tools.writing() as session:
        inbox.fail(session, one, "no", clock.now, is_final=True)
    credit_now(tools, paid_order(shop, customer_id=None, customer_standing="unknown"))
    _, found = _findings(laurel, "--offline")
    assert any("1 dead letters" in text for text in found["warning"])
    assert any("1 orders of the last 7 days came without their customer" in text for text in found["warning"])


def test_shopify_is_asked_what_it_grants_and_what_it_withholds(laurel: Run, tools: Tools):
    shop = _connected(tools)
    granted = [{"handle": one} for one in NEEDED_SCOPES if one != "write_discounts"]
    details = {"name": "S", "currencyCode": "EUR", "ianaTimezone": "Europe/Sofia", "myshopifyDomain": shop.domain}
    denied = {"message": "denied", "path": ["customers"], "extensions": {"code": "ACCESS_DENIED"}}
    with responses.RequestsMock() as shopify:
        address = f"https://{shop.domain}/admin/api/2026-10/graphql.json"
        shopify.post(address, json={"data": {"shop": details, "currentAppInstallation": {"accessScopes": granted}}})
        shopify.post(address, json={"data": {"orders": {"nodes": []}}})
        shopify.post(address, json={"data": None, "errors": [denied]})
        status, found = _findings(laurel)
    assert status == 1
    assert any("scopes are missing: write_discounts" in one for one in found["fault"])
    assert any("withholds customers" in one for one in found["fault"])


def test_a_shopify_that_does_not_answer_is_at_fault_here_and_now(laurel: Run, tools: Tools):
    shop = _connected(tools)
    with responses.RequestsMock() as shopify:
        shopify.post(f"https://{shop.domain}/admin/api/2026-10/graphql.json", status=503)
        status, found = _findings(laurel)
    assert (status, any("could not be asked" in one for one in found["fault"])) == (1, True)


def test_production_is_told_from_development(laurel: Run):
    _, found = _findings(laurel, "--offline", **PRODUCTION)
    assert "configuration: fit for production" in found["ok"]
    assert "public URL: https://laurel.example.com" in found["ok"]
    assert not any("secrets" in one for one in found["warning"])
