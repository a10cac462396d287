"""Shopify's compliance topics: noted in the transaction that read them, answered by the slow lane, kept as a record."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from plugin.facts import CustomerRedaction, DataRequest, ShopRedaction
from plugin.journeys.forgetting import forget_customer
from plugin.journeys.telling_actions import shown_actions, shown_profile
from plugin.journeys.tools import Tools
from plugin.ledger import balances, list_references
from plugin.ledger.adjustments import erase_notes, list_public_notes
from plugin.members import Member, find_member
from plugin.members.carried_over import drop_of_members, find_carried_over
from plugin.members.forgetting import forget_all
from plugin.members.profiles import drop_profiles
from plugin.members.store import list_aliases
from plugin.orders.backfills import forget_all_customers
from plugin.orders.queries import freeze_orders, list_orders_of_customers, list_orders_of_shop
from plugin.referrals.links import drop_links, find_link
from plugin.referrals.store import list_of_friend, list_of_referrer
from plugin.referrals.traces import drop_traces_of_shop
from plugin.referrals.transitions import forget_referrals_of_shop
from plugin.sealing import Sealer
from plugin.sheets.store import forget_rows_of_shop
from plugin.shops.requests import ComplianceRequest, add_request, finish_request, get_request, list_open_requests
from plugin.shops.store import get_shop, mark_redacted
from plugin.standing.challenges import list_completions
from plugin.standing.store import drop_holdings, dump_holding, list_changes

_PAGE = 5000
"""Members are forgotten so many at a time: a shop may have more than one statement can name."""


def note_request(session: Session, fact: DataRequest | ShopRedaction, now: datetime) -> None:
    """Remember a request to be answered; a copy of one we know changes nothing."""
    del now
    if isinstance(fact, DataRequest):
        add_request(
            session,
            ComplianceRequest(
                programme_id=fact.programme_id,
                shop_id=fact.shop_id,
                topic="customers/data_request",
                reference=str(fact.request_id),
                customer_id=fact.customer_id,
                order_ids=fact.order_ids,
                requested_at=fact.occurred_at,
            ),
        )
        return
    add_request(
        session,
        ComplianceRequest(
            programme_id=fact.programme_id,
            shop_id=fact.shop_id,
            topic="shop/redact",
            reference=fact.occurred_at.isoformat(),
            requested_at=fact.occurred_at,
        ),
    )


def redact_customer(session: Session, sealer: Sealer, fact: CustomerRedaction, now: datetime) -> None:
    """Forget a customer at once, and keep a record that says only that it was done."""
    forget_customer(session, sealer, fact, now)
    tag = sealer.tags(f"redaction|{fact.shop_id}|{fact.customer_id}")[0]
    request = ComplianceRequest(
        programme_id=fact.programme_id,
        shop_id=fact.shop_id,
        topic="customers/redact",
        reference=tag,
        requested_at=fact.occurred_at,
    )
    if request_id := add_request(session, request):
        finish_request(session, fact.programme_id, request_id, {"forgotten": True}, now)


def due_requests(tools: Tools, now: datetime, limit: int) -> Sequence[str]:
    """List compliance requests without an answer."""
    del now
    with tools.reading() as session:
        return [f"{programme_id}:{request_id}" for programme_id, request_id in list_open_requests(session, limit)]


def settle_request(tools: Tools, key: str, now: datetime) -> None:
    """Answer one request; answering twice changes nothing."""
    programme_id, request_id = (UUID(part) for part in key.split(":"))
    with tools.writing() as session:
        request = get_request(session, programme_id, request_id)
        if request.finished_at is not None:
            return
        answer = (
            _data_of(session, request) if request.topic == "customers/data_request" else _redact(session, request, now)
        )
        finish_request(session, programme_id, request_id, answer, now)


def _data_of(session: Session, request: ComplianceRequest) -> dict[str, Any]:
    """Collect what we store about a customer, for the merchant to hand over."""
    member = find_member(session, request.programme_id, request.shop_id, request.customer_id or 0)
    if member is None:
        return {"stored": False}
    account = balances(session, request.programme_id, member.account_id)
    aliases = list_aliases(session, request.programme_id, member.member_id)
    orders = list_orders_of_customers(session, [(request.programme_id, *one) for one in aliases])
    return {
        "stored": True,
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
        "challenges": _challenges(session, member),
        "referrals": _referrals(session, member, aliases),
        "notes": list_public_notes(session, request.programme_id, member.account_id),
        "postings": list_references(session, request.programme_id, member.account_id),
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


def _redact(session: Session, request: ComplianceRequest, now: datetime) -> dict[str, Any]:
    """Erase a shop that is still gone: every member cut off, every snapshot emptied; the sums stay.

    A request from before the shop's present leave is a late copy of an earlier one; the present one will have its own.
    """
    shop = get_shop(session, request.shop_id)
    if shop.is_installed:
        return {"redacted": False, "why": "installed again"}
    if shop.uninstalled_at is not None and request.requested_at < shop.uninstalled_at:
        return {"redacted": False, "why": "of an earlier leave"}
    freeze_orders(session, list_orders_of_shop(session, request.programme_id, request.shop_id))
    gone = forget_all(session, request.programme_id, request.shop_id)
    for start in range(0, len(gone), _PAGE):
        _erase(session, request.programme_id, gone[start : start + _PAGE])
    forget_rows_of_shop(session, request.programme_id, request.shop_id)
    forget_all_customers(session, request.programme_id, request.shop_id)
    drop_traces_of_shop(session, request.programme_id, request.shop_id)
    forget_referrals_of_shop(session, request.programme_id, request.shop_id)
    mark_redacted(session, shop, now)
    return {"redacted": True}


def _erase(session: Session, programme_id: UUID, gone: Sequence[tuple[UUID, UUID]]) -> None:
    """Erase what is kept of forgotten members: (member, account)."""
    member_ids = [member_id for member_id, _ in gone]
    drop_of_members(session, programme_id, member_ids)
    drop_holdings(session, programme_id, member_ids)
    drop_profiles(session, programme_id, member_ids)
    erase_notes(session, programme_id, [account_id for _, account_id in gone])
    for member_id in member_ids:
        drop_links(session, programme_id, member_id)
