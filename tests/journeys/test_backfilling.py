"""Past orders that the merchant lets count: seen first, given once, under the version named, however often it is stopped or repeated."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
import responses
from sqlalchemy import func, select

from plugin.errors import BadInput, Conflict, ShopDisconnected, ShopifyUnavailable
from plugin.facts import CustomerRedaction
from plugin.journeys.adjusting import Adjustment, adjust
from plugin.journeys.backfill_pages import settle_backfill
from plugin.journeys.backfilling import Ask, BackfillOpen, Rate, cancel_backfill, count_past, job_key, start_backfill
from plugin.journeys.documents import publish_document
from plugin.journeys.forgetting import forget_customer
from plugin.journeys.proving_days import prove_whole
from plugin.journeys.tools import Tools
from plugin.ledger import balances
from plugin.ledger.flows import LOT_COLUMNS
from plugin.ledger.tables import entry, lot, posting
from plugin.members import find_member
from plugin.members.tables import member
from plugin.orders.tables import order_state
from plugin.rules import default_document, dump_document
from plugin.shops.store import get_shop, reinstall_shop, uninstall_shop
from tests.factories import Clock, balance_of, cancelled, credit_now, line_returned, refunded
from tests.journeys.past_stage import DAYS_OPEN, Past, open_past
from tests.journeys.redeeming_stage import connect


@pytest.fixture
def http() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


@pytest.fixture
def past(tools: Tools, clock: Clock, http: responses.RequestsMock) -> Past:
    return open_past(tools, clock, http)


def lively(past: Past) -> None:
    """Orders of every kind, of two members, a guest, and one that counts anyway."""
    past.order(1, 50, amount="100.00")
    past.put(refunded(past.order(2, 45, amount="60.00"), "20.00"))
    past.order(3, 40, customer_id=None)
    past.order(4, 35, financial_status="pending")
    past.put(cancelled(past.order(5, 30, amount="70.00")))
    past.order(6, 25, customer_id=7002, amount="0.40")
    past.order(7, 20, customer_id=7002, amount="30.00")
    past.order(8, DAYS_OPEN - 1, amount="500.00")


def test_what_was_foreseen_comes_to_the_point(past: Past):
    lively(past)
    foreseen, came = past.count_and_run()
    expected = foreseen.count.expected
    assert (expected.orders, expected.giving, expected.customers, expected.points) == (7, 3, 2, 170)
    assert came.count.given == expected
    assert came.count.whys == foreseen.count.whys == {"cancelled": 1, "guest": 1, "too_small": 1, "unpaid": 1}
    assert (past.points(), past.points(7002)) == (140, 30)
    past.prove()


def test_counting_writes_nothing_but_its_own_count(past: Past):
    lively(past)
    view = past.work(past.count())
    with past.tools.reading() as session:
        rows = [session.scalar(select(func.count()).select_from(one)) for one in (posting, entry, order_state, member)]
    assert (view.backfill.state, rows) == ("counted", [0, 0, 0, 0])


def test_an_order_that_was_told_before_counts_once_the_merchant_lets_it(past: Past):
    order = past.order(1, 20, amount="40.00")
    credit_now(past.tools, order)
    assert past.points() == 0
    foreseen, came = past.count_and_run()
    assert (foreseen.count.expected.points, came.count.given.points, past.points()) == (40, 40, 40)
    past.prove()


def test_the_version_named_decides_for_good(past: Past):
    richer = dump_document(default_document())
    richer["earning"]["rules"][0]["points_per_unit"] = "3"
    with past.tools.writing() as session:
        publish_document(session, past.shop.programme_id, richer, actor="test", now=past.clock())
    first, second = past.order(1, 40, amount="10.00"), past.order(2, 20, amount="10.00")
    assert past.count_and_run(days_before=50, until_days=30, version=1)[1].count.given.points == 10
    assert past.count_and_run(days_before=50)[1].count.given.points == 30
    past.put(refunded(first, "5.00"))
    past.put(refunded(second, "5.00"))
    credit_now(past.tools, past.orders[1], past.orders[2])
    assert past.points() == 5 + 15
    past.prove()


def test_running_the_same_range_twice_gives_nothing_twice(past: Past):
    lively(past)
    past.count_and_run()
    foreseen, came = past.count_and_run()
    assert (foreseen.count.expected.points, came.count.given.points) == (0, 0)
    assert foreseen.count.whys["already"] == came.count.whys["already"] == 3
    assert (past.points(), past.points(7002)) == (140, 30)
    past.prove()


def test_ranges_that_overlap_give_each_order_once(past: Past):
    lively(past)
    past.count_and_run(days_before=60, until_days=38)
    _, came = past.count_and_run(days_before=46)
    assert (came.count.given.points, came.count.whys["already"]) == (30, 1)
    assert (past.points(), past.points(7002)) == (140, 30)
    past.prove()


@pytest.mark.parametrize("stage", ["counting", "running"])
@pytest.mark.parametrize("broken_page", [None, "2", "4", "6"])
def test_stopped_between_any_two_pages_it_goes_on_where_it_was(past: Past, stage: str, broken_page: str | None):
    lively(past)
    one = past.count()
    if stage == "running":
        past.work(one)
        start_backfill(past.tools, one.programme_id, one.backfill_id)
    asked: list[str | None] = []

    def die(cursor: str | None) -> None:
        asked.append(cursor)
        if cursor == broken_page and asked.count(cursor) == 1:
            raise KeyboardInterrupt

    past.before_page = die
    with pytest.raises(KeyboardInterrupt):
        past.work(one)
    assert past.due() == 1
    settle_backfill(past.tools, job_key(one), past.clock())
    assert asked == sorted([*{None, "2", "4", "6"}, broken_page], key=lambda one: int(one or 0))
    view = past.view(one) if stage == "running" else past.run(one)
    assert view.count.given == view.count.expected
    assert (view.count.given.orders, view.count.given.points) == (7, 170)
    past.prove()


def test_a_page_that_two_worked_on_counts_once(past: Past):
    lively(past)
    one = past.count()
    past.work(one)
    start_backfill(past.tools, one.programme_id, one.backfill_id)

    def another(cursor: str | None) -> None:
        past.before_page = lambda _: None
        settle_backfill(past.tools, job_key(one), past.clock())

    past.before_page = another
    view = past.work(one)
    assert (view.backfill.state, view.count.given.points, past.points()) == ("done", 170, 140)
    past.prove()


def test_webhooks_that_arrive_meanwhile_change_nothing(past: Past):
    lively(past)
    one = past.count()
    past.work(one)
    start_backfill(past.tools, one.programme_id, one.backfill_id)
    past.before_page = lambda _: credit_now(past.tools, *past.orders.values())
    assert past.work(one).count.given.points == 170
    assert past.points() == 140 + 500
    past.prove()


def test_what_comes_back_after_the_run_is_taken_back(past: Past):
    order = past.order(1, 20, amount="40.00")
    past.count_and_run()
    credit_now(past.tools, line_returned(order, after=timedelta(days=15)))
    assert past.points() == 0
    past.prove()


def test_points_spent_since_leave_what_they_would_have_left_in_time(past: Past):
    credit_now(past.tools, past.order(90, 5, amount="100.00"))
    past.order(1, 20, amount="40.00")
    past.count_and_run()
    assert past.points() == 140
    past.prove()


def test_a_guest_who_is_named_later_gets_what_the_back_fill_let_count(past: Past):
    order = past.order(1, 20, customer_id=None, amount="40.00")
    _, came = past.count_and_run()
    assert came.count.whys == {"guest": 1}
    named = replace(past.order(2, 1).customer)
    later = order.updated_at + timedelta(days=12)
    credit_now(past.tools, replace(order, customer=named, customer_standing="present", updated_at=later))
    assert past.points() == 40
    past.prove()


def test_cancelled_half_way_it_keeps_what_it_gave_and_gives_no_more(past: Past):
    lively(past)
    one = past.count()
    past.work(one)
    start_backfill(past.tools, one.programme_id, one.backfill_id)
    past.before_page = lambda cursor: cursor == "2" and cancel_backfill(past.tools, one.programme_id, one.backfill_id)
    view = past.work(one)
    assert (view.backfill.state, view.count.given.orders, past.points()) == ("cancelled", 2, 140)
    assert past.due() == 0
    with pytest.raises(Conflict):
        start_backfill(past.tools, one.programme_id, one.backfill_id)
    past.before_page = lambda _: None
    assert past.count_and_run()[1].count.given.points == 30
    past.prove()


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


def test_it_gives_what_the_orders_would_have_given_in_time(tools: Tools, clock: Clock, http: responses.RequestsMock):
    """The same lives, told by webhooks to a shop that counted from the start, and by a back-fill to one that did not."""
    document = dump_document(default_document())
    document["earning"] |= {"expiry": {"kind": "after_days", "days": 40}, "maturity_days": 14}
    early = open_past(tools, clock, http, document=document, earning_starts_at=clock() - timedelta(days=90))
    late = open_past(tools, clock, http, domain="laurel-late.myshopify.com", document=document)
    for past, first_id in ((early, 0), (late, 1000)):
        for seed in range(12):
            live(past, random.Random(seed), first_id + seed * 10)
        credit_now(tools, *past.orders.values())
        for customer_id in (7001, 7002, 7003):
            spend(past, customer_id, 20)
    foreseen, came = late.count_and_run()
    assert foreseen.count.expected == came.count.given
    assert came.count.given.points > 0
    assert standing(early) == standing(late)
    early.prove()
    late.prove()
    assert prove_whole(tools, late.shop.programme_id, clock()).is_sound


def live(past: Past, chance: random.Random, first_id: int) -> None:
    """Some orders of some customers, old and new, some of which came back in part or whole."""
    for order_id in range(first_id + 1, first_id + chance.randrange(2, 7)):
        customer_id, amount = chance.choice((7001, 7002, 7003, None)), f"{chance.randrange(1, 200)}.50"
        order = past.order(order_id, chance.uniform(2, 58), customer_id=customer_id, amount=amount)
        if chance.random() < 0.4:
            order = past.put(refunded(order, amount, after=timedelta(hours=chance.randrange(1, 40))))
        if chance.random() < 0.2:
            past.put(cancelled(order))


def spend(past: Past, customer_id: int, points: int) -> None:
    """Take points away that the customer has from orders that count already."""
    wish = Adjustment(
        customer=(past.shop.programme_id, past.shop.shop_id, customer_id),
        points=-points, why="correction", key=f"spend-{customer_id}", actor="test", may_owe=True,
    )  # fmt: skip
    with past.tools.writing() as session:
        adjust(session, wish, past.clock())


def standing(past: Past) -> list[tuple[object, ...]]:
    """Each customer's balance and lots."""
    found: list[tuple[object, ...]] = []
    with past.tools.reading() as session:
        for customer_id in (7001, 7002, 7003):
            one = find_member(session, past.shop.programme_id, past.shop.shop_id, customer_id)
            assert one is not None
            account = balances(session, past.shop.programme_id, one.account_id)
            found.append((customer_id, account.pending, account.available, account.debt))
            rows = session.execute(select(lot).where(lot.c.account_id == one.account_id).order_by(lot.c.order_id))
            found += [
                (row.order_id % 1000, row.matures_at, row.expires_at, *(getattr(row, name) for name in LOT_COLUMNS))
                for row in rows
            ]
    return found


