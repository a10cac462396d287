"""Warnings are of one lot, end and lead: written down once, delivered once, and true for as long as the points are there."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from plugin.facts import ExpiryWarning
from plugin.ledger import Books, Terms, moves
from plugin.ledger.notices import (
    LAST_INSTANT,
    NoticeRule,
    Postponed,
    count_postponed,
    is_warning_due,
    list_programmes_expiring,
    list_rules,
    list_undelivered,
    list_warnings_of,
    note_delivered,
    note_warnings,
    postpone_unwarned,
    rule_in_force,
    set_rule,
)
from plugin.ledger.timeline import Extended
from tests.ledger.bookkeeper import day

RULE = NoticeRule(day(0), (7, 2), must_be_delivered=True, timezone="UTC")
INSTANT = timedelta(microseconds=1)


@pytest.fixture
def ending(keeper, stranger):
    """An account whose points end on day 10 (30 in two lots), day 20 and never; another's end on day 10, and a stranger's."""
    keys = [keeper.open(), keeper.open(), stranger.open()]
    for points, end in ((10, 10), (20, 10), (40, 20), (80, None)):
        keeper.give(keys[0], points, Terms(day(0), day(0), day(end) if end else None))
    keeper.give(keys[1], 5, Terms(day(0), day(0), day(10)))
    stranger.give(keys[2], 3, Terms(day(0), day(0), day(10)))
    return keys


@pytest.mark.parametrize(
    ("at", "noted"),
    [
        (day(3) - INSTANT, []),
        (day(3), [(7, 10, 30), (7, 10, 5)]),
        (day(8) - INSTANT, [(7, 10, 30), (7, 10, 5)]),
        (day(8), [(2, 10, 30), (2, 10, 5)]),
        (day(10) - INSTANT, [(2, 10, 30), (2, 10, 5)]),
        (day(10), []),
        (day(13), [(7, 20, 40)]),
    ],
)
def test_an_end_is_warned_of_by_the_fewest_days_that_reach_it(tools, keeper, ending, at, noted):
    with tools.writing() as session:
        assert is_warning_due(session, keeper.programme_id, RULE, at) == bool(noted)
        note_warnings(session, keeper.programme_id, RULE, at, 99)
        found = list_undelivered(session, keeper.programme_id, at, 99)
        assert sorted((one.days, one.expires_at, one.points) for one in found) == sorted(
            (days, day(end), points) for days, end, points in noted
        )
        assert not is_warning_due(session, keeper.programme_id, RULE, at)
        assert note_warnings(session, keeper.programme_id, RULE, at, 99) == 0


def test_no_more_warnings_are_written_than_asked_for(tools, keeper, ending):
    both = replace(RULE, days=(7, 17))
    with tools.writing() as session:
        assert [note_warnings(session, keeper.programme_id, both, day(3), 2) for _ in range(4)] == [2, 2, 0, 0]
        assert len(list_undelivered(session, keeper.programme_id, day(3), 99)) == 3
        assert len(list_undelivered(session, keeper.programme_id, day(3), 1)) == 1


def test_a_warning_is_delivered_once_for_each_of_its_lots(tools, keeper, stranger, ending):
    with tools.writing() as session:
        for one in (keeper, stranger):
            note_warnings(session, one.programme_id, RULE, day(3), 99)
        (first, second), account_id = list_undelivered(session, keeper.programme_id, day(4), 9), ending[0][1]
        mine = first if first.account_id == account_id else second
        assert mine == ExpiryWarning(keeper.programme_id, account_id, day(10), 7, 30, day(3))
        assert [note_delivered(session, [mine], "panel", day(4)) for _ in range(2)] == [2, 0]
        assert list_warnings_of(session, *ending[0], day(4)) == [replace(mine, is_delivered=True)]
        assert len(list_undelivered(session, keeper.programme_id, day(4), 9)) == 1
        assert len(list_undelivered(session, stranger.programme_id, day(4), 9)) == 1
        note_warnings(session, keeper.programme_id, RULE, day(8), 99)
        assert [(one.days, one.is_delivered) for one in list_warnings_of(session, *ending[0], day(8))] == [
            (2, False),
            (7, True),
        ]
        assert list_warnings_of(session, *ending[0], day(10)) == list_warnings_of(session, *ending[2], day(10)) == []


def test_a_warning_of_points_that_are_spent_in_part_is_of_those_left(tools, keeper, ending):
    with tools.writing() as session:
        note_warnings(session, keeper.programme_id, RULE, day(3), 99)
        books = Books(session)
        books.lock([ending[0]])
        books.load_all([ending[0]])
        owner, fact = books.accounts[ending[0]], keeper.fact("adjustment")
        books.post(fact)
        books.move(fact, moves.take_away(owner, books.lots_of(owner), 12))
        books.write()
        assert [one.points for one in list_warnings_of(session, *ending[0], day(4))] == [18]


def test_nobody_is_warned_of_points_that_are_gone(tools, keeper):
    key = keeper.open()
    keeper.give(key, 5, Terms(day(0), day(0), day(10)))
    with tools.writing() as session:
        books = Books(session)
        books.lock([key])
        books.load_all([key])
        owner, fact = books.accounts[key], keeper.fact("adjustment")
        books.post(fact)
        books.move(fact, moves.take_away(owner, books.lots_of(owner), 5))
        books.write()
        assert not is_warning_due(session, keeper.programme_id, RULE, day(4))
        assert note_warnings(session, keeper.programme_id, RULE, day(4), 9) == 0


def test_programmes_with_points_that_end_soon_are_listed(tools, keeper, stranger, ending):
    with tools.reading() as session:
        both = sorted((keeper.programme_id, stranger.programme_id))
        assert list_programmes_expiring(session, day(9), day(10)) == both
        assert list_programmes_expiring(session, day(10), day(20)) == [keeper.programme_id]
        assert list_programmes_expiring(session, day(10), day(20) - INSTANT) == []


def test_the_newest_rule_at_an_instant_is_in_force(tools, keeper, stranger):
    rules = [
        RULE,
        replace(RULE, since=day(5), days=(3,)),
        replace(RULE, since=day(6), days=(3,), must_be_delivered=False),
        replace(RULE, since=day(7), days=(3,), must_be_delivered=False, timezone="Asia/Tokyo"),
    ]
    with tools.writing() as session:
        for one in rules:
            set_rule(session, keeper.programme_id, one)
            set_rule(session, keeper.programme_id, replace(one, since=one.since + timedelta(hours=1)))
        set_rule(session, stranger.programme_id, RULE)
        published, *told = list_rules(session, keeper.programme_id)
        assert (told, published.must_be_delivered) == (rules, False)
    assert rule_in_force(rules, day(0) - INSTANT) is None
    assert [rule_in_force(rules, day(at)) for at in (0, 5, 6, 6.9, 7, 99)] == [rules[n] for n in (0, 1, 2, 2, 3, 3)]


NOT_POSTPONED = {
    "a rule that asks for nothing": [replace(RULE, must_be_delivered=False)],
    "a rule without leads": [replace(RULE, days=())],
    "a rule of later": [replace(RULE, since=day(10) + INSTANT)],
    "the published rule": [],
}


@pytest.mark.parametrize("why", NOT_POSTPONED)
def test_points_end_where_no_warning_need_be_delivered(tools, keeper, ending, why):
    assert postponed(tools, keeper, ending[1], NOT_POSTPONED[why]) is None


@pytest.mark.parametrize(("now", "end"), [(10, 17 + 1), (12.5, 19 + 1)])
def test_points_nobody_was_warned_of_get_an_end_that_leaves_time_for_every_warning(tools, keeper, ending, now, end):
    said = postponed(tools, keeper, ending[1], [RULE], now=now)
    assert (said.at, said.expires_at) == (day(10) - LAST_INSTANT, day(end))
    with tools.reading() as session:
        books = Books(session)
        books.load_all([ending[1]])
        assert [lot.expires_at for lot in books.lots.values()] == [day(end)]
        assert count_postponed(session, keeper.programme_id, said.at) == Postponed(1, 1, 5)
        assert count_postponed(session, keeper.programme_id, day(10)) == Postponed(0, 0, 0)


@pytest.mark.parametrize(("delivered", "is_late"), [(day(10) - INSTANT, False), (day(10), True)])
def test_a_warning_counts_that_was_delivered_before_the_end(tools, keeper, ending, delivered, is_late):
    with tools.writing() as session:
        note_warnings(session, keeper.programme_id, RULE, day(3), 99)
        told = [one for one in list_undelivered(session, keeper.programme_id, day(4), 9) if one.points == 5]
        note_delivered(session, told, "message", delivered)
    assert (postponed(tools, keeper, ending[1], [RULE]) is not None) == is_late


def test_a_warning_of_other_points_does_not_count(tools, keeper, ending):
    with tools.writing() as session:
        note_warnings(session, keeper.programme_id, RULE, day(3), 99)
        told = [one for one in list_undelivered(session, keeper.programme_id, day(4), 9) if one.points == 30]
        note_delivered(session, told, "message", day(4))
    assert isinstance(postponed(tools, keeper, ending[1], [RULE]), Extended)


def postponed(tools, keeper, key, rules, now=10):
    """Ask for the end of an account's only lot, on day 10."""
    with tools.writing() as session:
        for one in rules:
            set_rule(session, keeper.programme_id, one)
        books = Books(session)
        books.lock([key])
        books.load_all([key])
        (lot,) = books.lots.values()
        said = postpone_unwarned(books, books.accounts[key], lot, day(10), day(now))
        books.write()
    return said
