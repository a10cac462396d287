"""What a back-fill may not reach, what holds it up, and how it goes on then."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
import responses

from plugin.errors import BadInput, ShopDisconnected, ShopifyUnavailable
from plugin.journeys.backfilling import Ask, BackfillOpen, Rate, count_past, start_backfill
from plugin.journeys.tools import Tools
from plugin.shops.store import get_shop, reinstall_shop, uninstall_shop
from tests.factories import Clock
from tests.journeys.past_stage import Past, lively, open_past
from tests.journeys.redeeming_stage import connect


def test_of_two_at_a_time_the_second_is_refused(past: Past):
    one = past.count()
    with pytest.raises(BackfillOpen):
        past.count()
    past.work(one)
    past.count()
    with pytest.raises(BackfillOpen):
        start_backfill(past.tools, one.programme_id, one.backfill_id)


def test_without_the_wide_scope_sixty_days_can_be_reached(past: Past):
    past.order(1, 100, amount="40.00")
    past.order(2, 50, amount="10.00")
    foreseen, came = past.count_and_run(days_before=365)
    assert foreseen.is_clamped
    assert foreseen.backfill.since == past.clock() - timedelta(days=60)
    assert (foreseen.count.expected.points, came.count.given.points) == (10, 10)
    with pytest.raises(BadInput) as refused:
        past.count(days_before=365, until_days=90)
    assert refused.value.code == "range_out_of_reach"
    past.prove()


def test_with_the_wide_scope_all_of_it(tools: Tools, clock: Clock, http: responses.RequestsMock):
    past = open_past(tools, clock, http, scopes=("read_orders", "read_all_orders"))
    past.order(1, 100, amount="40.00")
    foreseen, _ = past.count_and_run(days_before=365)
    assert (foreseen.is_clamped, past.points()) == (False, 40)
    past.prove()


@pytest.mark.parametrize(
    ("since", "until", "code"),
    [(5, None, "range_after_start"), (20, 30, "range_empty"), (20, 20, "range_empty")],
)
def test_a_range_without_past_orders_is_refused(past: Past, since: float, until: float | None, code: str):
    with pytest.raises(BadInput) as refused:
        past.count(since, until)
    assert refused.value.code == code


def test_a_version_that_was_never_published_is_refused(past: Past):
    with pytest.raises(BadInput) as refused:
        count_past(past.tools, past.shop.shop_id, Ask(past.clock() - timedelta(days=30), "test", version=9))
    assert refused.value.code == "no_such_version"


def test_a_shop_that_leaves_is_gone_on_with_when_it_is_back(past: Past):
    lively(past)
    one = past.count()
    past.work(one)
    start_backfill(past.tools, one.programme_id, one.backfill_id)
    with past.tools.writing() as session:
        uninstall_shop(session, get_shop(session, past.shop.shop_id), past.clock())
    assert past.due() == 0
    with pytest.raises(ShopDisconnected):
        past.work(one)
    with past.tools.writing() as session:
        reinstall_shop(session, get_shop(session, past.shop.shop_id), past.clock.advance(hours=1))
    connect(past.tools, past.shop)
    assert past.due() == 1
    assert past.work(one).count.given.points == 170
    past.prove()


def test_what_holds_it_up_is_said_and_tried_again_a_little_later(past: Past, http: responses.RequestsMock):
    lively(past)
    one = past.count()
    http.reset()
    http.add(responses.POST, f"https://{past.shop.domain}/admin/api/2026-10/graphql.json", status=503)
    with pytest.raises(ShopifyUnavailable):
        past.work(one)
    assert (past.again(one).fault, past.due()) == ("shopify_unavailable", 0)
    http.reset()
    past.serve(http)
    past.clock.advance(minutes=1)
    assert past.due() == 1
    assert (past.work(one).count.expected.orders, past.again(one).fault) == (7, None)


def test_slowed_down_by_shopify_it_goes_on_as_soon_as_it_may(past: Past, http: responses.RequestsMock):
    lively(past)
    one = past.count()
    http.reset()
    throttle = {"currentlyAvailable": 0, "restoreRate": 50.0, "maximumAvailable": 1000.0}
    cost = {"requestedQueryCost": 1000, "actualQueryCost": None, "throttleStatus": throttle}
    slower = {"errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}], "extensions": {"cost": cost}}
    http.add(responses.POST, f"https://{past.shop.domain}/admin/api/2026-10/graphql.json", json=slower)
    with pytest.raises(ShopifyUnavailable):
        past.work(one)
    assert (past.again(one).fault, past.due()) == (None, 0)
    past.clock.advance(seconds=20)
    assert past.due() == 1


def test_points_are_worth_what_the_cheapest_reward_makes_of_them():
    assert Rate(300, Decimal(5)).worth(1000, "EUR") == Decimal("16.67")
    assert Rate(300, Decimal(5)).worth(1000, "JPY") == Decimal(17)