def test_products_the_version_asks_about_are_fetched_for_the_count_too(
    tools: Tools, clock: Clock, http: responses.RequestsMock
):
    document = dump_document(default_document())
    rule = {"kind": "product_type", "id": "double-tea", "match": {"product_types": ["Tea"]}, "multiplier": "2"}
    document["earning"]["rules"].append(rule)
    past = open_past(tools, clock, http, document=document)
    past.order(1, 20, amount="10.00")
    foreseen, came = past.count_and_run()
    assert (foreseen.count.expected.points, came.count.given.points, past.points()) == (20, 20, 20)
    past.prove()


def test_points_past_their_term_are_foreseen_and_expire(tools: Tools, clock: Clock, http: responses.RequestsMock):
    document = dump_document(default_document())
    document["earning"]["expiry"] = {"kind": "after_days", "days": 30}
    past = open_past(tools, clock, http, document=document)
    past.order(1, 50, amount="10.00")
    past.order(2, 20, amount="5.00")
    foreseen, came = past.count_and_run()
    assert (foreseen.count.expected.points, foreseen.count.lapsed) == (15, 10)
    assert (came.count.given.points, past.points()) == (15, 5)
    past.prove()


def test_a_forgotten_customer_is_not_brought_back(past: Past):
    lively(past)
    past.count_and_run()
    before = balance_of(past.tools, past.shop, 7002)
    with past.tools.writing() as session:
        gone = CustomerRedaction(past.shop.programme_id, past.shop.shop_id, past.clock(), 7002, ())
        forget_customer(session, past.tools.sealer, gone, past.clock())
    past.order(9, 22, customer_id=7002, amount="90.00")
    _, came = past.count_and_run()
    assert came.count.given.points == 0
    assert came.count.whys == {"already": 2, "forgotten": 2, "customer_withheld": 1} | {
        "cancelled": 1,
        "guest": 1,
        "unpaid": 1,
    }
    assert before.available == 30
    past.prove()


def test_points_are_worth_what_the_cheapest_reward_makes_of_them():
    assert Rate(300, Decimal(5)).worth(1000, "EUR") == Decimal("16.67")
    assert Rate(300, Decimal(5)).worth(1000, "JPY") == Decimal(17)
