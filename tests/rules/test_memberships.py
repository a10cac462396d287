"""Terms of paid memberships: starts, renewals, lapses, refunds; by the calendar of the programme."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise, permutations
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as some

from plugin.errors import BadInput
from plugin.facts import Bought, OrderLine, OrderSnapshot, Refund, RefundedLine
from plugin.rules import default_document, dump_document, parse_document
from plugin.rules.memberships import bought_in, months_of, runs_at, terms_of
from tests.rules.making import MEMBERSHIP

SOFIA = "Europe/Sofia"
LENGTHS = {offer["id"]: tuple(offer["length"].values()) for offer in MEMBERSHIP["offers"]}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def document(**changes: Any):
    return parse_document(dump_document(default_document()) | {"memberships": [MEMBERSHIP | changes]})


def terms(*purchases: Bought) -> list[tuple[str, str, bool]]:
    found = terms_of(purchases, SOFIA)
    return [(f"{one.starts_at:%Y-%m-%d %H}", f"{one.ends_at:%Y-%m-%d %H}", one.is_renewal) for one in found]


def year(placed: str, **changes: Any) -> Bought:
    length = LENGTHS[changes.get("offer_id", "year")]
    return replace(Bought("club", "year", 1, 1, at(placed), *length, grace_days=7), **changes)


@pytest.mark.parametrize(
    ("purchases", "expected"),
    [
        ([year("2026-03-01T10:00")], [("2026-03-01 10", "2027-03-01 10", False)]),
        ([year("2024-02-29T10:00")], [("2024-02-29 10", "2025-02-28 10", False)]),
        ([year("2026-03-01T10:00", units=2)], [("2026-03-01 10", "2028-03-01 10", False)]),
        ([year("2026-10-25T00:30", offer_id="month")], [("2026-10-25 00", "2026-11-25 01", False)]),  # clocks went back
        ([year("2026-01-31T10:00", offer_id="month")], [("2026-01-31 10", "2026-02-28 10", False)]),
        ([year("2026-01-01T10:00", offer_id="trial")], [("2026-01-01 10", "2026-01-31 10", False)]),
        (
            [year("2026-03-01T10:00"), year("2027-02-01T10:00", line_id=2)],
            [("2026-03-01 10", "2027-03-01 10", False), ("2027-03-01 10", "2028-03-01 10", True)],
        ),
        (  # within the grace of seven days it follows on
            [year("2026-03-01T10:00"), year("2027-03-08T09:00", line_id=2)],
            [("2026-03-01 10", "2027-03-01 10", False), ("2027-03-01 10", "2028-03-01 10", True)],
        ),
        (  # after it, it starts anew
            [year("2026-03-01T10:00"), year("2027-03-09T10:00", line_id=2)],
            [("2026-03-01 10", "2027-03-01 10", False), ("2027-03-09 10", "2028-03-09 10", False)],
        ),
        ([year("2026-03-01T10:00", ended_at=at("2026-04-01T12:00"))], [("2026-03-01 10", "2026-04-01 12", False)]),
        ([year("2026-03-01T10:00", ended_at=at("2026-03-01T10:00"))], []),
        (  # a refunded first year lets the second one begin where the first ended
            [year("2026-03-01T10:00", ended_at=at("2026-03-20T10:00")), year("2026-03-10T10:00", line_id=2)],
            [("2026-03-01 10", "2026-03-20 10", False), ("2026-03-20 10", "2027-03-20 10", True)],
        ),
    ],
)
def test_terms_follow_the_calendar(purchases, expected):
    assert terms(*purchases) == expected


def test_the_sequence_in_which_purchases_come_to_light_changes_nothing():
    some_years = [year("2026-03-01T10:00"), year("2026-09-01T10:00", line_id=2), year("2029-01-01T10:00", line_id=3)]
    assert len({tuple(sorted(terms(*one))) for one in permutations(some_years)}) == 1


@given(some.lists(some.tuples(some.integers(0, 2000), some.integers(0, 400), some.booleans()), max_size=6))
def test_terms_never_overlap_and_none_is_empty(drawn):
    start = at("2026-01-01T00:00")
    purchases = [
        year("2026-01-01T00:00", line_id=number, placed_at=start + timedelta(days=day))
        if lasts
        else year(
            "2026-01-01T00:00",
            line_id=number,
            placed_at=start + timedelta(days=day),
            ended_at=start + timedelta(days=day + back),
        )
        for number, (day, back, lasts) in enumerate(drawn)
    ]
    found = terms_of(purchases, SOFIA)
    assert all(one.starts_at < one.ends_at for one in found)
    assert all(one.ends_at <= other.starts_at for one, other in pairwise(found))


def test_perks_last_through_the_days_of_grace():
    found = terms_of([year("2026-03-01T10:00")], SOFIA)
    asked = ("2026-02-28T10:00", "2026-03-01T10:00", "2027-03-08T09:59", "2027-03-08T10:00")
    assert [runs_at(found, at(one)) for one in asked] == [False, True, True, False]


def test_the_months_of_a_term_keep_to_its_day():
    found = terms_of([year("2026-01-31T10:00")], SOFIA)[0]
    months = [f"{one:%m-%d}" for one in months_of(found, SOFIA)]
    assert (len(months), months[:4]) == (12, ["01-31", "02-28", "03-31", "04-30"])


def test_an_order_buys_by_variant_product_or_sku():
    lines = [line(1, variant_id=901), line(2, product_id=801), line(3, sku=" club-TRIAL "), line(4, product_id=1)]
    assert [(one.line_id, one.offer_id) for one in bought_in(order(*lines), document())] == [
        (1, "month"),
        (2, "year"),
        (3, "trial"),
    ]


@pytest.mark.parametrize(
    ("changes", "ended"),
    [
        ({}, None),
        ({"cancelled_at": at("2026-03-05T10:00"), "financial_status": "voided", "refunds": ()}, "nothing"),
        ({"cancelled_at": at("2026-03-05T10:00")}, "2026-03-05"),
        ({"financial_status": "refunded"}, "2026-03-01"),
    ],
)
def test_what_came_back_ended_when_it_did(changes, ended):
    found = bought_in(replace(order(line(2, product_id=801)), **changes), document())
    told = f"{found[0].ended_at:%Y-%m-%d}" if found and found[0].ended_at else None
    assert told == ended if ended != "nothing" else found == ()


def test_a_line_that_came_back_whole_ends_its_term_and_one_of_two_units_does_not():
    returned = Refund(7, at("2026-03-10T10:00"), (RefundedLine(2, 1, line(2).price),))
    single = replace(order(line(2, product_id=801)), refunds=(returned,), financial_status="partially_refunded")
    assert bought_in(single, document())[0].ended_at == at("2026-03-10T10:00")
    double = replace(single, lines=(replace(line(2, product_id=801), quantity=2),))
    assert (bought_in(double, document())[0].ended_at, bought_in(double, document())[0].units) == (None, 1)


def test_a_test_order_and_an_unpaid_one_buy_nothing():
    for changes in ({"is_test": True}, {"financial_status": "pending"}):
        assert bought_in(replace(order(line(2, product_id=801)), **changes), document()) == ()


def test_one_thing_cannot_buy_two_terms():
    twice = MEMBERSHIP["offers"][0] | {"id": "again"}
    with pytest.raises(BadInput) as refused:
        document(offers=[*MEMBERSHIP["offers"], twice])
    assert refused.value.path == "memberships[0].offers[3].goods.variants"


def line(line_id: int, **changes: Any) -> OrderLine:
    return replace(OrderLine(line_id, 1, Decimal("139.00")), **changes)


def order(*lines: OrderLine) -> OrderSnapshot:
    placed = at("2026-03-01T10:00")
    return OrderSnapshot(UUID(int=1), UUID(int=2), 5001, placed, placed, "EUR", "paid", lines=lines)
