"""A merchant lets past orders count: sees first what that would give and cost, then starts it, or not.

Orders placed before the shop's start line earn nothing, unless a back-fill names them; then they count under the version the
merchant chose, through the same crediting as every other order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from uuid import UUID

from sqlalchemy.orm import Session

from plugin.errors import BadInput, Conflict, NotFound
from plugin.journeys.documents import current_document, document_of
from plugin.journeys.tools import Tools
from plugin.money import to_major
from plugin.orders.backfills import (
    Backfill,
    Count,
    NewBackfill,
    add_backfill,
    change_backfill,
    count_orders,
    get_backfill,
    is_any_working,
    list_backfills,
)
from plugin.programme.store import get_programme
from plugin.rules import ProgrammeDocument
from plugin.shops.store import Shop, get_shop, lock_shop

WIDE_SCOPE = "read_all_orders"
REACH = timedelta(days=60)
"""How far back Shopify shows orders to an app without the wide scope."""
_SHOWN = 10


class BackfillOpen(Conflict):
    """Another back-fill of the shop is being worked on."""

    code = "backfill_open"


@dataclass(frozen=True, slots=True)
class Reach:
    """Which past orders there are to choose from: those placed from `earliest` (None: any) until just before `start_line`."""

    earliest: datetime | None
    start_line: datetime

    @property
    def is_empty(self) -> bool:
        """Whether no past order can be reached."""
        return self.earliest is not None and self.earliest >= self.start_line


@dataclass(frozen=True, slots=True)
class Ask:
    """What a merchant asks for. `until` is exclusive, the start line unless given; `version` is the current one unless given."""

    since: datetime
    actor: str
    until: datetime | None = None
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Rate:
    """What points buy: the cheapest reward takes `amount` (major units) off for `points`."""

    points: int
    amount: Decimal

    def worth(self, points: int, currency: str) -> Decimal:
        """What so many points are worth: points by the amount, over the reward's points, rounded to the currency."""
        smallest = to_major(1, currency)
        return (points * self.amount / self.points).quantize(smallest, ROUND_HALF_EVEN)


@dataclass(frozen=True, slots=True)
class BackfillView:
    """A back-fill, its sums, and what points buy today (None: the programme has no reward)."""

    backfill: Backfill
    count: Count
    rate: Rate | None
    currency: str

    @property
    def points(self) -> int:
        """What it gave so far, or would give where it was never started."""
        return (self.count.expected if self.backfill.started_at is None else self.count.given).points

    @property
    def is_clamped(self) -> bool:
        """Whether older orders were asked for than can be reached."""
        return self.backfill.since > self.backfill.asked_since


def reach_of(shop: Shop, now: datetime) -> Reach:
    """Say which past orders of a shop Shopify shows us."""
    return Reach(None if WIDE_SCOPE in shop.scopes else now - REACH, shop.earning_starts_at)


def count_past(tools: Tools, shop_id: UUID, ask: Ask) -> Backfill:
    """Begin to count what past orders would give; nothing is given yet. What lies out of reach is left out.

    Raises:
        BadInput: `range_empty`, `range_after_start` (these orders count anyway), `range_out_of_reach`, or no such version.
        BackfillOpen: another one is being worked on.
    """
    now = tools.clock()
    with tools.writing() as session:
        shop = lock_shop(session, shop_id)
        since, until = _range(shop, ask, now)
        if is_any_working(session, shop.programme_id, shop_id):
            raise BackfillOpen("another back-fill is being worked on")
        new = NewBackfill(
            programme_id=shop.programme_id,
            shop_id=shop_id,
            since=since,
            until=until,
            asked_since=ask.since,
            document_version=_version(session, shop.programme_id, ask.version),
            actor=ask.actor,
        )
        kept = add_backfill(session, new, now)
    tools.nudge("backfill", job_key(kept))
    return kept


def start_backfill(tools: Tools, programme_id: UUID, backfill_id: UUID) -> None:
    """Let a counted back-fill give points. Starting one that runs, or ran, changes nothing.

    Raises:
        NotFound: this programme has no such back-fill.
        Conflict: it is not counted yet, or was cancelled.
        BackfillOpen: another one is being worked on.
    """
    now = tools.clock()
    with tools.writing() as session:
        one = get_backfill(session, programme_id, backfill_id)
        lock_shop(session, one.shop_id)
        one = get_backfill(session, programme_id, backfill_id, is_locked=True)
        if one.state in {"running", "done"}:
            return
        if one.state != "counted":
            raise Conflict("the back-fill is not ready to be started")
        if is_any_working(session, programme_id, one.shop_id):
            raise BackfillOpen("another back-fill is being worked on")
        change_backfill(session, one, state="running", cursor=None, reached_at=None, started_at=now)
    tools.nudge("backfill", job_key(one))


def cancel_backfill(tools: Tools, programme_id: UUID, backfill_id: UUID) -> None:
    """End a back-fill before its end: orders that count by now go on counting, the others never will by it.

    Raises:
        NotFound: this programme has no such back-fill.
    """
    with tools.writing() as session:
        one = get_backfill(session, programme_id, backfill_id, is_locked=True)
        if one.state not in {"done", "cancelled"}:
            change_backfill(session, one, state="cancelled", finished_at=tools.clock())


def backfill_view(session: Session, programme_id: UUID, backfill_id: UUID) -> BackfillView:
    """Return a back-fill with its sums.

    Raises:
        NotFound: this programme has no such back-fill.
    """
    return _view(session, get_backfill(session, programme_id, backfill_id))


def newest_backfills(session: Session, shop: Shop) -> Sequence[BackfillView]:
    """List a shop's newest back-fills."""
    return [_view(session, one) for one in list_backfills(session, shop.programme_id, shop.shop_id, _SHOWN)]


def reward_rate(document: ProgrammeDocument) -> Rate | None:
    """Name the cheapest reward on offer, the one a member reaches first; of two at the same price the more valuable."""
    offered = [Rate(one.points, one.worth) for one in document.rewards if one.is_active and one.points and one.worth]
    return min(offered, key=lambda one: (one.points, -one.amount), default=None)


def job_key(one: Backfill) -> str:
    """Name a back-fill as the slow lane does."""
    return f"{one.programme_id}:{one.backfill_id}"


def _range(shop: Shop, ask: Ask, now: datetime) -> tuple[datetime, datetime]:
    """Cut what was asked for down to what is past and within reach."""
    reach = reach_of(shop, now)
    until = min(ask.until or reach.start_line, reach.start_line)
    if ask.until is not None and ask.until <= ask.since:
        raise BadInput("the range ends before it begins", path="until", code="range_empty")
    if ask.since >= reach.start_line:
        raise BadInput("these orders earn points anyway", path="since", code="range_after_start")
    since = max(ask.since, reach.earliest) if reach.earliest else ask.since
    if since >= until:
        raise BadInput("Shopify shows no orders as old as that", path="until", code="range_out_of_reach")
    return since, until


def _version(session: Session, programme_id: UUID, version: int | None) -> int:
    if version is None:
        return current_document(session, programme_id)[0]
    try:
        document_of(session, programme_id, version)
    except NotFound as fault:
        raise BadInput(f"there is no version {version}", path="version", code="no_such_version") from fault
    return version


def _view(session: Session, one: Backfill) -> BackfillView:
    shop, programme = get_shop(session, one.shop_id), get_programme(session, one.programme_id)
    _, document = current_document(session, shop.programme_id)
    return BackfillView(one, count_orders(session, one), reward_rate(document), programme.currency)
