"""Books load what they are asked for and no more, and what they write is what is read again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from plugin.errors import NotFound
from plugin.ledger import Books, Terms, balances, moves
from plugin.ledger.merged import mark_merged
from plugin.ledger.shapes import Lot, Signed
from plugin.ledger.timeline import Extended
from tests.ledger.bookkeeper import day

LOADS = {
    "spendable": (lambda books, key: books.load_spendable([key]), {"usable", "ending", "rolling", "over"}),
    "rolling": (lambda books, key: books.load_rolling([key], day(5)), {"rolling", "rolling and spent"}),
    "rolling until its end": (lambda books, key: books.load_rolling([key], day(9)), set()),
    "due": (lambda books, key: books.load_due([key], day(5)), {"over", "mature"}),
    "due at the very instant": (lambda books, key: books.load_due([key], day(3)), {"over", "mature"}),
    "due before": (lambda books, key: books.load_due([key], day(3) - timedelta(microseconds=1)), set()),
    "all": (
        lambda books, key: books.load_all([key]),
        {"usable", "ending", "rolling", "rolling and spent", "over", "waiting", "mature"},
    ),
    "no account's": (lambda books, _: (books.load_all([]), books.load_by_id([])), set()),
}


@pytest.fixture
def lots(keeper, stranger):
    """Lots of one account by name, among those of others; and that account's key."""
    key = keeper.open()
    for other in (keeper, stranger):
        away = other.open()
        other.give(away, terms=Terms(day(0), day(0), day(3), 9))
        other.give(away, terms=Terms(day(0), day(3)), is_pending=True)
    named = {
        "rolling and spent": keeper.give(key, terms=Terms(day(0), day(0), day(9), 9, "Europe/Sofia")),
    }
    spend(keeper, key, 10)
    named["usable"] = keeper.give(key)
    named["ending"] = keeper.give(key, terms=Terms(day(0), day(0), day(9)))
    named["rolling"] = keeper.give(key, terms=Terms(day(0), day(0), day(9), 9, "Europe/Sofia"))
    named["over"] = keeper.give(key, terms=Terms(day(0), day(0), day(3)))
    named["waiting"] = keeper.give(key, terms=Terms(day(0), day(6)), is_pending=True)
    named["mature"] = keeper.give(key, terms=Terms(day(0), day(3)), is_pending=True)
    return key, named


@pytest.mark.parametrize("load", LOADS)
def test_books_load_the_lots_they_are_asked_for(tools, lots, load):
    key, named = lots
    act, expected = LOADS[load]
    with tools.reading() as session:
        books = Books(session)
        act(books, key)
    assert books.lots.keys() == {named[name] for name in expected}


def test_lots_are_loaded_by_their_ids(tools, keeper, lots):
    _, named = lots
    with tools.reading() as session:
        books = Books(session)
        books.load_by_id([(keeper.programme_id, named["waiting"]), (keeper.programme_id, named["usable"])])
    assert books.lots.keys() == {named["waiting"], named["usable"]}


def test_a_lot_is_read_as_it_was_written(tools, shop, keeper):
    key = keeper.open()
    terms = Terms(day(1), day(2), day(3), 4, "Asia/Tokyo")
    lot_id = keeper.give(key, 7, terms, shop_id=shop.shop_id, order_id=5001)
    with tools.reading() as session:
        books = Books(session)
        books.load_all([key])
    (lot,) = books.lots.values()
    assert lot == Lot(
        programme_id=keeper.programme_id,
        lot_id=lot_id,
        account_id=key[1],
        posting_id=lot.posting_id,
        occurred_at=day(1),
        matures_at=day(2),
        expires_at=day(3),
        rolling_days=4,
        rolling_zone="Asia/Tokyo",
        shop_id=shop.shop_id,
        order_id=5001,
        granted=7,
        available=7,
    )


def test_a_lot_that_is_loaded_again_keeps_what_was_planned_with_it(tools, keeper):
    key = keeper.open()
    lot_id = keeper.give(key)
    with tools.writing() as session:
        books = Books(session)
        books.lock([key])
        books.load_all([key])
        fact = keeper.fact("adjustment")
        books.post(fact)
        books.move(fact, moves.take_away(books.accounts[key], books.lots_of(books.accounts[key]), 4))
        books.load_spendable([key])
        assert (len(books.lots_of(books.accounts[key])), books.lots[lot_id].available) == (1, 6)


