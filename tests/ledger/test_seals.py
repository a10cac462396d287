"""Days that are over are sealed: nothing is added to them, and a changed old row is found, past all guards."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from plugin.journeys.proving import verify
from plugin.journeys.sealing_days import due_seals, seal_days, settle_seals
from plugin.ledger.seals import _chain, last_seal
from tests.factories import credit_now, make_shop, paid_order

DAY = timedelta(days=1)
_SAID_AT = "2026-01-02 03:04:05.678900"


@pytest.fixture
def old_shop(tools, shop):
    """A shop with three orders, recorded five, four and three days ago, one a day."""
    for number in range(3):
        credit_now(tools, paid_order(shop, order_id=5001 + number, customer_id=7001 + number))
        _dated(tools, 5001 + number, 5 - number)
    return shop


def test_days_that_are_over_are_sealed_one_by_one_and_chained(tools, old_shop):
    assert due_seals(tools, tools.clock(), 10) == [str(old_shop.programme_id)]
    made = seal_days(tools, old_shop.programme_id, datetime.now(UTC))
    assert [(one.number, one.postings, one.points) for one in made] == [(1, 1, 25), (2, 1, 25), (3, 1, 25)]
    assert len({one.chain for one in made}) == 3
    assert due_seals(tools, tools.clock(), 10) == []
    with tools.reading() as session:
        assert last_seal(session, old_shop.programme_id) == made[-1]
        assert verify(session) == verify(session, old_shop.programme_id) == []


def test_sealing_again_adds_nothing(tools, old_shop):
    settle_seals(tools, str(old_shop.programme_id), tools.clock())
    assert _count(tools, "seal") == 3
    settle_seals(tools, str(old_shop.programme_id), tools.clock())
    assert _count(tools, "seal") == 3


def test_today_stays_open(tools, shop):
    credit_now(tools, paid_order(shop))
    assert due_seals(tools, tools.clock(), 10) == []
    settle_seals(tools, str(shop.programme_id), tools.clock())
    assert _count(tools, "seal") == 0


def test_the_same_books_have_the_same_seals_on_either_database(tools, shop):
    """What is hashed is written the same way on both, so a ledger can be moved from one to the other with its seals."""
    one, at = {"programme": shop.programme_id.hex}, _at(tools, datetime.fromisoformat(f"{_SAID_AT}+00:00"))
    kept = f"INSERT INTO account (programme_id, id, kind, pending, available, held, debt, version, published_version, created_at) VALUES (:programme, '{1:032x}', 'person', 0, 0, 0, 0, 1, 1, {at})"
    said = f"INSERT INTO posting (programme_id, id, reference, reason, actor, document_version, order_id, explanation, occurred_at, recorded_at) VALUES (:programme, '{2:032x}', 'r:1', 'order', 'laurel', 1, 77, :explanation, {at}, {at})"
    moved = f"INSERT INTO entry (programme_id, id, posting_id, account_id, source, destination, points, is_reversal) VALUES (:programme, :id, '{2:032x}', '{1:032x}', 'issued', 'debt', 7, :is_reversal)"
    with tools.writing() as session:
        session.execute(text(kept), one)
        session.execute(text(said), one | {"explanation": '{"points": 7, "why": "тест"}'})
        for number, is_reversal in ((4, False), (3, False)):
            session.execute(text(moved), one | {"id": f"{number:032x}", "is_reversal": is_reversal})
    (only,) = seal_days(tools, shop.programme_id, datetime.now(UTC))
    assert (only.postings, only.entries, only.points) == (1, 2, 14)
    head = [f"{2:032x}", "r:1", "order", "laurel", "1", "", "77", "", '{"points": 7, "why": "тест"}', *2 * [_SAID_AT]]
    moves = [[f"{number:032x}", f"{1:032x}", "", "issued", "debt", "7", "0"] for number in (3, 4)]
    line = "\x1e".join("\x1f".join(fields) for fields in (head, *moves))
    assert only.content == hashlib.sha256(hashlib.sha256(line.encode()).digest()).hexdigest()


SPOILERS = {
    "a posting's explanation": "UPDATE posting SET explanation = '{}' WHERE order_id = 5002",
    "a posting's date": "UPDATE posting SET occurred_at = recorded_at WHERE order_id = 5002",
    "a posting's reference": "UPDATE posting SET reference = 'other' WHERE order_id = 5002",
    "a posting's actor": "UPDATE posting SET actor = 'nobody' WHERE order_id = 5002",
    "an entry's points": "UPDATE entry SET points = points + 1 WHERE {entries}",
    "an entry's bucket": "UPDATE entry SET destination = 'debt' WHERE {entries}",
    "an entry less": "DELETE FROM entry WHERE {entries}",
}
_ITS_ENTRIES = "posting_id = (SELECT id FROM posting WHERE order_id = 5002)"


@pytest.mark.parametrize("spoiled", SPOILERS)
def test_a_changed_old_row_is_found_and_named(tools, old_shop, spoiled):
    seal_days(tools, old_shop.programme_id, datetime.now(UTC))
    named = _posting_of(tools, 5002)
    _unguarded(tools, SPOILERS[spoiled].replace("{entries}", _ITS_ENTRIES))
    found = _sealed_faults(tools)
    assert [(one.row, "changed" in one.fault, "seal 2" in one.fault) for one in found] == [(named, True, True)]


def test_a_posting_moved_to_another_day_is_found_on_both_days(tools, old_shop):
    seal_days(tools, old_shop.programme_id, datetime.now(UTC))
    _dated(tools, 5002, 5)
    assert len(_sealed_faults(tools)) == 2


def test_a_posting_that_is_gone_is_found(tools, old_shop):
    seal_days(tools, old_shop.programme_id, datetime.now(UTC))
    _unguarded(tools, f"DELETE FROM entry WHERE {_ITS_ENTRIES}", "DELETE FROM lot WHERE order_id = 5002",
               "DELETE FROM posting WHERE order_id = 5002")  # fmt: skip
    (found,) = _sealed_faults(tools)
    assert (found.row, "missing" in found.fault) == ("seal 2", True)


def test_one_of_several_that_is_gone_is_found_by_the_one_after_it(tools, old_shop):
    for number in range(3):
        _dated(tools, 5001 + number, 4)
    seal_days(tools, old_shop.programme_id, datetime.now(UTC))
    first, second = _posting_of(tools, 5001), _posting_of(tools, 5002)
    _unguarded(tools, f"DELETE FROM entry WHERE posting_id = '{first}'", "DELETE FROM lot WHERE order_id = 5001",
               "DELETE FROM posting WHERE order_id = 5001")  # fmt: skip
    (found,) = _sealed_faults(tools)
    assert (found.row, "before it is missing" in found.fault) == (second, True)


def test_a_posting_slipped_into_a_sealed_day_is_found(tools, old_shop):
    seal_days(tools, old_shop.programme_id, datetime.now(UTC))
    credit_now(tools, paid_order(old_shop, order_id=5009))
    named = _posting_of(tools, 5009)
    _dated(tools, 5009, 4)
    (found,) = _sealed_faults(tools)
    assert (found.row, "added" in found.fault) == (named, True)


@pytest.mark.parametrize(
    ("spoiler", "named"),
    [
        ("UPDATE seal SET points = points + 1 WHERE number = 2", {"seal 2"}),
        ("UPDATE seal SET content = '0' WHERE number = 2", {"seal 2"}),
        ("UPDATE seal SET chain = '0' WHERE number = 2", {"seal 2", "seal 3"}),
        ("DELETE FROM seal WHERE number = 1", {"seal 2"}),
        ("DELETE FROM seal WHERE number = 2", {"seal 3"}),
    ],
)
def test_a_changed_seal_is_found_and_named(tools, old_shop, spoiler, named):
    seal_days(tools, old_shop.programme_id, datetime.now(UTC))
    _unguarded(tools, spoiler)
    assert {one.row for one in _sealed_faults(tools) if one.row is None or one.row.startswith("seal")} == named


@pytest.mark.parametrize("count", ["postings", "entries", "points"])
def test_a_count_that_was_changed_together_with_its_chain_is_found(tools, old_shop, count):
    """The chain is no secret: who changes the newest seal can make its chain fit again."""
    last = seal_days(tools, old_shop.programme_id, datetime.now(UTC))[-1]
    before = replace(last, number=2, chain=_chain_of(tools, 2))
    forged = replace(last, **{count: getattr(last, count) + 1})
    _unguarded(tools, f"UPDATE seal SET {count} = {count} + 1, chain = '{_chain(forged, before)}' WHERE number = 3")
    (found,) = _sealed_faults(tools)
    assert (found.row, "counts" in found.fault) == ("seal 3", True)


def test_nothing_is_added_to_a_sealed_day(tools, old_shop):
    made = seal_days(tools, old_shop.programme_id, datetime.now(UTC))
    last = made[-1].closed_at
    for number, at in enumerate((last - 9 * DAY, last - 2 * DAY, last - timedelta(milliseconds=1))):
        with pytest.raises(DBAPIError, match="its day is sealed"), tools.writing() as session:
            _copy(tools, session, number, at)
    with tools.writing() as session:
        _copy(tools, session, 9, last)


def test_no_entry_is_added_to_a_sealed_posting(tools, old_shop):
    seal_days(tools, old_shop.programme_id, datetime.now(UTC))
    columns = "posting_id, account_id, lot_id, source, destination, points, is_reversal"
    added = (
        f"INSERT INTO entry (programme_id, id, {columns}) SELECT programme_id, '{1:032x}', {columns} FROM entry LIMIT 1"
    )
    with pytest.raises(DBAPIError, match="its day is sealed"), tools.writing() as session:
        session.execute(text(added))


def test_other_programmes_stay_open_and_are_sealed_apart(tools, old_shop):
    other = make_shop(tools, "laurel-other.myshopify.com")
    credit_now(tools, paid_order(old_shop, order_id=5009))
    assert len(seal_days(tools, old_shop.programme_id, datetime.now(UTC) + 2 * DAY)) == 4
    credit_now(tools, paid_order(other, order_id=9001))
    with pytest.raises(DBAPIError, match="its day is sealed"):
        credit_now(tools, paid_order(old_shop, order_id=9002))


def _unguarded(tools, *statements):
    """Change rows as somebody with the keys to the database could: guards off, and on again."""
    with tools.writing() as session:
        guards = []
        if tools.database.is_sqlite:
            named = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
            guards = session.execute(text(named)).all()
            session.execute(text("PRAGMA ignore_check_constraints=ON"))
        else:
            session.execute(text("SET LOCAL session_replication_role = replica"))
        for one in guards:
            session.execute(text(f"DROP TRIGGER {one.name}"))
        for statement in statements:
            session.execute(text(statement))
        for one in guards:
            session.execute(text(one.sql))
        if guards:
            session.execute(text("PRAGMA ignore_check_constraints=OFF"))


def _dated(tools, order_id, days):
    """Let an order's postings have been recorded so many days ago."""
    at = _at(tools, datetime.now(UTC) - days * DAY)
    _unguarded(tools, f"UPDATE posting SET recorded_at = {at} WHERE order_id = {order_id}")


def _copy(tools, session, number, at):
    """Insert a posting, dated by hand."""
    session.execute(
        text(
            "INSERT INTO posting (programme_id, id, reference, reason, actor, explanation, occurred_at, recorded_at) "
            f"SELECT programme_id, '{number:032x}', 'late:{number}', reason, actor, explanation, occurred_at, "
            f"{_at(tools, at)} FROM posting WHERE order_id = 5003"
        )
    )


def _at(tools, instant):
    return f"'{instant:%Y-%m-%d %H:%M:%S.%f}'" if tools.database.is_sqlite else f"'{instant.isoformat()}'::timestamptz"


def _posting_of(tools, order_id):
    with tools.reading() as session:
        found = session.execute(text(f"SELECT id FROM posting WHERE order_id = {order_id}")).scalar_one()
    return str(found).replace("-", "")


def _count(tools, table):
    with tools.reading() as session:
        return session.execute(text(f"SELECT COUNT(*) FROM {table}")).scalar_one()


def _chain_of(tools, number):
    with tools.reading() as session:
        return session.execute(text(f"SELECT chain FROM seal WHERE number = {number}")).scalar_one()


def _sealed_faults(tools):
    with tools.reading() as session:
        return [one for one in verify(session) if one.invariant == 4]
