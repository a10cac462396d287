"""Who was touched in a stretch of time is read slice by slice: each account once, by its last posting, and no stranger."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from plugin.db import database_now
from plugin.ledger import Books, moves
from plugin.ledger.tables import posting
from plugin.ledger.touched import (
    Stretch,
    count_accounts,
    count_entries,
    next_in_turn,
    next_touched,
    points_of_orders,
    touched_among,
)

INSTANT = timedelta(microseconds=1)


@pytest.fixture
def touched(tools, keeper, stranger):
    """Three accounts in the order of their last postings; the first was touched before and between as well."""
    first, second, third = (keeper.open() for _ in range(3))
    away = stranger.open()
    for key in (second, first, second, third, first):
        keeper.give(key)
        stranger.give(away)
        let_an_instant_pass(tools)
    return [second[1], third[1], first[1]]


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 5, 9])
def test_each_touched_account_comes_once_in_slices_of_any_size(tools, keeper, touched, limit):
    stretch, found, behind, slices = whole(tools, keeper), [], None, 0
    with tools.reading() as session:
        while True:
            accounts, behind = next_touched(session, stretch, behind, limit)
            if behind is None:
                break
            assert accounts == sorted(accounts)
            found += accounts
            slices += 1
    assert (sorted(found), slices) == (sorted(touched), -(-5 // limit))
    if limit == 1:
        assert found == touched


def test_a_stretch_holds_both_its_ends_and_nothing_beyond(tools, keeper, touched):
    rows = recorded(tools, keeper)
    second, third, _ = touched
    with tools.reading() as session:
        for since, until, expected in (
            (rows[2], rows[3], {second, third}),
            (rows[2] + INSTANT, rows[3], {third}),
            (rows[2], rows[3] - INSTANT, {second}),
            (rows[4] + INSTANT, rows[4] + INSTANT, set()),
        ):
            stretch = Stretch(keeper.programme_id, since, until)
            assert touched_among(session, stretch, touched) == expected
            assert set(next_touched(session, stretch, None, 9)[0]) == expected


def test_only_those_asked_for_are_said_to_be_touched(tools, keeper, stranger, touched):
    with tools.reading() as session:
        assert touched_among(session, whole(tools, keeper), touched[:1]) == {touched[0]}
        assert touched_among(session, whole(tools, stranger), touched) == set()


def test_accounts_come_in_turn(tools, keeper, touched):
    ordered = sorted(touched)
    with tools.reading() as session:
        assert next_in_turn(session, keeper.programme_id, None, 2) == ordered[:2]
        assert next_in_turn(session, keeper.programme_id, ordered[1], 2) == ordered[2:]
        assert next_in_turn(session, keeper.programme_id, ordered[0], 1) == ordered[1:2]
        assert next_in_turn(session, keeper.programme_id, ordered[2], 2) == []


def test_accounts_and_entries_of_one_programme_are_counted(tools, keeper, stranger, touched):
    with tools.reading() as session:
        counts = [(count_accounts(session, one.programme_id), count_entries(session, one.programme_id))
                  for one in (keeper, stranger)]  # fmt: skip
    assert counts == [(3, 5), (1, 5)]


def test_orders_are_told_by_what_was_posted_for_them(tools, shop, keeper):
    key = keeper.open()
    for order_id, points in ((5001, 20), (5001, 5), (5002, 7), (5003, 9)):
        keeper.give(key, points, reason="order", shop_id=shop.shop_id, order_id=order_id)
    with tools.writing() as session:
        books = Books(session)
        books.lock([key])
        books.load_all([key])
        fact = keeper.fact("order", shop_id=shop.shop_id, order_id=5001)
        own = [lot for lot in books.lots.values() if lot.order_id == 5001]
        books.post(fact)
        books.move(fact, moves.claw_back(books.accounts[key], own, [], 11))
        matured = keeper.fact("mature", shop_id=shop.shop_id, order_id=5002)
        books.post(matured)
        books.move(
            matured, moves.expire(books.accounts[key], next(lot for lot in books.lots.values() if lot.order_id == 5002))
        )
        books.write()
    with tools.reading() as session:
        asked = [(shop.shop_id, order_id) for order_id in (5001, 5002, 5009)]
        assert points_of_orders(session, keeper.programme_id, asked) == {asked[0]: 14, asked[1]: 7}


def whole(tools, keeper):
    rows = recorded(tools, keeper)
    return Stretch(keeper.programme_id, rows[0], rows[-1])


def let_an_instant_pass(tools):
    """SQLite's clock tells milliseconds; no two postings of this story are recorded in the same one."""
    with tools.reading() as session:
        now = select(database_now())
        last = session.execute(now).scalar_one()
        while session.execute(now).scalar_one() == last:
            continue


def recorded(tools, keeper):
    """When the programme's postings were recorded, in their order."""
    with tools.reading() as session:
        mine = select(posting.c.recorded_at).where(posting.c.programme_id == keeper.programme_id)
        return list(session.scalars(mine.order_by(posting.c.recorded_at, posting.c.id)))
