"""One member's past under one document: order by order as they were placed, each in the surroundings that the document would have made.

What was frozen with an order stands where the document asks for nothing else: product facts, customer tags, segments. What depends on
the document itself is worked out anew from the member's own past.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from plugin.days import day_of
from plugin.facts import Context, OrderSnapshot, ProductFacts
from plugin.journeys.backtest_sums import DocumentSums
from plugin.journeys.context_orders import with_fetched
from plugin.members import Member
from plugin.members.store import AliasKey
from plugin.orders.pasts import Past, PastOrder
from plugin.rules import ProgrammeDocument, lot_terms, needs_products
from plugin.rules.asking import counts
from plugin.rules.evaluate import Weighed, weigh
from plugin.rules.exact import in_micros
from plugin.rules.simulating import Asks, Course, Move, Uses
from plugin.rules.terms import kept_until

Products = Callable[[OrderSnapshot], Mapping[int, ProductFacts]]
"""What is known today of the products of an order's shop, by id."""
_NOTHING_FROZEN = Context(document_version=0)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Window:
    """Orders placed from `since` until just before `until` are told; earlier ones only shape the member's past.

    `now` is through when tiers are told, where `until` does not end that earlier.
    """

    timezone: str
    since: datetime | None = None
    until: datetime | None = None
    now: datetime | None = None

    def holds(self, at: datetime) -> bool:
        """Whether what happened at an instant is told."""
        return (self.since is None or at >= self.since) and (self.until is None or at < self.until)

    @property
    def end(self) -> datetime | None:
        """Through when time passes."""
        return min((one for one in (self.until, self.now) if one is not None), default=None)


