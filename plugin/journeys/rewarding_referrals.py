"""What a referral gives: points to the member and to the friend, once each; and what is taken back, dated by the fact that took it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from plugin.facts import OrderSnapshot
from plugin.journeys.awarding import AwardWish, Recall, award_points, recall_award
from plugin.journeys.weighing_referrals import Friend, terms_and_document
from plugin.ledger.awards import find_awards
from plugin.members import Member, get_member
from plugin.referrals import Referral
from plugin.referrals.references import ROLES, Role, reference_of
from plugin.rules.referral_checks import OrderStanding, changed_at, order_standing
from plugin.rules.schema_referral import REFERRAL_IDS

_GIVING = ("waiting", "rewarded")


def give_or_take(
    session: Session, one: Referral, snapshot: OrderSnapshot | None, friend: Friend | None, now: datetime
) -> Referral:
    """Give both what they should have, or take it back; only the difference is posted. Caps and budgets may leave less of it."""
    if snapshot is None:
        return one
    if one.state not in _GIVING:
        return take_back_rewards(session, one, snapshot, now)
    terms, _ = terms_and_document(session, one)
    referrer = get_member(session, one.programme_id, one.referrer_id)
    wishes = [] if one.referrer_points else [_wish(one, referrer, "referrer", terms.referrer_points, snapshot)]
    newcomer = friend.member if friend else None
    if newcomer and newcomer.standing == "joined" and terms.friend_points and not one.friend_points:
        wishes.append(_wish(one, newcomer, "friend", terms.friend_points, snapshot))
    if wishes:
        waits = terms.maturity_days or None
        award_points(session, [replace(wish, maturity_days=waits) for wish in wishes], now)
    given = _given(session, one)
    capped = ("capped",) if given["referrer"] < terms.referrer_points else ()
    reasons = tuple(dict.fromkeys((*one.reasons, *capped)))
    return replace(one, referrer_points=given["referrer"], friend_points=given["friend"], reasons=reasons)


def take_back_rewards(session: Session, one: Referral, snapshot: OrderSnapshot, now: datetime) -> Referral:
    """Take back what stands given; the next award is another round, with references of its own."""
    given = list(zip(ROLES, (one.referrer_points, one.friend_points), strict=True))
    if not any(points for _, points in given):
        return one
    at = _lost_at(session, one, snapshot)
    for role, points in given:
        if points:
            reference = reference_of(one.referral_id, role, one.round)
            explanation = {**_told(one, role), "because": one.state}
            recall_award(
                session, Recall(one.programme_id, reference, f"{reference}:back", at, explanation=explanation), now
            )
    return replace(one, referrer_points=0, friend_points=0, round=one.round + 1)


def _lost_at(session: Session, one: Referral, snapshot: OrderSnapshot) -> datetime:
    """Date what is taken back by the fact that took it: the refund, the cancellation, the decision."""
    if one.state == "blocked" and one.decided_at is not None:
        return max(one.decided_at, snapshot.placed_at)
    terms, document = terms_and_document(session, one)
    standing: OrderStanding = order_standing(snapshot, document, terms)
    at = snapshot.updated_at if standing == "counts" else changed_at(snapshot, standing)
    return max(at, snapshot.placed_at)


def _wish(one: Referral, member: Member, role: Role, points: int, snapshot: OrderSnapshot) -> AwardWish:
    return AwardWish(
        programme_id=one.programme_id,
        account_id=member.account_id,
        reference=reference_of(one.referral_id, role, one.round),
        reason="referral",
        points=points,
        occurred_at=snapshot.placed_at,
        document_version=one.document_version,
        explanation=_told(one, role),
    )


def _told(one: Referral, role: Role) -> dict[str, str]:
    """Say for whom it is; caps and budgets know the two by these rule ids."""
    rule_id = dict(zip(ROLES, REFERRAL_IDS, strict=True))[role]
    return {"rule_id": rule_id, "referral_id": str(one.referral_id), "role": role}


def _given(session: Session, one: Referral) -> dict[Role, int]:
    """What stands given in this round."""
    names = {role: reference_of(one.referral_id, role, one.round) for role in ROLES}
    found = find_awards(session, one.programme_id, list(names.values()))
    return {role: found[name].left if name in found else 0 for role, name in names.items()}
