"""A member's link: one unguessable word, derived, so that losing the row loses nothing; merged members keep all of theirs."""

from __future__ import annotations

import hashlib
import hmac
import re
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from plugin.referrals.tables import referral_link

# The letters of our discount codes: no vowels, so no words, and none that is mistaken for another.
ALPHABET = "34679CDFGHJKMNPQRTVWXY"
LINK_LETTERS = 10
LINK = re.compile(rf"[{ALPHABET}]{{{LINK_LETTERS}}}")


def derive_link(secret: str, programme_id: UUID, member_id: UUID) -> str:
    """Make a member's word: 10 letters, over 44 bits of HMAC-SHA256."""
    message = f"laurel referral link 1|{programme_id}|{member_id}"
    number = int.from_bytes(hmac.digest(secret.encode(), message.encode(), hashlib.sha256))
    letters = []
    for _ in range(LINK_LETTERS):
        number, letter = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[letter])
    return "".join(letters)


def add_link(session: Session, programme_id: UUID, member_id: UUID, code: str, now: datetime) -> None:
    """Remember whose word this is; again does nothing."""
    row = {"programme_id": programme_id, "code": code, "member_id": member_id, "created_at": now}
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    session.execute(dialect.insert(referral_link).on_conflict_do_nothing(), [row])


def find_link_owner(session: Session, programme_id: UUID, text: str) -> UUID | None:
    """Return the member whose link this is, written in capitals or not."""
    code = text.strip().upper()
    if not LINK.fullmatch(code):
        return None
    mine = (referral_link.c.programme_id == programme_id, referral_link.c.code == code)
    found: UUID | None = session.scalar(select(referral_link.c.member_id).where(*mine))
    return found


def find_link(session: Session, programme_id: UUID, member_id: UUID) -> str | None:
    """Return a member's oldest link."""
    mine = (referral_link.c.programme_id == programme_id, referral_link.c.member_id == member_id)
    by_age = (referral_link.c.created_at, referral_link.c.code)
    found: str | None = session.scalar(select(referral_link.c.code).where(*mine).order_by(*by_age).limit(1))
    return found


def give_links(session: Session, programme_id: UUID, loser_id: UUID, winner_id: UUID) -> None:
    """Let the links of one member be another's."""
    mine = (referral_link.c.programme_id == programme_id, referral_link.c.member_id == loser_id)
    session.execute(update(referral_link).where(*mine).values(member_id=winner_id))


def drop_links(session: Session, programme_id: UUID, member_id: UUID) -> None:
    """Let a forgotten member's links lead nowhere."""
    mine = (referral_link.c.programme_id == programme_id, referral_link.c.member_id == member_id)
    session.execute(delete(referral_link).where(*mine))
