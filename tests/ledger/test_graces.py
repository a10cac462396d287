"""A grace ends what was there before it and had no end, but what was given for ever since."""

from __future__ import annotations

from datetime import timedelta

import pytest

from plugin.db import new_id
from plugin.ledger import Books, Terms, charge_again, hold_points
from plugin.ledger.extensions import list_extensions
from plugin.ledger.graces import (
    endless_lots,
    give_grace,
    list_accounts_without_grace,
    list_given_graces,
    list_graces,
)
from plugin.ledger.merged import mark_merged
from plugin.ledger.shapes import Signed
from plugin.ledger.timeline import Extended
from tests.ledger.bookkeeper import day

INSTANT = timedelta(microseconds=1)


def grace(keeper, at, end, reference="grace:1"):
    with keeper.tools.writing() as session:
        give_grace(session, keeper.programme_id, day(at), day(end), Signed("merchant", "expiry", reference))


def for_ever(keeper, key, lot_id, at):
    """The merchant lets a lot last for ever."""
    with keeper.tools.writing() as session:
        books = Books(session)
        books.lock([key])
        books.load_all([key])
        lot = books.lots[lot_id]
        said = Extended(day(at), lot.key, None)
        books.extend(books.accounts[key], lot, said, by=Signed("merchant", "kind", f"extend:{new_id()}"))
        books.write()
    return said


def endless(keeper, *keys, at=5):
    with keeper.tools.reading() as session:
        return {lot_id for _, lot_id in endless_lots(session, keys, day(at))}


def test_graces_are_listed_oldest_first_by_programme(tools, keeper, stranger):
    grace(keeper, 5, 50, "grace:2")
    grace(keeper, 3, 30, "grace:1")
    grace(stranger, 4, 40)
    with tools.reading() as session:
        assert list_graces(session, keeper.programme_id) == [
            Extended(day(3), None, day(30), is_grace=True),
            Extended(day(5), None, day(50), is_grace=True),
        ]
        given = [(keeper.programme_id, day(3)), (stranger.programme_id, day(4)), (keeper.programme_id, day(5))]
        assert list_given_graces(session, day(5)) == given
        assert list_given_graces(session, day(5) - INSTANT) == given[:2]


def test_lots_that_were_there_and_have_no_end_are_found(keeper, stranger):
    key, other, away = keeper.open(), keeper.open(), stranger.open()
    old = keeper.give(key, at=4)
    keeper.give(key, terms=Terms(day(0), day(0), day(50)), at=4)
    keeper.give(key, at=5)
    elsewhere = [keeper.give(other), stranger.give(away)]
    assert endless(keeper, key) == {old}
    assert endless(keeper, key, other, away) == {old, *elsewhere}
    assert endless(keeper, key, at=5.1) > {old}


def test_an_orders_points_are_as_old_as_the_order(keeper, shop):
    key = keeper.open()
    of = {"shop_id": shop.shop_id, "reason": "order"}
    old = keeper.give(key, terms=Terms(day(4), day(4)), at=9, order_id=5001, **of)
    keeper.give(key, terms=Terms(day(5), day(5)), at=4, order_id=5002, **of)
    assert endless(keeper, key) == {old}


def test_points_by_hand_are_as_old_as_their_posting_and_an_overdraft_as_its_hold(keeper):
    key = keeper.open()
    keeper.give(key, terms=Terms(day(1), day(1)), at=6)
    old = keeper.give(key, terms=Terms(day(9), day(9)), at=4)
    owed = set()
    for at in (4, 5):
        with keeper.tools.writing() as session:
            books = Books(session)
            books.lock([key])
            charge_again(books, key, 100, keeper.fact("redeem_charge", at=at, redemption_id=new_id()))
            books.write()
            owed |= {lot.lot_id for lot in books.lots.values() if lot.redemption_id and lot.occurred_at == day(4)}
    assert endless(keeper, key) == {old, *owed}
    assert len(owed) == 1


@pytest.mark.parametrize(("said", "is_kept"), [(4, False), (5, True), (6, True)])
def test_what_was_given_for_ever_since_stays(keeper, said, is_kept):
    key = keeper.open()
    one, other = keeper.give(key), keeper.give(key)
    for_ever(keeper, key, one, said)
    assert endless(keeper, key) == ({other} if is_kept else {one, other})


def test_a_merged_account_has_nothing_to_end(tools, keeper):
    key, winner = keeper.open(), keeper.open()
    keeper.give(key)
    with tools.writing() as session:
        mark_merged(session, keeper.programme_id, key[1], winner[1])
    assert endless(keeper, key) == set()


@pytest.mark.parametrize("limit", [1, 2, 9])
def test_accounts_that_a_grace_has_not_reached_are_listed(tools, keeper, stranger, limit):
    keys = sorted(keeper.open() for _ in range(4))
    kept = {}
    for key in keys:
        kept[key] = keeper.give(key)
    for_ever(keeper, keys[1], kept[keys[1]], 6)
    empty = keeper.open()
    stranger.give(stranger.open())
    with tools.reading() as session:
        found = list_accounts_without_grace(session, keeper.programme_id, day(5), limit)
        assert found == [key[1] for key in (keys[0], *keys[2:])][:limit]
        assert empty[1] not in found
        assert list_accounts_without_grace(session, keeper.programme_id, day(0), limit) == []


def test_an_account_whose_points_are_all_held_is_one_that_a_grace_has_not_reached(tools, keeper):
    key = keeper.open()
    keeper.give(key, 10)
    with tools.writing() as session:
        hold_points(session, key[1], 10, keeper.fact("redeem_hold", at=1, redemption_id=new_id()))
    with tools.reading() as session:
        assert list_accounts_without_grace(session, keeper.programme_id, day(5), 9) == [key[1]]


def test_an_order_of_before_a_grace_that_comes_late_ends_with_it(tools, keeper, shop):
    key = keeper.open()
    grace(keeper, 5, 50)
    of = {"shop_id": shop.shop_id, "reason": "order"}
    late = keeper.give(key, terms=Terms(day(4), day(4)), order_id=5001, at=9, **of)
    keeper.give(key, terms=Terms(day(5), day(5)), order_id=5002, at=9, **of)
    keeper.give(key, terms=Terms(day(4), day(4)), at=9)
    with tools.reading() as session:
        books = Books(session)
        books.load_all([key])
        assert {lot_id: lot.expires_at for lot_id, lot in books.lots.items() if lot.expires_at} == {late: day(50)}


def test_what_was_said_of_lots_is_told_by_the_account_they_are_on(tools, keeper, stranger):
    key, winner, away = keeper.open(), keeper.open(), stranger.open()
    said = [for_ever(keeper, key, keeper.give(key), 3), for_ever(keeper, winner, keeper.give(winner), 2)]
    for_ever(stranger, away, stranger.give(away), 1)
    with tools.reading() as session:
        assert list(list_extensions(session, {key: winner, winner: winner})) == [(winner, one) for one in said]
        assert list(list_extensions(session, {key: key})) == [(key, said[0])]
