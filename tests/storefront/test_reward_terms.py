"""Rewards that not everybody can have, or not always: shown locked with the reason, and refused at the door with the same words."""

# ruff: noqa: RUF001 - letters and signs of other languages

from __future__ import annotations

from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest

from plugin.journeys.documents import publish_document
from plugin.journeys.proving import find_drift, verify
from plugin.journeys.redeeming import redeem
from plugin.journeys.taking_back import take_back
from plugin.rewards import Wish, list_redemptions
from plugin.rules import default_document, dump_document
from plugin.shops.tables import shop as shops
from tests.factories import CUSTOMER, balance_of, credit_now, make_member, member_of, paid_order
from tests.journeys.discount_desk import refused
from tests.journeys.redeeming_stage import Stage
from tests.storefront.proxy import Storefront

TIERS = {
    "levels": [
        {"id": "basic", "title": {"en": "Basic", "bg": "Основно", "tr": "Temel"}},
        {
            "id": "gold",
            "title": {"en": "Gold", "bg": "Злато", "tr": "Altın"},
            "entry": {"kind": "spend", "at_least": "5000"},
            "multiplier": "2",
        },
    ]
}
GIFT = {"kind": "free_shipping", "id": "delivery", "points": 0, "limits": [{"per": "month", "times": 1}]}


@pytest.fixture(autouse=True)
def proof(tools):
    """After every test here every invariant holds, and telling each account anew changes nothing."""
    yield
    with tools.reading() as session:
        assert [one.name for one in verify(session)] == []
        assert find_drift(session, tools.clock()) == []


def publish(tools, shop, *rewards: dict[str, Any], **more: Any) -> None:
    document = dump_document(default_document())
    document["rewards"] = [document["rewards"][0] | one for one in rewards if one.get("kind") is None] + [
        one for one in rewards if one.get("kind")
    ]
    with tools.writing() as session:
        at = tools.clock() - timedelta(days=2)
        publish_document(session, shop.programme_id, document | {"tiers": TIERS, **more}, actor="test", now=at)


def reward(storefront: Storefront, reward_id: str = "five_off") -> dict[str, Any]:
    return next(one for one in storefront.get("summary").json["rewards"] if one["id"] == reward_id)


LOCKED = {
    "en": "This reward is for other members.",
    "bg": "Тази награда е за други членове.",
    "tr": "Bu ödül başka üyeler içindir.",
}


@pytest.mark.parametrize("locale", LOCKED)
def test_a_reward_for_a_tier_is_shown_locked_and_refused_to_others(storefront: Storefront, desk, tools, shop, locale):
    publish(tools, shop, {"when": {"tiers": ["gold"]}})
    make_member(tools, shop, CUSTOMER, points=1000)
    storefront.locale = locale
    shown = reward(storefront)
    assert (shown["is_affordable"], shown["locked"], shown["locked_text"]) == (True, "reward_not_yours", LOCKED[locale])
    assert any(TIERS["levels"][1]["title"][locale] in one for one in shown["conditions"])
    refusal = storefront.redeem()
    assert (refusal.status_code, refusal.json["error"]["code"]) == (422, "reward_not_yours")
    assert refusal.json["error"]["message"] == LOCKED[locale]
    assert (desk.codes, balance_of(tools, shop).available) == ({}, 1000)


OPENING = {"en": "For Gold", "bg": "За Злато", "tr": "Altın için"}


@pytest.mark.parametrize("locale", OPENING)
def test_what_a_reward_asks_opens_with_a_capital(storefront: Storefront, tools, shop, locale):
    publish(tools, shop, {"when": {"tiers": ["gold"]}, "limits": [{"per": "days", "days": 300, "times": 1}]})
    make_member(tools, shop, CUSTOMER, points=1000)
    storefront.locale = locale
    whose, limit, *_ = reward(storefront)["conditions"]
    once = {"en": "Once in 300 days", "bg": "Веднъж за 300 дни", "tr": "300 günde bir kez"}
    assert (whose, limit) == (OPENING[locale], once[locale])


def test_points_are_not_counted_towards_a_reward_that_is_for_others(storefront: Storefront, tools, shop):
    publish(tools, shop, {"when": {"tiers": ["gold"]}})
    make_member(tools, shop, CUSTOMER, points=400)
    assert (reward(storefront)["missing"], reward(storefront)["missing_text"]) == (100, None)


