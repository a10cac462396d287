"""Golden explanations: one order with everything, in three languages, for the shopper and for the merchant."""

# ruff: noqa: RUF001 - people read a multiplication sign

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from plugin.facts import Context, PaidOtherwise, SpendBefore
from plugin.journeys.explaining import explain_to_merchant, explain_to_shopper
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
        "double: 30 points for €5, 10 before, 2× by membership club, 1.5× by campaign nights",
        "spend: 61.5 points for €20.50, 20.5 before, 2× by membership club, 1.5× by campaign nights",
        "each: 3 points for items: 3",
        "heavy: 3 points for 1.5 kg",
        "thanks: 3 points for the order",
        "tenth: 10 points for order number 10",
        "goal: 50 points for €115.50",
        "gift: 5 points for the order",
        "gift cards bought: 1",
        "refunded lines: 1",
        "till did not apply: another channel",
        "rounded down from 165.5",
        "version 7 of the programme",
    ],
}


def plain(said: list[str]) -> list[str]:
    """Babel puts unbreakable spaces between numbers and units."""
    return [one.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ") for one in said]


@pytest.mark.parametrize("language", SHOPPER)
def test_a_shopper_reads_what_gave_points_and_what_did_not(language):
    phrases = phrases_for(language, RICH, "EUR", "Europe/Sofia")
    assert plain(explain_to_shopper(EVALUATION.explanation, RICH, phrases)) == SHOPPER[language]


def test_a_merchant_reads_everything():
    assert plain(explain_to_merchant(EVALUATION.explanation, Words("en"))) == MERCHANT["en"]


@pytest.mark.parametrize("language", ["bg", "tr"])
def test_a_merchant_reads_as_much_in_other_languages(language):
    said = plain(explain_to_merchant(EVALUATION.explanation, Words(language)))
    assert len(said) == len(MERCHANT["en"])
    assert not set(said) & set(MERCHANT["en"])
    assert not any(word in one for one in said for word in ("campaign", "membership", "tier"))


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
    assert explain_to_merchant(evaluation.explanation, Words(language))[0]


def test_what_gift_cards_paid_is_told():
    by = with_campaigns(earning={"rules": [spend()], "base": {"paid_with_gift_cards": False}})
    paid = Context(1, paid_otherwise=PaidOtherwise(gift_cards=Decimal(4), total=Decimal(10)))
    said = explain_to_merchant(evaluate(order(line()), by, paid).explanation, Words("en"))
    assert "€4 paid with gift cards or store credit left out" in said
