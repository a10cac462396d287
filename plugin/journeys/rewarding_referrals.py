"""What a referral gives: points to the member and to the friend, once each; and what is taken back, dated by the fact that took it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from plugin.facts import OrderSnapshot
from plugin.journeys.awarding import AwardWish, Recall, award_points, recall_award
from plugin.journeys.weighing_referrals import Friend, terms_and_document
from plugin.members import Member, get_member
from plugin.referrals import Referral
from plugin.rules.referral_checks import OrderStanding, changed_at, order_standing

ROLES = ("referrer", "friend")
_GIVING = ("waiting", "rewarded")


def give_or_take(
    session: Session, one: Referral, snapshot: OrderSnapshot | None, friend: Friend | None, now: datetime
) -> Referral:
    """Give both what they should have, or take it back; only the difference is posted."""
    if snapshot is None:
        return one
    if one.state not in _GIVING:
        return take_back_rewards(session, one, snapshot, now)
    terms, _ = terms_and_document(session, one)
    referrer = get_member(session, one.programme_id, one.referrer_id)
    wishes = [_wish(one, referrer, "referrer", terms.referrer_points, snapshot)] if not one.referrer_points else []
    is_friend_in = friend is not None and friend.member is not None and friend.member.standing == "joined"
    friend_points = one.friend_points or ((terms.friend_points or 0) if is_friend_in else 0)
    if friend_points and not one.friend_points and friend and friend.member:
        wishes.append(_wish(one, friend.member, "friend", friend_points, snapshot))
    waits = terms.maturity_days or None
    award_points(session, [replace(wish, maturity_days=waits) for wish in wishes], now)
    return replace(one, referrer_points=terms.referrer_points, friend_points=friend_points)


def take_back_rewards(session: Session, one: Referral, snapshot: OrderSnapshot, now: datetime) -> Referral:
    """Take back what stands given; the next award is another round, with references of its own."""
    given = list(zip(ROLES, (one.referrer_points, one.friend_points), strict=True))
    if not any(points for _, points in given):
        return one
    at = _lost_at(session, one, snapshot)
    for role, points in given:
        if points:
            reference = reference_of(one, role)
            explanation = {
                "rule_id": "referral",
                "referral_id": str(one.referral_id),
                "role": role,
                "because": one.state,
            }
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


def _wish(one: Referral, member: Member, role: str, points: int, snapshot: OrderSnapshot) -> AwardWish:
    return AwardWish(
        programme_id=one.programme_id,
        account_id=member.account_id,
        reference=reference_of(one, role),
        reason="referral",
        points=points,
        occurred_at=snapshot.placed_at,
        document_version=one.document_version,
        explanation={"rule_id": "referral", "referral_id": str(one.referral_id), "role": role},
    )


def reference_of(one: Referral, role: str) -> str:
    """Name what a role has, or would have, in this round."""
    return f"referral:{one.referral_id}:{role}:{one.round}"
