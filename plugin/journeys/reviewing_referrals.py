"""Referrals at which somebody has to look: listed with their reasons, approved or blocked by a person who is named."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from plugin.errors import BadInput, NotFound
from plugin.journeys.documents import current_document, document_of
from plugin.journeys.settling_referrals import Deciding, converge_referral
from plugin.journeys.tools import Tools
from plugin.members.store import list_aliases
from plugin.referrals import Referral, get_referral
from plugin.referrals.store import count_by_state, list_in_state, list_newest
from plugin.rules.referral_checks import Decision
from plugin.shops.store import Shop

SHOWN_MAX = 50
RECENT_MAX = 10
NOTE_LENGTH_MAX = 500
_SETTLED = ("rewarded", "taken_back", "blocked")


@dataclass(frozen=True, slots=True)
class Looked:
    """A referral as the merchant sees it; `referrer_customer_id` is a customer of the shop, None where they were forgotten."""

    one: Referral
    referrer_customer_id: int | None
    points: int


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits for a decision, longest waiting first; what was settled lately; and how many stand where."""

    waiting: tuple[Looked, ...]
    recent: tuple[Looked, ...]
    counts: dict[str, int]
    is_on: bool


def queue_of(tools: Tools, shop: Shop) -> Queue:
    """Gather a shop's referrals for whoever decides."""
    key = (shop.programme_id, shop.shop_id)
    with tools.reading() as session:
        _, document = current_document(session, shop.programme_id)
        return Queue(
            waiting=tuple(_looked(session, one) for one in list_in_state(session, *key, ("review",), SHOWN_MAX)),
            recent=tuple(_looked(session, one) for one in list_newest(session, *key, _SETTLED, RECENT_MAX)),
            counts=count_by_state(session, *key),
            is_on=document.referral is not None and document.referral.is_active,
        )


def list_referrals(tools: Tools, shop: Shop, state: str | None, limit: int) -> list[Looked]:
    """List a shop's referrals, newest first, or those in one state."""
    states = (state,) if state else None
    with tools.reading() as session:
        found = list_newest(session, shop.programme_id, shop.shop_id, states, limit)
        return [_looked(session, one) for one in found]


def decide(tools: Tools, shop: Shop, referral_id: UUID, decision: Decision, *, actor: str, note: str = "") -> Referral:
    """Approve or block one referral, in a transaction of its own; the same decision again changes nothing.

    Raises:
        BadInput: the note is too long.
        NotFound: no such referral of this shop.
        Conflict: it is decided otherwise already, or there is nothing to decide.
    """
    if len(note) > NOTE_LENGTH_MAX:
        raise BadInput(f"a note has at most {NOTE_LENGTH_MAX} letters", path="note")
    deciding = Deciding(decision, actor, note.strip().replace("\0", "") or None)
    with tools.writing() as session:
        if get_referral(session, shop.programme_id, referral_id).shop_id != shop.shop_id:
            raise NotFound("no such referral")
        return converge_referral(session, shop.programme_id, referral_id, tools.clock(), deciding)


def _looked(session: Session, one: Referral) -> Looked:
    aliases = list_aliases(session, one.programme_id, one.referrer_id)
    mine = [customer_id for shop_id, customer_id in aliases if shop_id == one.shop_id]
    terms = document_of(session, one.programme_id, one.document_version).referral
    return Looked(one, max(mine, default=None), terms.referrer_points if terms else 0)
