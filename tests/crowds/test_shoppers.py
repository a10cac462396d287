"""Twenty clicks at the same moment behind the app proxy: each wish once, no more than the points pay for."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from plugin.journeys.documents import publish_document
from plugin.ledger.tables import posting
from plugin.members.tables import member
from plugin.rules import default_document, dump_document
from plugin.shops.store import get_shop, mark_swept
from tests.crowds.crowd import PEOPLE, tells
from tests.factories import CUSTOMER, balance_of, credit_now, make_member, paid_order
from tests.storefront.proxy import Storefront


@pytest.fixture
def street(crowd, shop):
    """Let twenty act at the storefront: `street(act)` with a storefront and a number each."""
    return lambda act: crowd.press(lambda browser, number: act(Storefront(browser, crowd.clock, shop.domain), number))


@tells("POST /proxy/redemptions")
def test_twenty_wishes_buy_what_the_points_pay_for(crowd, street, tools, shop, desk):
    """medusajs/medusa#16347, fossasia/eventyay#1398: debits at the same moment all passed."""
    make_member(tools, shop, points=1_200)
    ends = street(lambda visit, number: visit.redeem(wish_id=f"wish-{number:04}").status_code)
    assert ends == {201: 2, 409: PEOPLE - 2}
    assert len(desk.codes) == 2
    crowd.work_off("redemption", "balance")
    assert points(tools, shop) == (200, 0)
    assert desk.balances == {f"gid://shopify/Customer/{CUSTOMER}": 200}


@tells("POST /proxy/redemptions")
def test_one_wish_twenty_times_is_one_code(crowd, street, tools, shop, desk):
    make_member(tools, shop, points=1_200)
    ends = street(lambda visit, _: visit.redeem().status_code)
    assert set(ends) <= {201, 202}
    crowd.work_off("redemption")
    assert points(tools, shop) == (700, 0)
    assert len(desk.codes) == 1


@tells("POST /proxy/redemptions")
def test_one_wish_id_for_two_rewards_is_the_first_that_came(street, tools, shop, desk):
    make_member(tools, shop, points=3_000)
    rewards = ("five_off", "ten_off")
    ends = street(lambda visit, number: (number % 2, visit.redeem(rewards[number % 2]).status_code))
    bought = {kind for kind, status in ends if status in {201, 202}}
    assert len(bought) == len(desk.codes) == 1
    assert sum(count for (_, status), count in ends.items() if status == 409) == PEOPLE // 2
    assert points(tools, shop) == (3_000 - (500, 1_000)[bought.pop()], 0)


@tells("DELETE /proxy/redemptions/<redemption_id>")
def test_one_code_handed_back_twenty_times_comes_back_once(crowd, street, tools, shop, desk):
    make_member(tools, shop, points=1_200)
    mine = Storefront(crowd.apps[0].test_client(), crowd.clock, shop.domain).redeem().json["id"]
    crowd.clock.advance(minutes=1)
    assert street(lambda visit, _: visit.delete(f"redemptions/{mine}").status_code) == {200: PEOPLE}
    assert desk.calls.count("deactivate") == 1
    pass_sweep(crowd, tools, shop)
    assert points(tools, shop) == (1_200, 0)
    assert counted(tools, "redeem_return") == 1


@tells("DELETE /proxy/redemptions/<redemption_id>", "POST /proxy/redemptions")
def test_twenty_hands_give_back_what_others_buy(crowd, street, tools, shop, desk):
    """Ten codes come back while ten more are wished for; all that was given back is there once, and nothing more."""
    make_member(tools, shop, points=10_000)
    bought = street(lambda visit, number: visit.redeem(wish_id=f"wish-{number:04}").json["id"] if number % 2 else "")
    codes = [one for one in bought if one]
    crowd.clock.advance(minutes=1)

    def act(visit: Storefront, number: int) -> int:
        if number % 2:
            return visit.delete(f"redemptions/{codes[number // 2]}").status_code
        return visit.redeem(wish_id=f"later-{number:04}").status_code

    assert street(act) == {200: PEOPLE // 2, 201: PEOPLE // 2}
    pass_sweep(crowd, tools, shop)
    assert points(tools, shop) == (10_000 - 500 * 10, 0)


@tells("POST /proxy/actions")
@pytest.mark.parametrize("is_known", [True, False])
def test_joining_twenty_times_is_joining_once(street, tools, shop, is_known):
    opt_in(tools, shop)
    if is_known:
        credit_now(tools, paid_order(shop, amount="40.00"))
    joining = {"action": "join", "wish_id": "wish-0001"}
    assert street(lambda visit, _: visit.post("actions", joining).status_code) == {200: PEOPLE}
    assert points(tools, shop) == (40 if is_known else 0, 0)
    assert members(tools) == 1


@tells("GET /proxy/summary")
def test_twenty_first_visits_welcome_one_member(street, tools, shop):
    assert street(lambda visit, _: visit.get("summary").status_code) == {200: PEOPLE}
    assert members(tools) == 1


def opt_in(tools, shop) -> None:
    document = dump_document(default_document())
    document["enrolment"] = "opt_in"
    with tools.writing() as session:
        publish_document(session, shop.programme_id, document, actor="test", now=paid_order(shop).placed_at)


def pass_sweep(crowd, tools, shop) -> None:
    """Let the order sweep pass the instant of the deactivation, then settle what waited for it."""
    crowd.clock.advance(hours=1)
    with tools.writing() as session:
        mark_swept(session, get_shop(session, shop.shop_id), crowd.clock())
    crowd.work_off("redemption")


def points(tools, shop) -> tuple[int, int]:
    now = balance_of(tools, shop)
    return now.available, now.held


def members(tools) -> int:
    with tools.reading() as session:
        return session.execute(select(func.count()).select_from(member)).scalar_one()


def counted(tools, reason: str) -> int:
    with tools.reading() as session:
        mine = select(func.count()).select_from(posting).where(posting.c.reason == reason)
        return session.execute(mine).scalar_one()
