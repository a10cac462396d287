"""Keys of the API from the command line, on both databases."""

from __future__ import annotations

from plugin.db import new_id
from plugin.journeys.tools import Tools
from tests.actions.stage import publish_actions
from tests.actions.test_api import Caller
from tests.cli.conftest import Run
from tests.factories import Shopfront, make_member, make_shop


def test_a_key_is_shown_once_works_and_ends(laurel: Run, tools: Tools, shop: Shopfront):
    publish_actions(tools, shop)
    make_member(tools, shop)
    made = laurel("key", "add", shop.domain, "--name", "Reviews app")
    secret = made.stdout.strip()
    assert secret.startswith("laurel_")
    assert Caller(tools, secret).tell().status_code == 201
    listed = laurel("key", "list", shop.domain).stdout
    assert "Reviews app" in listed
    assert secret not in listed
    key_id = listed.split()[0]
    assert "is revoked" in laurel("key", "revoke", shop.domain, key_id).stdout
    assert "revoked 2026-11-21" in laurel("key", "list", shop.domain).stdout
    assert Caller(tools, secret).tell().status_code == 401


def test_a_key_of_another_shop_is_not_found(laurel: Run, tools: Tools, shop: Shopfront):
    other = make_shop(tools, "other.myshopify.com")
    laurel("key", "add", shop.domain, "--name", "Reviews app")
    key_id = laurel("key", "list", shop.domain).stdout.split()[0]
    for domain, wanted in ((other.domain, key_id), (shop.domain, new_id())):
        result = laurel("key", "revoke", domain, wanted)
        assert (result.exit_code, "not_found" in result.stderr) == (1, True)
    assert "revoked" not in laurel("key", "list", shop.domain).stdout
    assert "has no keys" in laurel("key", "list", other.domain).stderr
