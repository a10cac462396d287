"""One member, whole: what they hold, in which lots, and every posting that made it so, with its explanation."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from plugin.errors import NotFound
from plugin.journeys.documents import current_document, document_of
from plugin.journeys.explaining_postings import Posted, explain_posting, posting_title
from plugin.journeys.phrasing import Phrases
from plugin.journeys.telling_actions import shown_actions, shown_profile
from plugin.journeys.viewing_tiers import TierStanding, tier_standing
from plugin.ledger import Account, balances
from plugin.ledger.flows import LOT_COLUMNS
from plugin.ledger.tables import entry, lot, posting
from plugin.members.store import Member, find_member, list_aliases
from plugin.memberships.store import Holding, list_holdings
from plugin.messages import Words
from plugin.rules import ProgrammeDocument
from plugin.shops.store import Shop
from plugin.standing.store import TierChange, list_changes

POSTINGS_MAX = 1_000


@dataclass(frozen=True, slots=True)
class EntryView:
    """One movement of a posting, as far as it concerns the member."""

    lot_id: UUID | None
    source: str
    destination: str
    points: int


@dataclass(frozen=True, slots=True)
class PostingView:
    """One business fact that moved the member's points. `explained` is its explanation in sentences, in the reader's language."""

    posting_id: UUID
    reference: str
    reason: str
    actor: str
    document_version: int | None
    order_id: int | None
    redemption_id: UUID | None
    occurred_at: datetime
    recorded_at: datetime
    explanation: dict[str, Any]
    title: str
    explained: tuple[str, ...]
    entries: tuple[EntryView, ...]


@dataclass(frozen=True, slots=True)
class LotView:
    """Points granted together. `columns` tells where they are now, in points."""

    lot_id: UUID
    order_id: int | None
    occurred_at: datetime
    matures_at: datetime
    expires_at: datetime | None
    columns: dict[str, int]


@dataclass(frozen=True, slots=True)
class MemberView:
    """A member with account, lots (oldest first) and postings (newest first, the newest 1,000)."""

    member: Member
    customers: tuple[tuple[UUID, int], ...]
    account: Account
    lots: tuple[LotView, ...]
    postings: tuple[PostingView, ...]
    memberships: tuple[Holding, ...]
    profile: dict[str, Any]
    actions: list[dict[str, Any]]
    tier: TierStanding | None = None
    tier_history: tuple[TierChange, ...] = ()


def member_view(session: Session, shop: Shop, customer_id: int, now: datetime, locale: str = "en") -> MemberView:
    """Gather all that is known of the member behind a Shopify customer, explained in a merchant's language.

    Raises:
        NotFound: the customer is not a member here.
    """
    member = find_member(session, shop.programme_id, shop.shop_id, customer_id)
    if member is None:
        raise NotFound(f"customer {customer_id} of {shop.domain} was never seen here")
    of_member = (member.programme_id, [member.member_id])
    return MemberView(
        member=member,
        customers=tuple(list_aliases(session, member.programme_id, member.member_id)),
        account=balances(session, member.programme_id, member.account_id),
        lots=_lots(session, member),
        postings=_postings(session, member, Phrases(Words(locale), shop.currency, shop.timezone)),
        memberships=tuple(list_holdings(session, member.programme_id, member.member_id)),
        profile=shown_profile(session, member),
        actions=shown_actions(session, member),
        tier=tier_standing(session, member, now),
        tier_history=tuple(reversed(list_changes(session, *of_member).get(member.member_id, []))),
    )


def shown(view: MemberView) -> dict[str, Any]:
    """Turn a view into JSON-ready data."""
    account = view.account
    return {
        "member": _plain(asdict(view.member)),
        "customers": [{"shop_id": str(shop_id), "customer_id": customer_id} for shop_id, customer_id in view.customers],
        "points": {
            "available": account.available,
            "pending": account.pending,
            "held": account.held,
            "debt": -account.debt,
        },
        "tier": _plain(asdict(view.tier.holding)) | view.tier.outlook if view.tier else None,
        "tier_history": [
            _plain(asdict(one.holding))
            | {
                "document_version": one.document_version,
                "told": dict(one.told),
                "recorded_at": _plain_value(one.recorded_at),
            }
            for one in view.tier_history
        ],
        "memberships": [_plain(asdict(one)) for one in view.memberships],
        "profile": view.profile,
        "actions": view.actions,
        "lots": [_plain(asdict(one)) for one in view.lots],
        "postings": [
            _plain(asdict(one)) | {"entries": [_plain(asdict(move)) for move in one.entries]} for one in view.postings
        ],
    }


def _lots(session: Session, member: Member) -> tuple[LotView, ...]:
    mine = (lot.c.programme_id == member.programme_id, lot.c.account_id == member.account_id)
    rows = session.execute(select(lot).where(*mine).order_by(lot.c.occurred_at, lot.c.id))
    return tuple(
        LotView(
            lot_id=row.id,
            order_id=row.order_id,
            occurred_at=row.occurred_at,
            matures_at=row.matures_at,
            expires_at=row.expires_at,
            columns={name: getattr(row, name) for name in LOT_COLUMNS},
        )
        for row in rows
    )


def _postings(session: Session, member: Member, phrases: Phrases) -> tuple[PostingView, ...]:
    touched = (
        select(entry.c.posting_id)
        .where(entry.c.programme_id == member.programme_id, entry.c.account_id == member.account_id)
        .distinct()
        .order_by(entry.c.posting_id.desc())
        .limit(POSTINGS_MAX)
    )
    ids = list(session.execute(touched).scalars())
    mine = (posting.c.programme_id == member.programme_id, posting.c.id.in_(ids))
    entries = _entries(session, member, ids)
    rows = session.execute(select(posting).where(*mine).order_by(posting.c.recorded_at.desc(), posting.c.id.desc()))
    documents = {None: current_document(session, member.programme_id)[1]}
    told = []
    for row in rows:
        if row.document_version not in documents:
            documents[row.document_version] = document_of(session, member.programme_id, row.document_version)
        said = _said(row, documents[row.document_version], phrases)
        told.append(_posting(row, entries.get(row.id, []), said))
    return tuple(told)


def _said(row: Row[Any], document: ProgrammeDocument, phrases: Phrases) -> tuple[str, tuple[str, ...]]:
    posted = Posted(row.reason, row.explanation, row.order_id, row.document_version)
    return posting_title(posted, phrases), tuple(explain_posting(posted, document, phrases))


def _entries(session: Session, member: Member, posting_ids: list[UUID]) -> dict[UUID, list[EntryView]]:
    mine = (
        entry.c.programme_id == member.programme_id,
        entry.c.account_id == member.account_id,
        entry.c.posting_id.in_(posting_ids),
    )
    found: dict[UUID, list[EntryView]] = {}
    for row in session.execute(select(entry).where(*mine).order_by(entry.c.id)):
        view = EntryView(row.lot_id, row.source, row.destination, row.points)
        found.setdefault(row.posting_id, []).append(view)
    return found


def _posting(row: Row[Any], entries: list[EntryView], said: tuple[str, tuple[str, ...]]) -> PostingView:
    return PostingView(
        posting_id=row.id,
        reference=row.reference,
        reason=row.reason,
        actor=row.actor,
        document_version=row.document_version,
        order_id=row.order_id,
        redemption_id=row.redemption_id,
        occurred_at=row.occurred_at,
        recorded_at=row.recorded_at,
        explanation=row.explanation,
        title=said[0],
        explained=said[1],
        entries=tuple(entries),
    )


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {name: _plain_value(value) for name, value in values.items()}


def _plain_value(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    return value.isoformat() if isinstance(value, datetime) else value
