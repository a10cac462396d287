"""A member's link in a real browser: shown and copied in the panel, and where it leads a friend."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.journeys.referral_stage import publish_terms
from tests.widget.street import Street
from tests.widget.test_panel import open_panel


def test_a_member_copies_their_link(page: Page, street: Street, tools, shop, shoot):
    publish_terms(tools, shop)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    open_panel(page, street)
    section = page.locator("section", has=page.get_by_role("heading", name="Bring a friend"))
    link = section.locator("code")
    expect(link).to_have_text(re.compile(r"/apps/laurel/refer/[3-9A-Z]{10}$"))
    section.get_by_role("button", name="Copy").click()
    expect(section.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == link.inner_text()
    section.scroll_into_view_if_needed()
    shoot("bring-a-friend")


def test_a_programme_without_referrals_shows_no_such_part(page: Page, street: Street):
    open_panel(page, street)
    expect(page.get_by_role("heading", name="Bring a friend")).to_have_count(0)


def test_a_link_to_any_page_leads_a_friend_to_the_offer(page: Page, street: Street, tools, shop, shoot):
    publish_terms(tools, shop)
    open_panel(page, street)
    code = page.locator("section", has=page.get_by_role("heading", name="Bring a friend")).locator("code").inner_text()
    street.customer = None
    page.goto(f"{street.url}/?laurel_ref={code.rpartition('/')[2].lower()}")
    page.wait_for_url(re.compile("/apps/laurel/refer/"))
    expect(page.get_by_text("€10 off your order")).to_be_visible()
    expect(page.get_by_label("Your e-mail address")).to_be_visible()
    shoot("landing")
