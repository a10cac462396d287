"""Households: who comes brings everything, who goes starts at nothing, and everybody in between spends from one account."""

from __future__ import annotations

from datetime import timedelta

import pytest

from plugin.errors import NotAllowed, NotFound
from plugin.facts import CustomerRedaction, CustomersMerged
from plugin.journeys.applying import apply_facts
from plugin.journeys.households import MEMBERS_MAX, accept, invite, leave_household, list_household, withdraw
from plugin.journeys.joining import leave
from plugin.journeys.proving import find_drift, verify
from plugin.journeys.redeeming import redeem
from plugin.journeys.settling_redemptions import due_redemptions, settle_redemption
from plugin.journeys.taking_back import take_back
from plugin.members.invitations import VALID_FOR
from plugin.rewards import Wish, get_redemption
from plugin.shops.tables import shop as shops
from tests.factories import balance_of, cancelled, credit_now, make_member, member_of, paid_order, refunded
from tests.journeys.discount_desk import lost_answer

ANNA, BORIS, CLARA, DORA = 7001, 7002, 7003, 7004


@pytest.fixture(autouse=True)
def proof(tools):
    """After every test here every invariant holds, and telling each account anew changes nothing."""
    yield
    prove(tools)


@pytest.fixture
def pair(tools, shop):
    """Anna with 300 points and Boris with 200 share an account."""
    make_member(tools, shop, ANNA, points=300)
    make_member(tools, shop, BORIS, points=200)
    join(tools, shop, BORIS, ask(tools, shop, ANNA))
    return shop


def test_an_accepted_invitation_makes_one_account_of_two(tools, pair):
    assert held_by(tools, pair, ANNA) == held_by(tools, pair, BORIS) == (0, 500, 0, 0)
    assert people_with(tools, pair, ANNA) == people_with(tools, pair, BORIS)
    assert len(people_with(tools, pair, ANNA)) == 2


def test_everybody_earns_into_it_and_anybody_spends_from_it(tools, pair, desk):
    credit_now(tools, paid_order(pair, order_id=1, customer_id=BORIS, amount="50.00"))
    assert held_by(tools, pair, ANNA) == (0, 550, 0, 0)
    code = spend(tools, pair, ANNA)
    assert code.state == "captured"
    assert held_by(tools, pair, BORIS) == (0, 50, 0, 0)


def test_accepting_twice_is_accepting_once(tools, shop):
    make_member(tools, shop, ANNA, points=300)
    make_member(tools, shop, BORIS, points=200)
    token = ask(tools, shop, ANNA)
    first = join(tools, shop, BORIS, token)
    assert join(tools, shop, BORIS, token) == first
    assert held_by(tools, shop, ANNA) == (0, 500, 0, 0)


def test_a_third_joins_by_an_invitation_of_anybody(tools, pair):
    make_member(tools, pair, CLARA, points=50)
    join(tools, pair, CLARA, ask(tools, pair, BORIS))
    assert held_by(tools, pair, ANNA) == (0, 550, 0, 0)
    assert len(people_with(tools, pair, CLARA)) == 3


def test_refunds_of_orders_from_before_joining_are_the_households(tools, shop):
    order = paid_order(shop, order_id=1, customer_id=BORIS, amount="100.00")
    credit_now(tools, order)
    make_member(tools, shop, ANNA, points=300)
    join(tools, shop, BORIS, ask(tools, shop, ANNA))
    credit_now(tools, refunded(order, "40.00"))
    assert held_by(tools, shop, ANNA) == (0, 360, 0, 0)


def test_a_late_order_from_before_joining_comes_in_too(tools, pair):
    at = tools.clock() - timedelta(days=3)
    credit_now(tools, paid_order(pair, order_id=1, customer_id=BORIS, amount="30.00", placed_at=at))
    assert held_by(tools, pair, ANNA) == (0, 530, 0, 0)


def test_who_leaves_starts_at_nothing_and_the_points_stay(tools, pair):
    go(tools, pair, BORIS)
    assert held_by(tools, pair, BORIS) == (0, 0, 0, 0)
    assert held_by(tools, pair, ANNA) == (0, 500, 0, 0)


