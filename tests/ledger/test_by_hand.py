"""Changes made by hand: what they give, take, write off and undo, what is found of them later, and what one may do a day."""

from __future__ import annotations

from datetime import date

import pytest

from plugin.errors import InsufficientPoints, NotAllowed
from plugin.ledger import Books, Terms, balances
from plugin.ledger.adjustments import (
    Notes,
    charge_day,
    erase_notes,
    find_adjusted_account,
    find_notes,
    keep_notes,
    list_public_notes,
)
from plugin.ledger.by_hand import (
    ByHand,
    Made,
    TakenBack,
    change_by_hand,
    find_made,
    find_postings,
    forgive_by_hand,
    take_back,
    told_terms,
)
from tests.ledger.bookkeeper import day

ENDLESS = Terms(day(0), day(0))


@pytest.fixture
def key(keeper):
    return keeper.open()


def change(keeper, key, points, terms=ENDLESS, *, at=1, may_owe=False, reason="adjustment"):
    """Give or take, and return the fact behind it."""
    fact = keeper.fact(reason, at=at)
    plan(keeper, key, lambda books: change_by_hand(books, ByHand(fact, key[1], points, terms, may_owe)))
    return fact


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
    return account.available, account.debt


def test_points_are_given_under_their_terms_and_fill_debt_first(keeper, key):
    change(keeper, key, -4, None, may_owe=True)
    change(keeper, key, 10, Terms(day(0), day(1), day(9)))
    assert buckets(keeper, key) == (6, 0)
    with keeper.tools.reading() as session:
        books = Books(session)
        books.load_all([key])
    (lot,) = books.lots.values()
    assert (lot.granted, lot.debt_filled, lot.occurred_at, lot.expires_at) == (10, 4, day(0), day(9))
    with pytest.raises(ValueError, match="terms"):
        change(keeper, key, 1, None)


@pytest.mark.parametrize("points", [10, 11])
def test_what_is_not_there_is_taken_only_where_it_may_be_owed(keeper, key, points):
    change(keeper, key, 10)
    if points > 10:
        with pytest.raises(InsufficientPoints) as refused:
            change(keeper, key, -points)
        assert (refused.value.available, refused.value.needed) == (10, 11)
        assert buckets(keeper, key) == (10, 0)
    change(keeper, key, -points, may_owe=points > 10)
    assert buckets(keeper, key) == (0, 10 - points)


def test_nothing_is_owed_unless_that_is_said(keeper, key):
    fine = ByHand(keeper.fact("adjustment"), key[1], -1)
    with pytest.raises(InsufficientPoints):
        plan(keeper, key, lambda books: change_by_hand(books, fine))


def test_debt_is_written_off_as_far_as_it_goes(keeper, key):
    change(keeper, key, -9, may_owe=True)
    for points in (10, 0, -1):
        with pytest.raises(NotAllowed):
            plan(keeper, key, lambda books, some=points: forgive_by_hand(books, keeper.fact("write_off"), key[1], some))
    for points, left in ((4, -5), (5, 0)):
        plan(keeper, key, lambda books, some=points: forgive_by_hand(books, keeper.fact("write_off"), key[1], some))
        assert buckets(keeper, key) == (0, left)


def test_a_gift_is_undone_by_its_own_points_first(keeper, key):
    change(keeper, key, 10, Terms(day(0), day(0), day(5)))
    gift = change(keeper, key, 20)
    with keeper.tools.reading() as session:
        made = find_made(session, keeper.programme_id, [gift.posting_id])[gift.posting_id]
    for expected in ([10, 5], [10, 5, 0]):
        undone = TakenBack(keeper.fact("import"), key[1], made.lot_id, 15 if expected == [10, 5] else 9)
        with keeper.tools.writing() as session:
            books = Books(session)
            books.lock([undone.key])
            take_back(books, undone)
            books.write()
            lots = sorted(books.lots.values(), key=lambda lot: lot.expires_at is None)
        if expected == [10, 5]:
            assert [lot.available for lot in lots] == [10, 5]
    assert [(lot.available, lot.clawed_back) for lot in lots] == [(6, 4), (0, 20)]
    assert buckets(keeper, key) == (6, 0)


