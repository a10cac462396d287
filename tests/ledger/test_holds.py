"""Points of a redemption: each step once, of the points that were held, on the account they are told on now."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plugin.db import new_id
from plugin.errors import Conflict, InsufficientPoints, NotFound, WishReused
from plugin.ledger import (
    Books,
    Terms,
    balances,
    came_back_at,
    capture_points,
    charge_again,
    find_posting,
    hold_points,
    release_points,
    return_points,
)
from plugin.ledger.holds_kept import drop_parts, keep_parts, parts_of
from plugin.ledger.merged import mark_merged
from plugin.ledger.moves import claw_back
from plugin.ledger.notices import NoticeRule, set_rule
from tests.ledger.bookkeeper import day

STEPS = {"redeem_capture": capture_points, "redeem_release": release_points, "redeem_return": return_points}


@pytest.fixture
def key(keeper):
    return keeper.open()


def of(keeper, reason, redemption, at=0):
    """The fact that a redemption's step is posted under."""
    return replace(keeper.fact(reason, at=at, redemption_id=redemption), reference=f"{reason}:{redemption}")


def step(keeper, key, reason, redemption, at=2):
    with keeper.tools.writing() as session:
        return STEPS[reason](session, key[1], of(keeper, reason, redemption, at))


def hold(keeper, key, points, redemption, at=1):
    with keeper.tools.writing() as session:
        return hold_points(session, key[1], points, of(keeper, "redeem_hold", redemption, at))


def buckets(keeper, key):
    with keeper.tools.reading() as session:
        account = balances(session, *key)
    return account.pending, account.available, account.held, account.debt


def test_points_are_held_once_for_a_reference(keeper, stranger, key):
    redemption = new_id()
    keeper.give(key, 10)
    first = hold(keeper, key, 4, redemption)
    assert hold(keeper, key, 4, redemption) == first
    assert buckets(keeper, key) == (0, 6, 4, 0)
    with keeper.tools.reading() as session:
        assert find_posting(session, keeper.programme_id, f"redeem_hold:{redemption}").id == first
        assert find_posting(session, stranger.programme_id, f"redeem_hold:{redemption}") is None
        assert find_posting(session, keeper.programme_id, "redeem_hold:other") is None


def test_a_reference_is_of_one_redemption_and_one_reason(keeper, key):
    one, other = new_id(), new_id()
    keeper.give(key, 10)
    hold(keeper, key, 4, one)
    for reason, redemption in (("redeem_hold", other), ("redeem_charge", one)):
        fact = replace(keeper.fact(reason, redemption_id=redemption), reference=f"redeem_hold:{one}")
        with pytest.raises(WishReused), keeper.tools.writing() as session:
            hold_points(session, key[1], 4, fact)
    assert buckets(keeper, key) == (0, 6, 4, 0)


def test_what_is_due_happens_before_points_are_held(keeper, key):
    keeper.give(key, 10, Terms(day(0), day(0), day(5)))
    keeper.give(key, 3, Terms(day(0), day(5)), is_pending=True)
    with pytest.raises(InsufficientPoints):
        hold(keeper, key, 4, new_id(), at=5)
    hold(keeper, key, 3, new_id(), at=5)
    assert buckets(keeper, key) == (0, 0, 3, 0)


def test_what_is_due_happens_when_points_come_back(keeper, key):
    keeper.give(key, 10, Terms(day(0), day(0), day(5)))
    keeper.give(key, 3)
    redemption = new_id()
    hold(keeper, key, 12, redemption)
    step(keeper, key, "redeem_release", redemption, at=6)
    assert buckets(keeper, key) == (0, 3, 0, 0)


def test_a_hold_keeps_rolling_points_alive(keeper, key):
    terms = Terms(day(0), day(0), day(5), 9)
    keeper.give(key, 10, terms)
    hold(keeper, key, 10, new_id(), at=4)
    with keeper.tools.reading() as session:
        books = Books(session)
        books.load_all([key])
        assert [lot.expires_at for lot in books.lots.values()] == [day(13)]


@pytest.mark.parametrize(
    ("taken", "left"),
    [
        (["redeem_capture"], (0, 6, 0, 0)),
        (["redeem_release"], (0, 10, 0, 0)),
        (["redeem_capture", "redeem_return"], (0, 10, 0, 0)),
    ],
)
def test_each_step_is_taken_once(keeper, key, taken, left):
    redemption = new_id()
    keeper.give(key, 10)
    hold(keeper, key, 4, redemption)
    for reason in taken:
        assert step(keeper, key, reason, redemption) == step(keeper, key, reason, redemption)
    assert buckets(keeper, key) == left
    with keeper.tools.reading() as session:
        posted = find_posting(session, keeper.programme_id, f"{taken[-1]}:{redemption}")
        assert posted.explanation == {"points": 4}
        assert bool(parts_of(session, keeper.programme_id, redemption)) == (taken == ["redeem_capture"])


