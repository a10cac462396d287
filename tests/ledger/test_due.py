"""Lots whose time has come are found, with their accounts and programmes, from the very instant on."""

from __future__ import annotations

from datetime import timedelta

import pytest

from plugin.ledger import Books, Terms, moves
from plugin.ledger.due import list_accounts_due, list_programmes_due
from tests.ledger.bookkeeper import day

INSTANT = timedelta(microseconds=1)


@pytest.fixture
def coming(keeper, stranger):
    """Accounts whose points mature on day 2, or expire on day 3, and one whose points lasted until day 1 and are gone."""
    keys = {name: keeper.open() for name in ("maturing", "expiring", "gone", "endless")}
    keeper.give(keys["maturing"], terms=Terms(day(0), day(2)), is_pending=True)
    keeper.give(keys["expiring"], terms=Terms(day(0), day(0), day(3)))
    gone = keeper.give(keys["gone"], terms=Terms(day(0), day(0), day(1)))
    with keeper.tools.writing() as session:
        books = Books(session)
        books.lock([keys["gone"]])
        books.load_all([keys["gone"]])
        fact = keeper.fact("expiry", at=1)
        books.post(fact)
        books.move(fact, moves.expire(books.accounts[keys["gone"]], books.lots[gone]))
        books.write()
    keeper.give(keys["endless"])
    stranger.give(stranger.open(), terms=Terms(day(0), day(0), day(1)))
    return {name: account_id for name, (_, account_id) in keys.items()}


@pytest.mark.parametrize(
    ("at", "names"),
    [
        (day(2) - INSTANT, set()),
        (day(2), {"maturing"}),
        (day(3) - INSTANT, {"maturing"}),
        (day(3), {"maturing", "expiring"}),
    ],
)
def test_accounts_are_due_from_their_instant_on(tools, keeper, coming, at, names):
    with tools.reading() as session:
        found = list_accounts_due(session, keeper.programme_id, at, 9)
        assert (sorted(found), keeper.programme_id in list_programmes_due(session, at, 9)) == (
            sorted(coming[name] for name in names),
            bool(names),
        )


def test_no_more_are_listed_than_asked_for(tools, keeper, stranger, coming):
    with tools.reading() as session:
        assert len(list_accounts_due(session, keeper.programme_id, day(3), 1)) == 1
        assert set(list_programmes_due(session, day(3), 9)) == {keeper.programme_id, stranger.programme_id}
        assert len(list_programmes_due(session, day(3), 1)) == 1