def test_orders_belong_to_where_their_customer_was_when_they_were_placed(tools, pair):
    """Whenever they come: one placed before leaving stays with the household, one placed after is the leaver's own."""
    before, after = tools.clock() - timedelta(hours=1), tools.clock() + timedelta(hours=1)
    go(tools, pair, BORIS)
    tools.clock.advance(hours=2)
    old = paid_order(pair, order_id=1, customer_id=BORIS, amount="10.00", placed_at=before)
    new = paid_order(pair, order_id=2, customer_id=BORIS, amount="7.00", placed_at=after, updated_at=after)
    credit_now(tools, new, old)
    assert held_by(tools, pair, ANNA) == (0, 510, 0, 0)
    assert held_by(tools, pair, BORIS) == (0, 7, 0, 0)
    credit_now(tools, refunded(old, "10.00"), cancelled(new))
    assert held_by(tools, pair, ANNA) == (0, 500, 0, 0)
    assert held_by(tools, pair, BORIS) == (0, 0, 0, 0)


def test_a_refund_after_leaving_is_charged_to_the_household_that_had_the_points(tools, shop, desk):
    order = paid_order(shop, order_id=1, customer_id=BORIS, amount="500.00")
    credit_now(tools, order)
    make_member(tools, shop, ANNA, points=0)
    join(tools, shop, BORIS, ask(tools, shop, ANNA))
    spend(tools, shop, ANNA)
    go(tools, shop, BORIS)
    credit_now(tools, cancelled(order))
    assert held_by(tools, shop, ANNA) == (0, 0, 0, -500)
    assert held_by(tools, shop, BORIS) == (0, 0, 0, 0)


def test_a_code_stays_with_who_asked_for_it_and_its_points_return_to_the_household(tools, pair, desk):
    code = spend(tools, pair, BORIS)
    go(tools, pair, BORIS)
    boris = member_of(tools, pair, BORIS)
    take_back(tools, pair.programme_id, boris.member_id, code.redemption_id)
    sweep_past(tools, pair)
    settle(tools)
    with tools.reading() as session:
        assert get_redemption(session, pair.programme_id, boris.member_id, code.redemption_id).state == "taken_back"
    assert held_by(tools, pair, ANNA) == (0, 500, 0, 0)
    assert held_by(tools, pair, BORIS) == (0, 0, 0, 0)


@pytest.mark.parametrize("moves", ["in", "out"])
def test_a_hold_that_is_open_while_its_owner_moves_settles_where_its_points_are(tools, shop, desk, moves):
    make_member(tools, shop, ANNA, points=0)
    make_member(tools, shop, BORIS, points=600)
    if moves == "out":
        join(tools, shop, BORIS, ask(tools, shop, ANNA))
    desk.go_wrong("create", lost_answer)
    spend(tools, shop, BORIS)
    if moves == "out":
        go(tools, shop, BORIS)
    else:
        join(tools, shop, BORIS, ask(tools, shop, ANNA))
    assert held_by(tools, shop, ANNA) == (0, 100, 500, 0)
    prove(tools)
    tools.clock.advance(minutes=5)
    settle(tools)
    assert held_by(tools, shop, ANNA) == (0, 100, 0, 0)


def test_the_last_one_keeps_the_account_and_may_invite_again(tools, pair):
    go(tools, pair, BORIS)
    with pytest.raises(NotAllowed) as refusal:
        go(tools, pair, ANNA)
    assert refusal.value.code == "no_household"
    tools.clock.advance(days=1)
    join(tools, pair, BORIS, ask(tools, pair, ANNA))
    assert held_by(tools, pair, BORIS) == (0, 500, 0, 0)


def test_a_life_of_coming_and_going_leaves_every_point_in_one_place(tools, shop):
    for customer_id in (ANNA, BORIS, CLARA):
        make_member(tools, shop, customer_id, points=100)
    join(tools, shop, BORIS, ask(tools, shop, ANNA))
    tools.clock.advance(days=1)
    go(tools, shop, BORIS)
    earn(tools, shop, 1, BORIS, "10.00")
    tools.clock.advance(days=1)
    join(tools, shop, BORIS, ask(tools, shop, CLARA))
    tools.clock.advance(days=1)
    go(tools, shop, BORIS)
    earn(tools, shop, 2, BORIS, "5.00")
    assert [held_by(tools, shop, one)[1] for one in (ANNA, BORIS, CLARA)] == [200, 5, 110]
    credit_now(tools, cancelled(paid_order(shop, order_id=900_000 + BORIS, customer_id=BORIS, amount="100")))
    assert [held_by(tools, shop, one)[1] for one in (ANNA, BORIS, CLARA)] == [100, 5, 110]


