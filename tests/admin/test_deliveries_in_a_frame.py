"""Dead letters where merchants meet them: inside a frame of Shopify's admin, in a real browser."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from plugin.journeys.draining import drain
from plugin.journeys.tools import Tools
from tests.admin.conftest import Mint
from tests.admin.frame import Stage, inner
from tests.factories import Shopfront, make_delivery
from tests.journeys.shop_floor import line, order
from webhooks.topics import parse_delivery

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # the browser sees no difference


@pytest.fixture
def stage(app: Flask, connected: Shopfront, mint: Mint, shopify: object, tools: Tools) -> Stage:
    """A shop with two dead letters."""
    for event_id, number in (("event-1", 5001), ("event-2", 5002)):
        body = order(number, line(1, "25.00"), name=f"#{number}", when="the other day")
        tools.store([make_delivery(connected, "orders/paid", json.dumps(body).encode(), tools.clock(), event_id)])
    work(tools)
    return Stage(app, connected, mint)


@pytest.fixture
def page(chromium: Browser, stage: Stage) -> Iterator[Page]:
    """The page, reached from the warning on the first one."""
    page = stage.open(chromium)
    inner(page).get_by_role("link", name="Open Deliveries").click()
    expect(inner(page).get_by_role("heading", name="Deliveries", level=1)).to_be_visible()
    expect(inner(page).locator("#dead-letters form[data-htmx-powered]").first).to_be_visible()
    yield page
    page.context.close()


def work(tools: Tools) -> None:
    while drain(tools, parse_delivery, tools.clock()):
        pass


def test_one_is_opened_and_replayed(page: Page, stage: Stage, tools: Tools):
    frame = inner(page)
    frame.locator(".delivery").filter(has_text="#5001").get_by_role("link", name="orders/paid").click()
    expect(frame.locator("#body pre")).to_contain_text('"name": "#5001"')
    expect(frame.locator("#state form[data-htmx-powered]")).to_be_visible()
    frame.get_by_role("button", name="Replay").click()
    expect(frame.locator("#state .badge")).to_have_text("In line")
    work(tools)
    expect(frame.locator("#state .badge")).to_have_text("Set aside")
    frame.get_by_role("link", name="All deliveries").click()
    expect(frame.locator("#dead-letters .delivery")).to_have_count(2)
    assert stage.complaints == []


def test_all_are_replayed_and_the_lists_follow_by_themselves(page: Page, stage: Stage, tools: Tools):
    frame = inner(page)
    frame.get_by_role("button", name="Replay all").click()
    expect(frame.get_by_role("status")).to_have_text("2 deliveries are back in line.")
    expect(frame.locator("#in-line .delivery")).to_have_count(2)
    expect(frame.locator("#dead-letters")).to_have_count(0)
    work(tools)
    expect(frame.locator("#dead-letters .delivery")).to_have_count(2)
    assert stage.complaints == []


@pytest.mark.parametrize("width", [375, 1280])
@pytest.mark.parametrize("locale", ["bg", "tr"])
def test_nothing_sticks_out_at_any_width(chromium: Browser, stage: Stage, width: int, locale: str):
    page = stage.open(chromium, width=width, locale=locale)
    frame = inner(page)
    frame.locator(".nav a[href*='/app/deliveries']").click()
    expect(frame.locator("#dead-letters")).to_be_visible()
    assert frame.evaluate("document.documentElement.scrollWidth") <= width
    frame.locator(".delivery h3 a").first.click()
    expect(frame.locator("#body pre")).to_be_visible()
    assert frame.evaluate("document.documentElement.scrollWidth") <= width
    page.context.close()
