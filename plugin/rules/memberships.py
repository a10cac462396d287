"""Paid memberships as arithmetic: the purchases of a member in, terms out, in whatever sequence they came to light."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from plugin.facts import Bought, OrderLine, OrderSnapshot
from plugin.rules.evaluate import PAID
from plugin.rules.schema import ProgrammeDocument
from plugin.rules.schema_memberships import Membership, Offer

MONTHS_MAX = 240
"""Monthly points end here, however long a term was bought."""


@dataclass(frozen=True, slots=True)
class Term:
    """One purchase's time: from `starts_at` until just before `ends_at`; perks last until `perks_until` (aware UTC).

    `place` is the purchase's in the list given.
    """

    place: int
    starts_at: datetime
    ends_at: datetime
    perks_until: datetime
    is_renewal: bool


def bought_in(order: OrderSnapshot, document: ProgrammeDocument) -> tuple[Bought, ...]:
    """List what an order buys of the document's memberships; nothing where it was never paid, or is a test."""
    if not document.memberships or order.is_test or (order.financial_status not in PAID and not order.refunds):
        return ()
    return tuple(_bought(order, line, *found) for line in order.lines if (found := _offer_of(document, line)))


def terms_of(purchases: Sequence[Bought], timezone: str) -> tuple[Term, ...]:
    """Lay a member's purchases of one membership end to end, oldest first; one that came back before its term began has none."""
    terms: list[Term] = []
    for place in sorted(range(len(purchases)), key=lambda one: (purchases[one].placed_at, purchases[one].line_id)):
        one, last = purchases[place], terms[-1] if terms else None
        follows = last is not None and one.placed_at <= last.perks_until
        starts_at = last.ends_at if last is not None and follows else one.placed_at
        ends_at = _later(starts_at, (one.length_unit, one.length_count * one.units), timezone)
        if one.ended_at is not None:
            ends_at = min(ends_at, max(one.ended_at, starts_at))
        if ends_at > starts_at:
            grace = timedelta(days=0 if one.ended_at is not None else one.grace_days)
            terms.append(Term(place, starts_at, ends_at, ends_at + grace, is_renewal=follows))
    return tuple(terms)


def runs_at(terms: Iterable[Term], at: datetime) -> bool:
    """Say whether a membership's perks hold at an instant, the days of grace after its end included."""
    return any(term.starts_at <= at < term.perks_until for term in terms)


def months_of(term: Term, timezone: str) -> Iterator[datetime]:
    """List the first instants of the months of a term."""
    for number in range(MONTHS_MAX):
        at = _later(term.starts_at, ("months", number), timezone)
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
    return Bought(
        membership.id,
        offer.id,
        line.line_id,
        max(units, 1),
        order.placed_at,
        offer.length.unit,
        offer.length.count,
        membership.grace_days,
        ended_at,
    )


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


def _later(at: datetime, length: tuple[str, int], timezone: str) -> datetime:
    """The same time of day so much later by the clocks of the place; 29 February and the 31st are the month's last day elsewhere."""
    local, (unit, count) = at.astimezone(ZoneInfo(timezone)), length
    if unit == "days":
        return (local + timedelta(days=count)).astimezone(UTC)
    year, month = divmod(local.year * 12 + local.month - 1 + count * (12 if unit == "years" else 1), 12)
    day = min(local.day, monthrange(year, month + 1)[1])
    return local.replace(year=year, month=month + 1, day=day).astimezone(UTC)
