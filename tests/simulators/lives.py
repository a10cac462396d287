"""Lives of shoppers, from a seed: what happens to their orders and their points, and when. Nothing here touches a database."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from plugin.facts import CustomerRef, OrderLine, OrderSnapshot, Refund, RefundedLine
from plugin.rules import default_document, dump_document
from tests.factories import Shopfront, paid_order

START = datetime(2026, 10, 1, 8, 0, tzinfo=UTC)
SPAN = timedelta(days=40)
END = START + timedelta(days=420)
"""When books are compared: everything has come by then, most terms are over, and of the longest some are."""

EXPIRIES: tuple[dict[str, Any], ...] = (
    {"kind": "never"},
    {"kind": "after_days", "days": 3},
    {"kind": "after_days", "days": 15},
    {"kind": "after_days", "days": 400},
    {"kind": "after_months", "months": 1},
    {"kind": "rolling", "days": 6},
)


@dataclass(frozen=True)
class Delivered:
    """A state of an order, at the instant it came about."""

    at: datetime
    snapshot: OrderSnapshot


@dataclass(frozen=True)
class Wished:
    """Somebody wants to set points aside; whether they may is the ledger's to say."""

    at: datetime
    customer_id: int
    redemption_id: UUID
    share: int
    """How much of what is available, in percent; above 100 is more than there is."""


@dataclass(frozen=True)
class Settled:
    """What becomes of a redemption, if it was granted."""

    at: datetime
    redemption_id: UUID
    how: Literal["redeem_capture", "redeem_release", "redeem_return"]


@dataclass(frozen=True)
class Elapsed:
    """The sweep for what time does comes by."""

    at: datetime


Event = Delivered | Wished | Settled | Elapsed


@dataclass(frozen=True)
class Manner:
    """What kind of lives: how many customers, orders each, and what happens besides orders."""

    customers: int = 3
    orders: int = 12
    wishes: int = 6
    sweeps: int = 8
    changes_hands: bool = True


def make_document(dice: random.Random) -> dict[str, Any]:
    """A programme whose points mature and expire within the story, as the dice say."""
    document = dump_document(default_document())
    maturity_days = dice.choice((0, 0, 2, 7))
    expiries = [one for one in EXPIRIES if one.get("days", 30) > maturity_days]
    document["earning"] |= {"maturity_days": maturity_days, "expiry": dice.choice(expiries)}
    return document


def live(shop: Shopfront, dice: random.Random, manner: Manner, first_order: int = 1) -> list[Event]:
    """Tell the lives of some customers, in the order in which things happen."""
    events: list[Event] = []
    for number in range(first_order, first_order + manner.orders):
        customer_id = 7000 + dice.randrange(manner.customers)
        events += [
            Delivered(one.updated_at, one) for one in tell_order(shop, dice, number, customer_id, manner, _moment(dice))
        ]
    for _ in range(manner.wishes):
        events += _wish(dice, 7000 + dice.randrange(manner.customers))
    events += [Elapsed(_moment(dice)) for _ in range(manner.sweeps)]
    return sorted(events, key=lambda one: one.at)


def tell_order(
    shop: Shopfront, dice: random.Random, order_id: int, customer_id: int, manner: Manner, at: datetime
) -> list[OrderSnapshot]:
    """The states of one order placed at an instant, oldest first; the instants of its states never fall together."""
    lines = tuple(_line(dice, order_id * 10 + place) for place in range(dice.choice((1, 1, 2, 3))))
    first = replace(
        paid_order(shop, order_id=order_id, customer_id=customer_id), placed_at=at, updated_at=at, lines=lines
    )
    states = [replace(first, financial_status=dice.choice(("paid", "paid", "paid", "pending", "authorized")))]
    if dice.random() < 0.1:
        states = [replace(states[0], customer=None, customer_standing="none")]
    for _ in range(dice.choice((0, 0, 1, 2, 3, 4))):
        later = states[-1].updated_at + _pause(dice)
        states.append(replace(_next_state(dice, states[-1], later, customer_id, manner), updated_at=later))
    return states


def _next_state(
    dice: random.Random, last: OrderSnapshot, at: datetime, customer_id: int, manner: Manner
) -> OrderSnapshot:
    if last.financial_status in {"pending", "authorized"}:
        return replace(last, financial_status="paid")
    if last.customer is None:
        return replace(last, customer=CustomerRef(customer_id, has_account=True), customer_standing="present")
    if dice.random() < 0.1 and manner.changes_hands:
        return replace(last, customer=CustomerRef(7000 + dice.randrange(manner.customers), has_account=True))
    return dice.choice((_refund, _refund, _return, _edit, _cancel, _redate, _turn, _tag))(dice, last, at)