def test_what_a_change_made_is_found_by_its_posting(tools, keeper, stranger, key):
    change(keeper, key, -4, may_owe=True)
    gift = change(keeper, key, 10)
    fine = change(keeper, key, -2)
    elsewhere = change(stranger, stranger.open(), 5)
    asked = [gift.posting_id, fine.posting_id, elsewhere.posting_id]
    with tools.reading() as session:
        books = Books(session)
        books.load_all([key])
        (lot_id,) = books.lots
        assert find_made(session, keeper.programme_id, asked) == {
            gift.posting_id: Made(key[1], lot_id, 10),
            fine.posting_id: Made(key[1], None, 0),
        }
        found = find_postings(session, keeper.programme_id, [fine.reference, elsewhere.reference, "other"])
        assert {reference: row.id for reference, row in found.items()} == {fine.reference: fine.posting_id}


def test_terms_are_told_so_that_the_replay_knows_them():
    assert told_terms(None) == {}
    assert told_terms(ENDLESS) == {"expires_at": None}
    assert told_terms(Terms(day(0), day(0), day(5), 9, "Asia/Tokyo")) == {
        "expires_at": day(5).isoformat(),
        "rolling_days": 9,
        "rolling_zone": "Asia/Tokyo",
    }


def test_notes_are_found_by_posting_read_by_account_and_erased_with_it(tools, keeper, stranger, key):
    others = [keeper.open(), stranger.open()]
    ours = [change(keeper, one, 5) for one in (key, key, key, others[0])]
    theirs = change(stranger, others[1], 5)
    notes = [Notes("first", "secret"), Notes(None, "hidden"), Notes("third"), Notes("other's")]
    with tools.writing() as session:
        keep_notes(session, keeper.programme_id, [])
        accounts = [key[1], key[1], key[1], others[0][1]]
        keep_notes(
            session,
            keeper.programme_id,
            [(fact.posting_id, *one) for fact, *one in zip(ours, accounts, notes, strict=True)],
        )
        keep_notes(session, stranger.programme_id, [(theirs.posting_id, others[1][1], Notes("stranger's"))])
        asked = [fact.posting_id for fact in (*ours[:2], theirs)]
        assert find_notes(session, keeper.programme_id, asked) == dict(zip(asked, notes[:2], strict=False))
        assert list_public_notes(session, *key) == ["first", "third"]
        assert list_public_notes(session, stranger.programme_id, key[1]) == []
        assert find_adjusted_account(session, keeper.programme_id, ours[3].posting_id) == others[0][1]
        assert find_adjusted_account(session, keeper.programme_id, theirs.posting_id) is None
        erase_notes(session, keeper.programme_id, [key[1], others[1][1]])
        assert find_notes(session, keeper.programme_id, asked) == dict.fromkeys(asked[:2], Notes())
        assert list_public_notes(session, *others[0]) == ["other's"]
        assert list_public_notes(session, *others[1]) == ["stranger's"]


def test_nobody_moves_more_in_a_day_than_they_may(tools, keeper, stranger):
    today, tomorrow = date(2026, 11, 21), date(2026, 11, 22)
    mine = (keeper.programme_id, "anna", today)
    with tools.writing() as session:
        charge_day(session, mine, 60, 100)
        charge_day(session, mine, 40, 100)
        with pytest.raises(NotAllowed, match="anna may move 100 points a day") as refused:
            charge_day(session, mine, 1, 100)
        assert refused.value.code == "limit_per_day"
        charge_day(session, mine, 1, 101)
        for other in (
            (keeper.programme_id, "boris", today),
            (keeper.programme_id, "anna", tomorrow),
            (stranger.programme_id, "anna", today),
        ):
            charge_day(session, other, 100, 100)
            with pytest.raises(NotAllowed):
                charge_day(session, other, 1, 100)
