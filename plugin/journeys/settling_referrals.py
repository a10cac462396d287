"""Referrals converge: a friend's order is a hint, its newest state decides what both have, and only the difference is posted.

The fast lane notes that an order used a friend's code; this is the slow lane's part. Nothing here remembers how it came to know:
the same order in any sequence of states, however often told, ends the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import cast
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from plugin.days import days_later
from plugin.errors import Conflict
from plugin.journeys.making_offers import make_offer
from plugin.journeys.noting_news import note_news
from plugin.journeys.rewarding_referrals import give_or_take, take_back_rewards
from plugin.journeys.tools import Tools
from plugin.journeys.weighing_referrals import Friend, friend_of, terms_and_document, weigh_referral
from plugin.ledger import Books
from plugin.ledger.awards import find_awards
from plugin.ledger.merged import surviving_accounts
from plugin.members import get_member
from plugin.orders.states import OrderState, find_states
from plugin.programme.store import get_programme
from plugin.referrals import Referral, get_referral
from plugin.referrals.references import ROLES, reference_of
from plugin.referrals.tables import referral
from plugin.referrals.transitions import write_outcome
from plugin.rules.referral_checks import Decision, order_standing, referral_state
from plugin.shops.tables import shop

_TRIES_MAX = 20


@dataclass(frozen=True, slots=True)
class Deciding:
    """What a person decided, and who."""

    decision: str
    actor: str
    note: str | None


def due_referrals(tools: Tools, now: datetime, limit: int) -> Sequence[str]:
    """List the referrals with something to do: a code to make, an order that changed, a window or a code that ran out."""
    of_shop = (shop.c.programme_id == referral.c.programme_id) & (shop.c.id == referral.c.shop_id)
    query = (
        select(referral.c.programme_id, referral.c.id)
        .join(shop, of_shop)
        .where(referral.c.due_at <= now, shop.c.state == "installed")
        .order_by(referral.c.due_at, referral.c.id)
        .limit(limit)
    )
    with tools.reading() as session:
        return [f"{row.programme_id}:{row.id}" for row in session.execute(query)]


def settle_referral(tools: Tools, key: str, now: datetime) -> None:
    """Take one referral as far as it goes now; nothing happens where it is not due."""
    programme_id, referral_id = (UUID(part) for part in key.split(":"))
    with tools.reading() as session:
        seen = get_referral(session, programme_id, referral_id)
    if seen.discount_gid is None and seen.refusal is None:
        seen = make_offer(tools, programme_id, referral_id)
    if seen.due_at is not None and seen.due_at <= now:
        with tools.writing() as session:
            converge_referral(session, programme_id, referral_id, now)


def converge_referral(
    session: Session, programme_id: UUID, referral_id: UUID, now: datetime, deciding: Deciding | None = None
) -> Referral:
    """Bring a referral, and what it gave, to where its order's newest state puts them; return it as it is then.

    Its accounts are locked throughout, itself only at the end, after what caps and budgets lock: the fast lane, when it notes an
    order, locks in the same sequence.

    Raises:
        Conflict: a person decided what cannot be decided now, or otherwise before.
    """
    before = _locked(session, programme_id, referral_id)
    after = _decided(before, deciding, now)
    state = _order_of(session, before)
    if state is not None and state.is_frozen:
        write_outcome(session, before, replace(after, due_at=None), now)
        return after
    snapshot = state.snapshot if state is not None else None
    friend = friend_of(session, before, snapshot)
    if snapshot is not None and friend is not None and _has_changed_hands(before, friend):
        after = take_back_rewards(session, after, snapshot, now)
    after = _weighed(session, after, state, friend, now)
    after = give_or_take(session, after, snapshot, friend, now)
    write_outcome(session, before, after, now, actor=deciding.actor if deciding else "laurel")
    if "rewarded" in {before.state, after.state} and before.state != after.state:  # tiers and challenges count friends
        note_news(session, {(programme_id, after.referrer_id)}, now)
    return after


def _locked(session: Session, programme_id: UUID, referral_id: UUID) -> Referral:
    """Lock every account that the referral may touch; look again where it names others by then."""
    for _ in range(_TRIES_MAX):
        attempt = session.begin_nested()
        seen = get_referral(session, programme_id, referral_id)
        accounts = _accounts(session, seen)
        Books(session).lock(accounts)
        locked = get_referral(session, programme_id, referral_id)
        if _accounts(session, locked) == accounts:
            attempt.commit()
            return locked
        attempt.rollback()
    raise Conflict("the people of a referral keep changing")


def _accounts(session: Session, one: Referral) -> set[tuple[UUID, UUID]]:
    state = _order_of(session, one)
    friend = friend_of(session, one, state.snapshot if state else None)
    people = [
        get_member(session, one.programme_id, one.referrer_id),
        *([friend.member] if friend and friend.member else []),
    ]
    given = find_awards(session, one.programme_id, [reference_of(one.referral_id, role, one.round) for role in ROLES])
    told = {member.account_id for member in people} | {award.account_id for award in given.values()}
    return set(surviving_accounts(session, [(one.programme_id, account_id) for account_id in told]).values())


def _order_of(session: Session, one: Referral) -> OrderState | None:
    if one.order_id is None:
        return None
    (state,) = find_states(session, [(one.programme_id, one.shop_id, one.order_id)])
    return state


def _decided(one: Referral, deciding: Deciding | None, now: datetime) -> Referral:
    """Note a decision; the same again changes nothing."""
    if deciding is None or deciding.decision == one.decision:
        return one
    allowed = {"approve": ("review", "blocked"), "block": ("review", "waiting")}
    if one.state not in allowed[deciding.decision]:
        raise Conflict("this referral is decided already", code="referral_decided")
    by, note = deciding.actor, deciding.note
    return replace(one, decision=deciding.decision, decided_by=by, decided_at=now, note=note)


def _weighed(
    session: Session, one: Referral, state: OrderState | None, friend: Friend | None, now: datetime
) -> Referral:
    """Say where the referral is now, why, and when to look again."""
    if state is None or state.snapshot is None:
        return _without_order(one, now)
    terms, document = terms_and_document(session, one)
    snapshot = state.snapshot
    standing = order_standing(snapshot, document, terms)
    is_ours = friend is not None and state.ownership not in {"disputed", "foreign"}
    if standing == "counts" and not is_ours:
        return replace(one, state="ordered", reasons=("no_customer",), due_at=None)
    matures_at = days_later(snapshot.placed_at, terms.maturity_days, get_programme(session, one.programme_id).timezone)
    is_over = now >= matures_at
    one = replace(one, matures_at=matures_at, friend_customer_id=friend.customer_id if friend else None)
    if standing != "counts" or friend is None:
        reasons = (standing,) if standing != "unpaid" else ()
        return replace(one, state=referral_state(standing, None, None, is_over=is_over), reasons=reasons, due_at=None)
    if one.state == "rewarded":  # the window is over: later facts about others change nothing any more
        return replace(one, due_at=None)
    one, verdict = weigh_referral(session, one, friend, snapshot)
    decision = cast("Decision | None", one.decision)
    reached = referral_state(standing, verdict, decision, is_over=is_over)
    due_at = matures_at if reached == "waiting" else None
    return replace(one, state=reached, reasons=verdict.reasons, unchecked=verdict.unchecked, due_at=due_at)


def _without_order(one: Referral, now: datetime) -> Referral:
    """Nobody used the code yet; once it has run out the friend may be brought again."""
    if one.state == "claimed" and now >= one.expires_at:
        return replace(one, state="lapsed", reasons=("unused",), friend_key=None, due_at=None)
    return replace(one, due_at=one.expires_at if one.state == "claimed" else None)


def _has_changed_hands(before: Referral, friend: Friend) -> bool:
    """Say whether the order is another person's now than the one who has points for it."""
    theirs = {customer_id for _, shop_id, customer_id in friend.customers if shop_id == before.shop_id}
    return before.friend_points > 0 and before.friend_customer_id not in theirs
