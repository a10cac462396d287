"""What a merchant sees first: is all set up, what arrives, what the books hold, what happened last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from plugin import inbox
from plugin.days import day_of
from plugin.facts.proofs import Proof
from plugin.inbox.tables import delivery
from plugin.journeys.documents import current_document, document_of
from plugin.journeys.viewing_limits import LimitsView, programme_limits
from plugin.journeys.warning import lately_postponed
from plugin.ledger.flows import account_effect
from plugin.ledger.notices import Postponed
from plugin.ledger.proofs import last_finished, list_proofs
from plugin.ledger.tables import account, entry, posting
from plugin.members.tables import alias, member
from plugin.orders.tables import order_state
from plugin.rules.capping import has_limits
from plugin.rules.schema import ProgrammeDocument
from plugin.shopify.installation import missing_scopes
from plugin.shops.store import Shop

ARRIVALS_SINCE = timedelta(hours=24)
WITHHELD_SINCE = timedelta(days=7)
POSTINGS_SHOWN = 10
PROOF_DAYS = 30


@dataclass(frozen=True, slots=True)
class Outstanding:
    """What the programme owes its members, in points, and how many members there are. `debt` is ≥ 0."""

    available: int
    pending: int
    held: int
    debt: int
    members: int

    @property
    def points(self) -> int:
        """All points that may still be spent."""
        return self.available + self.pending + self.held


@dataclass(frozen=True, slots=True)
class TopicArrivals:
    """The webhooks of one topic in the last 24 hours."""

    topic: str
    count: int
    waiting: int
    dead_letters: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class PostingLine:
    """One posting: `change` is what the member gained or lost in all, `moved` what changed its bucket only.

    `document` is the version of the programme that it names, or else the newest.
    """

    posting_id: UUID
    reason: str
    explanation: dict[str, Any]
    order_id: int | None
    customer_id: int | None
    change: int
    moved: int
    occurred_at: datetime
    version: int | None
    document: ProgrammeDocument


@dataclass(frozen=True, slots=True)
class Standing:
    """What may need attention. `withheld_orders` counts last week's orders whose customer Shopify did not let us see.

    `dead_letters` are those that can still be replayed.
    `postponed` is what did not expire lately, because no warning had reached its members.
    """

    waiting: int
    dead_letters: int
    last_arrival_at: datetime | None
    withheld_orders: int
    missing_scopes: tuple[str, ...]
    postponed: Postponed


@dataclass(frozen=True, slots=True)
class Proofs:
    """The last days' proofs, oldest first, the newest finished one, and a customer of this shop for each account that differs in it."""

    days: tuple[Proof, ...]
    newest: Proof | None
    customers: dict[str, int]


@dataclass(frozen=True, slots=True)
class Overview:
    """One shop's home page."""

    shop: Shop
    version: int
    document: ProgrammeDocument
    standing: Standing
    outstanding: Outstanding
    arrivals: tuple[TopicArrivals, ...]
    postings: tuple[PostingLine, ...]
    proofs: Proofs
    has_credited: bool
    limits: LimitsView | None


def overview(session: Session, shop: Shop, now: datetime) -> Overview:
    """Gather a shop's home page."""
    version, document = current_document(session, shop.programme_id)
    return Overview(
        shop=shop,
        version=version,
        document=document,
        standing=standing_of(session, shop, now),
        outstanding=_outstanding(session, shop.programme_id),
        arrivals=_arrivals(session, shop.programme_id, now - ARRIVALS_SINCE),
        postings=_postings(session, shop, document),
        proofs=_proofs(session, shop, now),
        has_credited=_has_credited(session, shop),
        limits=programme_limits(session, shop.programme_id, now) if has_limits(document) else None,
    )


def standing_of(session: Session, shop: Shop, now: datetime) -> Standing:
    """Look at what may need attention in a shop."""
    unfinished = inbox.count_unfinished(session, (shop.programme_id, shop.shop_id))
    return Standing(
        waiting=unfinished.get("waiting", 0),
        dead_letters=unfinished.get("dead_letter", 0),
        last_arrival_at=_last_arrival_at(session, shop),
        withheld_orders=_withheld_orders(session, shop, now),
        missing_scopes=missing_scopes(shop.scopes),
        postponed=lately_postponed(session, shop.programme_id, now),
    )


