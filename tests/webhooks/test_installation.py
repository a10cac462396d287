"""The shop itself: gone, changed, or granting other scopes."""

from __future__ import annotations

import pytest

from plugin.errors import BadInput
from plugin.facts import ScopesChanged, ShopChanged, ShopUninstalled
from tests.webhooks.sending import SOMEWHERE, TRIGGERED_AT, facts_of, payload

HERE = (SOMEWHERE.programme_id, SOMEWHERE.shop_id)


def test_an_uninstall_happened_when_the_header_says_whatever_the_body_holds():
    for body in (payload("app_uninstalled"), {}, {"id": None}):
        assert facts_of("app/uninstalled", body) == [ShopUninstalled(*HERE, TRIGGERED_AT)]


def test_scopes_are_what_is_granted_now():
    assert facts_of("app/scopes_update", payload("app_scopes_update")) == [
        ScopesChanged(*HERE, TRIGGERED_AT, ("read_customers", "read_orders"))
    ]
    assert facts_of("app/scopes_update", {"current": []}) == [ScopesChanged(*HERE, TRIGGERED_AT, ())]
    for twisted in ({}, {"current": "read_orders"}, {"current": [1]}, {"current": {}}, {"current": None}):
        with pytest.raises(BadInput):
            facts_of("app/scopes_update", twisted)


def test_a_changed_shop_tells_name_currency_and_timezone():
    assert facts_of("shop/update", payload("shop_update")) == [
        ShopChanged(*HERE, TRIGGERED_AT, name="Laurel Test Shop", currency="EUR", timezone="Europe/Sofia")
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"currency": None},
        {"currency": "eur"},
        {"iana_timezone": None},
        {"iana_timezone": "Mars/Olympus"},
        {"iana_timezone": "../../etc/passwd"},
        {"iana_timezone": "/etc/localtime"},
        {"iana_timezone": "Europe"},
        {"iana_timezone": "Europe/Sofia\x00"},
        {"iana_timezone": "Europe/" + "x" * 300},
        {"name": {"en": "shop"}},
    ],
)
def test_a_twisted_shop_is_bad_input(changes):
    body = payload("shop_update") | changes
    if changes == {"iana_timezone": "Europe/Sofia\x00"}:
        assert facts_of("shop/update", body)[0].timezone == "Europe/Sofia"
        return
    with pytest.raises(BadInput):
        facts_of("shop/update", body)
