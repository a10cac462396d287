"""How a redemption goes from state to state: each step is one guarded update that says whether it was the one to take it.

held ── captured ── (take_back_at) ── (deactivated_at) ── taken_back ── charged
  └──── released ─────────────────────────────────────────────────────────┘

A settled state is never left again but by a take-back, or because an order used the code after all. `attempts` fences: what a
worker learned from its call counts only while no other worker has begun a later call.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, update
from sqlalchemy.orm import Session

from plugin.rewards.redemptions import GIVEN_BACK, Redemption, find_redemption, list_by_codes
from plugin.rewards.tables import redemption

LEASE = timedelta(minutes=2)
"""Longer than any call to Shopify may take, all time-outs counted."""


def claim(session: Session, programme_id: UUID, redemption_id: UUID, now: datetime) -> Redemption | None:
    """Take the lease of a redemption that is due; None where it is not, or another worker has it.

    The answer carries `unanswered_at` as it was before: whether an earlier call was left without an answer.
    """
    found = find_redemption(session, programme_id, redemption_id, for_update=True)
    if found is None or found.next_try_at is None or found.next_try_at > now:
        return None
    claimed = replace(found, attempts=found.attempts + 1, next_try_at=now + LEASE)
    calling = now if found.state == "held" else found.unanswered_at
    values = {"attempts": claimed.attempts, "next_try_at": claimed.next_try_at, "unanswered_at": calling}
    return claimed if _step(session, found, values, redemption.c.attempts == found.attempts) else None


def postpone(session: Session, claimed: Redemption, until: datetime | None, *, is_answered: bool) -> bool:
    """Give the lease back and look again at `until`. `is_answered` says that this call certainly made nothing at Shopify."""
    values: dict[str, Any] = {"next_try_at": until}
    if is_answered:
        values["unanswered_at"] = claimed.unanswered_at
    return _step(session, claimed, values, redemption.c.attempts == claimed.attempts)


def use_other_code(session: Session, claimed: Redemption, code: str) -> bool:
    """Store the next code before it is asked for: the present one is somebody else's discount."""
    values = {"code": code, "code_attempt": claimed.code_attempt + 1}
    return _step(session, claimed, values, redemption.c.attempts == claimed.attempts, redemption.c.state == "held")


def mark_captured(session: Session, held: Redemption, discount_gid: str, now: datetime) -> bool:
    """The code exists and is ours. Not fenced by `attempts`: whoever learns it first may say so. Due again when it runs out."""
    values = {
        "state": "captured",
        "discount_gid": discount_gid,
        "settled_at": now,
        "next_try_at": held.expires_at,
        "unanswered_at": None,
    }
    return _step(session, held, values, redemption.c.state == "held", redemption.c.code_attempt == held.code_attempt)


def mark_released(
    session: Session, claimed: Redemption, refusal: str, now: datetime, watch_at: datetime | None
) -> bool:
    """Shopify refused for good. `watch_at` is when to look whether a code turned up after all."""
    values = {"state": "released", "refusal": refusal, "settled_at": now, "next_try_at": watch_at}
    return _step(session, claimed, values, redemption.c.state == "held", redemption.c.attempts == claimed.attempts)


def watch_released(session: Session, late: Redemption, at: datetime) -> bool:
    """A call was answered with a code after its points were given back: look for that code at `at`."""
    return _step(session, late, {"next_try_at": at}, redemption.c.state == "released")


def mark_take_back(session: Session, captured: Redemption, now: datetime) -> bool:
    """The shopper hands an unused code back; from now on it is not shown any more."""
    return _step(
        session,
        captured,
        {"take_back_at": now, "next_try_at": now},
        redemption.c.state == "captured",
        redemption.c.take_back_at.is_(None),
        redemption.c.used_at.is_(None),
    )


def mark_deactivated(session: Session, claimed: Redemption, at: datetime, sweep_past: datetime) -> bool:
    """The code works no more since `at`; the points wait for the order sweep to pass `sweep_past`."""
    values = {"deactivated_at": at, "next_try_at": sweep_past}
    return _step(session, claimed, values, redemption.c.deactivated_at.is_(None))


def mark_taken_back(session: Session, claimed: Redemption) -> bool:
    """No order used the code: the points go back in this transaction."""
    return _step(
        session,
        claimed,
        {"state": "taken_back", "next_try_at": None},
        redemption.c.state == "captured",
        redemption.c.deactivated_at.is_not(None),
        redemption.c.used_at.is_(None),
    )


def mark_codes_used(
    session: Session, programme_id: UUID, shop_id: UUID, codes: Sequence[tuple[str, int, datetime]]
) -> None:
    """Note which of our codes were used: (code, order id, when); of several uses the earliest counts, whichever came first.

    Where the points had come back already, the redemption is due at once: the slow lane charges them again. Call it after the
    accounts are locked.
    """
    uses = {
        code.upper(): (at, order_id)
        for code, order_id, at in sorted(codes, key=lambda use: (use[2], use[1]), reverse=True)
    }
    for found in list_by_codes(session, programme_id, shop_id, list(uses), for_update=True):
        use = at, order_id = uses[found.code]
        if found.used_at is not None and (found.used_at, found.used_order_id) <= use:
            continue
        values: dict[str, Any] = {"used_at": at, "used_order_id": order_id}
        if found.has_given_back:
            values |= {"next_try_at": at, "attempts": redemption.c.attempts + 1}
        _step(session, found, values)


def mark_charged(session: Session, claimed: Redemption) -> bool:
    """An order used the code although its points had come back: they are spent again in this transaction."""
    values = {"state": "charged", "next_try_at": None}
    given_back = redemption.c.state.in_(sorted(GIVEN_BACK))
    return _step(session, claimed, values, given_back, redemption.c.used_at.is_not(None))


def _step(session: Session, subject: Redemption, values: dict[str, Any], *guards: ColumnElement[bool]) -> bool:
    same = (redemption.c.programme_id == subject.programme_id, redemption.c.id == subject.redemption_id)
    done = session.execute(update(redemption).where(*same, *guards).values(**values))
    return bool(done.rowcount)  # type: ignore[attr-defined]  # an UPDATE's result is a cursor's