def test_all_that_is_open_is_not_called_every_reward(storefront: Storefront, tools, shop):
    open_to_all = {"kind": "fixed_amount", "id": "cup", "points": 100, "amount": "1"}
    publish(tools, shop, {"when": {"tiers": ["gold"]}}, open_to_all)
    make_member(tools, shop, CUSTOMER, points=400)
    said = storefront.get("summary").json["progress"]["sentence"]
    assert said == "Every reward that is open to you is within your reach"
    publish(tools, shop, {"points": 300}, open_to_all)
    assert storefront.get("summary").json["progress"]["sentence"] == "Every reward is within your reach"


def test_who_holds_the_tier_has_the_reward(storefront: Storefront, desk, tools, shop):
    publish(tools, shop, {"when": {"tiers": ["gold"]}})
    make_member(tools, shop, CUSTOMER, points=6000)
    assert reward(storefront)["locked"] is None
    assert storefront.redeem().status_code == 201


def test_a_segment_decides_for_rewards_and_for_their_prices(storefront: Storefront, desk, tools, shop):
    rich = {"id": "rich", "kind": "members", "title": {"en": "Rich"}, "facts": {"points_min": 2000}}
    sale = {"id": "sale", "effect": {"kind": "reward_price", "percent_off": 20}, "when": {"segments": ["rich"]}}
    publish(tools, shop, {"when": {"segments": ["rich"]}}, segments=[rich], campaigns=[sale])
    make_member(tools, shop, CUSTOMER, points=1999)
    assert (reward(storefront)["locked"], reward(storefront)["points"]) == ("reward_not_yours", 500)
    credit_now(tools, paid_order(shop, 5002, amount="1"))
    assert (reward(storefront)["locked"], reward(storefront)["points"]) == (None, 400)


def test_a_reward_of_a_season_opens_and_shuts(storefront: Storefront, desk, tools, shop, clock):
    publish(tools, shop, {"available": {"each_year": [{"first": "11-22", "last": "11-23"}]}})
    make_member(tools, shop, CUSTOMER, points=1000)
    told = "This reward is not offered at the moment. From Nov 22, 2026 on you can have it."
    assert reward(storefront)["locked_text"] == told
    assert reward(storefront)["conditions"][0] == "November 22 – November 23"
    assert storefront.redeem().json["error"]["code"] == "reward_not_now"
    clock.advance(days=1)
    assert (reward(storefront)["locked"], storefront.redeem(wish_id="wish-0002").status_code) == (None, 201)
    clock.advance(days=2)
    assert storefront.redeem(wish_id="wish-0003").status_code == 422
    again = storefront.redeem(wish_id="wish-0002")
    assert again.status_code == 201, "the same wish is the same redemption, also when the reward is over"


def test_a_birthday_opens_a_reward(storefront: Storefront, desk, tools, shop, clock):
    publish(tools, shop, {"available": {"birthday": {"days_before": 3}}})
    make_member(tools, shop, CUSTOMER, points=1000)
    assert reward(storefront)["locked"] == "reward_birthday_unknown"
    (way,) = (one for one in storefront.get("summary").json["ways_to_earn"] if one["kind"] == "birthday")
    assert (way["ask"], way["sentence"]) == ("birthday", "Around your birthday: €5 off your order")
    born = {"action": "birthday", "wish_id": "wish-0009", "month": 12, "day": 31}
    assert storefront.post("actions", born).status_code == 200
    assert reward(storefront)["locked_text"].endswith("From Dec 28, 2026 on you can have it.")
    clock.advance(days=38)
    assert storefront.redeem().status_code == 201


def test_a_gift_costs_nothing_and_comes_once_a_month(storefront: Storefront, desk, tools, shop, clock):
    publish(tools, shop, {}, GIFT | {"maximum_price": "10"})
    make_member(tools, shop, CUSTOMER, points=0)
    shown = reward(storefront, "delivery")
    assert (shown["points_text"], shown["title"], shown["is_affordable"]) == ("A gift", "Free delivery", True)
    assert shown["conditions"] == ["For delivery up to €10", "Once a month"]
    assert storefront.redeem("delivery").status_code == 201
    (made,) = desk.discounts.values()
    assert (made.given["maximumShippingPrice"], made.given["destination"]) == ("10.00", {"all": True})
    assert reward(storefront, "delivery")["locked"] == "reward_limit"
    assert storefront.redeem("delivery", wish_id="wish-0002").json["error"]["code"] == "reward_limit"
    clock.advance(days=10)
    assert storefront.redeem("delivery", wish_id="wish-0003").status_code == 201
    assert balance_of(tools, shop).available == 0


