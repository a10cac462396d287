"""Segments over real members: counted live, frozen with orders, and read from Shopify where they were made there."""

from __future__ import annotations

import json

import pytest
import responses

from plugin.errors import NotAllowed, NotFound
from plugin.facts import CustomerRef
from plugin.journeys.reading_segments import due_segments, settle_segment
from plugin.journeys.segments import count_segment
from plugin.orders.queries import orders_told_on
from tests.factories import member_of
from tests.journeys.redeeming_stage import connect
from tests.journeys.tier_stage import TierStage, tiered

BIG = {"kind": "members", "id": "big", "facts": {"spend_min": "100"}}
SILVERS = {"kind": "members", "id": "silvers", "facts": {"tiers": ["silver"]}}
VIPS = {"kind": "shopify", "id": "vips", "segment_id": 41}


@pytest.fixture
def stage(tools, clock):
    return TierStage.open(tools, clock, tiered() | {"segments": [BIG, SILVERS, VIPS]})


def count(stage, segment):
    with stage.tools.reading() as session:
        return count_segment(session, stage.shop.programme_id, segment, stage.clock())


def segments_of(stage, customer_id):
    member = member_of(stage.tools, stage.shop, customer_id)
    with stage.tools.reading() as session:
        told = orders_told_on(session, [(member.programme_id, member.account_id)])
    return {one.key[2]: one.context.segments for one in told}


def test_members_are_counted_as_they_are_now(stage):
    for customer_id, amount in ((1, "50"), (2, "150"), (3, "700")):
        stage.buy(customer_id, amount, customer=CustomerRef(customer_id))
    assert (count(stage, "big").members, count(stage, "silvers").members) == (2, 1)
    with pytest.raises(NotFound):
        count(stage, "nobody")


def test_an_order_knows_the_segments_of_when_it_was_placed(stage, clock):
    stage.buy(1, "150", customer=CustomerRef(1))
    clock.advance(minutes=1)
    stage.buy(2, "10", customer=CustomerRef(1))
    assert segments_of(stage, 1) == {1: (), 2: ("big", "silvers")}


def test_a_segment_of_shopifys_is_unknown_until_it_was_read(stage):
    with pytest.raises(NotAllowed, match="not been read"):
        count(stage, "vips")


def test_a_segment_of_shopifys_is_read_page_by_page_and_again_after_an_hour(stage, tools, clock, http):
    connect(tools, stage.shop)
    pages = [([7001, 7002], "c1"), ([7003], None)]
    http.add_callback(responses.POST, f"https://{stage.shop.domain}/admin/api/2026-10/graphql.json", answering(pages))
    (key,) = due_segments(tools, clock(), 10)
    settle_segment(tools, key, clock())
    assert count(stage, "vips").members == 3
    assert count(stage, "vips").read_at == clock.now
    assert due_segments(tools, clock(), 10) == []
    stage.buy(1, "10", customer=CustomerRef(7002))
    assert segments_of(stage, 7002) == {1: ("vips",)}
    clock.advance(hours=1)
    assert due_segments(tools, clock(), 10) == [key]


def test_a_refusal_is_told_and_what_was_read_stands(stage, tools, clock, http):
    connect(tools, stage.shop)
    denied = {"errors": [{"message": "no", "extensions": {"code": "ACCESS_DENIED"}}]}
    http.add(responses.POST, f"https://{stage.shop.domain}/admin/api/2026-10/graphql.json", json=denied)
    (key,) = due_segments(tools, clock(), 10)
    settle_segment(tools, key, clock())
    with pytest.raises(NotAllowed, match="ACCESS_DENIED"):
        count(stage, "vips")


def answering(pages):
    told = iter(pages)

    def answer(_request):
        ids, after = next(told)
        edges = [{"node": {"id": f"gid://shopify/CustomerSegmentMember/{one}"}} for one in ids]
        page = {"edges": edges, "pageInfo": {"hasNextPage": after is not None, "endCursor": after}}
        return 200, {}, json.dumps({"data": {"customerSegmentMembers": page}})

    return answer
