"""Shopify's compliance topics: noted in the transaction that read them, answered by the slow lane, kept as a record."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from plugin.facts import CustomerRedaction, DataRequest, ShopRedaction
from plugin.journeys.forgetting import forget_customer
from plugin.journeys.handing_over import data_of
from plugin.journeys.tools import Tools
from plugin.ledger.adjustments import erase_notes
from plugin.members.carried_over import drop_of_members
from plugin.members.forgetting import forget_all
from plugin.members.profiles import drop_profiles
from plugin.memberships import store as memberships
from plugin.orders.backfills import forget_all_customers
from plugin.orders.queries import freeze_orders, list_orders_of_shop
from plugin.referrals.links import drop_links
from plugin.referrals.traces import drop_traces_of_shop
from plugin.referrals.transitions import forget_referrals_of_shop
from plugin.rewards import repointing
from plugin.sealing import Sealer
from plugin.sheets.store import forget_rows_of_shop
from plugin.shops.requests import (
    ComplianceRequest,
    add_request,
    finish_request,
    forget_requests,
    get_request,
    list_open_requests,
)
from plugin.shops.store import get_shop, mark_redacted
from plugin.standing import shopify_segments
from plugin.standing.store import drop_holdings

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
            _data(session, tools.sealer, request)
            if request.topic == "customers/data_request"
            else _redact(session, request, now)
        )
        finish_request(session, programme_id, request_id, answer, now)


def _data(session: Session, sealer: Sealer, request: ComplianceRequest) -> dict[str, Any]:
    return data_of(session, sealer, (request.programme_id, request.shop_id, request.customer_id or 0))


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
    shopify_segments.forget_shop(session, request.programme_id, request.shop_id)
    repointing.forget_shop(session, request.programme_id, request.shop_id)
    forget_requests(session, request.programme_id, request.shop_id)
    mark_redacted(session, shop, now)
    return {"redacted": True}


def _erase(session: Session, programme_id: UUID, gone: Sequence[tuple[UUID, UUID]]) -> None:
    """Erase what is kept of forgotten members: (member, account)."""
    member_ids = [member_id for member_id, _ in gone]
    drop_of_members(session, programme_id, member_ids)
    drop_holdings(session, programme_id, member_ids)
    memberships.drop_of_members(session, programme_id, member_ids)
    drop_profiles(session, programme_id, member_ids)
    erase_notes(session, programme_id, [account_id for _, account_id in gone])
    for member_id in member_ids:
        drop_links(session, programme_id, member_id)
