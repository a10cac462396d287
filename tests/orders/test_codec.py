"""What is written of orders is read back as it was, by another library than wrote it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from plugin.facts import Context, CustomerRef, OrderLine, OrderSnapshot, Refund, RefundedLine
from plugin.orders.codec import (
    dump_context,
    dump_snapshot,
    load_context,
    load_snapshot,
    read_context,
    read_snapshot,
    snapshot_key,
)

ids = st.integers(1, 2**63 - 1)
amounts = st.decimals(-(10**15), 10**15, allow_nan=False, allow_infinity=False) | st.decimals(0, 10**6, places=2)
instants = st.datetimes(
    datetime(1970, 1, 1),  # noqa: DTZ001 - the strategy adds the zone
    datetime(9998, 1, 1),  # noqa: DTZ001
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=45)), timezone(timedelta(hours=-5))]),
)
lines = st.builds(OrderLine, line_id=ids, quantity=st.integers(0, 2**31), price=amounts, discount=amounts, tax=amounts)
refunded_lines = st.builds(RefundedLine, line_id=ids, quantity=st.integers(0, 9), subtotal=amounts, tax=amounts)
refunds = st.builds(
    Refund,
    refund_id=ids,
    created_at=instants,
    lines=st.lists(refunded_lines, max_size=3).map(tuple),
    discrepancy=amounts,
)
snapshots = st.builds(
    OrderSnapshot,
    order_id=ids,
    updated_at=instants,
    placed_at=instants,
    cancelled_at=st.none() | instants,
    customer=st.none() | st.builds(CustomerRef, customer_id=ids, has_account=st.none() | st.booleans()),
    lines=st.lists(lines, max_size=3).map(tuple),
    refunds=st.lists(refunds, max_size=2).map(tuple),
    discount_codes=st.lists(st.text()).map(tuple),
)


@settings(deadline=None, max_examples=150)
@given(snapshots)
def test_a_snapshot_is_read_back_as_it_was_and_writes_the_same_text_again(made: OrderSnapshot):
    text = dump_snapshot(made)
    read = read_snapshot(text)
    assert read == made
    assert read == TypeAdapter(OrderSnapshot).validate_json(text)
    assert dump_snapshot(read) == text
    assert snapshot_key(read, text) == snapshot_key(made, text)
    assert load_snapshot(text) is load_snapshot(text)


@settings(deadline=None, max_examples=100)
@given(st.builds(Context))
def test_a_context_is_read_back_as_it_was(made: Context):
    text = dump_context(made)
    assert read_context(text) == made == TypeAdapter(Context).validate_json(text)
    assert load_context(text) == made


def test_what_was_written_before_a_field_was_thought_of_is_read_with_its_default():
    text = (
        '{"programme_id":"00000000-0000-0000-0000-000000000001","shop_id":"00000000-0000-0000-0000-000000000002",'
        '"order_id":1,"updated_at":"2026-01-02T01:02:01.500000Z","placed_at":"2026-01-02T01:02:01Z","currency":"USD",'
        '"financial_status":"paid","lines":[{"line_id":3,"quantity":1,"price":"2.45"}],"gone":[1]}'
    )
    read = read_snapshot(text)
    assert read.lines == (OrderLine(3, 1, Decimal("2.45")),)
    assert read.updated_at == datetime(2026, 1, 2, 1, 2, 1, 500_000, tzinfo=UTC)
    assert read_context('{"document_version":3}') == Context(3)
