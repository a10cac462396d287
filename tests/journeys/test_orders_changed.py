"""Orders change after they were placed: lines added and removed, exchanges, and whose they are."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from plugin.journeys.joining import join
from plugin.ledger.tables import lot
from tests.factories import CUSTOMER, balance_of, make_shop, member_of
from tests.journeys.shop_floor import Floor, at, customer, later, line, order, refund

OTHER = 7002
THIRD = 7003
SHIRT, HAT, SCARF = line(1, "40.00"), line(2, "25.00"), line(3, "55.00")


@pytest.fixture
def floor(tools, clock, shop):
    floor = Floor(tools, clock, shop)
    yield floor
    floor.prove()


def test_a_line_added_and_paid_gives_its_points_besides(floor):
    """Until the difference is paid Shopify calls the whole order partly paid, and it counts when it is paid."""
    paid = floor.pay(SHIRT)
    more = later(paid, at("09:10"), line_items=[SHIRT, HAT], financial_status="partially_paid")
    floor.tell("orders/updated", more)
    assert (floor.points(), floor.owed(), floor.why()) == (0, 0, "unpaid")
    floor.tell("orders/paid", later(more, at("09:20"), financial_status="paid"))
    assert (floor.points(), floor.owed()) == (65, 0)


def test_a_line_removed_takes_its_points_before_and_after_its_money_goes_back(floor):
    """An edit lists what it removed as a refund without payment; `quantity` stays as ordered, `current_quantity` falls."""
    paid = floor.pay(SHIRT, HAT)
    removed = refund(91, at("09:10"), (2, 1, "25.00"))
    edited = later(paid, at("09:10"), line_items=[SHIRT, HAT | {"current_quantity": 0}], refunds=[removed])
    floor.tell("orders/updated", edited)
    assert floor.points() == 40
    arrived = removed | {"transactions": [{"id": 1, "kind": "refund", "status": "success", "amount": "25.00"}]}
    back = later(edited, at("09:20"), refunds=[arrived], financial_status="partially_refunded")
    floor.tell("orders/updated", back)
    assert floor.points() == 40


def test_one_unit_less_of_a_discounted_line_keeps_the_discount_of_what_stays(floor):
    """Two at 48.00 less 20 %: 19.20 stays allocated to the line though one unit is gone."""
    two = line(1, "48.00", 2, off="19.20")
    paid = floor.pay(two)
    assert floor.points() == 76
    removed = refund(91, at("09:10"), (1, 1, "38.40"))
    floor.tell(
        "orders/updated", later(paid, at("09:10"), line_items=[two | {"current_quantity": 1}], refunds=[removed])
    )
    assert floor.points() == 38


def test_a_removed_line_that_tells_no_worth_takes_its_units_share(floor):
    paid = floor.pay(line(1, "30.00", 3))
    removed = refund(91, at("09:10"), (1, 1, "0.00"))
    floor.tell("orders/updated", later(paid, at("09:10"), refunds=[removed]))
    assert floor.points() == 60


def test_an_order_edited_before_it_is_paid_gives_what_is_left_of_it(floor):
    placed = order(5001, SHIRT, HAT, financial_status="pending")
    floor.tell("orders/create", placed)
    removed = refund(91, at("09:10"), (1, 1, "40.00"))
    edited = later(placed, at("09:10"), line_items=[SHIRT, HAT, SCARF], refunds=[removed])
    floor.tell("orders/updated", edited)
    assert (floor.points(), floor.why()) == (0, "unpaid")
    floor.tell("orders/paid", later(edited, at("09:20"), financial_status="paid"))
    assert floor.points() == 80


def test_a_word_of_an_edit_alone_changes_nothing_until_the_order_itself_comes(floor):
    paid = floor.pay(SHIRT)
    lines = {"additions": [{"id": 2, "delta": 1}], "removals": []}
    floor.tell("orders/edited", {"order_edit": {"id": 77, "order_id": 5001, "line_items": lines}})
    assert floor.points() == 40
    floor.tell("orders/updated", later(paid, at("09:20"), line_items=[SHIRT, HAT]))
    assert floor.points() == 65


@pytest.mark.parametrize(("taken", "points"), [(SCARF, 55), (HAT, 25), (line(4, "40.00"), 40)])
def test_an_exchange_gives_points_for_what_the_shopper_keeps(floor, taken, points):
    """The shirt comes back, its money stays with the shop for what goes out instead; the difference is paid or refunded."""
    paid = floor.pay(SHIRT)
    cost = float(taken["price"])
    returned = refund(91, at("09:10"), (1, 1, "40.00"), beyond=[f"{min(cost, 40.0):.2f}"])
    state = later(paid, at("09:10"), line_items=[SHIRT | {"current_quantity": 0}, taken], refunds=[returned])
    floor.tell("orders/updated", state)
    assert (floor.points(), floor.owed()) == (points, 0)


def test_an_exchange_undone_gives_nothing(floor):
    """What came instead comes back too, and now the money goes out."""
    paid = floor.pay(SHIRT)
    returned = refund(91, at("09:10"), (1, 1, "40.00"), beyond=["40.00"])
    state = later(paid, at("09:10"), line_items=[SHIRT, line(4, "40.00")], refunds=[returned])
    floor.tell("orders/updated", state)
    assert floor.points() == 40
    back = refund(92, at("09:20"), (4, 1, "40.00"), amount="40.00")
    floor.tell("orders/updated", later(state, at("09:20"), refunds=[returned, back], financial_status="refunded"))
    assert (floor.points(), floor.owed()) == (0, 0)


def test_a_guests_order_gives_its_points_when_its_customer_comes(floor):
    paid = floor.pay(SHIRT, customer=None)
    assert (floor.why(), floor.postings()) == ("guest", 0)
    floor.tell("orders/updated", later(paid, at("09:30"), customer=customer(CUSTOMER)))
    assert (floor.points(), floor.why()) == (40, None)


def test_a_guests_order_that_was_refunded_meanwhile_gives_what_is_left(floor):
    paid = floor.pay(SHIRT, HAT, customer=None)
    back = refund(91, at("09:10"), (2, 1, "25.00"), amount="25.00")
    state = later(paid, at("09:10"), refunds=[back], financial_status="partially_refunded")
    floor.tell("orders/updated", state, later(state, at("09:30"), customer=customer(CUSTOMER)))
    assert (floor.points(), floor.owed()) == (40, 0)


def test_an_order_that_changes_hands_takes_its_points_along_and_back_again(floor):
    paid = floor.pay(SHIRT)
    floor.tell("orders/updated", later(paid, at("09:10"), customer=customer(OTHER)))
    assert (floor.points(), floor.points(OTHER)) == (0, 40)
    floor.tell("orders/updated", later(paid, at("09:20")))
    assert (floor.points(), floor.points(OTHER)) == (40, 0)


def test_an_order_that_changes_hands_after_its_points_were_spent_leaves_them_owed(floor, desk):
    floor.publish()
    paid = floor.pay(line(1, "60.00"))
    floor.redeem()
    floor.tell("orders/updated", later(paid, at("09:59"), customer=customer(OTHER)))
    assert (floor.points(), floor.owed(), floor.points(OTHER)) == (0, 50, 60)


def test_a_refund_after_an_order_changed_hands_takes_from_whom_it_is_now(floor):
    paid = floor.pay(SHIRT, HAT)
    state = later(paid, at("09:10"), customer=customer(OTHER))
    back = refund(91, at("09:20"), (2, 1, "25.00"), amount="25.00")
    refunded = later(state, at("09:20"), refunds=[back], financial_status="partially_refunded")
    floor.tell("orders/updated", state, refunded)
    assert (floor.points(), floor.points(OTHER), floor.owed()) == (0, 40, 0)


def test_customers_merged_one_after_another_end_as_one_with_all_their_orders(floor):
    """The first becomes the second, the second the third; each notice comes twice, and a late order of the first comes last."""
    for place, who in enumerate((CUSTOMER, OTHER, THIRD)):
        floor.pay(SHIRT, order_id=5001 + place, customer=customer(who))
    for deleted, kept in ((CUSTOMER, OTHER), (CUSTOMER, OTHER), (OTHER, THIRD), (OTHER, THIRD), (CUSTOMER, OTHER)):
        floor.tell("customers/merge", merged(deleted, kept))
    floor.pay(HAT, order_id=5004, customer=customer(CUSTOMER))
    assert floor.points(THIRD) == 145
    assert member_of(floor.tools, floor.shop, CUSTOMER) == member_of(floor.tools, floor.shop, THIRD)


def test_an_order_updated_under_the_kept_customer_after_a_merge_stays_where_it_is(floor):
    paid = floor.pay(SHIRT)
    floor.tell("customers/merge", merged(CUSTOMER, OTHER))
    floor.tell("orders/updated", later(paid, at("09:30"), customer=customer(OTHER)))
    assert (floor.points(OTHER), floor.owed(OTHER)) == (40, 0)


def test_a_refund_after_a_merge_is_taken_from_the_kept_customer(floor, desk):
    """Points were spent before the merge; what both have covers what comes back."""
    floor.publish()
    paid = floor.pay(line(1, "60.00"))
    floor.redeem()
    floor.pay(line(1, "30.00"), order_id=5002, customer=customer(OTHER))
    floor.tell("customers/merge", merged(CUSTOMER, OTHER))
    assert floor.points(OTHER) == 40
    back = refund(91, at("09:59"), (1, 1, "60.00"), amount="60.00")
    floor.tell("orders/updated", later(paid, at("09:59"), refunds=[back], financial_status="refunded"))
    account = balance_of(floor.tools, floor.shop, OTHER)
    assert account.available + account.debt == -20


def test_orders_of_a_customer_who_has_not_joined_wait_and_count_once_they_do(tools, clock):
    from plugin.rules import default_document, dump_document

    document = dump_document(default_document()) | {"enrolment": "opt_in"}
    floor = Floor(tools, clock, make_shop(tools, document=document))
    paid = floor.pay(SHIRT, HAT)
    back = refund(91, at("09:10"), (2, 1, "25.00"), amount="25.00")
    floor.tell("orders/updated", later(paid, at("09:10"), refunds=[back], financial_status="partially_refunded"))
    assert (floor.points(), floor.why()) == (0, "not_joined")
    for _ in range(2):
        with tools.writing() as session:
            join(session, tools.sealer, (floor.shop.programme_id, floor.shop.shop_id, CUSTOMER), clock())
    assert floor.points() == 40
    floor.prove()


@pytest.mark.parametrize("together", [True, False])
def test_an_order_dated_anew_keeps_its_new_date_whatever_newer_state_comes_in_the_same_batch(floor, together):
    paid = floor.pay(SHIRT, HAT)
    redated = later(paid, at("09:10"), processed_at=at("07:00"))
    for body in (redated, later(redated, at("09:20"), note="none of our business")):
        floor.arrive("orders/updated", body)
        if not together:
            floor.drain()
    floor.drain()
    with floor.tools.reading() as session:
        (earned_at,) = session.scalars(select(lot.c.occurred_at))
    assert earned_at.isoformat() == "2026-11-21T07:00:00+00:00"
    floor.prove()


def merged(deleted: int, kept: int):
    return {
        "admin_graphql_api_customer_kept_id": f"gid://shopify/Customer/{kept}",
        "admin_graphql_api_customer_deleted_id": f"gid://shopify/Customer/{deleted}",
        "admin_graphql_api_job_id": None,
        "status": "completed",
        "errors": [],
    }
