"""Points by hand where merchants see them: inside a frame of Shopify's admin, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, FilePayload, Page, expect

from plugin.journeys.tools import Tools
from tests.admin.conftest import Mint
from tests.admin.frame import Stage, inner
from tests.admin.test_points import FILES, settle
from tests.factories import Shopfront, balance_of, make_member

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # the browser sees no difference

LISTENING = "#customer[data-htmx-powered]"
"""The customer's field once htmx has taken it on: filled sooner, it would have nobody listening."""


@pytest.fixture
def stage(app: Flask, connected: Shopfront, mint: Mint, shopify: object) -> Stage:
    return Stage(app, connected, mint)


@pytest.fixture
def page(chromium: Browser, stage: Stage, tools: Tools) -> Iterator[Page]:
    """The page, reached by its link on the first one."""
    make_member(tools, stage.shop, points=30)
    page = stage.open(chromium)
    inner(page).get_by_role("link", name="Points by hand").click()
    expect(inner(page).get_by_role("heading", name="Points by hand", level=1)).to_be_visible()
    expect(inner(page).locator(LISTENING)).to_be_visible()
    yield page
    page.context.close()


def test_a_customer_is_looked_up_and_given_points(page: Page, stage: Stage, tools: Tools):
    frame = inner(page)
    frame.get_by_label("Customer", exact=True).fill("7001")
    frame.get_by_label("How many").fill("70")
    expect(frame.locator("#member dd").first).to_have_text("30")
    frame.get_by_role("button", name="Change points").click()
    expect(frame.get_by_role("status").filter(has_text="Customer 7001 can now use 100 points.")).to_be_visible()
    expect(frame.locator("#member dd").first).to_have_text("100")
    assert balance_of(tools, stage.shop).available == 100
    assert stage.complaints == []


def test_fields_appear_where_they_make_sense(page: Page):
    frame = inner(page)
    expect(frame.get_by_label("They expire")).to_be_visible()
    expect(frame.get_by_label("Last day they can be used")).to_be_hidden()
    frame.get_by_label("They expire").select_option("day")
    expect(frame.get_by_label("Last day they can be used")).to_be_visible()
    frame.get_by_text("Take points away").click()
    expect(frame.get_by_label("They expire")).to_be_hidden()
    expect(frame.locator("#adjust").get_by_label("Let what is missing become debt")).to_be_visible()


def test_a_file_shows_how_far_it_is_by_itself(page: Page, stage: Stage, tools: Tools):
    frame = inner(page)
    frame.get_by_label("Balances from another app").check()
    raw = (FILES / "loyaltylion.csv").read_bytes()  # from memory: Playwright hands no file's bytes to a route
    export: FilePayload = {"name": "loyaltylion.csv", "mimeType": "text/csv", "buffer": raw}
    frame.get_by_label("CSV file").set_input_files(export)
    frame.get_by_role("button", name="Check the file").click()
    sheet = frame.locator(".sheet")
    expect(sheet.locator(".badge")).to_have_text("Checking")
    expect(sheet.locator("progress")).to_be_visible()
    settle(tools)
    expect(sheet.locator(".badge")).to_have_text("Ready to start")
    with page.expect_download() as download:
        sheet.get_by_role("button", name="Download these rows").click()
    assert "was shut out" in download.value.path().read_text(encoding="utf-8-sig")
    sheet.get_by_role("button", name="Start").click()
    expect(sheet.locator(".badge")).to_have_text("Running")
    settle(tools)
    expect(sheet.locator(".badge")).to_have_text("Done")
    assert balance_of(tools, stage.shop).available == 530
    sheet.get_by_text("Take back", exact=True).click()
    sheet.get_by_role("button", name="Take everything back").click()
    expect(sheet.locator(".badge")).to_have_text("Taking back")
    settle(tools)
    expect(sheet.locator(".badge")).to_have_text("Taken back")
    assert balance_of(tools, stage.shop).available == 30
    assert stage.complaints == []


@pytest.mark.parametrize("width", [375, 1280])
@pytest.mark.parametrize("locale", ["bg", "tr"])
def test_nothing_sticks_out_at_any_width(
    chromium: Browser, stage: Stage, tools: Tools, mint: Mint, width: int, locale: str
):
    make_member(tools, stage.shop)
    page = stage.open(chromium, width=width, locale=locale)
    frame = inner(page)
    frame.locator(".nav a").nth(1).click()
    expect(frame.locator(LISTENING)).to_be_visible()
    frame.locator("#customer").fill("7001")
    expect(frame.locator("#member dl")).to_be_visible()
    assert frame.evaluate("document.documentElement.scrollWidth") <= width
    page.context.close()
