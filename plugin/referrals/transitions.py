"""How a referral goes on: codes asked for under a lease, orders noted by the fast lane, outcomes written under the accounts' locks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, update
from sqlalchemy.orm import Session

from plugin.referrals.store import Referral, add_event, find_referral, list_by_codes
from plugin.referrals.tables import referral

LEASE = timedelta(minutes=2)
"""Longer than any call to Shopify may take, all time-outs counted."""


def lease(session: Session, programme_id: UUID, referral_id: UUID, now: datetime) -> Referral | None:
    """Take the lease of a referral whose code is not made yet and is due; None where there is nothing to ask for.

    The answer carries `unanswered_at` as it was before: whether an earlier call was left without an answer.
    """
    found = find_referral(session, programme_id, referral_id, for_update=True)
    if found is None or found.discount_gid or found.refusal or found.due_at is None or found.due_at > now:
        return None
    leased = replace(found, attempts=found.attempts + 1, due_at=now + LEASE)
    _set(session, found, attempts=leased.attempts, due_at=leased.due_at, unanswered_at=now)
    return leased


def finish_code(session: Session, leased: Referral, discount_gid: str, now: datetime) -> None:
    """The code exists and is ours; due when it runs out, or at once where an order used it already."""
    found = find_referral(session, leased.programme_id, leased.referral_id, for_update=True)
    if found is not None and found.discount_gid is None and found.code == leased.code:
        due_at = now if found.order_id else found.expires_at
        values = {"discount_gid": discount_gid, "unanswered_at": None, "due_at": due_at, "refusal": None}
        _set(session, found, **values, marks=referral.c.marks + 1)


def postpone_code(session: Session, leased: Referral, until: datetime, *, is_answered: bool) -> None:
    """Give the lease back and try again at `until`. `is_answered` says that this call certainly made nothing."""
    values: dict[str, Any] = {"due_at": until}
    if is_answered:
        values["unanswered_at"] = leased.unanswered_at
    _set(session, leased, referral.c.attempts == leased.attempts, referral.c.discount_gid.is_(None), **values)


def use_other_code(session: Session, leased: Referral, code: str) -> Referral:
    """Store the next code before it is asked for: the present one is somebody else's discount."""
    _set(session, leased, referral.c.discount_gid.is_(None), code=code, code_attempt=leased.code_attempt + 1)
    return replace(leased, code=code, code_attempt=leased.code_attempt + 1, unanswered_at=None)


def refuse_code(session: Session, leased: Referral, words: str, now: datetime) -> None:
    """Shopify refused the code for good: the referral lapses, and the friend may be brought again."""
    found = find_referral(session, leased.programme_id, leased.referral_id, for_update=True)
    if found is not None and found.discount_gid is None and found.attempts == leased.attempts:
        _set(session, found, refusal=words, due_at=None, state="lapsed", friend_key=None)
        add_event(session, replace(found, state="lapsed", reasons=("shopify_refused",)), now, "laurel")


def mark_orders(
    session: Session, programme_id: UUID, shop_id: UUID, uses: Sequence[tuple[str, int, datetime]], now: datetime
) -> list[UUID]:
    """Note which orders used our codes: (code, order id, when placed); of several the earliest counts, whichever came first.

    Whatever happened to such an order, its referral is due. Call it after the accounts are locked.
    """
    by_code: dict[str, tuple[datetime, int]] = {}
    for code, order_id, at in uses:
        name = code.upper()
        by_code[name] = min(by_code.get(name, (at, order_id)), (at, order_id))
    found = list_by_codes(session, programme_id, shop_id, list(by_code), for_update=True)
    for one in found:
        at, order_id = by_code[one.code]
        is_first = one.order_id is None or one.ordered_at is None or (at, order_id) <= (one.ordered_at, one.order_id)
        values: dict[str, Any] = {"order_id": order_id, "ordered_at": at} if is_first else {}
        _set(session, one, **values, due_at=now, marks=referral.c.marks + 1)
    return [one.referral_id for one in found]


def write_outcome(session: Session, before: Referral, after: Referral, now: datetime, actor: str = "laurel") -> None:
    """Write what a referral has become; a change of state or of its reasons is a step of its history.

    Its accounts are locked, so nobody else writes that. Whoever marked it as due meanwhile did so for something that was not looked
    at: then it stays due.
    """
    names = ("state", "matures_at", "counted_before", "round", "referrer_points", "friend_points")
    more = ("friend_customer_id", "friend_key", "decision", "decided_by", "decided_at", "note")
    values = {name: getattr(after, name) for name in (*names, *more) if getattr(after, name) != getattr(before, name)}
    if (after.reasons, after.unchecked) != (before.reasons, before.unchecked):
        values |= {"reasons": list(after.reasons), "unchecked": list(after.unchecked)}
    _set(session, before, **values)
    if after.due_at != before.due_at:
        _set(session, before, referral.c.marks == before.marks, due_at=after.due_at)
    if (after.state, after.reasons, after.decision) != (before.state, before.reasons, before.decision):
        add_event(session, after, now, actor)


def give_referrals(session: Session, programme_id: UUID, loser_id: UUID, winner_id: UUID, now: datetime) -> None:
    """Let whom one member brought be brought by another; what is still open is looked at again."""
    mine = (referral.c.programme_id == programme_id, referral.c.referrer_id == loser_id)
    still = referral.c.state.in_(("waiting", "review"))
    session.execute(update(referral).where(*mine, still).values(due_at=now, marks=referral.c.marks + 1))
    session.execute(update(referral).where(*mine).values(referrer_id=winner_id))


def forget_friend(session: Session, one: Referral) -> None:
    """Cut a referral off from the friend; what it gave stays."""
    _set(
        session,
        one,
        friend_key=None,
        friend_email=None,
        claimed_by=None,
        friend_customer_id=None,
        note=None,
        due_at=None,
    )


def forget_referrer(session: Session, programme_id: UUID, member_id: UUID, now: datetime) -> None:
    """Look again at what a forgotten member still has open, and drop what people wrote about it."""
    mine = (referral.c.programme_id == programme_id, referral.c.referrer_id == member_id)
    session.execute(update(referral).where(*mine).values(note=None))
    still = referral.c.state.in_(("waiting", "review"))
    session.execute(update(referral).where(*mine, still).values(due_at=now, marks=referral.c.marks + 1))


def forget_referrals_of_shop(session: Session, programme_id: UUID, shop_id: UUID) -> None:
    """Cut a shop's referrals off from every friend."""
    mine = (referral.c.programme_id == programme_id, referral.c.shop_id == shop_id)
    nobody = dict.fromkeys(("friend_key", "friend_email", "claimed_by", "friend_customer_id", "note", "due_at"))
    session.execute(update(referral).where(*mine).values(nobody))


def _set(session: Session, one: Referral, *guards: ColumnElement[bool], **values: Any) -> None:
    same = (referral.c.programme_id == one.programme_id, referral.c.id == one.referral_id)
    if values:
        session.execute(update(referral).where(*same, *guards).values(**values))