def _refund(dice: random.Random, last: OrderSnapshot, at: datetime) -> OrderSnapshot:
    return _refunded(last, Refund(_refund_id(last), at, discrepancy=Decimal(dice.randrange(1, 6000)).scaleb(-2)))


def _return(dice: random.Random, last: OrderSnapshot, at: datetime) -> OrderSnapshot:
    line = dice.choice(last.lines)
    part = RefundedLine(line.line_id, line.quantity, line.price * line.quantity - line.discount)
    return _refunded(last, Refund(_refund_id(last), at, (part,)))


def _edit(dice: random.Random, last: OrderSnapshot, at: datetime) -> OrderSnapshot:
    del at
    if len(last.lines) > 1 and dice.random() < 0.3 and not last.refunds:
        return replace(last, lines=last.lines[:-1])
    return replace(last, lines=(*last.lines, _line(dice, last.order_id * 10 + len(last.lines)))[:9])


def _cancel(dice: random.Random, last: OrderSnapshot, at: datetime) -> OrderSnapshot:
    status = dice.choice(("paid", "refunded", "voided"))
    return replace(last, cancelled_at=last.cancelled_at or at, financial_status=status)


def _redate(dice: random.Random, last: OrderSnapshot, at: datetime) -> OrderSnapshot:
    """Some shops write the date of an order anew, by an import or an app; the states we saw before are wrong then."""
    del at
    return replace(last, placed_at=last.placed_at - _pause(dice)) if dice.random() < 0.2 else last


def _turn(dice: random.Random, last: OrderSnapshot, at: datetime) -> OrderSnapshot:
    """A payment fails after all, or everything is given back without a word of what."""
    del at
    return replace(last, financial_status=dice.choice(("voided", "refunded", "paid")))


def _tag(dice: random.Random, last: OrderSnapshot, at: datetime) -> OrderSnapshot:
    """Something changed that is none of our business."""
    del dice, at
    return last


def _refunded(last: OrderSnapshot, refund: Refund) -> OrderSnapshot:
    return replace(last, refunds=(*last.refunds, refund), financial_status="partially_refunded")


def _refund_id(last: OrderSnapshot) -> int:
    return last.order_id * 100 + len(last.refunds)


def _line(dice: random.Random, line_id: int) -> OrderLine:
    return OrderLine(line_id, dice.choice((1, 1, 2, 5)), Decimal(dice.randrange(100, 9000)).scaleb(-2), product_id=301)


def _wish(dice: random.Random, customer_id: int) -> list[Event]:
    at, redemption_id = _moment(dice), UUID(int=dice.getrandbits(128), version=4)
    events: list[Event] = [Wished(at, customer_id, redemption_id, dice.choice((10, 50, 100, 100, 120)))]
    settled = at + _pause(dice)
    if dice.random() < 0.3:
        return [*events, Settled(settled, redemption_id, "redeem_release")]
    events.append(Settled(settled, redemption_id, "redeem_capture"))
    if dice.random() < 0.3:
        events.append(Settled(settled + _pause(dice), redemption_id, "redeem_return"))
    return events if dice.random() < 0.9 else events[:1]


def _moment(dice: random.Random) -> datetime:
    """Any instant of the story; whole seconds, as Shopify's."""
    return START + timedelta(seconds=dice.randrange(int(SPAN.total_seconds())))


def _pause(dice: random.Random) -> timedelta:
    return timedelta(seconds=dice.choice((1, 30, 3_600, 86_400, 5 * 86_400, 20 * 86_400)) + dice.randrange(1_000))


def delayed(events: Sequence[Event], dice: random.Random, copies: int = 3) -> list[tuple[datetime, Event]]:
    """Let every state of an order come `copies` times, each copy when it likes; all else happens when it happens.

    Of older states some never come; the newest always does.
    """
    newest = {one.snapshot.order_id: one for one in events if isinstance(one, Delivered)}
    comings: list[tuple[datetime, Event]] = []
    for one in events:
        if not isinstance(one, Delivered):
            comings.append((one.at, one))
            continue
        sent = copies if newest[one.snapshot.order_id] is one else dice.randrange(copies + 1)
        comings += [(one.at + _delay(dice), one) for _ in range(sent)]
    return sorted(comings, key=lambda coming: coming[0])


def in_time(events: Sequence[Event]) -> list[tuple[datetime, Event]]:
    """Let everything be known the moment it happens."""
    return [(one.at, one) for one in events]


def _delay(dice: random.Random) -> timedelta:
    return timedelta(seconds=dice.choice((0, 1, 60, 86_400, 6 * 86_400, 30 * 86_400)) + dice.randrange(1_000))
