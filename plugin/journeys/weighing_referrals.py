"""What is known of a member, a friend and the friend's order, gathered for the checks."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy.orm import Session

from plugin.days import day_of
from plugin.errors import NotAllowed
from plugin.facts import OrderSnapshot
from plugin.journeys.documents import document_of
from plugin.journeys.referring import customers_of
from plugin.members import Member, find_member, get_member
from plugin.members.store import AliasKey
from plugin.orders.earlier import count_orders_before
from plugin.programme.store import get_programme
from plugin.referrals import Referral
from plugin.referrals.store import count_claims, list_counting
from plugin.referrals.traces import Kind, list_traces
from plugin.rules import ProgrammeDocument
from plugin.rules.referral_checks import ReferralFacts, Verdict, check_referral
from plugin.rules.schema_referral import Referral as Terms

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Friend:
    """Who ordered with the code: the customer, all customers that are the same person, and the member, where they are one."""

    customer_id: int
    customers: tuple[AliasKey, ...]
    member: Member | None


def friend_of(session: Session, one: Referral, snapshot: OrderSnapshot | None) -> Friend | None:
    """Find the friend behind an order; None where it has no customer, or where Shopify withheld them."""
    if snapshot is None or snapshot.customer is None:
        return None
    key = (one.programme_id, one.shop_id, snapshot.customer.customer_id)
    member = find_member(session, *key)
    return Friend(key[2], tuple(customers_of(session, member)) if member else (key,), member)


def terms_and_document(session: Session, one: Referral) -> tuple[Terms, ProgrammeDocument]:
    """Return what was promised when the friend claimed.

    Raises:
        NotAllowed: the version has no referrals, which cannot be for one that was claimed.
    """
    document = document_of(session, one.programme_id, one.document_version)
    if document.referral is None:
        raise NotAllowed("the programme brings no friends", code="referral_closed")
    return document.referral, document


def weigh_referral(
    session: Session, one: Referral, friend: Friend, snapshot: OrderSnapshot
) -> tuple[Referral, Verdict]:
    """Check a locked referral whose order counts. What stood in the way of limits is fixed when it first counts."""
    terms, _ = terms_and_document(session, one)
    referrer = get_member(session, one.programme_id, one.referrer_id)
    mine = customers_of(session, referrer)
    others = [other for other in list_counting(session, one.programme_id, referrer.member_id) if _is_other(other, one)]
    if one.counted_before is None:
        one = replace(one, counted_before=_counted(session, others, snapshot, one))
    counted = one.counted_before or {}
    facts = ReferralFacts(
        is_same_person=_is_same_person(referrer, friend, mine),
        is_same_email=_share(session, mine, friend.customers, "email", one.friend_email),
        is_same_address=_share(session, mine, friend.customers, "address"),
        is_shared_address=_share(session, _earlier(others, snapshot, one), friend.customers, "address"),
        has_referrer_joined=referrer.standing == "joined",
        earlier_orders=count_orders_before(session, friend.customers, (snapshot.placed_at, snapshot.order_id)),
        claims_last_hour=count_claims(session, one, _HOUR),
        claims_last_day=count_claims(session, one, _DAY),
        rewarded_that_day=counted.get("day", 0),
        rewarded_that_month=counted.get("month", 0),
        rewarded_ever=counted.get("ever", 0),
    )
    return one, check_referral(terms, facts)


def _is_same_person(referrer: Member, friend: Friend, mine: Collection[AliasKey]) -> bool:
    if friend.member is None:
        return bool(set(mine) & set(friend.customers))
    return friend.member.member_id == referrer.member_id or friend.member.account_id == referrer.account_id


def _share(
    session: Session, ours: Collection[AliasKey], theirs: Collection[AliasKey], kind: Kind, also: str | None = None
) -> bool | None:
    """Say whether two sides left a trace in common; None where one side left none."""
    left = list_traces(session, ours, kind)
    right = list_traces(session, theirs, kind) | ({also} if also else set())
    return bool(left & right) if left and right else None


def _is_other(other: Referral, one: Referral) -> bool:
    return other.referral_id != one.referral_id and other.ordered_at is not None


def _earlier(others: Collection[Referral], snapshot: OrderSnapshot, one: Referral) -> list[AliasKey]:
    """List the friends whose orders came before this one: of two at one address the later is looked at."""
    place = (snapshot.placed_at, one.referral_id)
    return [
        (other.programme_id, other.shop_id, other.friend_customer_id)
        for other in others
        if other.friend_customer_id is not None and (other.ordered_at or snapshot.placed_at, other.referral_id) < place
    ]


def _counted(session: Session, others: Collection[Referral], snapshot: OrderSnapshot, one: Referral) -> dict[str, int]:
    """Count the member's other referrals by the day and month of this one's order, as the programme's clock has them."""
    zone = get_programme(session, one.programme_id).timezone
    day = day_of(snapshot.placed_at, zone)
    days = [day_of(other.ordered_at, zone) for other in others if other.ordered_at is not None]
    in_month = [other for other in days if (other.year, other.month) == (day.year, day.month)]
    return {"day": days.count(day), "month": len(in_month), "ever": len(days)}
