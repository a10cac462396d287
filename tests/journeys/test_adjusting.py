"""Changes by hand: each click once, within limits, told by the replay like everything else; on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from plugin.errors import BadInput, InsufficientPoints, NotAllowed, NotFound, WishReused
from plugin.journeys.adjusting import Adjustment, WriteOff, adjust, write_off
from plugin.journeys.proving import find_drift, verify
from plugin.ledger.adjustments import Notes, erase_notes, find_notes
from plugin.ledger.tables import lot, posting
from plugin.rules import default_document, dump_document
from tests.factories import (
    CUSTOMER,
    balance_of,
    cancelled,
    credit_now,
    make_member,
    make_shop,
    member_of,
    paid_order,
)
from tests.journeys.test_crediting import hold, spend


@pytest.fixture(autouse=True)
def proof(tools, clock):
    """After every story here the books are sound, today and when everything that could expire has."""
    yield
    for days in (0, 400, 4000):
        clock.advance(days=days)
        settle_time(tools)
        with tools.reading() as session:
            assert [one for one in verify(session) if one.invariant != 7] == []
            assert find_drift(session, tools.clock()) == []


def test_points_are_given_once_however_often_the_merchant_clicks(tools, shop, clock):
    make_member(tools, shop, points=10)
    first = give(tools, shop, 100)
    clock.advance(hours=30)
    second = give(tools, shop, 100)
    assert (first.is_new, second.is_new, first.posting_id) == (True, False, second.posting_id)
    assert balance_of(tools, shop).available == 110


def test_a_key_is_refused_for_another_change(tools, shop):
    make_member(tools, shop)
    make_member(tools, shop, 7002)
    give(tools, shop, 100)
    with pytest.raises(WishReused):
        give(tools, shop, 101)
    with pytest.raises(WishReused):
        give(tools, shop, 100, why="complaint")
    with pytest.raises(WishReused):
        give(tools, shop, 100, customer=(shop.programme_id, shop.shop_id, 7002))
    assert balance_of(tools, shop).available == 100


def test_points_taken_away_go_soonest_expiring_first(tools, shop, clock):
    make_member(tools, shop)
    give(tools, shop, 50, key="late", expiry=clock.now + timedelta(days=90))
    clock.advance(minutes=1)
    give(tools, shop, 50, key="soon", expiry=clock.now + timedelta(days=10))
    clock.advance(minutes=1)
    give(tools, shop, -60, key="take")
    assert [(one.available, one.clawed_back) for one in lots(tools)] == [(40, 10), (0, 50)]


def test_what_is_not_there_is_refused_unless_it_may_be_owed(tools, shop, clock):
    make_member(tools, shop, points=30)
    with pytest.raises(InsufficientPoints):
        give(tools, shop, -50)
    assert balance_of(tools, shop).available == 30
    clock.advance(minutes=1)
    give(tools, shop, -50, may_owe=True)
    assert (balance_of(tools, shop).available, balance_of(tools, shop).debt) == (0, -20)


def test_given_points_fill_debt_first(tools, shop, clock):
    make_member(tools, shop, points=30)
    clock.advance(minutes=1)
    give(tools, shop, -50, key="take", may_owe=True)
    clock.advance(minutes=1)
    give(tools, shop, 100, key="give")
    assert (balance_of(tools, shop).available, balance_of(tools, shop).debt) == (80, 0)


def test_given_points_expire_like_those_of_an_order_unless_the_merchant_says_otherwise(tools, clock):
    document = dump_document(default_document())
    document["earning"]["expiry"] = {"kind": "after_days", "days": 30}
    shop = make_shop(tools, document=document)
    make_member(tools, shop)
    give(tools, shop, 10, key="like")
    give(tools, shop, 10, key="never", expiry="never")
    give(tools, shop, 10, key="day", expiry=clock.now + timedelta(days=5))
    ends = {one.expires_at for one in lots(tools)}
    assert ends == {datetime(2026, 12, 21, 22, 0, tzinfo=UTC), None, clock.now + timedelta(days=5)}


def test_given_points_are_kept_alive_by_activity_where_those_of_orders_are(tools, clock):
    document = dump_document(default_document())
    document["earning"]["expiry"] = {"kind": "rolling", "days": 30}
    shop = make_shop(tools, document=document)
    make_member(tools, shop)
    give(tools, shop, 10)
    clock.advance(days=20)
    give(tools, shop, 10, key="no-activity")
    credit_now(tools, paid_order(shop, placed_at=clock.now, updated_at=clock.now))
    clock.advance(days=29)
    settle_time(tools)
    assert balance_of(tools, shop).available == 45
    clock.advance(days=2)
    settle_time(tools)
    assert balance_of(tools, shop).available == 0


def test_a_refund_that_comes_late_finds_the_adjustment_where_it_was(tools, shop, clock):
    order = paid_order(shop, amount="100.00")
    credit_now(tools, order)
    clock.advance(hours=3)
    give(tools, shop, 40, expiry=clock.now + timedelta(days=20))
    clock.advance(hours=1)
    give(tools, shop, -120, key="take")
    credit_now(tools, cancelled(order))
    assert (balance_of(tools, shop).available, balance_of(tools, shop).debt) == (0, -80)


def test_an_order_that_was_placed_before_the_adjustment_may_come_after_it(tools, shop, clock):
    make_member(tools, shop)
    clock.advance(hours=1)
    give(tools, shop, -30, may_owe=True)
    clock.advance(hours=1)
    credit_now(tools, paid_order(shop, amount="50.00"))
    assert (balance_of(tools, shop).available, balance_of(tools, shop).debt) == (20, 0)


def test_held_points_are_not_taken_away(tools, shop, clock):
    make_member(tools, shop, points=100)
    clock.advance(minutes=1)
    hold(tools, shop, 60)
    clock.advance(minutes=1)
    with pytest.raises(InsufficientPoints):
        give(tools, shop, -50)
    give(tools, shop, -50, may_owe=True)
    account = balance_of(tools, shop)
    assert (account.available, account.held, account.debt) == (0, 60, -10)


def test_several_changes_of_one_instant_are_told_in_one_order(tools, shop, clock):
    """The clock stands still here: whatever the order of arrival, the books end as the replay tells it."""
    make_member(tools, shop, points=50)
    hold(tools, shop, 20)
    give(tools, shop, -30, key="a")
    give(tools, shop, 70, key="b", expiry=clock.now + timedelta(days=5))
    hold(tools, shop, 40)
    assert balance_of(tools, shop).available == 30


def test_debt_is_written_off_once(tools, shop, clock):
    spent_and_refunded(tools, shop, clock)
    wish = WriteOff((shop.programme_id, shop.shop_id, CUSTOMER), "click-1", "merchant:42")
    for _ in range(2):
        with tools.writing() as session:
            done = write_off(session, wish, tools.clock())
        clock.advance(minutes=1)
    assert (done.is_new, done.account.debt) == (False, 0)
    with tools.writing() as session, pytest.raises(NotAllowed):
        write_off(session, replace(wish, key="click-2"), tools.clock())


def test_part_of_a_debt_is_written_off_and_never_more_than_there_is(tools, shop, clock):
    spent_and_refunded(tools, shop, clock)
    wish = WriteOff((shop.programme_id, shop.shop_id, CUSTOMER), "click-1", "merchant:42", points=30)
    with tools.writing() as session:
        write_off(session, wish, tools.clock())
    assert balance_of(tools, shop).debt == -50
    with tools.writing() as session, pytest.raises(NotAllowed):
        write_off(session, replace(wish, key="click-2", points=51), tools.clock())


def test_no_change_moves_more_than_the_programme_lets_it(tools):
    shop = limited_shop(tools, points_max=100)
    make_member(tools, shop)
    for points in (101, -101):
        with pytest.raises(NotAllowed) as refused:
            give(tools, shop, points)
        assert refused.value.code == "limit_per_change"


def test_nobody_moves_more_in_a_day_than_the_programme_lets_them(tools, clock):
    shop = limited_shop(tools, points_max=100, points_max_per_day=150)
    make_member(tools, shop)
    give(tools, shop, 100, key="a")
    with pytest.raises(NotAllowed) as refused:
        give(tools, shop, -51, key="b")
    assert refused.value.code == "limit_per_day"
    give(tools, shop, -50, key="c")
    give(tools, shop, 100, key="d", actor="merchant:43")
    clock.advance(hours=13)  # 10:00 UTC is noon in Sofia: it is tomorrow there
    give(tools, shop, 100, key="e")
    assert balance_of(tools, shop).available == 250


def test_a_repeated_click_is_not_counted_twice_against_the_day(tools):
    shop = limited_shop(tools, points_max=100, points_max_per_day=150)
    make_member(tools, shop)
    for _ in range(3):
        give(tools, shop, 100)
    give(tools, shop, 50, key="b")
    assert balance_of(tools, shop).available == 150


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"points": 0}, "points"),
        ({"points": 10**10}, "points"),
        ({"why": "because"}, "why"),
        ({"key": ""}, "key"),
        ({"key": "a b"}, "key"),
        ({"notes": Notes(public="x" * 501)}, "public_note"),
        ({"notes": Notes(internal="x" * 501)}, "internal_note"),
        ({"expiry": datetime(2020, 1, 1, tzinfo=UTC)}, "expires_at"),
    ],
)
def test_a_change_that_makes_no_sense_is_refused(tools, shop, changes, path):
    make_member(tools, shop)
    with pytest.raises(BadInput) as refused:
        give(tools, shop, **({"points": 1} | changes))
    assert refused.value.path == path


def test_a_stranger_is_nobody_to_adjust(tools, shop):
    with pytest.raises(NotFound):
        give(tools, shop, 100)


def test_notes_are_kept_apart_and_can_be_erased(tools, shop):
    make_member(tools, shop)
    done = give(tools, shop, 100, notes=Notes("For the\nlong wait\u202e", "  spoke to her  "))
    with tools.reading() as session:
        assert find_notes(session, shop.programme_id, [done.posting_id]) == {
            done.posting_id: Notes("For the long wait", "spoke to her")
        }
        explanation = session.execute(select(posting.c.explanation).where(posting.c.id == done.posting_id)).scalar_one()
    assert "wait" not in str(explanation)
    with tools.writing() as session:
        erase_notes(session, shop.programme_id, [member_of(tools, shop).account_id])
    with tools.reading() as session:
        assert find_notes(session, shop.programme_id, [done.posting_id]) == {done.posting_id: Notes()}


def give(tools, shop, points, *, key="click-1", why="goodwill", **changes):
    wish = Adjustment((shop.programme_id, shop.shop_id, CUSTOMER), points, why, key, "merchant:42")
    with tools.writing() as session:
        return adjust(session, replace(wish, **changes), tools.clock())


def limited_shop(tools, domain="laurel-limited.myshopify.com", **limits):
    return make_shop(tools, domain, document=dump_document(default_document()) | {"adjusting": limits})


def spent_and_refunded(tools, shop, clock):
    order = paid_order(shop, amount="100.00")
    credit_now(tools, order)
    clock.advance(hours=1)
    spend(tools, shop, 80)
    clock.advance(hours=4)
    credit_now(tools, cancelled(order))
    assert balance_of(tools, shop).debt == -80
    clock.advance(hours=1)


def lots(tools):
    with tools.reading() as session:
        return session.execute(select(lot).where(lot.c.order_id.is_(None)).order_by(lot.c.id)).all()


def settle_time(tools):
    from plugin.ledger import Books
    from plugin.ledger.passing import pass_time
    from plugin.ledger.tables import account

    with tools.writing() as session:
        keys = [(row.programme_id, row.id) for row in session.execute(select(account.c.programme_id, account.c.id))]
        books = Books(session)
        books.lock(keys)
        pass_time(books, keys, tools.clock())
        books.write()


def notes_of(tools, shop):
    from plugin.ledger.adjustments import adjustment

    with tools.reading() as session:
        rows = session.execute(select(adjustment).where(adjustment.c.programme_id == shop.programme_id))
        return [(row.public_note, row.internal_note) for row in rows]
