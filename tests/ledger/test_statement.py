"""An account's statement: what changed the sum of its points, newest first, a page at a time."""

from __future__ import annotations

import pytest

from plugin.db import new_id
from plugin.ledger import Books, Terms, capture_points, hold_points, moves, release_points
from plugin.ledger.by_hand import forgive_by_hand
from plugin.ledger.statement import Cursor, find_last_loss, find_next_maturity, list_changes
from tests.ledger.bookkeeper import day


@pytest.fixture
def told(keeper, stranger):
    """Two accounts with the same story, and a stranger's."""
    keys = [keeper.open(), keeper.open(), stranger.open()]
    for key, one in zip(keys, (keeper, keeper, stranger), strict=True):
        one.give(key, 10, at=1)
        one.give(key, 20, at=2)
        one.give(key, 40, Terms(day(2), day(9)), is_pending=True, at=2)
        one.give(key, 80, Terms(day(2), day(8)), is_pending=True, at=3)
    return keys[0]


def test_changes_come_newest_first_with_what_still_waits(tools, told):
    assert [(one.points, one.pending, one.matures_at) for one in page(tools, told)] == [
        (80, 80, day(8)),
        (40, 40, day(9)),
        (20, 0, None),
        (10, 0, None),
    ]


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_pages_of_any_size_make_the_whole_statement(tools, told, limit):
    found, before = [], None
    while some := page(tools, told, before=before, limit=limit):
        assert len(some) <= limit
        found += some
        before = Cursor(some[-1].occurred_at, some[-1].posting_id)
    assert found == page(tools, told)


def test_a_change_says_all_that_its_posting_does(tools, shop, keeper):
    key = keeper.open()
    keeper.give(key, 5, reason="order", shop_id=shop.shop_id, order_id=5001, at=4)
    redemption = hold(keeper, key, 3, at=5)
    held, given = page(tools, key)
    assert (given.reason, given.shop_id, given.order_id, given.redemption_id) == ("order", shop.shop_id, 5001, None)
    assert (given.occurred_at, given.explanation) == (day(4), {})
    assert (held.reason, held.points, held.redemption_id) == ("redeem_hold", -3, redemption)


def test_what_leaves_the_sum_as_it_is_is_left_out(tools, keeper):
    """A capture spends what had left at the hold; points that mature only change their bucket; filled debt is owed no more."""
    key = keeper.open()
    lot_id = keeper.give(key, 9, Terms(day(0), day(2)), is_pending=True)
    with tools.writing() as session:
        books = Books(session)
        books.lock([key])
        books.load_all([key])
        fact = keeper.fact("mature", at=2)
        books.post(fact)
        books.move(fact, moves.mature(books.accounts[key], books.lots[lot_id]))
        books.write()
    one, other = hold(keeper, key, 4, at=3), hold(keeper, key, 2, at=4)
    with tools.writing() as session:
        capture_points(session, key[1], keeper.fact("redeem_capture", at=5, redemption_id=one))
        release_points(session, key[1], keeper.fact("redeem_release", at=6, redemption_id=other))
    assert [one.points for one in page(tools, key)] == [2, -2, -4, 9]
    take(keeper, key, 12)
    with tools.writing() as session:
        books = Books(session)
        books.lock([key])
        forgive_by_hand(books, keeper.fact("write_off", at=13), key[1], 7)
        books.write()
    assert [one.points for one in page(tools, key)][:2] == [7, -12]


def test_the_last_loss_for_a_reason_is_found(tools, keeper, told):
    taken = {at: take(keeper, told, at) for at in (4, 6)}
    keeper.give(told, 1, reason="adjustment", at=7)
    take(keeper, told, 8, reason="expiry")
    with tools.reading() as session:

        def found(since, reason="adjustment"):
            loss = find_last_loss(session, *told, reason=reason, since=day(since))
            return loss and (loss.posting_id, loss.points)

        assert found(0) == found(6) == (taken[6], -6)
        assert found(6.1) is None
        assert found(0, "order") is None


def test_a_single_point_waits_like_many(tools, keeper):
    key = keeper.open()
    keeper.give(key, 1, Terms(day(0), day(8)), is_pending=True)
    (change,) = page(tools, key)
    assert (change.pending, change.matures_at) == (1, day(8))
    with tools.reading() as session:
        assert find_next_maturity(session, *key) == day(8)


def test_the_next_maturity_is_the_first_of_the_accounts_own(tools, keeper, told):
    with tools.reading() as session:
        assert find_next_maturity(session, *told) == day(8)
        assert find_next_maturity(session, *keeper.open()) is None


def page(tools, key, *, before=None, limit=100):
    with tools.reading() as session:
        return list_changes(session, *key, before=before, limit=limit)


def hold(keeper, key, points, at):
    """Hold points and return the redemption they are held for."""
    redemption = new_id()
    with keeper.tools.writing() as session:
        hold_points(session, key[1], points, keeper.fact("redeem_hold", at=at, redemption_id=redemption))
    return redemption


def take(keeper, key, at, reason="adjustment"):
    """Take as many points away as the day's number and return the posting."""
    with keeper.tools.writing() as session:
        books = Books(session)
        books.lock([key])
        books.load_all([key])
        owner, fact = books.accounts[key], keeper.fact(reason, at=at)
        books.post(fact)
        books.move(fact, moves.take_away(owner, books.lots_of(owner), at))
        books.write()
    return fact.posting_id
