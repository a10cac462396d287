"""What is earned: by which money, by whom, once, and when it ends."""

from __future__ import annotations

import pytest

from plugin.journeys.adjusting import Adjustment, adjust
from plugin.ledger.tables import account, lot
from tests.factories import CUSTOMER, balance_of, make_shop
from tests.journeys.shop_floor import FIVE_OFF, Floor, at, customer, later, line, money, order, refund

OTHER = 7002
IN_DAYS = {"kind": "after_days", "days": 30}


@pytest.fixture
def floor(tools, clock, shop):
    floor = Floor(tools, clock, shop)
    yield floor
    floor.prove()


def test_points_spent_before_they_expired_are_not_taken_again_by_the_expiry(floor, desk):
    """FreeOpenSourcePOS/FloCafe#78: 100 earned and spent, 50 earned later; the first 100 expire; 50 stay, not -50."""
    floor.publish(rewards=[FIVE_OFF | {"points": 100}], expiry=IN_DAYS)
    floor.pay(line(1, "100.00"))
    floor.redeem()
    floor.let_time_pass(days=20)
    when = "2026-12-11T09:00:00Z"
    floor.pay(line(1, "50.00"), order_id=5002, when=when, processed_at=when)
    floor.let_time_pass(days=15)
    assert (floor.points(), floor.owed(), floor.postings("expiry")) == (50, 0, 0)


def test_a_discount_earns_nothing_by_money_or_by_the_unit(floor):
    """odoo/odoo#150833: five units earn 5; with a free line beside them that points have bought they still earn 5."""
    per_item = {
        "kind": "product_type",
        "id": "item",
        "match": {"skus": ["SKU-1"]},
        "multiplier": "0",
        "points_per_item": "1",
    }
    floor.publish(rules=[{"kind": "spend", "id": "spend", "points_per_unit": "1"}, per_item])
    five = line(1, "8.00", 5)
    paid = floor.pay(five)
    assert floor.points() == 5
    reward = line(2, "8.00", off="8.00", sku="SKU-1")
    floor.tell("orders/updated", later(paid, at("09:10"), line_items=[five, reward]))
    assert floor.points() == 5
    tenth_off = line(1, "8.00", 5, off="4.00")
    floor.tell("orders/updated", later(paid, at("09:20"), line_items=[tenth_off, reward]))
    assert floor.points() == 5


def test_points_are_earned_on_what_is_left_after_the_code(floor):
    """odoo/odoo#164723, odoo/odoo#120131: 70.00 with 10 % off is 63.00."""
    floor.pay(line(1, "70.00", off="7.00"), discount_codes=[{"code": "TEN", "amount": "7.00", "type": "percentage"}])
    assert floor.points() == 63


def test_tenths_add_up_exactly_and_buy_what_they_come_to(floor, desk):
    """odoo/odoo#111670: sums of 0.1 compared with 0; five hundred lines of 0.10 buy the reward for 50, and nothing is left."""
    floor.publish()
    floor.pay(*(line(number, "0.10") for number in range(1, 501)))
    assert floor.points() == 50
    floor.redeem()
    account = balance_of(floor.tools, floor.shop)
    assert (account.available, account.held, account.debt) == (0, 0, 0)


@pytest.mark.parametrize(
    "rule", [{"kind": "spend", "id": "spend", "points_per_unit": "1"}, {"kind": "order", "id": "each", "points": 1}]
)
def test_points_are_not_rounded_as_the_currencys_coins_are(tools, clock, rule):
    """odoo/odoo#259660: in a currency that rounds to tens one point is one point, not 0."""
    floor = Floor(tools, clock, make_shop(tools, "laurel-coins.myshopify.com", currency="JPY"))
    floor.publish(rules=[rule])
    floor.pay(line(1, "1"), currency="JPY", presentment_currency="JPY")
    assert floor.points() == 1
    floor.prove()


def test_steps_give_their_points_for_each_full_one_and_nothing_for_the_rest(floor):
    """nopSolutions/nopCommerce#5235: 5 points for each full 2.50 were 6 for 3.00; a refund goes by full steps as well."""
    step = {"kind": "spend_amount", "id": "step", "points": "5", "amount": "2.5", "full_amounts": True}
    floor.publish(rules=[step])
    floor.pay(line(1, "3.00"))
    assert floor.points() == 5
    paid = floor.pay(line(1, "2.49"), line(2, "2.51"), order_id=5002)
    assert floor.points() == 5 + 10
    back = refund(91, at("09:10"), (1, 1, "2.49"), amount="2.49")
    floor.tell("orders/updated", later(paid, at("09:10"), refunds=[back], financial_status="partially_refunded"))
    assert (floor.points(), floor.owed()) == (5 + 5, 0)


