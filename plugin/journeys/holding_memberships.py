"""Which memberships somebody has at an instant: their own, and those that others who share their account let them share."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from plugin.members import Member
from plugin.members.store import list_members_of_account
from plugin.memberships.store import Holding, list_holdings
from plugin.rules import ProgrammeDocument


def memberships_at(session: Session, member: Member, document: ProgrammeDocument, now: datetime) -> frozenset[str]:
    """Name the memberships whose perks last."""
    return frozenset(one.membership_id for one in running(session, member, document, now))


def running(session: Session, member: Member, document: ProgrammeDocument, now: datetime) -> list[Holding]:
    """List what is held, by the membership's id, of each the one that lasts longest; a programme that never sold one is asked nothing."""
    if not document.memberships:
        return []
    shared = {one.id for one in document.memberships if one.is_shared}
    found = {one.membership_id: one for one in _held(session, member, now)}
    for other in list_members_of_account(session, member.programme_id, member.account_id) if shared else ():
        for one in _held(session, other, now) if other.member_id != member.member_id else ():
            mine = found.get(one.membership_id)
            if one.membership_id in shared and (mine is None or mine.perks_until < one.perks_until):
                found[one.membership_id] = one
    return [found[name] for name in sorted(found)]


def _held(session: Session, member: Member, now: datetime) -> list[Holding]:
    return [
        one
        for one in list_holdings(session, member.programme_id, member.member_id)
        if one.starts_at <= now < one.perks_until
    ]