@pytest.mark.parametrize(
    ("taken", "refused"),
    [
        ([], "redeem_return"),
        (["redeem_capture"], "redeem_release"),
        (["redeem_release"], "redeem_capture"),
        (["redeem_release"], "redeem_return"),
        (["redeem_capture", "redeem_return"], "redeem_release"),
    ],
)
def test_a_step_that_does_not_follow_is_refused(keeper, key, taken, refused):
    redemption = new_id()
    keeper.give(key, 10)
    hold(keeper, key, 4, redemption)
    for reason in taken:
        step(keeper, key, reason, redemption)
    before = buckets(keeper, key)
    with pytest.raises(Conflict, match=r"^nothing is (held|spent) for this redemption"):
        step(keeper, key, refused, redemption)
    with pytest.raises(Conflict):
        step(keeper, key, refused, new_id())
    assert buckets(keeper, key) == before


def test_points_are_held_for_a_redemption(keeper, key):
    keeper.give(key, 10)
    with pytest.raises(ValueError, match="redemption"), keeper.tools.writing() as session:
        hold_points(session, key[1], 4, keeper.fact("redeem_hold"))


def test_a_merged_accounts_points_are_held_on_the_one_that_survives(keeper, key):
    winner = keeper.open()
    keeper.give(winner, 10)
    with keeper.tools.writing() as session:
        mark_merged(session, keeper.programme_id, key[1], winner[1])
    redemption = new_id()
    hold(keeper, key, 4, redemption)
    step(keeper, key, "redeem_capture", redemption)
    assert (buckets(keeper, key), buckets(keeper, winner)) == ((0, 0, 0, 0), (0, 6, 0, 0))


def test_when_points_came_back_is_told(keeper, stranger, key):
    keeper.give(key, 10)
    one, two, three = new_id(), new_id(), new_id()
    for redemption in (one, two, three):
        hold(keeper, key, 2, redemption)
    step(keeper, key, "redeem_release", one, at=3)
    step(keeper, key, "redeem_capture", two, at=4)
    step(keeper, key, "redeem_return", two, at=5)
    with keeper.tools.reading() as session:
        assert [came_back_at(session, keeper.programme_id, one_of) for one_of in (one, two)] == [day(3), day(5)]
        for programme_id, redemption in ((keeper.programme_id, three), (stranger.programme_id, one)):
            with pytest.raises(NotFound):
                came_back_at(session, programme_id, redemption)


def test_what_is_charged_again_beyond_the_balance_is_owed_through_one_lot(keeper, key):
    redemption = new_id()
    keeper.give(key, 10)
    for _ in range(2):
        with keeper.tools.writing() as session:
            books = Books(session)
            books.lock([key])
            charge_again(books, key, 12, keeper.fact("redeem_charge", at=3, redemption_id=redemption))
            books.write()
    assert buckets(keeper, key) == (0, 0, 0, -14)
    with keeper.tools.reading() as session:
        books = Books(session)
        books.load_all([key])
    given, owed = sorted(books.lots.values(), key=lambda lot: lot.redemption_id is not None)
    assert (given.spent, owed.spent, owed.granted) == (10, 14, 14)
    assert (owed.redemption_id, owed.key, owed.occurred_at) == (redemption, ("overdraft", redemption), day(3))


def test_parts_are_kept_by_redemption_and_lot(keeper, stranger, key):
    one, two, other = new_id(), new_id(), new_id()
    lots = [keeper.give(key, 10) for _ in range(2)]
    away = stranger.open()
    elsewhere = stranger.give(away, 10)
    parts = {one: {lots[0]: 3, lots[1]: 4}, two: {lots[1]: 5}}
    with keeper.tools.writing() as session:
        keep_parts(session, keeper.programme_id, key[1], parts)
        keep_parts(session, keeper.programme_id, key[1], {})
        keep_parts(session, stranger.programme_id, away[1], {one: {elsewhere: 9}})
        assert [parts_of(session, keeper.programme_id, this) for this in (one, two, other)] == [*parts.values(), {}]
        drop_parts(session, keeper.programme_id, [])
        drop_parts(session, keeper.programme_id, [one, other])
        assert [parts_of(session, keeper.programme_id, this) for this in (one, two)] == [{}, parts[two]]
        assert len(parts_of(session, stranger.programme_id, one)) == 1


def test_what_comes_back_after_an_unwarned_end_fills_debt_in_the_order_of_the_ends_it_gets(keeper, key):
    """A replay knows the later end when it tells the return; the books must have decided it by then as well."""
    redemption, rule = new_id(), NoticeRule(day(0), (7,), must_be_delivered=True, timezone="UTC")
    with keeper.tools.writing() as session:
        set_rule(session, keeper.programme_id, rule)
    ended = keeper.give(key, 10, Terms(day(0), day(0), day(5)))
    ending = keeper.give(key, 10, Terms(day(0), day(0), day(8)))
    hold(keeper, key, 20, redemption)
    with keeper.tools.writing() as session:
        books = Books(session)
        books.lock([key])
        fact = keeper.fact("order", at=2)
        books.post(fact)
        books.move(fact, claw_back(books.accounts[key], [], [], 5))
        books.write()
    step(keeper, key, "redeem_release", redemption, at=6)
    with keeper.tools.writing() as session:
        books = Books(session)
        books.lock([key])
        books.load_all([key])
        left = {lot_id: (one.available, one.debt_filled) for lot_id, one in books.lots.items()}
        assert books.lots[ended].expires_at == day(14)
    assert left == {ended: (10, 0), ending: (5, 5)}
