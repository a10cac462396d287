"""Tokens at rest: readable by nobody without the key, usable for one shop, replaced as a pair."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from plugin.config import DEVELOPMENT_SECRET
from plugin.facts import TokenPair
from plugin.journeys.tools import Tools
from plugin.sealing import Sealer, Unsealable
from plugin.shops.store import Shop, get_shop, uninstall_shop
from plugin.shops.tables import shop_token
from plugin.shops.tokens import (
    drop_tokens,
    end_lease,
    expire_tokens,
    find_tokens,
    keep_tokens,
    lease_tokens,
    list_ageing,
    replace_tokens,
)
from tests.factories import Shopfront, make_shop

ACCESS, REFRESH = "shpat_very_secret_access", "shprt_very_secret_refresh"


@pytest.fixture
def mine(tools: Tools, shop: Shopfront) -> Shop:
    """A shop with a pair, good for an hour."""
    with tools.writing() as session:
        found = get_shop(session, shop.shop_id)
        keep_tokens(session, tools.sealer, found, pair(tools))
    return found


def pair(tools: Tools, access: str = ACCESS, refresh: str | None = REFRESH, days: int = 90) -> TokenPair:
    now = tools.clock()
    return TokenPair(access, refresh, now + timedelta(hours=1), now + timedelta(days=days))


def test_a_pair_comes_back_as_it_was(tools: Tools, mine: Shop):
    with tools.reading() as session:
        held = find_tokens(session, tools.sealer, mine)
    assert held is not None
    assert held.pair == pair(tools)
    assert held.is_fresh(tools.clock())
    assert not held.is_fresh(tools.clock() + timedelta(minutes=55))
    assert held.may_refresh(tools.clock())
    assert not held.may_refresh(tools.clock() + timedelta(days=90))


def test_nothing_of_a_token_can_be_read_in_the_database(tools: Tools, mine: Shop):
    with tools.reading() as session:
        row = session.execute(select(shop_token)).one()
    for secret in (ACCESS, REFRESH):
        assert secret.encode() not in row.access_sealed + row.refresh_sealed
        assert secret not in repr(row)
    if tools.database.is_sqlite:
        folder = Path(str(tools.database.url.database)).parent
        files = list(folder.glob("laurel.db*"))
        assert files
        assert not [one for one in files if b"very_secret" in one.read_bytes()]


def test_a_token_copied_to_another_shop_does_not_open(tools: Tools, mine: Shop):
    other = make_shop(tools, "other-shop.myshopify.com")
    with tools.writing() as session:
        session.execute(update(shop_token).values(programme_id=other.programme_id, shop_id=other.shop_id))
        with pytest.raises(Unsealable):
            find_tokens(session, tools.sealer, get_shop(session, other.shop_id))


def test_a_token_does_not_open_with_another_key_and_does_while_the_old_key_is_kept(tools: Tools, mine: Shop):
    with tools.reading() as session:
        with pytest.raises(Unsealable):
            find_tokens(session, Sealer(["another key"]), mine)
        rotated = find_tokens(session, Sealer(["another key", DEVELOPMENT_SECRET]), mine)
    assert rotated is not None
    assert rotated.pair.access_token == ACCESS


def test_a_shop_without_tokens_has_none(tools: Tools, mine: Shop):
    with tools.writing() as session:
        drop_tokens(session, mine)
        assert find_tokens(session, tools.sealer, mine) is None


def test_one_lease_at_a_time_and_only_for_the_pair_that_was_read(tools: Tools, mine: Shop):
    now, later = tools.clock(), tools.clock() + timedelta(minutes=1)
    with tools.writing() as session:
        assert not lease_tokens(session, mine, 2, now=now, until=later)
        assert lease_tokens(session, mine, 1, now=now, until=later)
        assert not lease_tokens(session, mine, 1, now=now, until=later)
        end_lease(session, mine, 1)
        assert lease_tokens(session, mine, 1, now=now, until=later)
        assert lease_tokens(session, mine, 1, now=later, until=later + timedelta(minutes=1))


def test_a_refreshed_pair_replaces_the_one_it_came_from_and_no_other(tools: Tools, mine: Shop):
    with tools.writing() as session:
        assert replace_tokens(session, tools.sealer, mine, pair(tools, "second"), generation=1)
        assert not replace_tokens(session, tools.sealer, mine, pair(tools, "late"), generation=1)
        held = find_tokens(session, tools.sealer, mine)
    assert held is not None
    assert (held.pair.access_token, held.generation, held.lease_until) == ("second", 2, None)


def test_a_new_install_ends_the_lease_and_counts_on(tools: Tools, mine: Shop):
    with tools.writing() as session:
        lease_tokens(session, mine, 1, now=tools.clock(), until=tools.clock() + timedelta(minutes=1))
        keep_tokens(session, tools.sealer, mine, pair(tools, "installed again"))
        held = find_tokens(session, tools.sealer, mine)
    assert held is not None
    assert (held.generation, held.lease_until) == (2, None)


def test_a_dead_pair_is_neither_fresh_nor_refreshable(tools: Tools, mine: Shop):
    with tools.writing() as session:
        expire_tokens(session, mine, 1, tools.clock())
        held = find_tokens(session, tools.sealer, mine)
    assert held is not None
    assert not held.is_fresh(tools.clock())
    assert not held.may_refresh(tools.clock())


def test_a_token_without_an_end_is_always_fresh(tools: Tools, mine: Shop):
    with tools.writing() as session:
        keep_tokens(session, tools.sealer, mine, TokenPair("own"))
        held = find_tokens(session, tools.sealer, mine)
    assert held is not None
    assert held.is_fresh(tools.clock() + timedelta(days=9999))
    assert not held.may_refresh(tools.clock())


def test_ageing_pairs_are_listed_soonest_first_without_shops_that_left(tools: Tools, mine: Shop):
    def ageing(limit: int = 10) -> list[str]:
        with tools.reading() as session:
            found = list_ageing(session, tools.clock(), within=timedelta(days=30), limit=limit)
            return [get_shop(session, one).domain for one in found]

    for days, domain in ((20, "b"), (10, "a"), (-1, "dead"), (5, "left"), (31, "young")):
        other = make_shop(tools, f"{domain}.myshopify.com")
        with tools.writing() as session:
            found = get_shop(session, other.shop_id)
            keep_tokens(session, tools.sealer, found, pair(tools, days=days))
            if domain == "left":
                uninstall_shop(session, found, tools.clock())
    assert ageing() == ["a.myshopify.com", "b.myshopify.com"]
    assert ageing(limit=1) == ["a.myshopify.com"]


def test_a_pair_never_shows_in_a_log_line(tools: Tools, mine: Shop):
    with tools.reading() as session:
        held = find_tokens(session, tools.sealer, mine)
    assert "very_secret" not in repr(held)
    assert "very_secret" not in repr(replace(pair(tools), scopes=("read_orders",)))
