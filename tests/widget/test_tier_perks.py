"""What tiers bring, in a real browser: the present one's and the next one's, in three languages, on a phone."""

# ruff: noqa: RUF001 - people read Bulgarian and Turkish letters

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from plugin.journeys.documents import publish_document
from tests.factories import make_member
from tests.journeys.referral_stage import publish_terms
from tests.journeys.tier_stage import BRONZE, GOLD, SILVER, tiered
from tests.widget.street import Street
from tests.widget.test_panel import open_panel


def perk(perk_id: str, en: str, bg: str, tr: str) -> dict[str, object]:
    return {"id": perk_id, "kind": "gift", "title": {"en": en, "bg": bg, "tr": tr}, "enforced_by": "staff"}


TEA = perk(
    "tea", "A tin of tea with every third order", "Кутия чай с всяка трета поръчка", "Her üçüncü siparişte bir kutu çay"
)
CALL = perk("call", "A number that is answered first", "Телефон, на който отговаряме първо", "Önce yanıtlanan bir hat")
SAID = {
    "en": ("What Silver brings you", "What Gold will bring you"),
    "bg": ("Какво получавате с ниво Сребро", "Какво ще получавате с ниво Злато"),
    "tr": ("Gümüş seviyesinin size sağladıkları", "Altın seviyesine ulaşınca kazanacaklarınız"),
}


def publish(tools, shop, *levels) -> None:
    with tools.writing() as session:
        at = tools.clock() - timedelta(days=300)
        publish_document(session, shop.programme_id, tiered(*levels), actor="test", now=at)


@pytest.mark.parametrize("language", SAID)
def test_the_present_tier_and_the_next_say_what_they_bring(
    page: Page, street: Street, tools, shop, shoot, language: str
):
    publish(tools, shop, BRONZE, SILVER | {"perks": [TEA, CALL]}, GOLD | {"perks": [TEA]})
    street.customer, street.locale = 7002, language
    make_member(tools, shop, 7002, points=120)
    page.set_viewport_size({"width": 390, "height": 844})
    open_panel(page, street)
    mine, following = (page.locator("section", has=page.get_by_role("heading", name=one)) for one in SAID[language])
    expect(mine.get_by_role("listitem")).to_have_text([TEA["title"][language], CALL["title"][language]])
    expect(following.get_by_role("listitem")).to_have_text([TEA["title"][language]])
    following.scroll_into_view_if_needed()
    shoot(f"tier-perks-{language}")
    overflow = "(d => d.scrollWidth - d.clientWidth)(document.querySelector('laurel-panel').shadowRoot.querySelector('dialog'))"
    assert page.evaluate(overflow) <= 0


def test_tiers_that_bring_nothing_have_no_part(page: Page, street: Street, tools, shop):
    publish(tools, shop, BRONZE, SILVER, GOLD)
    open_panel(page, street)
    expect(page.get_by_role("progressbar")).not_to_have_count(0)
    assert "brings you" not in page.locator(".content").inner_text()


def test_a_guest_and_a_programme_without_tiers_show_none(page: Page, street: Street, tools, shop):
    open_panel(page, street)
    assert "bring you" not in page.locator(".content").inner_text()
    street.customer = None
    open_panel(page, street)
    assert "bring you" not in page.locator(".content").inner_text()


@pytest.fixture
def referring(tools, shop) -> None:
    """Members get something for bringing friends."""
    publish_terms(tools, shop)


@pytest.mark.parametrize("language", ["en", "bg", "tr"])
@pytest.mark.parametrize("width", [320, 390])
@pytest.mark.usefixtures("referring")
def test_copy_stays_beside_a_long_link(page: Page, street: Street, shoot, language: str, width: int):
    street.locale = language
    page.set_viewport_size({"width": width, "height": 844})
    open_panel(page, street)
    link = page.locator("code").last
    link.scroll_into_view_if_needed()
    shoot(f"copy-{language}-{width}")
    shown, button = link.bounding_box(), page.locator("[data-key=copy-link]").bounding_box()
    assert shown is not None
    assert button is not None
    middle = button["y"] + button["height"] / 2
    assert shown["y"] < middle < shown["y"] + shown["height"], "on the same line"
    assert button["x"] >= shown["x"] + shown["width"], "and after it"
    assert button["x"] + button["width"] <= width
