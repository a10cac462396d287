"""Warnings before points expire, and the rule that they must have reached the member.

A warning is of one lot and one end: an end that moves is warned of anew. Where the rule is on, a lot none of whose warnings was
delivered before its end gets another one instead of expiring.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
    Uuid,
    and_,
    exists,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.orm import Session

from plugin.days import days_later, end_of_day_after
from plugin.db import Instant, among, metadata, new_id, tenant_fk, tenant_key
from plugin.facts import ExpiryWarning
from plugin.ledger.books import Books
from plugin.ledger.shapes import Account, Lot, Signed
from plugin.ledger.tables import extension, lot
from plugin.ledger.timeline import Extended

LAST_INSTANT = timedelta(microseconds=1)
"""A postponement is dated just before the end it moves, so that whoever tells the story meets it in time."""
UNWARNED = "unwarned"

expiry_warning = Table(
    "expiry_warning",
    metadata,
    *tenant_key(),
    Column("account_id", Uuid, nullable=False),
    Column("lot_id", Uuid, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("days", Integer, nullable=False),
    Column("points", BigInteger, nullable=False),
    Column("noted_at", Instant, nullable=False),
    Column("delivered_at", Instant),
    Column("delivered_by", String),
    tenant_fk("account", "account_id"),
    tenant_fk("lot", "lot_id"),
    UniqueConstraint("programme_id", "lot_id", "expires_at", "days"),
    CheckConstraint("points > 0 AND days > 0", name="points"),
    CheckConstraint("(delivered_at IS NULL) = (delivered_by IS NULL)", name="delivered"),
    CheckConstraint("delivered_by IN ('message', 'panel')", name="delivered_by"),
    Index("ix_expiry_warning_account", "programme_id", "account_id", "expires_at"),
)
Index(
    "ix_expiry_warning_waiting",
    expiry_warning.c.programme_id,
    expiry_warning.c.expires_at,
    sqlite_where=expiry_warning.c.delivered_at.is_(None),
    postgresql_where=expiry_warning.c.delivered_at.is_(None),
)

notice_rule = Table(
    "notice_rule",
    metadata,
    *tenant_key(),
    Column("since", Instant, nullable=False),
    Column("days", JSON, nullable=False),
    Column("must_be_delivered", Boolean, nullable=False),
    Column("timezone", String, nullable=False),
    ForeignKeyConstraint(["programme_id"], ["programme.id"]),
    Index("ix_notice_rule_since", "programme_id", "since", "id"),
)


@dataclass(frozen=True, slots=True)
class NoticeRule:
    """How many days before their end points are warned of, by whose clocks, and whether they wait for it; in force from `since`."""

    since: datetime
    days: tuple[int, ...]
    must_be_delivered: bool
    timezone: str


def set_rule(session: Session, programme_id: UUID, rule: NoticeRule) -> None:
    """Let a rule be in force from its instant on; the same rule again changes nothing."""
    newest = [*list_rules(session, programme_id)][-1:]
    if newest and (newest[0].days, newest[0].must_be_delivered, newest[0].timezone) == (
        rule.days,
        rule.must_be_delivered,
        rule.timezone,
    ):
        return
    session.execute(
        insert(notice_rule).values(
            programme_id=programme_id,
            id=new_id(),
            since=rule.since,
            days=list(rule.days),
            must_be_delivered=rule.must_be_delivered,
            timezone=rule.timezone,
        )
    )


def list_rules(session: Session, programme_id: UUID) -> Sequence[NoticeRule]:
    """List a programme's rules, oldest first."""
    rows = session.execute(
        select(notice_rule)
        .where(notice_rule.c.programme_id == programme_id)
        .order_by(notice_rule.c.since, notice_rule.c.id)
    )
    return [NoticeRule(row.since, tuple(row.days), row.must_be_delivered, row.timezone) for row in rows]


def rule_in_force(rules: Sequence[NoticeRule], at: datetime) -> NoticeRule | None:
    """Return the newest rule at an instant."""
    return next((one for one in reversed(rules) if one.since <= at), None)


def postpone_unwarned(books: Books, owner: Account, lot: Lot, at: datetime, now: datetime) -> Extended | None:
    """Move the end of a lot that would expire at `at` and must not; None where it may.

    The new end leaves time for every warning, from now or from the old end, whichever is later.
    """
    rules = books.remembered(
        ("notice rules", owner.programme_id), lambda: list_rules(books.session, owner.programme_id)
    )
    rule = rule_in_force(rules, at)
    if rule is None or not rule.must_be_delivered or not rule.days or _was_warned(books.session, lot, at):
        return None
    until = end_of_day_after(max(at, now), max(rule.days), rule.timezone)
    postponed = Extended(at - LAST_INSTANT, lot.key, until)
    reference = f"postponed:{lot.lot_id}:{at.isoformat()}"
    books.extend(owner, lot, postponed, by=Signed("laurel", UNWARNED, reference))
    return postponed


def _was_warned(session: Session, lot: Lot, at: datetime) -> bool:
    warned = (
        expiry_warning.c.programme_id == lot.programme_id,
        expiry_warning.c.lot_id == lot.lot_id,
        expiry_warning.c.expires_at == at,
        expiry_warning.c.delivered_at < at,
    )
    return session.execute(select(expiry_warning.c.id).where(*warned).limit(1)).first() is not None


