"""Order bodies in a file, one a line: read as webhooks are."""

from __future__ import annotations

import json
from uuid import UUID

from plugin.facts import OrderSnapshot, RejectedRow
from tests.journeys.shop_floor import line, order
from webhooks.exports import read_order_lines

SHOP = (UUID(int=1), UUID(int=2))


def test_a_line_is_the_order_that_a_webhook_tells():
    body = order(5001, line(1, "20.00", 2, off="5.00"))
    (found,) = read_order_lines([json.dumps(body).encode()], SHOP)
    assert isinstance(found, OrderSnapshot)
    assert (found.programme_id, found.shop_id, found.order_id) == (*SHOP, 5001)
    assert [one.quantity for one in found.lines] == [2]


def test_bodies_as_the_admin_api_wraps_them_are_unwrapped_and_empty_lines_passed_over():
    found = list(read_order_lines([b"\n", json.dumps({"order": order(7, line(1, "1.00"))}).encode(), b"  "], SHOP))
    assert [one.order_id for one in found if isinstance(one, OrderSnapshot)] == [7]


def test_what_is_no_whole_order_is_told_by_its_line():
    part = order(5001, line(1, "20.00"))
    del part["financial_status"]
    lines = [b"nonsense", json.dumps(part).encode(), b'{"order": 3}', json.dumps({"id": "gid"}).encode(), b"[]"]
    found = list(read_order_lines(lines, SHOP))
    assert [one.row for one in found if isinstance(one, RejectedRow)] == [1, 2, 3, 4, 5]