def test_a_guest_is_shown_gifts_and_can_take_none(storefront: Storefront, tools, shop):
    publish(tools, shop, GIFT)
    storefront.customer = None
    assert (reward(storefront, "delivery")["is_affordable"], reward(storefront, "delivery")["locked"]) == (False, None)


def test_a_gift_that_shopify_refuses_does_not_count(storefront: Storefront, desk, tools, shop):
    publish(tools, shop, GIFT)
    make_member(tools, shop, CUSTOMER)
    desk.go_wrong("create", refused("INVALID"))
    assert storefront.redeem("delivery").json["error"]["code"] == "shopify_refused"
    assert storefront.redeem("delivery", wish_id="wish-0002").status_code == 201


def test_a_gift_handed_back_can_be_taken_again(storefront: Storefront, desk, tools, shop, clock):
    publish(tools, shop, GIFT)
    stage = Stage(tools, clock, shop, make_member(tools, shop, CUSTOMER))
    taken = redeem(tools, stage.wish(reward_id="delivery"))
    take_back(tools, taken.programme_id, taken.member_id, taken.redemption_id)
    with tools.writing() as session:
        session.execute(shops.update().values(swept_until=clock.now + timedelta(days=1)))
    clock.advance(hours=2)
    stage.settle()
    assert stage.again(taken).standing == "returned"
    assert redeem(tools, stage.wish("wish-0002", reward_id="delivery")).standing == "ready"
    assert stage.reasons() == []


def test_a_reward_for_some_goods_names_them_at_shopify(storefront: Storefront, desk, tools, shop):
    publish(tools, shop, {"items": {"collections": [9001]}, "combines_with": ["shipping"]})
    make_member(tools, shop, CUSTOMER, points=500)
    assert "For selected products" in reward(storefront)["conditions"]
    assert storefront.redeem().status_code == 201
    (made,) = desk.discounts.values()
    assert made.given["customerGets"]["items"] == {"collections": {"add": ["gid://shopify/Collection/9001"]}}
    assert made.given["combinesWith"]["shippingDiscounts"] is True


def test_the_last_of_a_stock_goes_to_one_of_two_who_press_at_once(desk, tools, shop):
    publish(tools, shop, {"stock": {"per": "life", "times": 1}})
    for customer in (7001, 7002):
        make_member(tools, shop, customer, points=1000)
    members = [member_of(tools, shop, customer) for customer in (7001, 7002)]
    start, outcomes = Barrier(2), []

    def press(member, customer: int) -> None:
        wish = Wish(member.programme_id, shop.shop_id, member.member_id, customer, f"wish-{customer}", "five_off")
        start.wait()
        try:
            outcomes.append(redeem(tools, wish).standing)
        except Exception as refusal:  # noqa: BLE001 - whatever it is, it is compared below
            outcomes.append(getattr(refusal, "code", repr(refusal)))

    threads = [Thread(target=press, args=(one, 7001 + place)) for place, one in enumerate(members)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(outcomes) == ["ready", "reward_sold_out"]
    with tools.reading() as session:
        had = [list_redemptions(session, one.programme_id, one.member_id) for one in members]
    assert sorted(map(len, had)) == [0, 1]


@pytest.mark.parametrize(
    ("locale", "sentence"),
    [
        ("en", "€5 off your order for 20% fewer points"),
        ("bg", "5 € отстъпка от поръчката с 20% по-малко точки"),
        ("tr", "Siparişinizde €5 indirim: %20 daha az puana"),
    ],
)
def test_a_campaign_for_some_rewards_says_which(storefront: Storefront, tools, shop, locale, sentence):
    sale = {"id": "sale", "effect": {"kind": "reward_price", "percent_off": 20, "rewards": ["five_off"]}}
    publish(tools, shop, {}, campaigns=[sale])
    storefront.locale = locale
    said = [one["sentence"] for one in storefront.get("summary").json["ways_to_earn"] if one["kind"] == "campaign"]
    assert [one.replace("\N{NO-BREAK SPACE}", " ") for one in said] == [sentence]
