"""Proofs are kept by programme and day, step by step, each step once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from plugin.errors import NotFound
from plugin.facts.proofs import Proof
from plugin.ledger.proofs import (
    KEPT_MAX,
    advance_proof,
    begin_proof,
    get_proof,
    kept,
    last_finished,
    list_proofs,
    list_proved,
)
from tests.ledger.bookkeeper import day

MONDAY, TUESDAY, WEDNESDAY = (date(2026, 11, number) for number in (2, 3, 4))


def proof_of(keeper, on, **more):
    return Proof(keeper.programme_id, on, day(0), day(1), day(1), 3, None, day(1), **more)


@pytest.fixture
def proofs(tools, keeper, stranger):
    """Monday and Tuesday are proved, Wednesday is begun; the stranger has proved Wednesday alone."""
    mine = [proof_of(keeper, on, finished_at=day(2), stage="done") for on in (MONDAY, TUESDAY)]
    mine.append(proof_of(keeper, WEDNESDAY))
    other = proof_of(stranger, WEDNESDAY, finished_at=day(2), stage="done", entries=9)
    with tools.writing() as session:
        for one in (mine[1], mine[2], other, mine[0]):
            begin_proof(session, one)
    return mine


def test_proofs_are_read_as_they_were_kept(tools, keeper, stranger, proofs):
    with tools.reading() as session:
        assert list_proofs(session, keeper.programme_id, MONDAY) == proofs
        assert list_proofs(session, keeper.programme_id, TUESDAY) == proofs[1:]
        assert get_proof(session, keeper.programme_id, WEDNESDAY) == proofs[2]
        assert last_finished(session, keeper.programme_id) == proofs[1]
        assert list_proved(session, TUESDAY) == {(keeper.programme_id, TUESDAY), (stranger.programme_id, WEDNESDAY)}
        with pytest.raises(NotFound):
            get_proof(session, stranger.programme_id, MONDAY)


def test_a_proof_that_was_begun_stands_unless_it_is_to_be_replaced(tools, keeper, stranger, proofs):
    again = replace(proofs[2], turn_left=99)
    with tools.writing() as session:
        begin_proof(session, again)
        assert get_proof(session, keeper.programme_id, WEDNESDAY) == proofs[2]
        begin_proof(session, again, is_again=True)
        assert list_proofs(session, keeper.programme_id, MONDAY) == [*proofs[:2], again]
        assert get_proof(session, stranger.programme_id, WEDNESDAY).entries == 9


def test_each_step_is_taken_once(tools, keeper, stranger, proofs):
    first = replace(proofs[2], step=1, entries=5, place=["x", 1])
    with tools.writing() as session:
        assert advance_proof(session, first)
        assert not advance_proof(session, replace(first, entries=6))
        assert not advance_proof(session, replace(first, step=3))
        assert not advance_proof(session, replace(first, step=2, started_at=day(1.5)))
        assert get_proof(session, keeper.programme_id, WEDNESDAY) == first
        last = replace(first, step=2, stage="done", place=None, finished_at=day(3))
        assert advance_proof(session, last)
        assert not advance_proof(session, replace(last, step=3, entries=7))
        assert list_proofs(session, keeper.programme_id, MONDAY) == [*proofs[:2], last]
        assert get_proof(session, stranger.programme_id, WEDNESDAY).entries == 9


def test_the_first_differences_are_kept_with_their_details():
    many = [{"number": number} for number in range(KEPT_MAX)]
    assert kept(many[:3], many[3:6]) == many[:6]
    assert kept(many[:3], many) == [*many[:3], *many[: KEPT_MAX - 3]]