def note_warnings(session: Session, programme_id: UUID, rule: NoticeRule, now: datetime, limit: int) -> int:
    """Write down warnings that are due, each lot's end and lead once; of several that are due at once, the latest alone counts.

    Return how many were written; `limit` bounds them.
    """
    noted = 0
    for days, soonest, latest in _stages(rule, now):
        due = _due(programme_id, days, soonest, latest).limit(limit - noted)
        rows = [
            {
                "programme_id": programme_id,
                "id": new_id(),
                "account_id": row.account_id,
                "lot_id": row.id,
                "expires_at": row.expires_at,
                "days": days,
                "points": row.available,
                "noted_at": now,
            }
            for row in session.execute(due)
        ]
        if rows:
            session.execute(insert(expiry_warning), rows)
        noted += len(rows)
    return noted


def is_warning_due(session: Session, programme_id: UUID, rule: NoticeRule, now: datetime) -> bool:
    """Say whether there is a warning to write down."""
    return any(session.execute(_due(programme_id, *stage).limit(1)).first() for stage in _stages(rule, now))


def list_programmes_expiring(session: Session, now: datetime, until: datetime) -> list[UUID]:
    """List programmes with points that expire between these instants."""
    soon = (lot.c.available > 0, lot.c.expires_at > now, lot.c.expires_at <= until)
    return list(session.scalars(select(lot.c.programme_id).where(*soon).distinct().order_by(lot.c.programme_id)))


def _stages(rule: NoticeRule, now: datetime) -> list[tuple[int, datetime, datetime]]:
    """(days, ends after, ends at the latest): an end is in the stage of the fewest days that reach it."""
    stages, after = [], now
    for days in sorted(set(rule.days)):
        until = days_later(now, days, rule.timezone)
        stages.append((days, after, until))
        after = until
    return stages


def _due(programme_id: UUID, days: int, soonest: datetime, latest: datetime) -> Any:
    warned = exists().where(
        expiry_warning.c.programme_id == lot.c.programme_id,
        expiry_warning.c.lot_id == lot.c.id,
        expiry_warning.c.expires_at == lot.c.expires_at,
        expiry_warning.c.days == days,
    )
    soon = (lot.c.available > 0, lot.c.expires_at > soonest, lot.c.expires_at <= latest)
    return select(lot).where(lot.c.programme_id == programme_id, *soon, ~warned).order_by(lot.c.expires_at, lot.c.id)


_MESSAGE = (
    expiry_warning.c.programme_id,
    expiry_warning.c.account_id,
    expiry_warning.c.expires_at,
    expiry_warning.c.days,
)


def list_undelivered(session: Session, programme_id: UUID, now: datetime, limit: int) -> list[ExpiryWarning]:
    """List warnings that reached nobody and still can, soonest end first: one for each account, end and lead.

    What was spent, extended or taken back since is left out, and the points are those of now.
    """
    query = _still_true(now).where(expiry_warning.c.programme_id == programme_id)
    rows = session.execute(query.where(expiry_warning.c.delivered_at.is_(None)).limit(limit))
    return [_fact(row) for row in rows]


def list_warnings_of(session: Session, programme_id: UUID, account_id: UUID, now: datetime) -> list[ExpiryWarning]:
    """List what an account's holder should know now, soonest end first, delivered before or not."""
    mine = (expiry_warning.c.programme_id == programme_id, expiry_warning.c.account_id == account_id)
    return [_fact(row) for row in session.execute(_still_true(now).where(*mine))]


def note_delivered(session: Session, warnings: Collection[ExpiryWarning], by: str, at: datetime) -> int:
    """Remember that these reached the member, by `message` or in the `panel`; the first delivery counts. Return how many lots' did."""
    keys = [(one.programme_id, one.account_id, one.expires_at, one.days) for one in warnings]
    waiting = (among(_MESSAGE, keys), expiry_warning.c.delivered_at.is_(None))
    changed = session.execute(update(expiry_warning).where(*waiting).values(delivered_at=at, delivered_by=by))
    return int(changed.rowcount)  # type: ignore[attr-defined] # an UPDATE's result counts rows


def _still_true(now: datetime) -> Any:
    same = and_(
        lot.c.programme_id == expiry_warning.c.programme_id,
        lot.c.id == expiry_warning.c.lot_id,
        lot.c.expires_at == expiry_warning.c.expires_at,
        lot.c.available > 0,
    )
    return (
        select(
            *_MESSAGE,
            func.sum(lot.c.available).label("points"),
            func.max(expiry_warning.c.noted_at).label("noted_at"),
            func.count(expiry_warning.c.delivered_at).label("delivered"),
            func.count().label("lots"),
        )
        .join(lot, same)
        .where(expiry_warning.c.expires_at > now)
        .group_by(*_MESSAGE)
        .order_by(expiry_warning.c.expires_at, expiry_warning.c.account_id, expiry_warning.c.days)
    )


def _fact(row: Any) -> ExpiryWarning:
    return ExpiryWarning(
        programme_id=row.programme_id,
        account_id=row.account_id,
        expires_at=row.expires_at,
        days=row.days,
        points=int(row.points),
        noted_at=row.noted_at,
        is_delivered=row.delivered == row.lots,
    )


@dataclass(frozen=True, slots=True)
class Postponed:
    """What did not expire for want of a warning: lots whose end was moved, their members' accounts, and what they hold now."""

    lots: int
    accounts: int
    points: int


def count_postponed(session: Session, programme_id: UUID, since: datetime) -> Postponed:
    """Count what was postponed from `since` on."""
    mine = (extension.c.programme_id == programme_id, extension.c.reason == UNWARNED, extension.c.occurred_at >= since)
    chosen = select(extension.c.lot_id).where(*mine, extension.c.actor == "laurel")
    row = session.execute(
        select(
            func.count(), func.count(lot.c.account_id.distinct()), func.coalesce(func.sum(lot.c.available), 0)
        ).where(lot.c.programme_id == programme_id, lot.c.id.in_(chosen))
    ).one()
    return Postponed(*map(int, row))
