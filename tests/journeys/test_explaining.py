"""Golden explanations: one order with everything, in three languages, for the shopper and for the merchant."""

# ruff: noqa: RUF001 - people read a multiplication sign

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from plugin.facts import CapLeft, Context, PaidOtherwise, Shipping, SpendBefore
from plugin.journeys.explaining import explain_to_shopper
from plugin.journeys.explaining_in_full import explain_to_merchant
from plugin.journeys.phrasing import phrases_for
from plugin.messages import Words
from plugin.rules import evaluate
from tests.rules.making import MEMBERSHIP, campaign, line, order, products, refund, spend, with_campaigns

TITLED = {"en": "White nights", "bg": "Бели нощи", "tr": "Beyaz geceler"}
RICH = with_campaigns(
    campaign("nights", "1.5", title=TITLED),
    campaign("gift", {"kind": "add", "per": "order", "points": 5}, stacking="add"),
    rules=(
        spend("1"),
        products("double", {"skus": ["SKU-2"]}, multiplier="2"),
        {"kind": "unit", "id": "each", "points": "1", "is_multiplied": False},
        {"kind": "weight", "id": "heavy", "points": "2", "unit": "kg", "is_multiplied": False},
        {"kind": "order", "id": "thanks", "points": 3, "is_multiplied": False},
        {"kind": "nth_order", "id": "tenth", "points": 10, "every": 10, "is_multiplied": False},
        {"kind": "spend_goal", "id": "goal", "goal": "100", "period": "year", "points": 50, "is_multiplied": False},
        {"kind": "order", "id": "till", "points": 9, "when": {"channels": ["pos"]}},
    ),
    memberships=[MEMBERSHIP | {"title": {"en": "Club", "bg": "Клуб", "tr": "Kulüp"}}],
)
MADE = order(
    line(1, "10.25", 2, grams=250),
    line(2, "5.00", grams=1000),
    line(3, "50.00", is_gift_card=True),
    line(4, "8.00"),
    refunds=(refund((4, 1, "8.00")),),
    source="web",
)
CONTEXT = Context(7, memberships=("club",), order_number=10, spend_before=(SpendBefore("goal", Decimal(90)),))
EVALUATION = evaluate(MADE, RICH, CONTEXT)

SHOPPER = {
    "en": [
        "30 points for products worth €5, 2×: Club, 1.5×: White nights",
        "61.5 points for €20.50 spent, 2×: Club, 1.5×: White nights",
        "3 points for items: 3",
        "3 points for 1.5 kg",
        "3 points for the order itself",
        "10 points for order number 10",
        "50 points for reaching €100",
        "5 points extra: a campaign",
        "Buying a gift card gives no points",
        "What was refunded gives no points",
    ],
    "bg": [
        "30 точки за продукти на стойност 5 €, 2×: „Клуб“, 1,5×: „Бели нощи“",
        "61,5 точки за похарчени 20,50 €, 2×: „Клуб“, 1,5×: „Бели нощи“",
        "3 точки за артикули: 3",
        "3 точки за 1,5 kg",
        "3 точки за самата поръчка",
        "10 точки за поръчка номер 10",
        "50 точки за достигнати 100 €",
        "Още 5 точки: една кампания",
        "Покупката на подаръчна карта не носи точки",
        "Върнатото не носи точки",
    ],
    "tr": [
        "€5 değerindeki ürünler için 30 puan, 2×: “Kulüp”, 1,5×: “Beyaz geceler”",
        "€20,50 harcama için 61,5 puan, 2×: “Kulüp”, 1,5×: “Beyaz geceler”",
        "Ürünler için 3 puan, adet: 3",
        "1,5 kg için 3 puan",
        "Siparişin kendisi için 3 puan",
        "10. sipariş için 10 puan",
        "€100 hedefine ulaşma için 50 puan",
        "Fazladan 5 puan: bir kampanya",
        "Hediye kartı alımı puan kazandırmaz",
        "İade edilenler puan kazandırmaz",
    ],
}
MERCHANT = {
    "en": [
        "€25.50 counted: 165 points in all",
        "€8 refunded",
        "Chosen products (double): 30 points for €5, 10 before, 2× by membership Club, 1.5× by campaign White nights (nights)",
        "Spending (spend): 61.5 points for €20.50, 20.5 before, 2× by membership Club, 1.5× by campaign White nights (nights)",
        "Every item (each): 3 points for items: 3",
        "Weight (heavy): 3 points for 1.5 kg",
        "Every order (thanks): 3 points for the order",
        "Order by its number (tenth): 10 points for order number 10",
        "Spending goal (goal): 50 points for €115.50",
        "Campaign (gift): 5 points for the order",
        "gift cards bought: 1",
        "refunded lines: 1",
        "Every order (till) did not apply: another channel",
        "rounded down from 165.5",
        "version 7 of the programme",
    ],
    "bg": [
        "Зачетени 25,50 €: общо 165 точки",
        "върнати 8 €",
        "Избрани продукти (double): 30 точки за 5 €, преди това 10, 2× от членство Клуб (club), 1,5× от кампания Бели нощи (nights)",
        "Похарчена сума (spend): 61,5 точки за 20,50 €, преди това 20,5, 2× от членство Клуб (club), 1,5× от кампания Бели нощи (nights)",
        "Всеки артикул (each): 3 точки за артикули: 3",
        "Тегло (heavy): 3 точки за тегло 1,5 kg",
        "Всяка поръчка (thanks): 3 точки за поръчката",
        "Поръчка според номера ѝ (tenth): 10 точки за поръчка номер 10",
        "Цел за похарчена сума (goal): 50 точки за 115,50 €",
        "Кампания (gift): 5 точки за поръчката",
        "купени подаръчни карти: 1",
        "върнати редове: 1",
        "Всяка поръчка (till) не важи: друг канал",
        "закръглено надолу от 165,5",
        "версия 7 на програмата",
    ],
    "tr": [
        "€25,50 sayıldı: toplam 165 puan",
        "€8 iade edildi",
        "Seçili ürünler (double): €5 için 30 puan, öncesinde 10, 2×: Kulüp (club) üyeliği, 1,5×: Beyaz geceler (nights) kampanyası",
        "Harcama (spend): €20,50 için 61,5 puan, öncesinde 20,5, 2×: Kulüp (club) üyeliği, 1,5×: Beyaz geceler (nights) kampanyası",
        "Her ürün (each): 3 ürün için 3 puan",
        "Ağırlık (heavy): 1,5 kg için 3 puan",
        "Her sipariş (thanks): sipariş için 3 puan",
        "Numarasına göre sipariş (tenth): 10. sipariş için 10 puan",
        "Harcama hedefi (goal): €115,50 için 50 puan",
        "Kampanya (gift): sipariş için 5 puan",
        "alınan hediye kartları: 1",
        "iade edilen satırlar: 1",
        "Her sipariş (till) uygulanmadı: başka kanal",
        "165,5 sayısından aşağı yuvarlandı",
        "programın 7. sürümü",
    ],
}


