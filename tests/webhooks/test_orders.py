"""Whole orders: what is read, what is missing, what is twisted."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from plugin.errors import BadInput
from plugin.facts import CustomerRef, OrderSnapshot, OrderTouched
from tests.webhooks.sending import SOMEWHERE, TRIGGERED_AT, facts_of, payload


def order(**changes: Any) -> dict[str, Any]:
    """The plain paid order with some fields changed; `...` drops a field."""
    body = payload("orders_paid") | changes
    return {name: value for name, value in body.items() if value is not ...}


def read(topic: str = "orders/paid", **changes: Any) -> OrderSnapshot:
    """The one snapshot in such an order."""
    [snapshot] = facts_of(topic, order(**changes))
    assert isinstance(snapshot, OrderSnapshot)
    return snapshot


def test_an_order_is_read_whole():
    snapshot = read()
    assert (snapshot.programme_id, snapshot.shop_id) == (SOMEWHERE.programme_id, SOMEWHERE.shop_id)
    assert snapshot.order_id == 5_400_000_001_001
    assert snapshot.updated_at == datetime(2026, 11, 2, 7, 15, 31, tzinfo=UTC)
    assert snapshot.name == "#1001"
    assert (snapshot.currency, snapshot.financial_status, snapshot.source) == ("EUR", "paid", "web")
    assert snapshot.customer == CustomerRef(6_600_000_000_001, has_account=True)
    assert snapshot.customer_standing == "present"
    assert snapshot.discount_codes == ("AUTUMN10",)
    assert len(snapshot.lines) == 4
    assert snapshot.refunds == ()
    assert snapshot.is_complete
    assert (snapshot.is_test, snapshot.taxes_included, snapshot.cancelled_at) == (False, False, None)


@pytest.mark.parametrize("topic", ["orders/create", "orders/paid", "orders/updated", "orders/cancelled"])
def test_all_order_topics_carry_the_same_order(topic):
    assert read(topic) == read()


def test_an_order_was_placed_when_it_was_processed_else_when_it_was_created():
    assert read().placed_at == datetime(2026, 11, 2, 7, 15, 28, tzinfo=UTC)
    assert read(processed_at=None).placed_at == datetime(2026, 11, 2, 7, 15, 30, tzinfo=UTC)
    imported = read(processed_at="2019-03-04T05:06:07Z")
    assert imported.placed_at == datetime(2019, 3, 4, 5, 6, 7, tzinfo=UTC)


def test_a_cancelled_and_a_test_order_say_so():
    [cancelled] = facts_of("orders/cancelled", payload("orders_cancelled"))
    assert cancelled.cancelled_at == datetime(2026, 11, 3, 8, tzinfo=UTC)
    assert read(test=True).is_test


def test_amounts_are_shop_money_whatever_the_buyer_paid_in():
    [snapshot] = facts_of("orders/paid", payload("orders_paid_in_another_currency"))
    [line] = snapshot.lines
    assert snapshot.currency == "CHF"
    assert snapshot.taxes_included
    assert (line.price, line.discount, line.tax) == (Decimal("64.60"), Decimal("6.30"), Decimal("4.84"))


def test_a_guest_is_told_from_a_customer_whom_the_body_withholds():
    [guest] = facts_of("orders/paid", payload("orders_paid_by_guest"))
    assert (guest.customer, guest.customer_standing) == (None, "none")
    [redacted] = facts_of("orders/paid", payload("orders_paid_redacted"))
    assert (redacted.customer, redacted.customer_standing) == (None, "unknown")
    missing = read(customer=...)
    assert (missing.customer, missing.customer_standing) == (None, "unknown")
    assert missing.is_complete


@pytest.mark.parametrize(
    ("state", "has_account"),
    [("enabled", True), ("disabled", False), ("invited", False), ("declined", False), (None, None)],
)
def test_only_an_enabled_customer_has_an_account_and_silence_is_not_a_no(state, has_account):
    assert read(customer={"id": 7, "state": state}).customer == CustomerRef(7, has_account)
    assert read(customer={"id": 7}).customer == CustomerRef(7, None)


@pytest.mark.parametrize("name", ["currency", "financial_status", "line_items"])
def test_a_body_that_lacks_what_the_rules_need_is_incomplete_so_that_it_is_fetched(name):
    incomplete = read(**{name: ...})
    assert not incomplete.is_complete
    assert (incomplete.order_id, incomplete.updated_at) == (read().order_id, read().updated_at)
    assert (incomplete.customer, incomplete.customer_standing, incomplete.lines) == (None, "unknown", ())


def test_an_order_without_any_date_or_with_a_nameless_line_is_incomplete():
    assert not read(processed_at=..., created_at=None).is_complete
    for lacking in ("id", "quantity", "price"):
        line = payload("orders_paid")["line_items"][0]
        assert not read(line_items=[{**line, lacking: None, f"{lacking}_set": None}]).is_complete
        assert not read(line_items=[{}]).is_complete


def test_an_incomplete_body_never_outranks_the_whole_order_of_the_same_instant():
    from plugin.orders import dump_snapshot, snapshot_key

    whole, incomplete = read(), read(line_items=...)
    assert snapshot_key(incomplete, dump_snapshot(incomplete)) < snapshot_key(whole, dump_snapshot(whole))


def test_an_order_that_does_not_say_how_new_it_is_is_only_known_to_have_changed():
    expected = OrderTouched(SOMEWHERE.programme_id, SOMEWHERE.shop_id, read().order_id, TRIGGERED_AT)
    assert facts_of("orders/updated", order(updated_at=...)) == [expected]
    assert facts_of("orders/updated", {"id": read().order_id}) == [expected]


def test_an_unpaid_order_may_have_no_status_yet():
    snapshot = read(financial_status=None)
    assert (snapshot.financial_status, snapshot.is_complete) == ("", True)


def test_an_order_may_have_no_lines_left():
    assert read(line_items=[]).is_complete


TWISTED = {
    "id": [None, 0, -1, "5001", 1.0, True, 2**63, [], {}, ...],
    "updated_at": ["", "2026-11-02", "now", 1730531731, "2026-11-02T09:15:31", "2026-02-30T00:00:00Z", [], True],
    "processed_at": ["soon", 0, {}],
    "cancelled_at": ["", False, "0000-00-00T00:00:00Z"],
    "currency": ["eur", "EURO", "€", 978, ["EUR"]],
    "financial_status": [1, True, ["paid"], {}],
    "test": ["true", 1, "", []],
    "taxes_included": ["false", 0],
    "customer": ["7001", 7001, [], True],
    "line_items": [{}, "none", 3, [1], [None], ["line"], [[]]],
    "refunds": [{}, [7], "none"],
    "discount_codes": ["AUTUMN10", {"code": "A"}, ["A"]],
    "total_tip_received": ["free", "-1.00", "NaN", "1e3", []],
    "name": [1001, ["#1001"]],
    "source_name": [580111, {}],
}


@pytest.mark.parametrize("name", TWISTED)
def test_a_twisted_order_is_bad_input_that_names_the_field(name):
    for value in TWISTED[name]:
        with pytest.raises(BadInput) as refusal:
            facts_of("orders/paid", order(**{name: value}))
        assert refusal.value.path.split("[")[0] == name, value


def test_texts_are_cut_and_hold_no_nul():
    assert read(name="#1\0" + "0" * 500).name == "#1" + "0" * 253


def test_an_edit_only_says_which_order_changed():
    assert facts_of("orders/edited", payload("orders_edited")) == [
        OrderTouched(SOMEWHERE.programme_id, SOMEWHERE.shop_id, 5_400_000_001_001, TRIGGERED_AT)
    ]
    for twisted in ({}, {"order_edit": None}, {"order_edit": {}}, {"order_edit": {"order_id": "5"}}, {"order_edit": 5}):
        with pytest.raises(BadInput):
            facts_of("orders/edited", twisted)


def test_an_orders_own_tags_and_its_ways_of_delivery_are_read():
    told = read(tags="vip, own-cup ,", shipping_lines=[{"title": "No rush"}, {"title": "Standard"}])
    assert (told.tags, told.shipping_methods) == (("own-cup", "vip"), ("No rush", "Standard"))
    changed = read(
        shipping_lines=[{"title": "No rush", "is_removed": True}, {"title": "Standard", "is_removed": False}]
    )
    assert changed.shipping_methods == ("Standard",)  # as the shop answers, which leaves out what was removed
    silent = read(tags=..., shipping_lines=...)
    assert (silent.tags, silent.shipping_methods) == ((), ())
