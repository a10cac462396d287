"""Challenges that members completed, and goals that all reached together."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, Column, ForeignKeyConstraint, Integer, String, Table, Uuid, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from plugin.db import Instant, metadata, tenant_fk, tenant_key

challenge_completion = Table(
    "challenge_completion",
    metadata,
    *tenant_key(
        Column("member_id", Uuid, primary_key=True),
        Column("challenge_id", String(64), primary_key=True),
        Column("period", String(16), primary_key=True),
    ),
    Column("completed_at", Instant, nullable=False),
    Column("points", BigInteger, nullable=False),
    Column("document_version", Integer, nullable=False),
    Column("round", Integer, nullable=False),
    Column("is_undone", Boolean, nullable=False),
    tenant_fk("member", "member_id"),
)
"""`round` counts how often it was completed: what was refunded may be bought again."""

group_goal = Table(
    "group_goal",
    metadata,
    *tenant_key(Column("challenge_id", String(64), primary_key=True), Column("period", String(16), primary_key=True)),
    Column("reached_at", Instant, nullable=False),
    ForeignKeyConstraint(["programme_id"], ["programme.id"]),
)


@dataclass(frozen=True, slots=True)
class KeptCompletion:
    """One challenge completed by one member in one period, and what it gave."""

    member_id: UUID
    challenge_id: str
    period: str
    completed_at: datetime
    points: int
    document_version: int
    round: int = 1
    is_undone: bool = False

    @property
    def key(self) -> tuple[UUID, str, str]:
        """What it is completed once of: (member, challenge, period)."""
        return self.member_id, self.challenge_id, self.period

    @property
    def reference(self) -> str:
        """The business event, for the ledger."""
        return f"challenge:{self.challenge_id}:{self.member_id}:{self.period}:{self.round}"


_NAMES = tuple(column.name for column in challenge_completion.c if column.name != "programme_id")


def list_completions(session: Session, programme_id: UUID, member_ids: Collection[UUID]) -> list[KeptCompletion]:
    """List what these members completed, undone ones too, oldest first."""
    mine = (
        challenge_completion.c.programme_id == programme_id,
        challenge_completion.c.member_id.in_(sorted(member_ids)),
    )
    rows = session.execute(select(challenge_completion).where(*mine).order_by(challenge_completion.c.completed_at))
    return [KeptCompletion(**{name: getattr(row, name) for name in _NAMES}) for row in rows]


def keep_completions(session: Session, programme_id: UUID, kept: Sequence[KeptCompletion]) -> None:
    """Write completions in the place of earlier ones of the same key."""
    if not kept:
        return
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    statement = dialect.insert(challenge_completion)
    changing = {one.name: statement.excluded[one.name] for one in challenge_completion.c if not one.primary_key}
    keys = [one for one in challenge_completion.c if one.primary_key]
    rows = [{"programme_id": programme_id} | {name: getattr(one, name) for name in _NAMES} for one in kept]
    session.execute(statement.on_conflict_do_update(index_elements=keys, set_=changing), rows)


def find_reached(session: Session, programme_id: UUID, challenge_id: str, period: str) -> datetime | None:
    """Return when all together reached a goal of a period, if they did."""
    mine = (group_goal.c.programme_id == programme_id, group_goal.c.challenge_id == challenge_id)
    query = select(group_goal.c.reached_at).where(*mine, group_goal.c.period == period)
    return session.execute(query).scalar_one_or_none()


def note_reached(session: Session, programme_id: UUID, challenge_id: str, period: str, at: datetime) -> None:
    """Remember that all together reached a goal."""
    values = {"programme_id": programme_id, "challenge_id": challenge_id, "period": period, "reached_at": at}
    session.execute(insert(group_goal), [values])
