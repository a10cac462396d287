"""A wish becomes a code once, and exactly once costs points."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from plugin.db import new_id
from plugin.errors import InsufficientPoints, NotAllowed, NotFound, WishReused
from plugin.journeys.redeeming import redeem
from plugin.ledger.tables import posting
from plugin.members.store import set_standing
from plugin.rewards import get_redemption, list_redemptions
from plugin.shops.store import describe_shop, get_shop, uninstall_shop
from tests.factories import credit_now, make_member, paid_order
from tests.journeys.redeeming_stage import CUSTOMER, faults_in_books, publish_rewards


def test_a_wish_becomes_a_code_and_costs_its_points(stage, desk):
    redeemed = redeem(stage.tools, stage.wish())
    assert (redeemed.state, redeemed.standing) == ("captured", "ready")
    assert desk.codes == {redeemed.shown_code: "ACTIVE"}
    assert stage.points() == (700, 0)
    assert stage.reasons() == ["redeem_hold", "redeem_capture"]
    assert faults_in_books(stage.tools) == []


def test_the_discount_is_the_members_own_used_once_and_with_the_rewards_terms(stage, desk):
    publish_rewards(stage.tools, stage.shop, stage.clock.now, minimum_subtotal="30", code_valid_days=10)
    redeemed = redeem(stage.tools, stage.wish())
    (made,) = desk.discounts.values()
    assert made.given["usageLimit"] == 1
    assert made.given["context"] == {"customers": {"add": [f"gid://shopify/Customer/{CUSTOMER}"]}}
    assert str(redeemed.redemption_id) in made.title
    assert made.given["minimumRequirement"]["subtotal"]["greaterThanOrEqualToSubtotal"] == "30.00"
    assert redeemed.expires_at == stage.clock.now + timedelta(days=10)
    assert redeemed.code.startswith("LAUREL-")


def test_the_same_wish_twice_is_one_redemption_and_one_call(stage, desk):
    first = redeem(stage.tools, stage.wish())
    second = redeem(stage.tools, stage.wish())
    assert second.redemption_id == first.redemption_id
    assert second.shown_code == first.shown_code
    assert desk.calls == ["create"]
    assert stage.points() == (700, 0)


def test_the_same_wish_still_answers_when_the_reward_is_gone_and_the_points_are_spent(stage, desk):
    first = redeem(stage.tools, stage.wish())
    redeem(stage.tools, stage.wish("wish-0002"))
    publish_rewards(stage.tools, stage.shop, stage.clock.now, is_active=False)
    assert redeem(stage.tools, stage.wish()).redemption_id == first.redemption_id


def test_the_same_wish_with_other_content_is_refused(stage, desk):
    redeem(stage.tools, stage.wish())
    with pytest.raises(WishReused):
        redeem(stage.tools, stage.wish(reward_id="ten_off"))
    assert stage.points() == (700, 0)


def test_two_members_may_use_the_same_wish_id(stage, desk):
    other = make_member(stage.tools, stage.shop, 7002, points=600)
    first = redeem(stage.tools, stage.wish())
    second = redeem(stage.tools, replace(stage.wish(), member_id=other.member_id, customer_id=7002))
    assert first.code != second.code
    assert len(desk.codes) == 2


def test_too_few_points_are_refused_and_nothing_is_written(stage, desk):
    with pytest.raises(InsufficientPoints) as refusal:
        redeem(stage.tools, stage.wish(reward_id="twenty_five_off"))
    assert (refusal.value.available, refusal.value.needed) == (1_200, 2_500)
    assert desk.calls == []
    assert stage.reasons() == []
    assert faults_in_books(stage.tools) == []


def test_a_refused_wish_may_be_tried_again_once_there_are_points(stage, desk):
    redeem(stage.tools, stage.wish("wish-0001"))
    redeem(stage.tools, stage.wish("wish-0002"))
    with pytest.raises(InsufficientPoints):
        redeem(stage.tools, stage.wish("wish-0003"))
    credit_now(stage.tools, paid_order(stage.shop, customer_id=CUSTOMER, amount="300"))
    assert redeem(stage.tools, stage.wish("wish-0003")).state == "captured"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"reward_id": "no_such"}, "reward_unavailable"),
        ({"points": 499}, "wrong_points"),
        ({"points": 10**30}, "wrong_points"),
        ({"reward_id": "\x00\ud800"}, "reward_unavailable"),
    ],
)
def test_what_the_programme_does_not_offer_is_refused_by_name(stage, desk, changes, code):
    with pytest.raises(NotAllowed) as refusal:
        redeem(stage.tools, stage.wish(**changes))
    assert refusal.value.code == code
    assert desk.calls == []


def test_an_inactive_reward_is_refused(stage, desk):
    publish_rewards(stage.tools, stage.shop, stage.clock.now, is_active=False)
    with pytest.raises(NotAllowed) as refusal:
        redeem(stage.tools, stage.wish())
    assert refusal.value.code == "reward_unavailable"


def test_an_amount_the_shops_coins_cannot_pay_is_refused_before_points_are_held(stage, desk):
    with stage.tools.writing() as session:
        shop = get_shop(session, stage.shop.shop_id)
        describe_shop(session, shop, name=shop.name, currency="JPY", timezone=shop.timezone)
    publish_rewards(stage.tools, stage.shop, stage.clock.now, amount="5.50")
    with pytest.raises(NotAllowed) as refusal:
        redeem(stage.tools, stage.wish())
    assert refusal.value.code == "reward_unavailable"
    assert stage.reasons() == []


def test_a_code_may_be_without_end(stage, desk):
    publish_rewards(stage.tools, stage.shop, stage.clock.now, code_valid_days=None)
    redeemed = redeem(stage.tools, stage.wish())
    (made,) = desk.discounts.values()
    assert (redeemed.expires_at, redeemed.next_try_at, made.given["endsAt"]) == (None, None, None)
    stage.clock.advance(days=4_000)
    assert stage.settle() == 0


@pytest.mark.parametrize("standing", ["waiting", "left"])
def test_only_members_redeem(stage, desk, standing):
    with stage.tools.writing() as session:
        set_standing(session, stage.member, standing, stage.clock.now)
    with pytest.raises(NotAllowed) as refusal:
        redeem(stage.tools, stage.wish())
    assert refusal.value.code == "not_a_member"


def test_a_shop_that_left_takes_no_wishes(stage, desk):
    with stage.tools.writing() as session:
        uninstall_shop(session, get_shop(session, stage.shop.shop_id), stage.clock.now)
    with pytest.raises(NotAllowed) as refusal:
        redeem(stage.tools, stage.wish())
    assert refusal.value.code == "shop_closed"


def test_the_reward_is_kept_as_it_was_when_redeemed(stage, desk):
    redeemed = redeem(stage.tools, stage.wish())
    publish_rewards(stage.tools, stage.shop, stage.clock.now, amount="9", points=900)
    kept = stage.again(redeemed)
    assert (kept.reward["amount"], kept.reward["points"], kept.document_version) == ("5", 500, 1)


def test_a_member_sees_only_their_own_redemptions(stage, desk):
    other = make_member(stage.tools, stage.shop, 7002)
    redeemed = redeem(stage.tools, stage.wish())
    with stage.tools.reading() as session:
        assert list_redemptions(session, stage.shop.programme_id, stage.member.member_id) == [redeemed]
        assert list_redemptions(session, stage.shop.programme_id, other.member_id) == []
        with pytest.raises(NotFound):
            get_redemption(session, stage.shop.programme_id, other.member_id, redeemed.redemption_id)
        with pytest.raises(NotFound):
            get_redemption(session, new_id(), stage.member.member_id, redeemed.redemption_id)


def test_the_postings_carry_ids_and_numbers_and_the_documents_version(stage, desk):
    redeemed = redeem(stage.tools, stage.wish())
    with stage.tools.reading() as session:
        rows = session.execute(select(posting).where(posting.c.redemption_id == redeemed.redemption_id)).all()
    assert {row.reference for row in rows} == {
        f"redeem_hold:{redeemed.redemption_id}",
        f"redeem_capture:{redeemed.redemption_id}",
    }
    assert all(row.explanation == {"reward_id": "five_off", "points": 500} for row in rows)
    assert {row.document_version for row in rows} == {1}
