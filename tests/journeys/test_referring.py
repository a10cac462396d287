"""A member brings a friend: both are rewarded once the friend's order can no longer be returned, and only as long as it stands."""

from __future__ import annotations

from datetime import timedelta

import pytest
import responses

from plugin.errors import BadInput, Conflict, NotAllowed, NotFound
from plugin.journeys.documents import publish_document
from plugin.journeys.proving import find_drift, verify
from plugin.journeys.referring import Claim, claim
from plugin.journeys.standing_facts import persons_of
from plugin.referrals.links import LINK
from plugin.referrals.store import list_events
from plugin.standing.store import find_holdings
from tests.factories import (
    balance_of,
    cancelled,
    credit_now,
    line_returned,
    make_member,
    make_shop,
    member_of,
    paid_order,
    refunded,
)
from tests.journeys.discount_desk import DiscountDesk
from tests.journeys.redeeming_stage import connect
from tests.journeys.referral_stage import FRIEND, REFERRER, WINDOW, Circle, gather, publish_terms, referring
from tests.journeys.test_crediting import spend
from tests.journeys.test_merging import merge
from tests.journeys.tier_stage import BRONZE, TierStage


@pytest.fixture
def desk(tools, shop):
    connect(tools, shop)
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        desk = DiscountDesk()
        desk.serve(mock, shop.domain)
        yield desk


@pytest.fixture
def circle(tools, clock, shop, desk) -> Circle:
    """A member with a link; after every story the books are sound."""
    yield gather(tools, clock, shop, desk)
    with tools.reading() as session:
        assert verify(session) == []
        assert find_drift(session, clock()) == []


def test_a_link_is_one_word_that_stays(circle):
    first, again = circle.link(), circle.link()
    assert first == again
    assert LINK.fullmatch(first)


def test_a_friend_gets_a_code_of_their_own_for_one_use(circle):
    one = circle.claim()
    (discount,) = circle.desk.discounts.values()
    assert (one.state, one.discount_gid is not None, discount.code) == ("claimed", True, one.code)
    assert one.code.startswith("FRIEND-")
    assert discount.given["usageLimit"] == 1
    assert discount.given["context"] == {"customers": {"add": [f"gid://shopify/Customer/{FRIEND}"]}}
    assert discount.given["customerGets"]["value"]["discountAmount"]["amount"] == "10.00"
    assert discount.given["minimumRequirement"]["subtotal"]["greaterThanOrEqualToSubtotal"] == "40.00"


def test_a_guest_is_kept_as_a_hash_and_shopify_is_not_told_their_address(circle):
    one = circle.claim(None, "Friend@Example.com")
    (discount,) = circle.desk.discounts.values()
    assert discount.given["context"] == {"all": "ALL"}
    assert "example" not in (str(one) + str(discount.given)).lower()
    assert len(one.friend_email) == 64


def test_a_percentage_is_given_to_shopify_as_a_share(circle):
    publish_terms(circle.tools, circle.shop, friend={"kind": "percent", "value": "15"})
    circle.claim()
    (discount,) = circle.desk.discounts.values()
    assert discount.given["customerGets"]["value"] == {"percentage": 0.15}


def test_the_same_friend_claims_once_however_they_write_their_address(circle):
    first, again = circle.claim(None, "ada.lovelace@gmail.com"), circle.claim(None, "AdaLovelace+shop@googlemail.com")
    assert first.referral_id == again.referral_id
    assert len(circle.desk.codes) == 1


def test_a_friend_is_brought_by_one_member_only(circle):
    make_member(circle.tools, circle.shop, 7002)
    circle.claim()
    with pytest.raises(Conflict) as refusal:
        circle.claim(of=7002)
    assert refusal.value.code == "already_claimed"


def test_nobody_brings_themselves_or_who_ordered_before(circle):
    with pytest.raises(NotAllowed) as refusal:
        circle.claim(REFERRER)
    assert refusal.value.code == "self_referral"
    credit_now(circle.tools, paid_order(circle.shop, 5500, FRIEND))
    with pytest.raises(NotAllowed) as refusal:
        circle.claim()
    assert refusal.value.code == "not_new_here"


def test_a_link_of_nobody_and_an_address_that_is_none_are_refused(circle):
    with pytest.raises(NotFound):
        claim(circle.tools, Claim(circle.row, "3333333333", FRIEND))
    with pytest.raises(BadInput):
        circle.claim(None, "not an address")


def test_a_programme_that_stopped_asking_makes_no_more_codes(circle):
    publish_terms(circle.tools, circle.shop, is_active=False)
    with pytest.raises(NotAllowed) as refusal:
        circle.claim()
    assert refusal.value.code == "referral_closed"


def test_both_are_rewarded_after_the_return_window(circle):
    one = circle.claim()
    circle.arrive(circle.order(one))
    assert (circle.state(one), circle.points(), circle.points(FRIEND)) == ("waiting", (0, 300), (60, 50))
    circle.pass_time(WINDOW - timedelta(hours=1))
    assert (circle.state(one), circle.points()) == ("waiting", (0, 300))
    circle.pass_time(timedelta(hours=2))
    assert (circle.state(one), circle.points(), circle.points(FRIEND)) == ("rewarded", (300, 0), (110, 0))