def test_what_was_written_once_is_not_written_again(tools, keeper):
    key = keeper.open()
    with tools.writing() as session:
        books = Books(session)
        books.lock([key])
        for expected in (10, 20):
            fact = keeper.fact()
            lot = books.new_lot(fact, books.accounts[key], Terms(day(0), day(0)))
            books.post(fact)
            books.move(fact, moves.grant(books.accounts[key], lot, 10, is_pending=False))
            books.write()
            found = balances(session, *key)
            assert (found.available, found.version) == (expected, expected // 10)
        books.write()
        assert balances(session, *key).version == 2


def test_what_is_to_happen_after_writing_happens_once_and_after(tools, keeper):
    key, seen = keeper.open(), []
    with tools.writing() as session:
        books = Books(session)
        books.lock([key])
        fact = keeper.fact()
        lot = books.new_lot(fact, books.accounts[key], Terms(day(0), day(0)))
        books.post(fact)
        books.move(fact, moves.grant(books.accounts[key], lot, 10, is_pending=False))
        books.after_writing(lambda: seen.append(balances(session, *key).available))
        books.write()
        books.write()
    assert seen == [10]


def test_an_account_that_was_merged_is_locked_where_it_is_now(tools, keeper):
    first, second, third = (keeper.open() for _ in range(3))
    with tools.writing() as session:
        mark_merged(session, keeper.programme_id, first[1], second[1])
        mark_merged(session, keeper.programme_id, second[1], third[1])
    with tools.writing() as session:
        books = Books(session)
        assert books.lock_surviving(first) == third
        assert books.accounts[third].is_steady
        assert not books.accounts[first].is_steady
        with pytest.raises(NotFound):
            books.lock_surviving((keeper.programme_id, keeper.programme_id))


def test_what_is_done_now_is_dated_after_all_that_is_known(tools, keeper):
    key = keeper.open()
    keeper.give(key, at=5)
    with tools.writing() as session:
        books = Books(session)
        books.lock([key])
        owner = books.accounts[key]
        assert books.dated(owner, keeper.fact(at=5.001)).occurred_at == day(5.001)
        for at in (5, 4):
            assert books.dated(owner, keeper.fact(at=at)).occurred_at == day(5) + timedelta(microseconds=1)


def test_activity_moves_the_end_of_rolling_points_that_have_not_ended_and_never_back(tools, keeper):
    key = keeper.open()
    ends = {keeper.give(key, terms=Terms(day(0), day(0), day(end), rolling)): end
            for end, rolling in ((5, 9), (5, None), (3, 9), (20, 9))}  # fmt: skip
    with tools.writing() as session:
        books = Books(session)
        books.lock([key])
        books.load_all([key])
        books.keep_alive(books.accounts[key], day(3))
        books.write()
        books = Books(session)
        books.load_all([key])
        assert [books.lots[lot_id].expires_at for lot_id in ends] == [day(12), day(5), day(3), day(20)]


def test_an_extension_is_remembered_with_who_and_why(tools, keeper):
    key, other = keeper.open(), keeper.open()
    lot_id = keeper.give(key, terms=Terms(day(0), day(0), day(5)))
    said = Extended(day(1), lot_id, day(8), is_restoring=True)
    with tools.writing() as session:
        books = Books(session)
        books.lock([key, other])
        books.load_all([key])
        books.extend(books.accounts[key], books.lots[lot_id], said, by=Signed("merchant", "sorry", "extend:1"))
        assert books.extended(books.accounts[key]) == [said]
        assert books.extended(books.accounts[other]) == []
        books.write()
        assert books.extended(books.accounts[key]) == []
        books = Books(session)
        books.load_all([key])
        assert books.lots[lot_id].expires_at == day(8)


def spend(keeper, key, points):
    """Hold points and capture them at once."""
    with keeper.tools.writing() as session:
        books = Books(session)
        books.lock([key])
        books.load_all([key])
        owner = books.accounts[key]
        (lot,) = books.lots_of(owner)
        for reason, step in (
            ("redeem_hold", moves.hold(owner, [lot], points)),
            ("redeem_capture", moves.capture(owner, lot, points)),
        ):
            fact = keeper.fact(reason)
            books.post(fact)
            books.move(fact, step)
        books.write()
