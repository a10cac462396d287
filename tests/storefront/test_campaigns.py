"""Campaigns at the storefront: said in words while they run, and charged as shown."""

# ruff: noqa: RUF001 - letters and signs of other languages

from __future__ import annotations

from datetime import timedelta

import pytest

from plugin.journeys.documents import publish_document
from plugin.rules import default_document, dump_document
from tests.factories import CUSTOMER, balance_of, make_member
from tests.storefront.proxy import Storefront

CHEAPER = {"id": "cheaper", "effect": {"kind": "reward_price", "percent_off": 20}, "ends": "2026-11-21"}
EVENING = {
    "id": "evening",
    "title": {"en": "Evenings", "bg": "Вечери", "tr": "Akşamlar"},
    "effect": {"kind": "multiply", "factor": "2"},
    "weekdays": ["friday"],
    "hours": [{"begins": "18:00", "ends": "22:00"}],
    "when": {"channels": ["pos"], "minimum_spend": "20"},
    "ends": "2026-12-24",
}
OVER = {"id": "over", "effect": {"kind": "multiply", "factor": "9"}, "ends": "2026-11-20"}
RULES = [
    {"kind": "spend", "id": "spend", "points_per_unit": "1"},
    {"kind": "spend_amount", "id": "fives", "points": "1", "amount": "5", "full_amounts": True},
    {"kind": "spend_bands", "id": "bands", "bands": [{"spend_from": "60", "points": 16}]},
    {"kind": "order", "id": "order", "points": 3, "when": {"subscription": True}},
    {"kind": "unit", "id": "unit", "points": "2"},
    {"kind": "weight", "id": "weight", "points": "1", "unit": "kg", "match": {"tags": ["Tea"]}},
    {"kind": "nth_order", "id": "first", "points": 100, "number": 1},
    {"kind": "nth_order", "id": "tenth", "points": 50, "every": 10},
    {"kind": "spend_goal", "id": "goal", "goal": "200", "period": "year", "points": 25, "repeats": True},
]
SAID = {
    "en": [
        "1 point for every €1 you spend",
        "1 point for every full €5 you spend",
        "16 points for orders from €60",
        "3 points extra for every order (with a subscription)",
        "2 points extra for each item",
        "1 point for every 1 kg: Tea",
        "100 points for your first order",
        "50 points with one in every 10 orders",
        "25 points each time you have spent another €200 in a calendar year",
        "Evenings: 2× points on everything (orders from €20; at the till; Friday; 6:00 PM–10:00 PM; until Dec 24, 2026)",
    ],
    "bg": [
        "1 точка за всеки 1 € от поръчката",
        "1 точка за всеки пълни 5 € от поръчката",
        "16 точки за поръчки от 60 € нагоре",
        "Още 3 точки за всяка поръчка — с абонамент",
        "Още 2 точки за всеки артикул",
        "1 точка за всеки 1 kg: Tea",
        "100 точки за първата ви поръчка",
        "50 точки с една на всеки 10 поръчки",
        "25 точки всеки път, щом похарчите още 200 € в една календарна година",
        "„Вечери“: 2× точки за всичко — за поръчки от 20 € нагоре; на касата; петък; 18:00–22:00; до 24.12.2026 г.",
    ],
    "tr": [
        "Harcadığınız her €1 için 1 puan",
        "Harcadığınız her tam €5 için 1 puan",
        "€60 ve üzeri siparişlere 16 puan",
        "Her siparişe fazladan 3 puan – abonelikle",
        "Her ürüne fazladan 2 puan",
        "Her 1 kg için 1 puan: Tea",
        "İlk siparişinize 100 puan",
        "Her 10 siparişte bir 50 puan",
        "bir takvim yılında her €200 daha harcadığınızda 25 puan",
        "“Akşamlar”: Her şeye 2× puan – €20 ve üzeri siparişlerde; kasada; Cuma; 18:00–22:00; 24 Ara 2026 tarihine kadar",
    ],
}


def publish(tools, shop, *campaigns, rules=RULES):
    document = dump_document(default_document()) | {"campaigns": list(campaigns)}
    document["earning"]["rules"] = list(rules)
    with tools.writing() as session:
        at = tools.clock() - timedelta(days=2)
        publish_document(session, shop.programme_id, document, actor="test", now=at)


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")


@pytest.mark.parametrize("locale", SAID)
def test_every_way_to_earn_is_said_and_the_campaigns_that_run(storefront: Storefront, tools, shop, locale):
    publish(tools, shop, EVENING, OVER)
    storefront.locale = locale
    ways = storefront.get("summary").json["ways_to_earn"]
    assert [plain(one["sentence"]) for one in ways] == SAID[locale]


def test_a_campaigns_price_is_shown_and_charged_until_it_ends(storefront: Storefront, desk, tools, shop, clock):
    publish(tools, shop, CHEAPER, rules=RULES[:1])
    make_member(tools, shop, CUSTOMER, points=1000)
    before = balance_of(tools, shop).available
    first = storefront.get("summary").json["rewards"][0]
    assert (first["points"], first["usual_points"], first["conditions"][0]) == (400, 500, "Usually 500 points")
    assert storefront.redeem(points=400).status_code == 201
    assert balance_of(tools, shop).available == before - 400
    clock.advance(hours=12, minutes=1)
    assert storefront.get("summary").json["rewards"][0]["points"] == 500
    refusal = storefront.redeem(wish_id="wish-0002", points=400)
    assert (refusal.status_code, refusal.json["error"]["code"]) == (422, "wrong_points")
