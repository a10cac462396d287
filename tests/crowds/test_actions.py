"""Twenty at once who click, and twenty calls of the API at once: no limit is exceeded, no key counts twice."""

from __future__ import annotations

import pytest

from plugin.wiring import drain_once
from tests.actions.stage import publish_actions
from tests.actions.test_api import EVENT, make_key
from tests.crowds.careless import careless_crowd
from tests.crowds.crowd import PEOPLE, tells
from tests.crowds.test_shopify import arrive
from tests.factories import CUSTOMER, balance_of, make_member
from tests.storefront.proxy import Storefront

THRICE = [{"per": "day", "times": 3}]
VISITS = [{"id": "visit", "kind": "visit", "proof": "honour", "points": 7, "limits": THRICE}]
REVIEWS = [{"id": "review", "kind": "review", "proof": "signed", "points": 9, "limits": THRICE}]
SHARED = [{"id": "all", "limits": [{"per": "year", "points": 20}]}]


def click(crowd, shop, browser, action: str, wish_id: str) -> tuple[int, int | str]:
    visit = Storefront(browser, crowd.clock, shop.domain)
    answer = visit.post("actions", {"action": action, "wish_id": wish_id})
    return answer.status_code, answer.json["points"] if answer.status_code == 200 else answer.json["error"]["code"]


def tell(browser, secret: str, key: str, **changes) -> int:
    headers = {"Authorization": f"Bearer {secret}", "Idempotency-Key": key}
    return browser.post("/api/v1/events", json=EVENT | changes, headers=headers).status_code


@tells("POST /proxy/actions")
def test_twenty_clicks_are_given_what_the_limit_leaves(crowd, tools, shop):
    """saleor/saleor#15855, pretix/pretix#6396: more were granted than the limit leaves."""
    publish_actions(tools, shop, VISITS)
    make_member(tools, shop)
    ends = crowd.press(lambda browser, number: click(crowd, shop, browser, "visit", f"wish-{number:04}"))
    assert ends == {(200, 7): 3, (422, "limit_reached"): PEOPLE - 3}
    assert balance_of(tools, shop).available == 21


@tells("POST /proxy/actions")
def test_one_click_twenty_times_counts_once_and_all_are_told_the_same(crowd, tools, shop):
    publish_actions(tools, shop, VISITS)
    make_member(tools, shop)
    ends = crowd.press(lambda browser, _: click(crowd, shop, browser, "visit", "wish-0001"))
    assert ends == {(200, 7): PEOPLE}
    assert balance_of(tools, shop).available == 7


@tells("POST /proxy/actions")
def test_a_birthday_told_twenty_times_is_kept(crowd, tools, shop):
    publish_actions(tools, shop)
    make_member(tools, shop)
    told = {"action": "birthday", "wish_id": "wish-0001", "month": 5, "day": 1}
    ends = crowd.press(
        lambda browser, _: Storefront(browser, crowd.clock, shop.domain).post("actions", told).status_code
    )
    assert ends == {200: PEOPLE}


@tells("POST /api/v1/events")
def test_one_call_twenty_times_counts_once(crowd, tools, shop):
    publish_actions(tools, shop, REVIEWS)
    make_member(tools, shop)
    secret = make_key(tools, shop)
    assert crowd.press(lambda browser, _: tell(browser, secret, "key-00000001")) == {201: PEOPLE}
    assert balance_of(tools, shop).available == 9


@tells("POST /api/v1/events")
def test_one_key_with_twenty_contents_is_the_first_that_came(crowd, tools, shop):
    publish_actions(tools, shop, REVIEWS)
    make_member(tools, shop)
    secret = make_key(tools, shop)
    ends = crowd.press(lambda browser, number: tell(browser, secret, "key-00000001", subject=f"r{number}"))
    assert ends == {201: 1, 409: PEOPLE - 1}
    assert balance_of(tools, shop).available == 9


@tells("POST /api/v1/events", "POST /proxy/actions", "POST /webhooks")
def test_clicks_calls_and_webhooks_together_stay_within_what_they_share(crowd, tools, shop):
    """Twenty points a year for all actions together, whoever comes first."""
    news = {"id": "news", "kind": "newsletter", "proof": "verified", "points": 15}
    publish_actions(tools, shop, [*VISITS, *REVIEWS, news], action_groups=SHARED)
    make_member(tools, shop)
    secret = make_key(tools, shop)

    def act(browser, number: int) -> int:
        if number % 3 == 0:
            return click(crowd, shop, browser, "visit", f"wish-{number:04}")[0]
        if number % 3 == 1:
            return tell(browser, secret, f"key-{number:08}", subject=f"r{number}")
        consent = {"state": "subscribed", "opt_in_level": None, "consent_updated_at": crowd.clock.now.isoformat()}
        body = {"customer_id": CUSTOMER, "email_marketing_consent": consent}
        status = arrive(browser, shop, "customers_email_marketing_consent/update", body, f"event-{number}")
        drain_once(crowd.tools[number % 4])
        return status

    assert set(crowd.press(act)) <= {200, 201, 422}
    crowd.work_off()
    assert balance_of(tools, shop).available == 20


@tells("POST /webhooks")
def test_one_sign_up_told_twenty_times_is_one_welcome(crowd, tools, shop):
    publish_actions(tools, shop)

    def act(browser, number: int) -> int:
        status = arrive(browser, shop, "customers/create", {"id": CUSTOMER, "state": "disabled"}, f"event-{number}")
        drain_once(crowd.tools[number % 4])
        return status

    assert crowd.press(act) == {200: PEOPLE}
    crowd.work_off()
    assert balance_of(tools, shop).available == 100


def test_birthdays_settled_by_all_at_once_give_once(crowd, tools, shop):
    from tests.actions.test_coming_round import CAKE, born, since

    publish_actions(tools, shop, [CAKE])
    make_member(tools, shop)
    since(tools, shop, crowd.clock.now.replace(year=2025))
    born(tools, shop, 11, 21)
    crowd.work_off("yearly_day")
    assert balance_of(tools, shop).available == 200


def test_without_the_lock_limits_are_exceeded(database_url, clock, tools, shop):
    """The control: the stories above would see it."""
    publish_actions(tools, shop, VISITS)
    make_member(tools, shop)
    with careless_crowd(database_url, clock, "action_award") as crowd:
        ends = crowd.press(lambda browser, number: click(crowd, shop, browser, "visit", f"wish-{number:04}")[0])
    assert ends[200] > 3


@pytest.fixture
def shop(connected):
    """A shop of a crowd's."""
    return connected
