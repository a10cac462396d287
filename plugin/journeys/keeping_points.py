"""Tiers that keep points from lapsing: what members' tiers keep is told from the history of their holdings, and their accounts anew.

A tier that is held promises its end; what it keeps until then is as good as given on that day. A promise once made to a holding
stands while that holding does, whatever is published meanwhile.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from plugin.facts import Holding
from plugin.journeys.documents import current_document
from plugin.journeys.locking import expect_locked
from plugin.journeys.retelling import retell
from plugin.ledger import Books
from plugin.ledger.keeps import Keep, has_keeps, keeps_of_members, replace_keeps
from plugin.ledger.merged import surviving_accounts
from plugin.ledger.passing import pass_time
from plugin.ledger.shapes import AccountKey
from plugin.members import Member
from plugin.programme.store import get_programme
from plugin.rules import ProgrammeDocument
from plugin.rules.terms import kept_until


def settle_keeps(
    session: Session,
    programme_id: UUID,
    members: Sequence[Member],
    histories: Mapping[UUID, Sequence[Holding]],
    now: datetime,
) -> None:
    """Bring what these members' tiers keep up to their histories, oldest line first; costs nothing where no tier keeps anything."""
    _, document = current_document(session, programme_id)
    if not document.earning.expiry_by_tier and not has_keeps(session, programme_id):
        return
    timezone = get_programme(session, programme_id).timezone
    before = keeps_of_members(session, programme_id, [one.member_id for one in members])
    changed: list[Member] = []
    fresh: list[Keep] = []
    for member in members:
        was = before.get(member.member_id, [])
        found = list(_keeps(document, member, told_spans(histories.get(member.member_id, ())), was, timezone))
        if set(found) != set(was):
            changed.append(member)
            fresh += found
    if changed:
        left = {one.account_id for member in changed for one in before.get(member.member_id, [])}
        accounts = {(programme_id, one) for one in left | {one.account_id for one in changed}}
        keys = set(surviving_accounts(session, accounts).values())
        expect_locked(session, keys)
        replace_keeps(session, programme_id, [one.member_id for one in changed], fresh)
        _tell_accounts(session, keys, now)


def told_spans(history: Iterable[Holding]) -> list[Holding]:
    """Say what was held when, by a history in the order in which it was written: a later line outweighs all from its beginning on."""
    spans: list[Holding] = []
    for one in history:
        while spans and spans[-1].since >= one.since:
            spans.pop()
        if spans and (spans[-1].until is None or spans[-1].until > one.since):
            spans[-1] = replace(spans[-1], until=one.since)
        spans.append(one)
    return spans


def _keeps(
    document: ProgrammeDocument, member: Member, spans: Sequence[Holding], was: Sequence[Keep], timezone: str
) -> Iterable[Keep]:
    """What each span keeps, and what was promised to it before it was renewed, cut short, or the terms changed."""
    for span in spans:
        if span.tier is None:
            continue
        mine = (replace(one, account_id=member.account_id) for one in was if _is_of(one, span))
        kept = kept_until(document, span.tier, span.until, timezone)
        if kept is None:
            yield from (one if _is_within(one, span) else replace(one, until=span.until) for one in mine)
            continue
        ends = (span.since, span.until, kept.expires_at)
        yield Keep(member.member_id, member.account_id, span.tier, *ends)
        yield from (one for one in mine if _is_within(one, span) and _is_later(one.expires_at, kept.expires_at))


def _is_of(one: Keep, span: Holding) -> bool:
    return (one.tier, one.since) == (span.tier, span.since)


def _is_within(one: Keep, span: Holding) -> bool:
    """Whether a span lasts as long as the one to which this was promised."""
    return span.until is None or (one.until is not None and one.until <= span.until)


def _is_later(one: datetime | None, other: datetime | None) -> bool:
    """Compare ends; None is for ever."""
    return other is not None and (one is None or one > other)


def _tell_accounts(session: Session, keys: Collection[AccountKey], now: datetime) -> None:
    """The lots' ends are projections of what keeps them; what has ended by another telling comes back."""
    books = Books(session)
    books.lock(keys)
    pass_time(books, keys, now)
    retell(session, books, keys, "tier", now)
    books.write()