def merchant_reads(explanation, document, language="en") -> list[str]:
    """What a merchant in Sofia reads."""
    return plain(explain_to_merchant(explanation, document, phrases_for(language, document, "EUR", "Europe/Sofia")))


def plain(said: list[str]) -> list[str]:
    """Babel puts unbreakable spaces between numbers and units."""
    return [one.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ") for one in said]


@pytest.mark.parametrize("language", SHOPPER)
def test_a_shopper_reads_what_gave_points_and_what_did_not(language):
    phrases = phrases_for(language, RICH, "EUR", "Europe/Sofia")
    assert plain(explain_to_shopper(EVALUATION.explanation, RICH, phrases)) == SHOPPER[language]


@pytest.mark.parametrize("language", MERCHANT)
def test_a_merchant_reads_everything_by_title_and_id(language):
    assert merchant_reads(EVALUATION.explanation, RICH, language) == MERCHANT[language]


@pytest.mark.parametrize("language", ["en", "bg", "tr"])
@pytest.mark.parametrize(
    "changes",
    [
        {"is_test": True},
        {"cancelled_at": MADE.placed_at},
        {"financial_status": "pending"},
        {"financial_status": "refunded"},
        {"lines": ()},
        {"lines": (line(1, "0.10"),)},
    ],
)
def test_an_order_that_gave_nothing_says_why(changes, language):
    by = with_campaigns()
    evaluation = evaluate(replace(MADE, **{"refunds": (), **changes}), by, Context(1))
    assert evaluation.points == 0
    said = merchant_reads(evaluation.explanation, by, language)
    assert said[0] == Words(language).say("admin.posting.nothing")
    assert said[1] == Words(language).say(f"explained.nothing.{evaluation.why_nothing}")


def test_what_gift_cards_paid_is_told():
    by = with_campaigns(earning={"rules": [spend()], "base": {"paid_with_gift_cards": False}})
    paid = Context(1, paid_otherwise=PaidOtherwise(gift_cards=Decimal(4), total=Decimal(10)))
    said = merchant_reads(evaluate(order(line()), by, paid).explanation, by)
    assert "€4 paid with gift cards or store credit left out" in said


def test_limits_exclusions_tiers_and_rounding_by_line_are_told_by_title():
    by = with_campaigns(
        caps=[{"id": "daily", "per": "member", "period": "day", "points": 5, "title": {"en": "Five a day"}}],
        tiers={"levels": [{"id": "gold", "title": {"en": "Gold"}, "multiplier": "2"}]},
        earning={
            "rules": [spend("1"), products("out", {"skus": ["SKU-2"]}, exclude=True, title={"en": "Sale"})],
            "rounding_per": "line",
        },
    )
    context = Context(3, tier="gold", caps_left=(CapLeft("daily", 5),))
    said = merchant_reads(evaluate(order(line(1, "10.30"), line(2)), by, context).explanation, by)
    assert "limit “Five a day (daily)” left 5 of 20 points" in said
    assert "lines excluded by Sale (out): 1" in said
    assert "line by line" in said
    assert any("2× by tier Gold" in one and "(gold)" not in one for one in said), "a title that is the id needs none"


def test_what_a_version_does_not_know_goes_by_its_id():
    said = merchant_reads(
        {"version": 1, "points": 1, "rules": [{"rule_id": "gone", "points": "1", "basis": "1"}]}, RICH
    )
    assert said == ["gone: 1 points for €1", "version 1 of the programme"]


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "€4.50 of it for shipping"), ("bg", "от тях 4,50 € за доставка"), ("tr", "bunun €4,50 kadarı kargo için")],
)
def test_what_counted_for_shipping_is_told(language, said):
    by = with_campaigns(earning={"rules": [spend()], "base": {"shipping": True}})
    shipped = order(line(), shipping=Shipping(Decimal("4.50")))
    assert said in merchant_reads(evaluate(shipped, by, Context(1)).explanation, by, language)
