"""Awards are known by their reference: which lot they went to, and how much of them was not taken back."""

from __future__ import annotations

import pytest

from plugin.ledger import Books, Terms, balances, moves
from plugin.ledger.awards import Award, Earned, find_awards, give_award, list_earned, take_award
from tests.ledger.bookkeeper import day


@pytest.fixture
def key(keeper):
    return keeper.open()


def give(keeper, key, points, *, reason="action", at=1, is_pending=False):
    """Give an award and return the fact behind it."""
    fact = keeper.fact(reason, at=at)
    plan(
        keeper,
        key,
        lambda books: give_award(books, fact, key[1], points, Terms(day(at), day(9)), is_pending=is_pending),
    )
    return fact


def take(keeper, key, reference, points, *, is_forgiven=False):
    def act(books):
        (award,) = find_awards(books.session, key[0], [reference]).values()
        take_award(books, keeper.fact("action", at=5), award, key[1], points, is_forgiven=is_forgiven)

    plan(keeper, key, act)


def plan(keeper, key, act):
    with keeper.tools.writing() as session:
        books = Books(session)
        books.lock([key])
        books.load_all([key])
        act(books)
        books.write()


def buckets(keeper, key):
    with keeper.tools.reading() as session:
        account = balances(session, *key)
    return account.pending, account.available, account.held, account.debt


def test_an_award_is_found_by_its_reference_in_its_own_programme(tools, keeper, stranger, key):
    facts = [give(keeper, key, 10), give(keeper, key, 20, is_pending=True)]
    other = give(stranger, stranger.open(), 30)
    with tools.reading() as session:
        books = Books(session)
        books.load_all([key])
        found = find_awards(session, keeper.programme_id, [facts[0].reference, other.reference, "other"])
        (lot_id,) = (one.lot_id for one in books.lots.values() if one.available)
        assert found == {facts[0].reference: Award(facts[0].reference, facts[0].posting_id, key[1], lot_id, 10, 0)}
    assert buckets(keeper, key) == (20, 10, 0, 0)


@pytest.mark.parametrize(("is_forgiven", "debt"), [(False, -5), (True, 0)])
def test_what_is_taken_back_is_the_awards_own_first_then_others_then_owed(keeper, key, is_forgiven, debt):
    older, one = give(keeper, key, 10), give(keeper, key, 20)
    take(keeper, key, one.reference, 15)
    assert lots(keeper, key) == {10: (10, 0), 20: (5, 15)}
    take(keeper, key, one.reference, 5)
    take(keeper, key, older.reference, 4)
    assert lots(keeper, key) == {10: (6, 4), 20: (0, 20)}
    with keeper.tools.reading() as session:
        found = find_awards(session, key[0], [older.reference, one.reference])
        assert [found[fact.reference].left for fact in (older, one)] == [6, 0]
    third = give(keeper, key, 30)
    spend(keeper, key, 31)
    take(keeper, key, third.reference, 10, is_forgiven=is_forgiven)
    assert buckets(keeper, key) == (0, 0, 0, debt)


def test_what_was_earned_beside_orders_and_tiers_is_listed_oldest_first(tools, keeper, stranger, key):
    second, others = keeper.open(), [keeper.open(), stranger.open()]
    late = give(keeper, key, 10, at=3)
    early = give(keeper, second, 20, reason="referral", at=2)
    gone, tier = give(keeper, key, 5), give(keeper, key, 7, reason="tier")
    take(keeper, key, gone.reference, 5)
    take(keeper, key, late.reference, 9)
    for one, owner in zip((keeper, stranger), others, strict=True):
        give(one, owner, 30)
    with tools.reading() as session:
        assert list_earned(session, keeper.programme_id, [key[1], second[1], others[1][1]]) == [
            Earned(second[1], "referral", day(2), 20, early.reference),
            Earned(key[1], "action", day(3), 1, late.reference),
        ]
        assert tier.reference in find_awards(session, keeper.programme_id, [tier.reference])


def lots(keeper, key):
    """(available, clawed back) of each lot, by what it was granted."""
    with keeper.tools.reading() as session:
        books = Books(session)
        books.load_all([key])
    return {lot.granted: (lot.available, lot.clawed_back) for lot in books.lots.values()}


def spend(keeper, key, points):
    def act(books):
        fact = keeper.fact("adjustment", at=4)
        books.post(fact)
        books.move(fact, moves.take_away(books.accounts[key], books.lots_of(books.accounts[key]), points))

    plan(keeper, key, act)
