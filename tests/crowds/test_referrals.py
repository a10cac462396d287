"""Twenty at the same moment around one referral: one code for a friend, one award for a member, one decision."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from plugin.journeys.referring import Claim, claim, link_of
from plugin.ledger.tables import posting
from plugin.referrals.tables import referral, referral_event
from plugin.shops.store import get_shop
from tests.admin.conftest import bearer
from tests.crowds.crowd import PEOPLE, tells
from tests.crowds.test_shopify import arrive
from tests.factories import balance_of, make_member, member_of
from tests.journeys.referral_stage import FRIEND, REFERRER, publish_terms
from tests.journeys.shop_floor import line, order
from tests.storefront.proxy import Storefront


@pytest.fixture
def link(tools, shop, desk) -> str:
    """A member's link at a shop that has every referral looked at."""
    publish_terms(tools, shop, friend_points=None, review={"always": True})
    make_member(tools, shop, REFERRER)
    return link_of(tools, member_of(tools, shop, REFERRER))


@pytest.fixture
def street(crowd, shop):
    """Let twenty act at the storefront, each as `who(number)`."""

    def press(act, who):
        return crowd.press(
            lambda browser, number: act(Storefront(browser, crowd.clock, shop.domain, who(number)), number)
        )

    return press


@tells("POST /proxy/referrals")
def test_one_friend_who_claims_twenty_times_has_one_code(crowd, street, tools, shop, desk, link):
    """openmetaearth/me-hub#894: parallel claims of one referral each counted."""
    ends = street(lambda visit, _: visit.post("referrals", {"link": link}).status_code, lambda _: FRIEND)
    assert set(ends) <= {201, 202, 429}
    crowd.work_off("referral")
    assert len(desk.codes) == counted(tools, referral) == 1


@tells("POST /proxy/referrals")
def test_twenty_friends_have_a_code_each(crowd, street, tools, shop, desk, link):
    ends = street(lambda visit, _: visit.post("referrals", {"link": link}).status_code, lambda number: 8100 + number)
    assert set(ends) <= {201, 202}
    crowd.work_off("referral")
    assert len(desk.codes) == counted(tools, referral) == PEOPLE


@tells("POST /app/referrals/<uuid:referral_id>/approve")
def test_approved_twenty_times_is_one_award(crowd, tools, shop, mint, link):
    one = ordered(crowd, tools, shop, link)
    assert decided(crowd, shop, mint, one, lambda _: "approve") == {200: PEOPLE}
    crowd.work_off("referral")
    assert balance_of(tools, shop, REFERRER).pending == 300
    assert counted(tools, posting, posting.c.reason == "referral") == 1
    assert counted(tools, referral_event, referral_event.c.state == "waiting") == 1


@tells("POST /app/referrals/<uuid:referral_id>/block")
def test_blocked_twenty_times_is_blocked_once(crowd, tools, shop, mint, link):
    one = ordered(crowd, tools, shop, link)
    assert decided(crowd, shop, mint, one, lambda _: "block") == {200: PEOPLE}
    assert counted(tools, posting, posting.c.reason == "referral") == 0
    assert counted(tools, referral_event, referral_event.c.state == "blocked") == 1


@tells("POST /app/referrals/<uuid:referral_id>/approve", "POST /app/referrals/<uuid:referral_id>/block")
def test_where_approvals_and_blocks_cross_the_points_are_what_the_last_word_says(crowd, tools, shop, mint, link):
    one = ordered(crowd, tools, shop, link)
    ends = decided(crowd, shop, mint, one, lambda number: ("approve", "block")[number % 2])
    assert set(ends) <= {200, 409}
    with tools.reading() as session:
        state = session.scalar(select(referral.c.state))
    assert (state, balance_of(tools, shop, REFERRER).pending) in {("waiting", 300), ("blocked", 0)}


def ordered(crowd, tools, shop, link):
    """A friend's order that waits for a decision."""
    with tools.reading() as session:
        row = get_shop(session, shop.shop_id)
    one = claim(tools, Claim(row, link, FRIEND))
    body = order(6001, line(1, "60.00"), customer={"id": FRIEND, "state": "enabled"})
    body["discount_codes"] = [{"code": one.code, "amount": "10.00", "type": "fixed_amount"}]
    arrive(crowd.apps[0].test_client(), shop, "orders/paid", body, "event-6001")
    crowd.work_off("referral")
    return one


def decided(crowd, shop, mint, one, what):
    def click(browser, number: int) -> int:
        path = f"/app/referrals/{one.referral_id}/{what(number)}?shop={shop.domain}"
        return browser.post(path, headers=bearer(mint(shop))).status_code

    return crowd.press(click)


def counted(tools, table, *conditions) -> int:
    with tools.reading() as session:
        return session.scalar(select(func.count()).select_from(table).where(*conditions))
