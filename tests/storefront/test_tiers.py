"""What the panel is told of tiers: names in the reader's language, and what is missing in numbers."""

# ruff: noqa: RUF001 - letters and signs of other languages

from __future__ import annotations

import pytest

from plugin.journeys.documents import publish_document
from tests.factories import CUSTOMER, credit_now, make_member, paid_order
from tests.journeys.tier_stage import BRONZE, GOLD, SILVER, tiered
from tests.storefront.proxy import Storefront

PERK = {"id": "gift", "kind": "gift", "title": {"en": "A gift", "bg": "Подарък"}, "enforced_by": "staff"}


@pytest.fixture
def tiers(tools, shop):
    """Tiers since today."""
    with tools.writing() as session:
        document = tiered(BRONZE, SILVER | {"perks": [PERK]}, GOLD)
        publish_document(session, shop.programme_id, document, actor="test", now=tools.clock())


@pytest.mark.usefixtures("tiers")
def test_a_member_sees_their_tier_at_once_and_what_is_missing_to_the_next(storefront: Storefront, tools, shop):
    make_member(tools, shop, CUSTOMER, points=120)
    tier = storefront.get("summary").json["member"]["tier"]
    assert (tier["id"], tier["name"], tier["sentence"]) == ("silver", "Silver", "Silver through Dec 31, 2027")
    assert tier["perks"] == [{"id": "gift", "kind": "gift", "title": "A gift", "enforced_by": "staff"}]
    assert (tier["next"]["tier"], tier["next"]["share"]) == ("gold", 0.24)
    assert tier["next"]["goals"]["missing"] == "380"
    assert tier["next"]["sentence"] == "Spend €380 more to reach Gold"
    assert tier["keep"]["sentence"] == "Spend €100 more by Dec 31, 2027 to keep Silver"


@pytest.mark.usefixtures("tiers")
@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("bg", ("Сребро", "Още 380\xa0€ за покупки до ниво Злато")),
        ("tr", ("Gümüş", "Altın seviyesine ulaşmak için €380 daha harcayın")),
    ],
)
def test_a_tier_speaks_the_readers_language(storefront: Storefront, tools, shop, locale, said):
    make_member(tools, shop, CUSTOMER, points=120)
    storefront.locale = locale
    tier = storefront.get("summary").json["member"]["tier"]
    assert (tier["name"], tier["next"]["sentence"]) == said


@pytest.mark.usefixtures("tiers")
def test_the_highest_tier_has_no_next(storefront: Storefront, tools, shop):
    make_member(tools, shop, CUSTOMER, points=1000)
    assert storefront.get("summary").json["member"]["tier"]["next"] is None


def test_a_programme_without_tiers_shows_none(storefront: Storefront, tools, shop):
    credit_now(tools, paid_order(shop))
    assert storefront.get("summary").json["member"]["tier"] is None