def test_merged_customers_hold_their_points_once(floor):
    """odoo/odoo#171706, mautic/mautic#5964: 50 and 100 are 150 with the one who is kept, and nothing is left behind."""
    floor.pay(line(1, "50.00"))
    floor.pay(line(1, "100.00"), order_id=5002, customer=customer(OTHER))
    gids = {"kept": OTHER, "deleted": CUSTOMER}
    body = {f"admin_graphql_api_customer_{which}_id": f"gid://shopify/Customer/{one}" for which, one in gids.items()}
    floor.tell("customers/merge", *[body | {"status": "completed", "errors": []}] * 2)
    assert floor.points(OTHER) == 150
    with floor.tools.reading() as session:
        assert sorted(session.scalars(account.select().with_only_columns(account.c.available))) == [0, 150]


def test_a_gift_card_and_a_free_item_earn_nothing_beside_each_other(floor):
    """odoo/odoo#121962: a gift card and a free item in one order each stay what they are."""
    floor.pay(line(1, "30.00"), line(2, "12.00", off="12.00"), line(3, "50.00", gift_card=True))
    assert floor.points() == 30


def test_a_programme_whose_rules_are_switched_off_gives_nothing_and_posts_nothing(floor):
    """odoo/odoo#208134: the programme has ended; a new order leaves no trace in the books."""
    floor.publish(rules=[{"kind": "spend", "id": "spend", "points_per_unit": "1", "is_active": False}])
    floor.pay(line(1, "30.00"))
    assert (floor.points(), floor.why(), floor.postings()) == (0, "nothing_eligible", 0)


@pytest.mark.parametrize("unpaid", ["pending", "partially_paid", "voided"])
def test_an_order_whose_status_goes_back_and_forth_is_awarded_once(floor, unpaid):
    """opencart/opencart#2349, wpswings/points-and-rewards-for-woocommerce#104 and wpswings/points-and-rewards-for-woocommerce#111: again and again."""
    body = floor.pay(line(1, "30.00"))
    for minute in range(10):
        status = unpaid if minute % 2 == 0 else "paid"
        floor.tell("orders/updated", later(body, at(f"09:1{minute}"), financial_status=status))
        assert floor.points() == (0 if status == unpaid else 30)
    assert (floor.points(), floor.owed()) == (30, 0)
    with floor.tools.reading() as session:
        assert len(session.execute(lot.select()).all()) == 1


def test_the_buyers_currency_changes_nothing(floor):
    """Automattic/woocommerce-payments#2848: the same goods at 17 to 1 give the same points."""
    floor.pay(line(1, "20.00"))
    shown = ("340.00", "ZAR")
    floor.pay(
        line(1, "20.00", price_set=money("20.00", "EUR", shown)),
        order_id=5002,
        presentment_currency="ZAR",
        customer=customer(OTHER),
    )
    assert floor.points() == floor.points(OTHER) == 20


def test_points_expire_whatever_they_were_given_for(floor):
    """liberusoftware/ecommerce-laravel#1056: lots earned under another label were never found by the expiry."""
    floor.publish(expiry=IN_DAYS)
    floor.pay(line(1, "30.00"))
    who = (floor.shop.programme_id, floor.shop.shop_id, CUSTOMER)
    with floor.tools.writing() as session:
        adjust(session, Adjustment(who, 40, "goodwill", "key-1", "merchant:1"), floor.clock())
    assert floor.points() == 70
    floor.let_time_pass(days=32)
    assert (floor.points(), floor.owed()) == (0, 0)


def test_a_day_is_the_shops_own_however_far_east_it_is(tools, clock):
    """Kademi/kademi-dev#4759, CatimaLoyalty/Android#2460, strangerstudios/paid-memberships-pro#387: thirteen hours ahead.

    Placed at half past midnight on the 22nd in Auckland, good through the 22nd of December there, which ends at eleven in UTC.
    """
    floor = Floor(tools, clock, make_shop(tools, "laurel-auckland.myshopify.com", timezone="Pacific/Auckland"))
    floor.publish(expiry=IN_DAYS)
    clock.advance(hours=2)
    when = "2026-11-21T11:30:00Z"
    floor.pay(line(1, "30.00"), when=when, processed_at=when)
    floor.let_time_pass(days=30, hours=22, minutes=59)
    assert floor.points() == 30
    floor.let_time_pass(minutes=1)
    assert floor.points() == 0
    floor.prove()


def test_an_item_taken_off_before_it_was_paid_for_gives_nothing(floor):
    """FreeOpenSourcePOS/FloCafe#720: a voided item earned."""
    placed = order(5001, line(1, "30.00"), line(2, "20.00"), financial_status="pending")
    floor.tell("orders/create", placed)
    removed = later(placed, at("09:10"), refunds=[refund(91, at("09:10"), (2, 1, "20.00"))])
    floor.tell("orders/updated", removed)
    floor.tell("orders/paid", later(removed, at("09:20"), financial_status="paid"))
    assert floor.points() == 30


def test_an_order_too_small_for_a_point_posts_nothing_and_says_why(floor):
    """defendicon/POS-Awesome-V15#3095: no redemption, and no award, of zero points."""
    floor.pay(line(1, "0.99"))
    assert (floor.points(), floor.why(), floor.postings()) == (0, "too_small", 0)
