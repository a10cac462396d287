"""Who a member is: the tier they are in, the day they were born on, the friends they bring, and how often a thing counts."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from plugin.engine import Engine
from plugin.journeys.working_sheets import due_sheets, settle_sheet
from plugin.ledger.tables import lot
from plugin.members.carried_over import find_carried_over
from plugin.wiring import job_kinds
from plugin.wsgi import create_app
from tests.actions.stage import publish_actions
from tests.crowds.crowd import at_once
from tests.factories import balance_of, make_member, make_shop, member_of
from tests.journeys.referral_stage import REFERRER, WINDOW, publish_terms
from tests.journeys.shop_floor import Floor, customer, line
from tests.journeys.test_importing import hand_over, settled, start
from tests.journeys.tier_stage import BRONZE, GOLD, SILVER, TierStage, tiered
from tests.storefront.proxy import Storefront

CAKE = {"id": "cake", "kind": "birthday", "proof": "honour", "points": 200, "known_days": 0}
THRICE = {"id": "visit", "kind": "visit", "proof": "honour", "points": 7, "limits": [{"per": "life", "times": 3}]}


def at_the_storefront(tools, clock, shop, customer_id: int | None = REFERRER) -> Storefront:
    return Storefront(create_app(tools).test_client(), clock, shop.domain, customer_id)


def settle(tools, clock, *kinds: str) -> None:
    for kind in kinds:
        assert Engine(job_kinds(tools), clock).sweep(kind, clock())[1] == 0


def test_a_first_order_below_the_second_tier_is_placed_in_the_first(tools, clock):
    """frappe/erpnext#24672: the first invoice was put into the second tier, whose limit it did not reach."""
    stage = TierStage.open(tools, clock, tiered(BRONZE, SILVER, GOLD))
    floor = Floor(tools, clock, stage.shop)
    floor.pay(line(1, "99.99"))
    assert (stage.tier(), stage.placed_as(), floor.points()) == ("bronze", {5001: "bronze"}, 99)
    floor.pay(line(1, "0.01"), order_id=5002, processed_at="2026-11-21T09:30:00Z")
    assert (stage.tier(), stage.placed_as()[5002]) == ("silver", "bronze")
    floor.prove()


def test_who_was_born_on_29_february_is_given_their_day_once_every_year(tools, clock, shop):
    """SparkDevNetwork/Rock#4105, SimpleMachines/SMF#5955: no day in a year without one, or two. Here it is the 28th then."""
    publish_actions(tools, shop, [CAKE])
    make_member(tools, shop)
    told = {"action": "birthday", "wish_id": "wish-0001", "month": 2, "day": 29, "timezone": "Europe/Sofia"}
    assert at_the_storefront(tools, clock, shop).post("actions", told).status_code == 200
    given = {}
    for day in ("2027-02-27", "2027-02-28", "2027-03-01", "2028-02-28", "2028-02-29", "2028-03-01"):
        clock.now = datetime.fromisoformat(f"{day}T12:00:00+00:00")
        settle(tools, clock, "yearly_day")
        given[day] = balance_of(tools, shop).available
    assert list(given.values()) == [0, 200, 200, 200, 400, 400]


@pytest.mark.parametrize(
    ("told", "kept"), [("1990-05-01T00:00:00+13:00", "05-01"), ("1990-05-01 00:00:00 UTC", "05-01")]
)
def test_a_birthday_from_a_file_is_the_day_that_was_chosen_where_it_was_chosen(tools, clock, told, kept):
    """Kademi/kademi-dev#4759, CatimaLoyalty/Android#2460: midnight thirteen hours ahead is still the day before in UTC."""
    shop = make_shop(tools, "laurel-auckland.myshopify.com", timezone="Pacific/Auckland")
    text = f"customer_id,points,birthday,birthday_used\n7001,10,{told},2026-01-01T00:00:00+13:00\n"
    run(tools, shop, text)
    with tools.reading() as session:
        brought = find_carried_over(session, shop.programme_id, member_of(tools, shop).member_id)
    assert (brought.birthday, brought.birthday_used_in) == (kept, 2026)


