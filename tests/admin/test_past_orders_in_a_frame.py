"""Past orders where merchants see them: inside a frame of Shopify's admin, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from plugin.journeys.tools import Tools
from tests.admin.conftest import Mint
from tests.admin.frame import Stage, inner
from tests.admin.test_past_orders import settle
from tests.journeys.past_stage import Past

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # the browser sees no difference

LISTENING = "#range form[data-htmx-powered]"
"""The form once htmx has taken it on: sent sooner, it would have nobody listening."""


@pytest.fixture
def stage(app: Flask, past: Past, mint: Mint) -> Stage:
    return Stage(app, past.shop, mint)


@pytest.fixture
def page(chromium: Browser, stage: Stage) -> Iterator[Page]:
    """The page, reached by its link on the first one."""
    page = stage.open(chromium)
    inner(page).get_by_role("link", name="Past orders").click()
    expect(inner(page).get_by_role("heading", name="Past orders", level=1)).to_be_visible()
    expect(inner(page).locator(LISTENING)).to_be_visible()
    yield page
    page.context.close()


def test_a_range_is_counted_seen_and_given(page: Page, stage: Stage, past: Past, tools: Tools):
    frame = inner(page)
    frame.get_by_role("button", name="Count first").click()
    card = frame.locator(".sheet")
    expect(card.locator(".badge")).to_have_text("Counting")
    expect(card.locator("progress")).to_be_visible()
    settle(tools)
    expect(card.locator(".badge")).to_have_text("Ready to start")
    expect(card.locator("dd").last).to_have_text("1,240")
    expect(card.get_by_text("placed by guests")).to_be_visible()
    card.get_by_role("button", name="Give these points").click()
    expect(card.locator(".badge")).to_have_text("Giving points")
    settle(tools)
    expect(card.locator(".badge")).to_have_text("Done")
    assert (past.points(), past.points(7002)) == (1000, 240)
    assert stage.complaints == []
    past.prove()


def test_a_range_that_makes_no_sense_is_said_beside_the_field(page: Page):
    frame = inner(page)
    frame.get_by_label("Up to and including").fill("2026-09-01")
    frame.get_by_role("button", name="Count first").click()
    expect(frame.get_by_role("alert").filter(has_text="This day is before the first one.")).to_be_visible()
    expect(frame.get_by_text("Nothing counted yet")).to_be_visible()


@pytest.mark.parametrize("width", [375, 1280])
@pytest.mark.parametrize("locale", ["bg", "tr"])
def test_nothing_sticks_out_at_any_width(
    chromium: Browser, stage: Stage, tools: Tools, past: Past, width: int, locale: str
):
    past.work(past.count(days_before=365))
    page = stage.open(chromium, width=width, locale=locale)
    frame = inner(page)
    frame.locator(".nav a[href*='/app/past-orders']").click()
    expect(frame.locator(LISTENING)).to_be_visible()
    expect(frame.locator(".sheet dl")).to_be_visible()
    assert frame.evaluate("document.documentElement.scrollWidth") <= width
    page.context.close()
