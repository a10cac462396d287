"""What the ledger itself keeps of an account comes back as the dated facts that it was made of."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from plugin.db import new_id
from plugin.ledger import Books, Terms, capture_points, charge_again, hold_points, moves, release_points, return_points
from plugin.ledger.awards import find_awards, give_award, take_award
from plugin.ledger.by_hand import ByHand, TakenBack, change_by_hand, forgive_by_hand, take_back
from plugin.ledger.graces import give_grace
from plugin.ledger.histories import facts_kept
from plugin.ledger.shapes import Signed
from plugin.ledger.timeline import (
    Captured,
    Charged,
    ClawBack,
    Extended,
    Forgiven,
    Grant,
    Held,
    Released,
    Returned,
    Taken,
)
from tests.ledger.bookkeeper import day


@pytest.fixture
def key(keeper, stranger):
    """An account beside others that have stories of their own."""
    for one in (keeper, stranger):
        other = one.open()
        one.give(other, 10)
        with one.tools.writing() as session:
            hold_points(session, other[1], 4, one.fact("redeem_hold", at=1, redemption_id=new_id()))
    with stranger.tools.writing() as session:
        give_grace(session, stranger.programme_id, day(1), day(9), Signed("merchant", "expiry", "grace:1"))
    return keeper.open()


def test_redemptions_are_told_by_what_they_held_and_how_they_ended(tools, keeper, key):
    keeper.give(key, 30, Terms(day(0), day(0), day(50)), reason="order")
    keeper.give(key, 70, reason="order")
    one, two, three = (new_id() for _ in range(3))
    with tools.writing() as session:
        for redemption, points, at in ((one, 40, 1), (two, 10, 2), (three, 50, 3)):
            hold_points(session, key[1], points, keeper.fact("redeem_hold", at=at, redemption_id=redemption))
        capture_points(session, key[1], keeper.fact("redeem_capture", at=4, redemption_id=one))
        release_points(session, key[1], keeper.fact("redeem_release", at=5, redemption_id=two))
        return_points(session, key[1], keeper.fact("redeem_return", at=6, redemption_id=one))
        act(session, key, lambda books: charge_again(
            books, key, 10, replace(keeper.fact("redeem_charge", at=5, redemption_id=two), explanation={"points": 10})
        ))  # fmt: skip
    assert kept(tools, key) == [
        Held(day(1), one, 40),
        Held(day(2), two, 10),
        Held(day(3), three, 50),
        Captured(day(4), one),
        Released(day(5), two),
        Returned(day(6), one),
        Charged(day(5), two, 10),
    ]


def test_changes_by_hand_are_told_by_what_they_gave_or_took(tools, keeper, key):
    gift = replace(
        keeper.fact("import", at=3),
        explanation={
            "earned_at": day(1).isoformat(),
            "matures_at": day(4).isoformat(),
            "expires_at": day(9).isoformat(),
            "rolling_days": 5,
            "rolling_zone": "Asia/Tokyo",
        },
    )
    fine, waived = keeper.fact("adjustment", at=4), keeper.fact("write_off", at=5)
    undone = keeper.fact("import", at=6)
    with tools.writing() as session:
        books = act(session, key, lambda books: change_by_hand(
            books, ByHand(gift, key[1], 10, Terms(day(1), day(3), day(9), 5, "Asia/Tokyo"))
        ))  # fmt: skip
        (lot_id,) = books.lots
        act(session, key, lambda books: change_by_hand(books, ByHand(fine, key[1], -14, may_owe=True)))
        act(session, key, lambda books: forgive_by_hand(books, waived, key[1], 3))
        undone = replace(undone, explanation={"undoes_lot": str(lot_id)})
        act(session, key, lambda books: take_back(books, TakenBack(undone, key[1], lot_id, 2)))
        later = Extended(day(7), lot_id, day(30))
        act(
            session,
            key,
            lambda books: books.extend(books.accounts[key], books.lots[lot_id], later, by=Signed("a", "b", "c")),
        )
        give_grace(session, key[0], day(8), day(40), Signed("merchant", "expiry", "grace:1"))
    assert kept(tools, key) == [
        Grant(day(3), lot_id, 10, day(4), day(9), timedelta(days=5), earned_at=day(1), rolling_zone="Asia/Tokyo"),
        Taken(day(4), fine.reference, 10),
        Taken(day(4), fine.reference, 4),
        Forgiven(day(5), waived.reference, 3),
        ClawBack(day(6), lot_id, 2),
        later,
        Extended(day(8), None, day(40), is_grace=True),
    ]


@pytest.mark.parametrize("is_forgiven", [False, True])
def test_awards_are_told_with_what_was_taken_back_of_them(tools, keeper, key, is_forgiven):
    given = keeper.fact("action", at=2)
    with tools.writing() as session:
        terms = Terms(day(2), day(2))
        act(session, key, lambda books: give_award(books, given, key[1], 10, terms, is_pending=False))
        (award,) = find_awards(session, key[0], [given.reference]).values()
        act(session, key, lambda books: books_spend(books, keeper, key, 8))
        taken = replace(
            keeper.fact("action", at=4), explanation={"undoes_lot": str(award.lot_id), "is_forgiven": is_forgiven}
        )
        act(session, key, lambda books: take_award(books, taken, award, key[1], 6, is_forgiven=is_forgiven))
        assert find_awards(session, key[0], [given.reference])[given.reference].left == 4
    assert kept(tools, key) == [
        Grant(day(2), award.lot_id, 10, day(2)),
        Taken(day(3), kept(tools, key)[1].key, 8),
        ClawBack(day(4), award.lot_id, 2, is_forgiven=is_forgiven),
        ClawBack(day(4), award.lot_id, 4, is_forgiven=is_forgiven),
    ]


def kept(tools, key):
    with tools.reading() as session:
        (facts,) = facts_kept(session, {key: key}).values()
    return facts


def act(session, key, plan):
    """Plan something on the account with all its lots, and write it."""
    books = Books(session)
    books.lock([key])
    books.load_all([key])
    plan(books)
    books.write()
    return books


def books_spend(books, keeper, key, points):
    fact = keeper.fact("adjustment", at=3)
    books.post(fact)
    books.move(fact, moves.take_away(books.accounts[key], books.lots_of(books.accounts[key]), points))