def test_nobody_joins_who_owes_points_nor_where_points_are_owed(tools, shop, desk):
    order = paid_order(shop, order_id=1, customer_id=ANNA, amount="500.00")
    credit_now(tools, order)
    spend(tools, shop, ANNA)
    credit_now(tools, cancelled(order))
    make_member(tools, shop, BORIS, points=200)
    for newcomer, host in ((ANNA, BORIS), (BORIS, ANNA)):
        assert refused(lambda n=newcomer, h=host: join(tools, shop, n, ask(tools, shop, h))) == "in_debt"


def test_a_member_is_in_one_household_only(tools, pair):
    make_member(tools, pair, CLARA, points=50)
    assert refused(lambda: join(tools, pair, BORIS, ask(tools, pair, CLARA))) == "in_household"
    assert refused(lambda: join(tools, pair, BORIS, ask(tools, pair, ANNA))) == "in_household"


def test_an_invitation_is_good_once_for_some_days_and_until_it_is_withdrawn(tools, shop):
    for customer_id in (ANNA, BORIS, CLARA, DORA):
        make_member(tools, shop, customer_id, points=10)
    token = ask(tools, shop, ANNA)
    join(tools, shop, BORIS, token)
    assert refused(lambda: join(tools, shop, CLARA, token)) == "invitation_over"
    late = ask(tools, shop, ANNA)
    tools.clock.advance(seconds=VALID_FOR.total_seconds())
    assert refused(lambda: join(tools, shop, CLARA, late)) == "invitation_over"
    gone = ask(tools, shop, ANNA)
    with tools.writing() as session:
        withdraw(session, member_of(tools, shop, ANNA), tools.clock())
    assert refused(lambda: join(tools, shop, CLARA, gone)) == "invitation_over"
    with pytest.raises(NotFound):
        join(tools, shop, CLARA, "no-such-token")


def test_the_invitations_of_who_left_are_over(tools, pair):
    make_member(tools, pair, CLARA, points=10)
    token = ask(tools, pair, BORIS)
    go(tools, pair, BORIS)
    assert refused(lambda: join(tools, pair, CLARA, token)) == "invitation_over"


def test_a_household_has_room_for_six(tools, shop):
    make_member(tools, shop, ANNA, points=1)
    spare = ask(tools, shop, ANNA)
    for number in range(1, MEMBERS_MAX):
        make_member(tools, shop, ANNA + number, points=1)
        join(tools, shop, ANNA + number, ask(tools, shop, ANNA))
    make_member(tools, shop, 7999, points=1)
    assert refused(lambda: join(tools, shop, 7999, spare)) == "household_full"
    assert refused(lambda: ask(tools, shop, ANNA)) == "household_full"


def test_who_left_the_programme_neither_invites_nor_joins(tools, shop):
    make_member(tools, shop, ANNA, points=10)
    make_member(tools, shop, BORIS, points=10)
    token = ask(tools, shop, ANNA)
    with tools.writing() as session:
        leave(session, member_of(tools, shop, BORIS), tools.clock())
    assert refused(lambda: join(tools, shop, BORIS, token)) == "not_a_member"
    assert refused(lambda: ask(tools, shop, BORIS)) == "not_a_member"


def test_a_merge_brings_the_kept_customer_into_the_household_of_the_deleted_one(tools, pair):
    make_member(tools, pair, CLARA, points=40)
    merge(tools, pair, BORIS, CLARA)
    assert held_by(tools, pair, ANNA) == held_by(tools, pair, CLARA) == (0, 540, 0, 0)
    assert len(people_with(tools, pair, ANNA)) == 2


def test_a_merge_brings_the_deleted_customers_points_into_the_household_of_the_kept_one(tools, pair):
    make_member(tools, pair, CLARA, points=40)
    merge(tools, pair, CLARA, BORIS)
    assert held_by(tools, pair, ANNA) == (0, 540, 0, 0)
    assert len(people_with(tools, pair, ANNA)) == 2


def test_two_members_of_one_household_who_are_merged_leave_one_alone_in_it(tools, pair):
    merge(tools, pair, ANNA, BORIS)
    assert held_by(tools, pair, BORIS) == (0, 500, 0, 0)
    assert len(people_with(tools, pair, BORIS)) == 1
    credit_now(tools, paid_order(pair, order_id=1, customer_id=ANNA, amount="9.00"))
    assert held_by(tools, pair, BORIS) == (0, 509, 0, 0)


