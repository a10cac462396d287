"""What a person is told who asks what is kept about them: a summary, and behind it every row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from plugin.journeys.kept_about import kept_about
from plugin.journeys.telling_actions import shown_actions, shown_profile
from plugin.ledger import balances, list_references
from plugin.ledger.adjustments import list_public_notes
from plugin.members import Member, find_member
from plugin.members.carried_over import find_carried_over
from plugin.members.store import list_aliases
from plugin.memberships import store as memberships
from plugin.orders.queries import list_orders_of_customers
from plugin.referrals.links import find_link
from plugin.referrals.store import list_of_friend, list_of_referrer
from plugin.sealing import Sealer
from plugin.standing.challenges import list_completions
from plugin.standing.store import dump_holding, list_changes


def data_of(session: Session, sealer: Sealer, customer: tuple[UUID, UUID, int]) -> dict[str, Any]:
    """Collect what we store about a (programme, shop, customer), for the merchant to hand over: a summary, and every row of `records`."""
    records = kept_about(session, sealer, customer)
    member = find_member(session, *customer)
    if member is None:
        return {"stored": bool(records), "records": records}
    return {"stored": True, **_summary(session, member), "records": records}


def _summary(session: Session, member: Member) -> dict[str, Any]:
    account = balances(session, member.programme_id, member.account_id)
    aliases = list_aliases(session, member.programme_id, member.member_id)
    orders = list_orders_of_customers(session, [(member.programme_id, *one) for one in aliases])
    return {
        "card_number": member.card_number,
        "standing": member.standing,
        "joined_at": member.joined_at.isoformat() if member.joined_at else None,
        "points": {
            "pending": account.pending,
            "available": account.available,
            "held": account.held,
            "debt": -account.debt,
        },
        "customer_ids": [customer_id for _, customer_id in aliases],
        "order_ids": sorted(order_id for _, _, order_id in orders),
        "brought_along": _brought(session, member),
        "profile": shown_profile(session, member),
        "actions": shown_actions(session, member),
        "tiers": _tiers(session, member),
        "memberships": _memberships(session, member),
        "challenges": _challenges(session, member),
        "referrals": _referrals(session, member, aliases),
        "notes": list_public_notes(session, member.programme_id, member.account_id),
        "postings": list_references(session, member.programme_id, member.account_id),
    }


def _brought(session: Session, member: Member) -> dict[str, Any] | None:
    """What came along from another app, if anything."""
    brought = find_carried_over(session, member.programme_id, member.member_id)
    if brought is None:
        return None
    return {
        "from": brought.source,
        "joined_at": brought.joined_at.isoformat() if brought.joined_at else None,
        "tier": brought.tier,
        "referral_code": brought.referral_code,
        "birthday": brought.birthday,
        "birthday_used_in": brought.birthday_used_in,
    }


def _tiers(session: Session, member: Member) -> list[dict[str, Any]]:
    """The tiers the member held, oldest first."""
    history = list_changes(session, member.programme_id, [member.member_id]).get(member.member_id, [])
    return [dump_holding(one.holding) for one in history]


def _memberships(session: Session, member: Member) -> dict[str, Any]:
    """What the member bought, term by term, and what they hold of it."""
    key = (member.programme_id, member.member_id)
    return {
        "purchases": [
            {
                "membership": one.bought.membership_id,
                "offer": one.bought.offer_id,
                "order_id": one.order_id,
                "bought_at": one.bought.placed_at.isoformat(),
                "length": f"{one.bought.units * one.bought.length_count} {one.bought.length_unit}",
                "ended_at": one.bought.ended_at.isoformat() if one.bought.ended_at else None,
            }
            for one in memberships.find_of_members(session, [key]).get(key, ())
            if not one.is_void
        ],
        "held": [
            {
                "membership": one.membership_id,
                "starts_at": one.starts_at.isoformat(),
                "ends_at": one.ends_at.isoformat(),
                "perks_until": one.perks_until.isoformat(),
            }
            for one in memberships.list_holdings(session, *key)
        ],
    }


def _challenges(session: Session, member: Member) -> list[dict[str, Any]]:
    """The challenges the member completed."""
    done = list_completions(session, member.programme_id, [member.member_id])
    return [
        {"challenge": one.challenge_id, "period": one.period, "completed_at": one.completed_at.isoformat()}
        for one in done
        if not one.is_undone
    ]


def _referrals(session: Session, member: Member, aliases: Sequence[tuple[UUID, int]]) -> dict[str, Any]:
    """The member's link, whom they brought, and who brought them: as ids, since of the friends that is all we have."""
    brought = list_of_referrer(session, member.programme_id, member.member_id)
    came = list_of_friend(session, member.programme_id, aliases)
    return {
        "link": find_link(session, member.programme_id, member.member_id),
        "friends": [{"state": one.state, "claimed_at": one.claimed_at.isoformat()} for one in brought],
        "claimed": [
            {"code": one.code, "state": one.state, "claimed_at": one.claimed_at.isoformat(), "order_id": one.order_id}
            for one in came
        ],
    }
