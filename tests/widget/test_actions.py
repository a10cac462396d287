"""Ways to earn in the panel: a button where a shopper's word is enough, two fields for a birthday."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from plugin.members.profiles import get_profile
from tests.actions.stage import publish_actions
from tests.factories import balance_of, member_of
from tests.widget.street import Street, broken
from tests.widget.test_panel import open_panel


@pytest.fixture
def panel(page: Page, street: Street, tools, shop) -> Page:
    """The panel, open, with its ways to earn unfolded."""
    publish_actions(tools, shop)
    open_panel(page, street)
    page.get_by_text("Ways to earn").click()
    return page


def test_one_press_gives_points_and_the_button_is_gone(panel: Page, tools, shop, shoot):
    button = panel.get_by_role("button", name="Get points: 5 points for a visit")
    shoot("ways")
    button.click()
    expect(panel.get_by_text("1,245", exact=True)).to_be_visible()
    expect(panel.locator("[aria-live]")).to_have_text("5 points for a visit")
    expect(button).to_have_count(0)
    expect(panel.get_by_text("Again from Nov 22, 2026")).to_be_visible()
    assert balance_of(tools, shop).available == 1245


def test_where_there_is_somewhere_to_go_the_link_leads_there_and_claims(panel: Page, street: Street):
    link = panel.get_by_role("link", name="Get points: 50 points for following us")
    expect(link).to_have_attribute("href", "https://social.example.com/shop")
    expect(link).to_have_attribute("target", "_blank")
    expect(link).to_have_attribute("rel", "noopener")
    link.evaluate("node => node.addEventListener('click', (event) => event.preventDefault())")
    link.click()
    expect(panel.get_by_text("1,290", exact=True)).to_be_visible()
    expect(panel.get_by_text("Done")).to_be_visible()


def test_a_birthday_is_told_by_keyboard_and_kept(panel: Page, street: Street, tools, shop, shoot):
    form = panel.locator("form").first
    form.get_by_label("Month").select_option(label="February")
    form.get_by_label("Day").fill("29")
    shoot("birthday")
    form.get_by_label("Day").press("Enter")
    expect(panel.locator("[aria-live]")).to_have_text("Thank you. Your first birthday points come on Feb 28, 2027.")
    expect(panel.get_by_text("Your birthday: February 29")).to_be_visible()
    with tools.reading() as session:
        kept = get_profile(session, shop.programme_id, member_of(tools, shop).member_id)
    assert kept.birthday == (2, 29)
    assert kept.timezone
    expect(panel.get_by_role("button", name="Get points: 25 points for a complete profile")).to_be_visible()


def test_a_day_that_does_not_exist_is_said_beside_the_fields_and_what_was_typed_stays(panel: Page):
    form = panel.locator("form").first
    form.get_by_label("Month").select_option(label="February")
    form.get_by_label("Day").fill("30")
    form.get_by_role("button", name="Save birthday").click()
    expect(form.locator(".fault")).to_have_text("There is no such day in the calendar.")
    expect(form.get_by_label("Day")).to_have_value("30")
    expect(form.get_by_label("Month")).to_have_value("2")


def test_a_press_without_an_answer_counts_once_when_pressed_again(panel: Page, street: Street, tools, shop):
    street.faults.append(broken)
    button = panel.get_by_role("button", name="Get points: 5 points for a visit")
    button.click()
    expect(panel.locator(".fault")).to_have_text("Nothing is lost. Please try again in a moment.")
    button.click()
    expect(panel.get_by_text("1,245", exact=True)).to_be_visible()
    assert street.wishes[0] == street.wishes[1]


@pytest.mark.parametrize("words", [("bg", "Вземете точки", "февруари"), ("tr", "Puan al", "Şubat")])
def test_it_speaks_the_shoppers_language(page: Page, street: Street, tools, shop, shoot, words):
    publish_actions(tools, shop)
    locale, press, month = words
    street.locale = locale
    open_panel(page, street)
    page.locator("summary").first.click()
    expect(page.get_by_role("button", name=press).first).to_be_visible()
    page.locator("select").first.select_option(label=month)
    shoot(f"ways-{locale}")


def test_a_guest_sees_what_earns_and_nothing_to_press(page: Page, street: Street, tools, shop):
    publish_actions(tools, shop)
    street.customer = None
    open_panel(page, street)
    expect(page.get_by_text("50 points for following us")).to_be_visible()
    expect(page.locator(".ways button, .ways a, .ways form")).to_have_count(0)