def test_of_two_households_the_kept_customers_is_kept(tools, pair):
    make_member(tools, pair, CLARA, points=40)
    make_member(tools, pair, DORA, points=60)
    join(tools, pair, DORA, ask(tools, pair, CLARA))
    before = tools.clock()
    tools.clock.advance(hours=1)
    merge(tools, pair, BORIS, DORA)
    assert held_by(tools, pair, ANNA) == (0, 500, 0, 0)
    assert held_by(tools, pair, DORA) == held_by(tools, pair, CLARA) == (0, 100, 0, 0)
    credit_now(
        tools,
        paid_order(pair, order_id=1, customer_id=BORIS, amount="5.00", placed_at=before),
        paid_order(pair, order_id=2, customer_id=BORIS, amount="7.00", placed_at=tools.clock()),
        paid_order(pair, order_id=3, customer_id=DORA, amount="11.00", placed_at=before),
    )
    assert held_by(tools, pair, ANNA) == (0, 505, 0, 0)
    assert held_by(tools, pair, CLARA) == (0, 118, 0, 0)


def test_a_household_of_one_is_merged_like_a_person(tools, pair):
    go(tools, pair, BORIS)
    make_member(tools, pair, CLARA, points=40)
    merge(tools, pair, ANNA, CLARA)
    assert held_by(tools, pair, CLARA) == (0, 540, 0, 0)


def test_a_forgotten_persons_points_stay_with_the_household(tools, pair, desk):
    """Also once the account is told anew, though the forgotten orders have nothing left to tell but their points."""
    apply(tools, CustomerRedaction(pair.programme_id, pair.shop_id, tools.clock(), BORIS, ()))
    assert held_by(tools, pair, ANNA) == (0, 500, 0, 0)
    assert len(people_with(tools, pair, ANNA)) == 1
    spend(tools, pair, ANNA)
    late = paid_order(pair, order_id=1, customer_id=ANNA, amount="20.00", placed_at=tools.clock() - timedelta(days=9))
    credit_now(tools, late)
    assert held_by(tools, pair, ANNA) == (0, 20, 0, 0)


def ask(tools, shop, customer_id):
    with tools.writing() as session:
        return invite(session, member_of(tools, shop, customer_id), tools.clock())


def join(tools, shop, customer_id, token):
    member = member_of(tools, shop, customer_id)
    with tools.writing() as session:
        return accept(session, shop.programme_id, member.member_id, token, tools.clock())


def go(tools, shop, customer_id):
    member = member_of(tools, shop, customer_id)
    with tools.writing() as session:
        return leave_household(session, shop.programme_id, member.member_id, tools.clock())


def refused(act):
    with pytest.raises(NotAllowed) as refusal:
        act()
    return refusal.value.code


def people_with(tools, shop, customer_id):
    with tools.reading() as session:
        return list_household(session, member_of(tools, shop, customer_id))


def earn(tools, shop, order_id, customer_id, amount):
    at = tools.clock()
    credit_now(tools, paid_order(shop, order_id, customer_id, amount, placed_at=at, updated_at=at))


def merge(tools, shop, deleted_id, kept_id):
    apply(tools, CustomersMerged(shop.programme_id, shop.shop_id, kept_id, deleted_id, tools.clock()))


def apply(tools, *facts):
    with tools.writing() as session:
        apply_facts(tools, session, facts, tools.clock())


def held_by(tools, shop, customer_id):
    found = balance_of(tools, shop, customer_id)
    return found.pending, found.available, found.held, found.debt


def spend(tools, shop, customer_id):
    member = member_of(tools, shop, customer_id)
    wish_id = f"wish-of-{customer_id}"
    return redeem(tools, Wish(shop.programme_id, shop.shop_id, member.member_id, customer_id, wish_id, "five_off"))


def settle(tools):
    for key in due_redemptions(tools, tools.clock(), 100):
        settle_redemption(tools, key, tools.clock())


def sweep_past(tools, shop):
    """Let time pass and the order sweep with it."""
    tools.clock.advance(hours=3)
    with tools.writing() as session:
        session.execute(shops.update().where(shops.c.id == shop.shop_id).values(swept_until=tools.clock()))


def prove(tools):
    with tools.reading() as session:
        assert verify(session) == []
        assert find_drift(session, tools.clock()) == []
