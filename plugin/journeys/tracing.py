"""Traces of who ordered: e-mail and postal addresses become keyed hashes here, and only where a programme compares them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from uuid import UUID

from sqlalchemy.orm import Session

from plugin.errors import NotFound
from plugin.facts import OrderContact
from plugin.journeys.documents import current_document
from plugin.journeys.forgetting import forgotten_among
from plugin.referrals.traces import CustomerKey, Kind, add_traces
from plugin.rules.referral_identity import canonical_address, canonical_email
from plugin.sealing import Sealer

_STREET_LINES = 2


def trace_contacts(session: Session, sealer: Sealer, contacts: Sequence[OrderContact]) -> None:
    """Remember keyed hashes of what these orders say; nothing of programmes without referrals, nor of forgotten persons."""
    asking = {one for one in {contact.programme_id for contact in contacts} if _compares(session, one)}
    wanted = {contact for contact in contacts if contact.programme_id in asking}
    traces = [trace for contact in wanted for trace in _traces(sealer, contact)]
    if not traces:
        return
    gone = forgotten_among(session, sealer, {key for key, _, _ in traces})
    add_traces(session, [trace for trace in traces if trace[0] not in gone])


def email_tag(sealer: Sealer, programme_id: UUID, text: str) -> str | None:
    """Name an e-mail address, whose variants are one, without saying what it is; None where it is none."""
    email = canonical_email(text)
    return sealer.tags(f"referral email|{programme_id}|{email}")[0] if email else None


def _compares(session: Session, programme_id: UUID) -> bool:
    try:
        _, document = current_document(session, programme_id)
    except NotFound:
        return False
    return document.referral is not None and document.referral.is_active


def _traces(sealer: Sealer, contact: OrderContact) -> Iterator[tuple[CustomerKey, Kind, str]]:
    key = (contact.programme_id, contact.shop_id, contact.customer_id)
    for email in contact.emails:
        if tag := email_tag(sealer, contact.programme_id, email):
            yield key, "email", tag
    for parts in contact.addresses:
        lines, (postcode, city, country) = parts[:_STREET_LINES], parts[_STREET_LINES:]
        if address := canonical_address(lines, postcode, city, country):
            yield key, "address", sealer.tags(f"referral address|{contact.programme_id}|{address}")[0]
