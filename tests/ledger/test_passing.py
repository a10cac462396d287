"""Time passes on locked accounts: whatever came due happens first, each as a posting of its own, dated by the lot's term."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from plugin.ledger import Books, Terms, balances
from plugin.ledger.graces import give_grace
from plugin.ledger.notices import NoticeRule, set_rule
from plugin.ledger.passing import pass_time
from plugin.ledger.shapes import Signed
from plugin.ledger.tables import posting
from tests.ledger.bookkeeper import day


def test_what_comes_due_is_posted_in_the_order_of_its_instants(tools, shop, keeper):
    key = keeper.open()
    last = keeper.give(key, 5, Terms(day(0), day(0), day(4)))
    terms = Terms(day(0), day(2), day(3))
    whole = keeper.give(key, 7, terms, is_pending=True, shop_id=shop.shop_id, order_id=5001)
    let_time_pass(tools, key, day(4) - timedelta(microseconds=1))
    assert told(tools, keeper) == [
        ("mature", f"mature:{whole}:v2", day(2), {"points": 7}, 5001),
        ("expiry", f"expiry:{whole}:v3", day(3), {"points": 7}, 5001),
    ]
    let_time_pass(tools, key, day(4))
    assert told(tools, keeper)[2:] == [("expiry", f"expiry:{last}:v5", day(4), {"points": 5}, None)]
    let_time_pass(tools, key, day(99))
    assert len(told(tools, keeper)) == 3
    with tools.reading() as session:
        account = balances(session, *key)
    assert (account.pending, account.available, account.held, account.debt) == (0, 0, 0, 0)


def test_an_end_that_is_postponed_holds_up_no_other(tools, keeper):
    """Nobody was warned of the first; the second is no point that a warning is owed for, it only matures."""
    key = keeper.open()
    unwarned = keeper.give(key, 5, Terms(day(0), day(0), day(3)))
    keeper.give(key, 7, Terms(day(0), day(4)), is_pending=True)
    with tools.writing() as session:
        set_rule(session, keeper.programme_id, NoticeRule(day(0), (7,), must_be_delivered=True, timezone="UTC"))
    let_time_pass(tools, key, day(5))
    assert [one[0] for one in told(tools, keeper)] == ["mature"]
    with tools.reading() as session:
        books = Books(session)
        books.load_all([key])
        assert (books.lots[unwarned].available, books.lots[unwarned].expires_at) == (5, day(13))


def test_several_accounts_are_brought_up_at_once_and_no_other(tools, keeper):
    keys = [keeper.open() for _ in range(3)]
    for key in keys:
        keeper.give(key, 5, Terms(day(0), day(0), day(4)))
    let_time_pass(tools, *keys[:2], day(5))
    with tools.reading() as session:
        assert [balances(session, *key).available for key in keys] == [0, 0, 5]


def test_points_that_were_to_last_for_ever_end_with_a_grace_of_their_own_programme(tools, keeper, stranger):
    keys = [keeper.open(), stranger.open()]
    lots = [one.give(key, 5, at=0) for one, key in zip((keeper, stranger), keys, strict=True)]
    younger = keeper.give(keys[0], 8, at=3)
    with tools.writing() as session:
        give_grace(session, keeper.programme_id, day(2), day(6), Signed("merchant", "expiry", "grace:1"))
    for at, ends in ((day(2) - timedelta(microseconds=1), None), (day(2), day(6))):
        let_time_pass(tools, *keys, at)
        with tools.reading() as session:
            books = Books(session)
            books.load_all(keys)
            assert [books.lots[one].expires_at for one in (*lots, younger)] == [ends, None, None]


def let_time_pass(tools, *keys_and_now):
    *keys, now = keys_and_now
    with tools.writing() as session:
        books = Books(session)
        books.lock(keys)
        pass_time(books, keys, now)
        books.write()


def told(tools, keeper):
    """What time posted, in the order of its writing."""
    names = ("reason", "reference", "occurred_at", "explanation", "order_id")
    mine = (posting.c.programme_id == keeper.programme_id, posting.c.actor == "laurel")
    with tools.reading() as session:
        rows = session.execute(select(*(posting.c[name] for name in names)).where(*mine).order_by(posting.c.id))
        return [tuple(row) for row in rows]