def test_an_order_that_is_not_paid_yet_gives_nothing_yet(circle):
    one = circle.claim()
    order = circle.order(one, financial_status="pending")
    circle.arrive(order)
    assert (circle.state(one), circle.points()) == ("ordered", (0, 0))
    at = order.updated_at + timedelta(minutes=5)
    circle.arrive(circle.order(one, placed_at=order.placed_at, updated_at=at))
    assert (circle.state(one), circle.points()) == ("waiting", (0, 300))


@pytest.mark.parametrize("undo", [line_returned, cancelled])
@pytest.mark.parametrize("is_over", [False, True])
def test_what_comes_back_of_the_friends_order_takes_the_points_back(circle, undo, is_over):
    one, order = circle.claim(), None
    order = circle.order(one)
    circle.arrive(order)
    circle.pass_time(WINDOW * 2 if is_over else timedelta(days=1))
    circle.arrive(undo(order, after=timedelta(days=1)))
    assert (circle.state(one), circle.points(), circle.points(FRIEND)) == ("taken_back", (0, 0), (0, 0))
    assert circle.again(one).referrer_points == 0


def test_a_small_refund_leaves_the_reward_and_one_below_the_minimum_takes_it(circle):
    publish_terms(circle.tools, circle.shop, minimum_order="50")
    one = circle.claim()
    order = circle.order(one)
    less = refunded(order, "5.00")
    circle.arrive(order, less)
    assert (circle.state(one), circle.points()) == ("waiting", (0, 300))
    circle.arrive(refunded(less, "20.00"))
    assert (circle.state(one), circle.points()) == ("taken_back", (0, 0))


def test_an_order_below_the_minimum_earns_nothing(circle):
    publish_terms(circle.tools, circle.shop, minimum_order="100")
    one = circle.claim()
    circle.arrive(circle.order(one))
    assert (circle.again(one).state, circle.again(one).reasons) == ("lapsed", ("too_small",))
    assert circle.points() == (0, 0)


def test_points_spent_before_the_refund_are_owed(circle):
    one = circle.claim()
    order = circle.order(one)
    circle.arrive(order)
    circle.pass_time(WINDOW + timedelta(hours=1))
    spend(circle.tools, circle.shop, 200)
    circle.pass_time(timedelta(hours=1))
    circle.arrive(cancelled(order, after=WINDOW + timedelta(hours=2)))
    assert circle.state(one) == "taken_back"
    assert balance_of(circle.tools, circle.shop).debt == -200


def test_an_unused_code_lapses_and_the_friend_may_come_again(circle):
    one = circle.claim()
    circle.pass_time(timedelta(days=31))
    assert circle.again(one).state == "lapsed"
    other = circle.claim()
    assert other.referral_id != one.referral_id
    assert other.code != one.code


def test_a_late_order_with_a_lapsed_code_still_counts(circle):
    one = circle.claim()
    order = circle.order(one)
    circle.pass_time(timedelta(days=31))
    circle.arrive(order)
    assert (circle.state(one), circle.points()) == ("rewarded", (300, 0))


def test_a_lost_answer_is_found_again_with_the_same_code(circle):
    circle.desk.go_wrong("create", lambda act: (act(), (502, {}, "gone"))[1])
    circle.desk.go_wrong("find", lambda act: (502, {}, "gone"))
    one = circle.claim()
    assert one.discount_gid is None
    circle.pass_time(timedelta(minutes=5))
    circle.pass_time(timedelta(minutes=15))
    assert circle.again(one).discount_gid is not None
    assert list(circle.desk.codes) == [one.code]


def test_a_code_that_belongs_to_somebody_else_is_replaced(circle):
    taken = '{"data": {"discountCodeBasicCreate": {"codeDiscountNode": null, "userErrors": [{"field": ["x"], "message": "no", "code": "TAKEN"}]}}}'
    circle.desk.go_wrong("create", lambda act: (200, {}, taken))
    foreign = '{"data": {"codeDiscountNodeByCode": {"id": "gid://shopify/DiscountCodeNode/9", "codeDiscount": {"title": "Summer sale"}}}}'
    circle.desk.go_wrong("find", lambda act: (200, {}, foreign))
    one = circle.claim()
    assert one.code_attempt == 2
    assert circle.desk.codes_of(one.code) == ["ACTIVE"]


def test_a_refused_code_ends_the_claim(circle):
    refusal = '{"data": {"discountCodeBasicCreate": {"codeDiscountNode": null, "userErrors": [{"field": ["x"], "message": "no", "code": "INVALID"}]}}}'
    circle.desk.go_wrong("create", lambda act: (200, {}, refusal))
    one = circle.claim()
    assert (one.state, one.refusal) == ("lapsed", "INVALID")
    assert circle.claim().state == "claimed"