def test_an_end_from_a_file_is_the_end_of_that_day_where_the_shop_is(tools, clock):
    """strangerstudios/paid-memberships-pro#387: an end chosen far east of Greenwich was stored as the day before."""
    shop = make_shop(tools, "laurel-auckland.myshopify.com", timezone="Pacific/Auckland")
    run(tools, shop, "customer_id,points,earned_on,expires_on\n7001,10,2026-11-01,2026-12-31\n")
    with tools.reading() as session:
        (ends,) = session.execute(select(lot.c.occurred_at, lot.c.expires_at))
    assert ends.occurred_at == datetime(2026, 10, 31, 11, tzinfo=UTC)
    assert ends.expires_at == datetime(2026, 12, 31, 11, tzinfo=UTC)


def run(tools, shop, text: str) -> None:
    sheet = hand_over(tools, shop, text, kind="opening")
    settled(tools, sheet)
    start(tools, sheet)
    for key in due_sheets(tools, tools.clock(), 10):
        settle_sheet(tools, key, tools.clock())
    assert settled(tools, sheet).sheet.state == "done"


def test_what_counts_three_times_counts_three_times_for_ten_at_once(tools, clock, shop):
    """saleor/saleor#544, saleor/saleor#15855, fossasia/eventyay#1398, pretix/pretix#6396: three were allowed, all ten were granted."""
    publish_actions(tools, shop, [THRICE])
    make_member(tools, shop)
    apps = [create_app(tools) for _ in range(2)]

    def click(number: int) -> int:
        visit = Storefront(apps[number % 2].test_client(), clock, shop.domain)
        return visit.post("actions", {"action": "visit", "wish_id": f"wish-{number:04}"}).status_code

    assert sorted(at_once(10, click)) == [200] * 3 + [422] * 7
    assert balance_of(tools, shop).available == 21


def test_ten_claims_at_once_of_one_friend_are_one_and_reward_once(tools, clock, shop, desk):
    """openmetaearth/me-hub#894: ten claims of one referral were each rewarded."""
    link = bring_friends(tools, clock, shop)
    apps = [create_app(tools) for _ in range(2)]
    friend = 8001

    def claim(number: int) -> int:
        visit = Storefront(apps[number % 2].test_client(), clock, shop.domain, friend)
        return visit.post("referrals", {"link": link}).status_code

    assert set(at_once(10, claim)) <= {201, 202}
    assert len(desk.codes) == 1
    ((code, _),) = desk.codes.items()
    floor = Floor(tools, clock, shop)
    floor.pay(line(1, "60.00"), customer=customer(friend), discount_codes=used(code), processed_at=minute(clock))
    wait(tools, clock)
    assert (floor.points(REFERRER), floor.postings("referral")) == (300, 2)
    floor.prove()


def test_friends_who_never_pay_bring_nothing(tools, clock, shop, desk):
    """acambitsis/markm8-v3#125: throw-away friends were worth points as soon as they signed up."""
    link = bring_friends(tools, clock, shop)
    floor = Floor(tools, clock, shop)
    for friend in range(8001, 8011):
        visit = at_the_storefront(tools, clock, shop, friend)
        assert visit.post("referrals", {"link": link}).status_code == 201
        floor.tell("customers/create", customer(friend))
    wait(tools, clock)
    assert (floor.points(REFERRER), balance_of(tools, shop, REFERRER).pending, floor.postings("referral")) == (0, 0, 0)
    floor.prove()


def bring_friends(tools, clock, shop) -> str:
    """Let the members of a shop bring friends; gives one's link."""
    publish_terms(tools, shop)
    make_member(tools, shop, REFERRER)
    shown = at_the_storefront(tools, clock, shop).get("summary").json["referral"]
    return shown["path"].removeprefix("refer/")


def used(code: str):
    return [{"code": code, "amount": "10.00", "type": "fixed_amount"}]


def minute(clock) -> str:
    return clock().strftime("%Y-%m-%dT%H:%M:%SZ")


def wait(tools, clock) -> None:
    """Let the return window pass and do its work."""
    settle(tools, clock, "referral")
    clock.now += WINDOW * 2
    settle(tools, clock, "time", "referral")
