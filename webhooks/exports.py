"""Order bodies kept in a file, one JSON object a line, as the Admin REST API and the order webhooks write them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from uuid import UUID

from plugin.errors import BadInput
from plugin.facts import Delivery, OrderSnapshot, RejectedRow
from webhooks.bodies import BYTES_MAX, parse_body
from webhooks.orders import order_facts

_NOBODY = UUID(int=0)
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def read_order_lines(lines: Iterable[bytes], shop: tuple[UUID, UUID]) -> Iterator[OrderSnapshot | RejectedRow]:
    """Read the orders of a file, one after the other, by the same reader that webhooks have; a line that is none is told by its number."""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            yield _order(line, shop)
        except BadInput as fault:
            yield RejectedRow(number, str(fault))


def _order(line: bytes, shop: tuple[UUID, UUID]) -> OrderSnapshot:
    if len(line) > BYTES_MAX:
        raise BadInput("the line is too long for an order")
    body = parse_body(line)
    order = body.get("order", body)
    if not isinstance(order, dict):
        raise BadInput("the line is not an order")
    for fact in order_facts(_delivery(shop), order):
        if isinstance(fact, OrderSnapshot) and fact.is_complete:
            return fact
    raise BadInput("the line does not tell a whole order")


def _delivery(shop: tuple[UUID, UUID]) -> Delivery:
    """The envelope that the reader asks for; of it, only whose order it is gets into the order."""
    return Delivery(
        delivery_id=_NOBODY,
        programme_id=shop[0],
        shop_id=shop[1],
        topic="orders/updated",
        event_id="",
        webhook_id="",
        triggered_at=_NEVER,
        received_at=_NEVER,
        body=b"",
        body_hash="",
    )
