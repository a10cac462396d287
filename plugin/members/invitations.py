"""Invitations to share an account: a secret word each, good for one person and for some days. Only its hash is kept."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from plugin.db import new_id
from plugin.errors import NotFound
from plugin.members.store import Member
from plugin.members.tables import invitation

VALID_FOR = timedelta(days=14)
_TOKEN_BYTES = 16


@dataclass(frozen=True, slots=True)
class Invitation:
    """One invitation. `settled_at` is when somebody accepted it, or when it was withdrawn (`accepted_by_id` is None then)."""

    invitation_id: UUID
    invited_by_id: UUID
    expires_at: datetime
    accepted_by_id: UUID | None
    settled_at: datetime | None


def add_invitation(session: Session, inviter: Member, now: datetime) -> str:
    """Store an invitation to the account that the inviter has when it is accepted; return its token, which is not kept."""
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    row = {
        "programme_id": inviter.programme_id,
        "id": new_id(),
        "invited_by_id": inviter.member_id,
        "token_hash": _hash(token),
        "created_at": now,
        "expires_at": now + VALID_FOR,
    }
    session.execute(insert(invitation), [row])
    return token


def get_invitation(session: Session, programme_id: UUID, token: str) -> Invitation:
    """Return the invitation behind a token; to be asked for again once the accounts are locked.

    Raises:
        NotFound: there is none.
    """
    mine = (invitation.c.programme_id == programme_id, invitation.c.token_hash == _hash(token))
    row = session.execute(select(invitation).where(*mine)).one_or_none()
    if row is None:
        raise NotFound("no such invitation")
    return Invitation(row.id, row.invited_by_id, row.expires_at, row.accepted_by_id, row.settled_at)


def settle_invitation(session: Session, programme_id: UUID, one: Invitation, by: Member, now: datetime) -> None:
    """Say who accepted an invitation; it is of no use to anybody else."""
    same = (invitation.c.programme_id == programme_id, invitation.c.id == one.invitation_id)
    session.execute(update(invitation).where(*same).values(accepted_by_id=by.member_id, settled_at=now))


def withdraw_invitations(session: Session, inviter: Member, now: datetime) -> None:
    """End all open invitations of a member."""
    mine = (invitation.c.programme_id == inviter.programme_id, invitation.c.invited_by_id == inviter.member_id)
    session.execute(update(invitation).where(*mine, invitation.c.settled_at.is_(None)).values(settled_at=now))


def give_invitations(session: Session, programme_id: UUID, loser_id: UUID, winner_id: UUID) -> None:
    """Let the invitations of one member be another's."""
    mine = (invitation.c.programme_id == programme_id, invitation.c.invited_by_id == loser_id)
    session.execute(update(invitation).where(*mine).values(invited_by_id=winner_id))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
