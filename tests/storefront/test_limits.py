"""What a shopper is told of a limit: that it was reached, how much it left, and how much of it is used."""

# ruff: noqa: RUF001 - letters and signs of other languages

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.factories import credit_now, make_member, paid_order
from tests.storefront.proxy import Storefront
from tests.storefront.test_summary import _publish

DAILY = {"id": "daily", "per": "member", "period": "day", "points": 120}
ALL = {"id": "all", "per": "programme", "period": "life", "points": 100_000}


@pytest.fixture(autouse=True)
def limited(tools, shop):
    """At most 120 points a day."""
    _publish(tools, shop, caps=[DAILY, ALL])


SAID = {
    "en": (
        "Limit reached: 20 of 45 points",
        "120 of 120 points today",
        "Order #3 gave no points: your limit was reached",
    ),
    "bg": (
        "Достигнат лимит: 20 от 45 точки",
        "120 от 120 точки днес",
        "Поръчка #3 не донесе точки: достигнат е лимитът",
    ),
    "tr": (
        "Sınıra ulaşıldı: 45 puan yerine 20",
        "Bugün 120 / 120 puan",
        "#3 siparişi puan kazandırmadı: sınıra ulaşıldı",
    ),
}


@pytest.mark.parametrize("locale", SAID)
def test_a_partial_award_and_an_order_that_got_nothing_say_why(storefront: Storefront, tools, shop, locale):
    credit_now(tools, paid_order(shop, 1, amount="100"))
    credit_now(tools, paid_order(shop, 2, amount="45"))
    credit_now(tools, paid_order(shop, 3, amount="45"))
    front = replace(storefront, locale=locale)
    history, used, nothing = SAID[locale]
    assert [one["aside"] for one in front.get("history").json["entries"]] == [history, None]
    seen = front.get("summary").json
    assert seen["limits"] == [{"id": "daily", "period": "day", "points": 120, "used": 120, "left": 0, "sentence": used}]
    assert [one["sentence"] for one in seen["notices"]] == [nothing]


def test_a_limit_that_was_not_touched_and_one_of_the_programme_are_none_of_a_shoppers_business(
    storefront: Storefront, tools, shop
):
    make_member(tools, shop)
    assert storefront.get("summary").json["limits"] == []
