"""Paid memberships as arithmetic: the purchases of a member in, terms out, in whatever sequence they came to light."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from plugin.facts import OrderLine, OrderSnapshot
from plugin.rules.evaluate import PAID
from plugin.rules.schema import ProgrammeDocument
from plugin.rules.schema_memberships import Length, Membership, Offer

MONTHS_MAX = 240
"""Monthly points end here, however long a term was bought."""


@dataclass(frozen=True, slots=True)
class Bought:
    """A line of an order that buys terms of a membership; `ended_at` is when all of it had come back, None while it counts."""

    membership_id: str
    offer_id: str
    line_id: int
    units: int
    placed_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Term:
    """One purchase's time: from `starts_at` until just before `ends_at` (aware UTC). `place` is the purchase's in the list given."""

    place: int
    starts_at: datetime
    ends_at: datetime
    is_renewal: bool


def bought_in(order: OrderSnapshot, document: ProgrammeDocument) -> tuple[Bought, ...]:
    """List what an order buys of the document's memberships; nothing where it was never paid, or is a test."""
    if not document.memberships or order.is_test or (order.financial_status not in PAID and not order.refunds):
        return ()
    return tuple(_bought(order, line, *found) for line in order.lines if (found := _offer_of(document, line)))


def terms_of(membership: Membership, purchases: Sequence[Bought], timezone: str) -> tuple[Term, ...]:
    """Lay a member's purchases of one membership end to end, oldest first; one that came back before its term began has none."""
    offers = {offer.id: offer for offer in membership.offers}
    terms: list[Term] = []
    end: datetime | None = None
    for place in sorted(range(len(purchases)), key=lambda one: (purchases[one].placed_at, purchases[one].line_id)):
        one = purchases[place]
        if (offer := offers.get(one.offer_id)) is None:
            continue
        follows = end is not None and one.placed_at <= end + timedelta(days=membership.grace_days)
        starts_at = end if follows and end is not None else one.placed_at
        ends_at = _later(starts_at, offer.length, one.units, timezone)
        if one.ended_at is not None:
            ends_at = min(ends_at, max(one.ended_at, starts_at))
        if ends_at > starts_at:
            terms.append(Term(place, starts_at, ends_at, is_renewal=follows))
            end = ends_at
    return tuple(terms)


def runs_at(membership: Membership, terms: Iterable[Term], at: datetime) -> bool:
    """Say whether the membership's perks hold at an instant, the days of grace after its end included."""
    grace = timedelta(days=membership.grace_days)
    return any(term.starts_at <= at < term.ends_at + grace for term in terms)


def months_of(term: Term, timezone: str) -> Iterator[datetime]:
    """List the first instants of the months of a term."""
    for number in range(MONTHS_MAX):
        at = _later(term.starts_at, Length(unit="months", count=1), number, timezone)
        if at >= term.ends_at:
            return
        yield at


def _bought(order: OrderSnapshot, line: OrderLine, membership: Membership, offer: Offer) -> Bought:
    left, ended_at = line.quantity, order.cancelled_at
    for refund in sorted(order.refunds, key=lambda one: (one.created_at, one.refund_id)):
        left -= sum(max(part.quantity, 0) for part in refund.lines if part.line_id == line.line_id)
        if left <= 0 and (ended_at is None or refund.created_at < ended_at):
            ended_at = refund.created_at
            break
    if ended_at is None and order.financial_status == "refunded":
        ended_at = max((refund.created_at for refund in order.refunds), default=order.updated_at)
    units = line.quantity if ended_at is not None else left
    return Bought(membership.id, offer.id, line.line_id, max(units, 1), order.placed_at, ended_at)


def _offer_of(document: ProgrammeDocument, line: OrderLine) -> tuple[Membership, Offer] | None:
    if line.quantity <= 0:
        return None
    found = _offers_by_item(document)
    for key in (("variants", line.variant_id), ("products", line.product_id), ("skus", line.sku.strip().casefold())):
        if key in found:
            return found[key]
    return None


@lru_cache(maxsize=256)
def _offers_by_item(document: ProgrammeDocument) -> dict[tuple[str, object], tuple[Membership, Offer]]:
    """What buys what; a membership that is not active can no longer be bought."""
    found: dict[tuple[str, object], tuple[Membership, Offer]] = {}
    for membership in document.memberships:
        for offer in membership.offers if membership.is_active else ():
            for kind in ("products", "variants", "skus"):
                for item in getattr(offer.goods, kind):
                    key = item.strip().casefold() if isinstance(item, str) else item
                    found[kind, key] = (membership, offer)
    return found


def _later(at: datetime, length: Length, times: int, timezone: str) -> datetime:
    """The same time of day so much later by the clocks of the place; 29 February and the 31st are the month's last day elsewhere."""
    local = at.astimezone(ZoneInfo(timezone))
    if length.unit == "days":
        return (local + timedelta(days=length.count * times)).astimezone(UTC)
    months = length.count * times * (12 if length.unit == "years" else 1)
    year, month = divmod(local.year * 12 + local.month - 1 + months, 12)
    first = date(year, month + 1, 1)
    last = (date(year + (month == 11), (month + 1) % 12 + 1, 1) - timedelta(days=1)).day  # noqa: PLR2004 - December
    return local.replace(year=first.year, month=first.month, day=min(local.day, last)).astimezone(UTC)