@dataclass(slots=True)
class Trial:
    """One document tried on members, one after the other; adds up what it gives them."""

    document: ProgrammeDocument
    window: Window
    sums: DocumentSums = field(default_factory=DocumentSums)
    _zone: ZoneInfo = field(init=False)
    _asks: Asks = field(init=False)
    _last_days: dict[tuple[date, str | None], date | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._zone = ZoneInfo(self.window.timezone)
        self._asks = Asks.of(self.document)

    def replay(
        self,
        past: Past,
        members: Mapping[AliasKey, Member] | None,
        products: Products,
    ) -> int:
        """Replay one account's orders and return what they gave it in all. Without `members` everyone is taken to have joined."""
        given, alive, courses = 0, _Alive(), _Courses(self.document, self._asks, self.window.timezone)
        for one in past.orders:
            order, until = one.snapshot, self.window.until
            if until is not None and order.placed_at >= until:
                break
            member = _member_of(order, members)
            barred = _barred(order, self.document, member) if members is not None else _without_customer(order)
            context = self._context(one, products)
            course = courses.of(order, member) if self._asks else None
            if course is not None:
                context = with_fetched(context, order, self._asks.order)
                context, moves = course.context_of(context, order.placed_at)
                self._tell_moves(moves)
            found = weigh(order, self.document, context, barred=barred)
            if course is not None:
                course.note(order.placed_at, found, counts=barred is None and counts(order))
            if self.window.holds(order.placed_at):
                given += found.points
                self._tell(order, found, alive, context.tier)
        self._lapse(alive)
        self._end(courses)
        return given

    def tell_unowned(self, placed_at: datetime, why: str) -> None:
        """Count an order that belongs to nobody; return nothing, since it gives nothing."""
        if self.window.holds(placed_at):
            self.sums.month(_month(placed_at.astimezone(self._zone))).orders += 1
            self.sums.nothing[why] += 1

    def _end(self, courses: _Courses) -> None:
        """Let time pass after the last order, and say what was asked of limits that all members share."""
        if self._asks.tiers and (end := self.window.end) is not None:
            for course in courses.all.values():
                self._tell_moves(course.move_on(end) if course.is_before(end) else [])
        shared = {one.limit_id for one in self._asks.limits if not one.is_per_member}
        self.sums.asked.update({key: points for key, points in courses.uses.items() if key[0] in shared})

    def _tell_moves(self, moves: Iterable[Move]) -> None:
        for at, before, after in moves:
            if self.window.holds(at):
                self.sums.moves[_month(at.astimezone(self._zone)), before, after] += 1

    def _context(self, one: PastOrder, products: Products) -> Context:
        """What was frozen, and the products the document asks for beside that."""
        context, order = one.context or _NOTHING_FROZEN, one.snapshot
        asked = needs_products(self.document, order)
        if not asked:
            return context
        known = {facts.product_id: facts for facts in context.products}
        missing = [product_id for product_id in asked if product_id not in known]
        if not missing:
            return context
        of_shop = products(order)
        found = [of_shop.get(product_id) for product_id in missing]
        self.sums.unknown += None in found
        known |= {facts.product_id: facts for facts in found if facts is not None}
        return replace(context, products=tuple(known[product_id] for product_id in sorted(known)))

    def _tell(self, order: OrderSnapshot, found: Weighed, alive: _Alive, tier: str | None) -> None:
        placed = order.placed_at.astimezone(self._zone)
        month = self.sums.month(_month(placed))
        month.orders += 1
        if found.eligible_spend:
            month.spend_micros += in_micros(found.eligible_spend)
        if not found.points:
            self.sums.nothing[found.why_nothing or "nothing_eligible"] += 1
            return
        month.earning += 1
        month.points += found.points
        self._note_terms(order.placed_at, found.points, alive, tier)

    def _note_terms(self, placed_at: datetime, points: int, alive: _Alive, tier: str | None) -> None:
        """Say in which months these points mature and run out. What a tier keeps from lapsing is told as not running out."""
        earning, day = self.document.earning, placed_at.astimezone(self._zone).date()
        self.sums.month(_month(day + timedelta(days=earning.maturity_days))).matured += points
        if earning.expiry.kind == "rolling":
            if alive.last_day is not None and day > alive.last_day:
                self._lapse(alive)
            alive.points, alive.last_day = alive.points + points, day + timedelta(days=earning.expiry.days)
        elif kept_until(self.document, tier, None, self.window.timezone):
            alive.renewed = []
        elif (last := self._last_day(placed_at, day, tier)) is not None:
            self._renew(alive, day, last)
            alive.renewed.append((points, last))

    def _renew(self, alive: _Alive, day: date, last: date) -> None:
        """An order on a day lets what has not run out last as long as its own points, where the document says so."""
        expiry = self.document.earning.expiry
        if expiry.kind == "after_months" and expiry.renewed_by_activity:
            self._run_out([one for one in alive.renewed if one[1] < day])
            alive.renewed = [(points, max(end, last)) for points, end in alive.renewed if end >= day]

    def _run_out(self, lots: Iterable[tuple[int, date]]) -> None:
        for points, last in lots:
            self.sums.month(_month(last)).expired += points

    def _lapse(self, alive: _Alive) -> None:
        self._run_out(alive.renewed)
        alive.renewed = []
        if alive.points and alive.last_day is not None:
            self.sums.month(_month(alive.last_day)).expired += alive.points
        alive.points, alive.last_day = 0, None

    def _last_day(self, placed_at: datetime, day: date, tier: str | None) -> date | None:
        """The last day of what is given on a day in a tier, worked out once."""
        if (day, tier) not in self._last_days:
            expires = lot_terms(self.document, placed_at, self.window.timezone, tier).expires_at
            last = None if expires is None else day_of(expires - _MICROSECOND, self.window.timezone)
            self._last_days[day, tier] = last
        return self._last_days[day, tier]


@dataclass(slots=True)
class _Courses:
    """The members of one account, each on a course of their own; what limits per account have used they share."""

    document: ProgrammeDocument
    asks: Asks
    timezone: str
    uses: Uses = field(default_factory=dict)
    all: dict[object, Course] = field(default_factory=dict)

    def of(self, order: OrderSnapshot, member: Member | None) -> Course:
        """Find or begin the course of whoever placed an order."""
        who = member.member_id if member else order.customer and (order.shop_id, order.customer.customer_id)
        if who not in self.all:
            self.all[who] = Course(self.document, self.asks, self.timezone, self.uses)
        return self.all[who]


@dataclass(slots=True)
class _Alive:
    """Points that any order keeps alive, until the end of a day; and those that have a day of their own, which orders may put off."""

    points: int = 0
    last_day: date | None = None
    renewed: list[tuple[int, date]] = field(default_factory=list)


def name_of(past: Past, *, by_order: bool) -> str:
    """Name whose past it is: by Shopify's customer id, or by their first order where a file tells no id."""
    first = past.orders[0].snapshot
    return first.name if by_order or first.customer is None else str(first.customer.customer_id)


def _barred(order: OrderSnapshot, document: ProgrammeDocument, member: Member | None) -> str | None:
    """Say why an order may not earn under this document's enrolment, as crediting would."""
    if why := _without_customer(order):
        return why
    if member is not None and member.left_at is not None and order.placed_at >= member.left_at:
        return "left"
    if document.enrolment == "every_customer" or (member is not None and member.standing == "joined"):
        return None
    has_account = order.customer is not None and order.customer.has_account
    if document.enrolment == "account_holders" and (has_account or (member is not None and member.has_account)):
        return None
    return "not_joined"


def _without_customer(order: OrderSnapshot) -> str | None:
    if order.customer is not None:
        return None
    return "customer_withheld" if order.customer_standing == "unknown" else "guest"


def _member_of(order: OrderSnapshot, members: Mapping[AliasKey, Member] | None) -> Member | None:
    if members is None or order.customer is None:
        return None
    return members.get((order.programme_id, order.shop_id, order.customer.customer_id))


def _month(day: date) -> int:
    return day.year * 12 + day.month - 1