def test_links_and_friends_follow_a_merged_member(circle):
    make_member(circle.tools, circle.shop, 7002)
    link, one = circle.link(), circle.claim()
    circle.arrive(circle.order(one))
    merge(circle.tools, circle.shop, REFERRER, 7002)
    circle.pass_time(WINDOW + timedelta(hours=1))
    assert (circle.state(one), circle.points(7002)) == ("rewarded", (300, 0))
    other = claim(circle.tools, Claim(circle.row, link, 8002))
    circle.arrive(circle.order(other, 6002, 8002))
    assert circle.points(7002) == (300, 300)


def test_who_is_merged_with_their_friend_brought_nobody(circle):
    one = circle.claim()
    circle.arrive(circle.order(one))
    merge(circle.tools, circle.shop, FRIEND, REFERRER)
    circle.settle()
    assert circle.state(one) == "blocked"
    assert "same_person" in circle.again(one).reasons
    assert circle.points() == (60, 0)


def test_an_order_that_changes_hands_takes_the_friends_points_along(circle):
    one = circle.claim(None, "friend@example.com")
    make_member(circle.tools, circle.shop, 8002)
    order = circle.order(one)
    circle.arrive(order)
    at = order.updated_at + timedelta(hours=1)
    circle.arrive(circle.order(one, customer_id=8002, placed_at=order.placed_at, updated_at=at))
    assert circle.points(FRIEND) == (0, 0)
    assert circle.again(one).friend_customer_id == 8002


def test_the_history_tells_each_step_once(circle):
    one = circle.claim()
    order = circle.order(one)
    for _ in range(3):
        circle.arrive(order)
    circle.pass_time(WINDOW + timedelta(hours=1))
    circle.arrive(cancelled(order, after=timedelta(days=20)))
    with circle.tools.reading() as session:
        events = list_events(session, one.programme_id, one.referral_id)
    assert [event.state for event in events] == ["claimed", "waiting", "rewarded", "taken_back"]


def test_a_programmes_cap_leaves_part_of_the_reward_and_says_so(circle):
    document = referring(friend_points=None)
    document["caps"] = [
        {"id": "friends", "over": "named", "named": ["referral"], "per": "member", "period": "life", "points": 400}
    ]
    with circle.tools.writing() as session:
        publish_document(session, circle.shop.programme_id, document, actor="test", now=circle.clock())
    ones = [circle.claim(FRIEND + number) for number in range(3)]
    for number, one in enumerate(ones):
        circle.arrive(circle.order(one, 6001 + number, FRIEND + number))
    assert [circle.again(one).referrer_points for one in ones] == [300, 100, 0]
    assert [circle.again(one).reasons for one in ones] == [(), ("capped",), ("capped",)]
    assert circle.points() == (0, 400)


def test_a_members_own_limits_leave_the_friend_the_discount_and_the_member_nothing(circle):
    publish_terms(circle.tools, circle.shop, limits={"per_day": 1})
    ones = [circle.claim(FRIEND + number) for number in range(2)]
    for number, one in enumerate(ones):
        circle.arrive(circle.order(one, 6001 + number, FRIEND + number))
    assert [(circle.state(one), circle.again(one).reasons) for one in ones] == [
        ("waiting", ()),
        ("blocked", ("limit_day",)),
    ]


def test_only_who_brings_is_counted_among_those_who_brought(circle):
    circle.arrive(circle.order(circle.claim()))
    circle.pass_time(WINDOW + timedelta(hours=1))
    members = [member_of(circle.tools, circle.shop, customer) for customer in (REFERRER, FRIEND)]
    with circle.tools.reading() as session:
        people = persons_of(session, circle.shop.programme_id, [one.member_id for one in members])
    brought = {one.member.member_id: sum(fact.referrals for fact in one.facts) for one in people}
    assert [brought[one.member_id] for one in members] == [1, 0]


def test_an_offer_that_no_coin_can_pay_is_not_published(tools):
    with pytest.raises(BadInput) as fault:
        make_shop(
            tools, "yen.myshopify.com", document=referring(friend={"kind": "amount", "value": "10.5"}), currency="JPY"
        )
    assert fault.value.path == "referral.friend.value"


def test_a_friend_who_stays_lifts_the_member_when_the_window_ends(circle):
    host = {"id": "host", "title": {"en": "Host"}, "entry": {"kind": "referrals", "at_least": 1}}
    document = referring() | {"tiers": {"levels": [BRONZE, host]}}
    with circle.tools.writing() as session:
        publish_document(session, circle.shop.programme_id, document, actor="test", now=circle.clock())
    stage, member = TierStage(circle.tools, circle.clock, circle.shop), member_of(circle.tools, circle.shop)
    circle.arrive(circle.order(circle.claim()))
    stage.settle()
    tiers = [tier_of(circle, member)]
    circle.pass_time(WINDOW + timedelta(hours=1))
    stage.settle()
    assert [*tiers, tier_of(circle, member)] == ["bronze", "host"]


def tier_of(circle, member):
    with circle.tools.reading() as session:
        found = find_holdings(session, circle.shop.programme_id, [member.member_id])
    return found[member.member_id].holding.tier if member.member_id in found else None
