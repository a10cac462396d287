"""What was given for actions, looked up and kept. Whoever adds a row holds the lock of the member's account."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Row, insert, select, update
from sqlalchemy.orm import Session

from plugin.actions.tables import action_award
from plugin.db import among

_APART = "~"
"""Stands between an occurrence and whose it was, where both of two members who became one had it."""


@dataclass(frozen=True, slots=True)
class ActionAward:
    """One time that an action counted. `occurrence` tells it from other times of the same action and member.

    What comes by the calendar and was looked at once without giving anything has no points and says `why`. `wish_id` is a click's.
    """

    programme_id: UUID
    member_id: UUID
    action_id: str
    occurrence: str
    kind: str
    source: str
    points: int
    why: str | None
    wish_id: str | None
    document_version: int
    occurred_at: datetime
    recorded_at: datetime


_NAMES = tuple(column.name for column in action_award.c)


def list_action_awards(session: Session, programme_id: UUID, member_id: UUID) -> list[ActionAward]:
    """List what a member's actions gave, oldest first; calendar days that gave nothing are among them."""
    query = select(action_award).where(*_of(programme_id, member_id))
    rows = session.execute(query.order_by(action_award.c.occurred_at, action_award.c.action_id))
    return [_award(row) for row in rows]


def add_action_award(session: Session, one: ActionAward) -> None:
    """Keep one; the database refuses a second of the same occurrence or wish."""
    session.execute(insert(action_award), [{name: getattr(one, name) for name in _NAMES}])


def find_occurrences(
    session: Session, keys: Collection[tuple[UUID, UUID, str, str]]
) -> set[tuple[UUID, UUID, str, str]]:
    """Say which of these (programme, member, action, occurrence) are there."""
    if not keys:
        return set()
    columns = (
        action_award.c.programme_id,
        action_award.c.member_id,
        action_award.c.action_id,
        action_award.c.occurrence,
    )
    return {tuple(row) for row in session.execute(select(*columns).where(among(columns, keys)))}


def hand_over(session: Session, programme_id: UUID, loser_id: UUID, winner_id: UUID) -> None:
    """Let what one member was given count for another; where both have the same, the one's is kept under a name of its own."""
    theirs = {(one.action_id, one.occurrence) for one in list_action_awards(session, programme_id, winner_id)}
    wishes = {one.wish_id for one in list_action_awards(session, programme_id, winner_id) if one.wish_id}
    for one in list_action_awards(session, programme_id, loser_id):
        same = (action_award.c.action_id == one.action_id, action_award.c.occurrence == one.occurrence)
        values: dict[str, object] = {"member_id": winner_id}
        if (one.action_id, one.occurrence) in theirs:
            values["occurrence"] = f"{called_at_first(one)}{_APART}{loser_id.hex}"
        if one.wish_id in wishes:
            values["wish_id"] = None
        session.execute(update(action_award).where(*_of(programme_id, loser_id), *same).values(values))


def called_at_first(one: ActionAward) -> str:
    """Return the occurrence under the name that it was given by, whoever's it has become since."""
    return one.occurrence.partition(_APART)[0]


def void_action_award(session: Session, one: ActionAward, why: str) -> None:
    """Note of an award whose points were taken back that it is worth nothing."""
    same = (action_award.c.action_id == one.action_id, action_award.c.occurrence == one.occurrence)
    session.execute(update(action_award).where(*_of(one.programme_id, one.member_id), *same).values(points=0, why=why))


def _of(programme_id: UUID, member_id: UUID) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return action_award.c.programme_id == programme_id, action_award.c.member_id == member_id


def _award(row: Row[tuple[object, ...]]) -> ActionAward:
    return ActionAward(**{name: getattr(row, name) for name in _NAMES})


def list_rewarded(
    session: Session, programme_id: UUID, member_ids: Collection[UUID]
) -> list[tuple[UUID, str, datetime]]:
    """List (member, action, when) of actions that gave points, oldest first."""
    mine = (action_award.c.programme_id == programme_id, action_award.c.member_id.in_(sorted(member_ids)))
    rows = session.execute(
        select(action_award.c.member_id, action_award.c.action_id, action_award.c.occurred_at)
        .where(*mine, action_award.c.points > 0)
        .order_by(action_award.c.occurred_at)
    )
    return [(row.member_id, row.action_id, row.occurred_at) for row in rows]
