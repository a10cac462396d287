"""Shops are found by their domain or id, and change only where they should."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from plugin.db import new_id
from plugin.errors import NotFound
from plugin.journeys.tools import Tools
from plugin.shops.store import (
    add_shop,
    describe_shop,
    find_shop,
    get_shop,
    grant_scopes,
    list_shops,
    mark_swept,
    reinstall_shop,
    uninstall_shop,
    vouch_shop,
)
from tests.factories import Shopfront, make_shop
from tests.shops.conftest import new_shop


def test_a_shop_is_found_by_its_domain_and_by_its_id(tools: Tools, shop: Shopfront):
    with tools.reading() as session:
        found = find_shop(session, shop.domain)
        assert found is not None
        assert found == get_shop(session, shop.shop_id)
        assert (found.programme_id, found.shop_id) == (shop.programme_id, shop.shop_id)
        assert find_shop(session, "unknown.myshopify.com") is None
        with pytest.raises(NotFound):
            get_shop(session, new_id())


def test_a_domain_can_be_added_once(tools: Tools, shop: Shopfront):
    with pytest.raises(IntegrityError), tools.writing() as session:
        add_shop(session, new_shop(tools, shop))


def test_the_start_line_is_the_install_unless_given(tools: Tools, shop: Shopfront):
    at = tools.clock()
    with tools.writing() as session:
        plain = add_shop(session, new_shop(tools, shop, "plain.myshopify.com"))
        earlier = replace(new_shop(tools, shop, "early.myshopify.com"), earning_starts_at=at - timedelta(days=9))
        early = add_shop(session, earlier)
    assert plain.earning_starts_at == plain.opened_at == plain.installed_at == at
    assert early.earning_starts_at == at - timedelta(days=9)


def test_a_change_touches_its_own_shop_only(tools: Tools, shop: Shopfront):
    other = make_shop(tools, "other-shop.myshopify.com")
    with tools.writing() as session:
        before = get_shop(session, other.shop_id)
        mine = get_shop(session, shop.shop_id)
        describe_shop(session, mine, name="New name", currency="TRY", timezone="Europe/Istanbul")
        grant_scopes(session, mine, ["write_discounts", "read_orders"])
        mark_swept(session, mine, tools.clock())
        uninstall_shop(session, mine, tools.clock())
        after = get_shop(session, shop.shop_id)
        assert get_shop(session, other.shop_id) == before
    assert (after.name, after.currency, after.timezone) == ("New name", "TRY", "Europe/Istanbul")
    assert after.scopes == ("read_orders", "write_discounts")
    assert after.swept_until == after.uninstalled_at == tools.clock()
    assert not after.is_installed


def test_only_installed_shops_are_listed_unless_asked_for(tools: Tools, shop: Shopfront):
    other = make_shop(tools, "other-shop.myshopify.com")
    with tools.writing() as session:
        uninstall_shop(session, get_shop(session, other.shop_id), tools.clock())
        assert [one.shop_id for one in list_shops(session)] == [shop.shop_id]
        assert {one.shop_id for one in list_shops(session, installed_only=False)} == {shop.shop_id, other.shop_id}


def test_a_shop_that_comes_back_is_as_it_was(tools: Tools, shop: Shopfront):
    later = tools.clock() + timedelta(days=3)
    with tools.writing() as session:
        before = get_shop(session, shop.shop_id)
        uninstall_shop(session, before, tools.clock())
        after = reinstall_shop(session, before, later)
    assert after == replace(before, installed_at=later, opened_at=later)


def test_older_news_of_an_installation_changes_nothing(tools: Tools, shop: Shopfront):
    with tools.writing() as session:
        mine = get_shop(session, shop.shop_id)
        newer = vouch_shop(session, mine, mine.opened_at + timedelta(hours=1))
        assert vouch_shop(session, newer, mine.opened_at) == newer
        assert newer.opened_at == mine.opened_at + timedelta(hours=1)
        assert newer.installed_at == mine.installed_at