def _withheld_orders(session: Session, shop: Shop, now: datetime) -> int:
    """Count last week's orders without their customer: protected customer data access is missing."""
    state = order_state.c
    mine = (state.programme_id == shop.programme_id, state.shop_id == shop.shop_id)
    recent = state.seen_at >= now - WITHHELD_SINCE
    counted = select(func.count()).where(*mine, recent, state.why_nothing == "customer_withheld")
    return session.execute(counted).scalar_one()


def _outstanding(session: Session, programme_id: UUID) -> Outstanding:
    buckets = (func.coalesce(func.sum(account.c[name]), 0) for name in ("available", "pending", "held", "debt"))
    row = session.execute(select(*buckets).where(account.c.programme_id == programme_id)).one()
    joined = (member.c.programme_id == programme_id, member.c.standing == "joined")
    members = session.execute(select(func.count()).select_from(member).where(*joined)).scalar_one()
    available, pending, held, debt = map(int, row)
    return Outstanding(available, pending, held, -debt, members)


def _arrivals(session: Session, programme_id: UUID, since: datetime) -> tuple[TopicArrivals, ...]:
    return tuple(TopicArrivals(**row) for row in inbox.summary_by_topic(session, programme_id, since))


def _last_arrival_at(session: Session, shop: Shop) -> datetime | None:
    mine = (delivery.c.programme_id == shop.programme_id, delivery.c.shop_id == shop.shop_id)
    newest: datetime | None = session.execute(select(func.max(delivery.c.received_at)).where(*mine)).scalar_one()
    return newest


def _has_credited(session: Session, shop: Shop) -> bool:
    mine = (posting.c.programme_id == shop.programme_id, posting.c.shop_id == shop.shop_id)
    first = select(posting.c.id).where(*mine, posting.c.order_id.is_not(None)).limit(1)
    return session.execute(first).first() is not None


def _postings(session: Session, shop: Shop, newest: ProgrammeDocument) -> tuple[PostingLine, ...]:
    mine = posting.c.programme_id == shop.programme_id
    rows = session.execute(select(posting).where(mine).order_by(posting.c.id.desc()).limit(POSTINGS_SHOWN)).all()
    moves: dict[UUID, list[Row[Any]]] = {row.id: [] for row in rows}
    of_these = (entry.c.programme_id == shop.programme_id, entry.c.posting_id.in_(moves))
    for move in session.execute(select(entry).where(*of_these)):
        moves[move.posting_id].append(move)
    customers = _customers(session, shop, {move.account_id for found in moves.values() for move in found})
    programme_id, versions = shop.programme_id, {row.document_version for row in rows if row.document_version}
    documents = {None: newest, **{one: document_of(session, programme_id, one) for one in versions}}
    return tuple(_line(row, moves[row.id], customers, documents[row.document_version]) for row in rows)


def _proofs(session: Session, shop: Shop, now: datetime) -> Proofs:
    newest = last_finished(session, shop.programme_id)
    first = day_of(now, shop.timezone) - timedelta(days=PROOF_DAYS - 1)
    differing = {UUID(one["account_id"]) for one in (newest.details if newest else []) if one["kind"] == "account"}
    customers = {str(account): customer for account, customer in _customers(session, shop, differing).items()}
    return Proofs(tuple(list_proofs(session, shop.programme_id, first)), newest, customers)


def _customers(session: Session, shop: Shop, account_ids: set[UUID]) -> dict[UUID, int]:
    """Find a customer of this shop for each account; an account of several has its newest."""
    same = (alias.c.programme_id == member.c.programme_id) & (alias.c.member_id == member.c.id)
    mine = (member.c.programme_id == shop.programme_id, alias.c.shop_id == shop.shop_id)
    rows = session.execute(
        select(member.c.account_id, func.max(alias.c.customer_id).label("customer_id"))
        .join(alias, same)
        .where(*mine, member.c.account_id.in_(account_ids))
        .group_by(member.c.account_id)
    )
    return {row.account_id: row.customer_id for row in rows}


def _line(row: Row[Any], moves: list[Row[Any]], customers: dict[UUID, int], document: ProgrammeDocument) -> PostingLine:
    change = sum(sum(account_effect(one.source, one.destination, one.points).values()) for one in moves)
    return PostingLine(
        posting_id=row.id,
        reason=row.reason,
        explanation=row.explanation,
        order_id=row.order_id,
        customer_id=next((customers[one.account_id] for one in moves if one.account_id in customers), None),
        change=change,
        moved=sum(one.points for one in moves),
        occurred_at=row.occurred_at,
        version=row.document_version,
        document=document,
    )
