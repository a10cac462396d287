"""Accounts are opened empty, and read by their keys alone."""

from __future__ import annotations

import pytest

from plugin.db import new_id
from plugin.errors import NotFound
from plugin.ledger import Account, Books, balances, list_balances, list_references, open_accounts
from tests.ledger.bookkeeper import START


def test_an_account_is_opened_empty(tools, keeper):
    (one, other), house = [(keeper.programme_id, new_id()) for _ in range(2)], (keeper.programme_id, new_id())
    with tools.writing() as session:
        open_accounts(session, [one, other], START)
        open_accounts(session, [house], START, kind="household")
        open_accounts(session, [], START)
        books = Books(session)
        books.lock([one, house])
        assert [books.accounts[key].is_steady for key in (one, house)] == [True, False]
        assert balances(session, *one) == Account(*one, 0, 0, 0, 0, 0)


def test_balances_are_those_of_the_accounts_asked_for(tools, keeper, stranger):
    keys = [keeper.open(), keeper.open(), stranger.open()]
    for points, key in enumerate(keys, start=1):
        (keeper if key in keys[:2] else stranger).give(key, points)
    with tools.reading() as session:
        assert [balances(session, *key).available for key in keys] == [1, 2, 3]
        assert sorted(one.available for one in list_balances(session, keys[1:])) == [2, 3]
        assert list_balances(session, []) == []
        with pytest.raises(NotFound):
            balances(session, stranger.programme_id, keys[0][1])


def test_references_are_those_of_one_account_oldest_first(tools, keeper, stranger):
    keys = [keeper.open(), keeper.open(), stranger.open()]
    facts = {key: [] for key in keys}
    for key in (*keys, *keys):
        (keeper if key in keys[:2] else stranger).give(key)
        with tools.reading() as session:
            facts[key] = list_references(session, *key)
    assert [len(facts[key]) for key in keys] == [2, 2, 2]
    assert len({one for some in facts.values() for one in some}) == 6
    with tools.reading() as session:
        assert all(list_references(session, *key)[:1] == facts[key][:1] for key in keys)
        assert list_references(session, stranger.programme_id, keys[0][1]) == []
