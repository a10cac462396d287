"""The first page where merchants see it: inside a frame of Shopify's admin, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from plugin.admin.home import EMBED_BLOCK
from plugin.journeys.documents import current_document
from plugin.journeys.tools import Tools
from tests.admin.conftest import Mint
from tests.admin.frame import Stage, inner
from tests.factories import Clock, Shopfront, cancelled, credit_now, make_delivery, paid_order, refunded

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # the browser sees no difference


@pytest.fixture
def stage(app: Flask, connected: Shopfront, mint: Mint, shopify: object) -> Stage:
    return Stage(app, connected, mint)


@pytest.fixture
def page(chromium: Browser, stage: Stage) -> Iterator[Page]:
    """The first page, opened without a token as from a bookmark: the bounce page has to fetch one."""
    page = stage.open(chromium)
    yield page
    page.context.close()


def _fill(tools: Tools, shop: Shopfront, clock: Clock) -> None:
    first, second = paid_order(shop), paid_order(shop, order_id=5002, customer_id=7002, amount="120.00")
    third = paid_order(shop, order_id=5003, customer_id=7003, amount="40.00")
    credit_now(tools, first, second, third)
    credit_now(tools, refunded(second, "20.00"), cancelled(third))
    tools.store([make_delivery(shop, "orders/paid", b"{}", clock.now, event_id=f"e{n}") for n in range(3)])


def test_the_page_fetches_its_own_token_and_shows_itself(page: Page, stage: Stage):
    frame = inner(page)
    expect(frame.get_by_role("heading", name="Points", level=1)).to_be_visible()
    assert "GET /app/bounce" in stage.asked
    assert stage.complaints == []


def test_the_token_leaves_the_address_and_the_shop_stays(page: Page, stage: Stage):
    frame = inner(page)
    expect(frame.get_by_role("heading", name="Points", level=1)).to_be_visible()
    frame.wait_for_function("!location.search.includes('id_token')")
    assert frame.evaluate("new URLSearchParams(location.search).get('shop')") == stage.shop.domain


def test_another_rate_is_published_from_the_page_and_holds(page: Page, stage: Stage, tools: Tools):
    frame = inner(page)
    frame.get_by_label("Points for each €1 spent").fill("2.5")
    frame.get_by_role("button", name="Publish").click()
    expect(frame.get_by_role("status").filter(has_text="Published. The new rate is version 2.")).to_be_visible()
    expect(frame.get_by_text("An order of €50 earns 125 points.")).to_be_visible()
    with tools.reading() as session:
        version, document = current_document(session, stage.shop.programme_id)
    assert (version, str(document.earning.points_per_unit)) == (2, "2.5")
    assert stage.complaints == []


def test_a_rate_that_is_none_is_refused_beside_the_field(page: Page, stage: Stage):
    frame = inner(page)
    frame.get_by_label("Points for each €1 spent").fill("lots")
    frame.get_by_role("button", name="Publish").click()
    expect(frame.get_by_role("alert").filter(has_text="Write a number above 0")).to_be_visible()
    expect(frame.get_by_label("Points for each €1 spent")).to_have_value("lots")
    expect(frame.get_by_label("Points for each €1 spent")).to_be_focused()


def test_an_action_that_is_refused_changes_nothing_on_the_page_and_says_so(page: Page, stage: Stage):
    frame = inner(page)
    field = frame.get_by_label("Points for each €1 spent")
    field.fill("3")
    stage.mint = lambda shop, **changes: "no.id.token"
    frame.get_by_role("button", name="Publish").click()
    expect(frame.get_by_text("That did not work. Try again in a moment.")).to_be_visible()
    expect(field).to_have_value("3")
    assert stage.asked.count("POST /app/rate") == 2, "one more try with a fresh token, no third"


@pytest.mark.parametrize("is_on", [True, False])
def test_the_page_learns_from_shopify_whether_the_widget_is_on(chromium: Browser, stage: Stage, is_on: bool):
    status = "active" if is_on else "available"
    stage.extensions.append(_extension(status))
    page = stage.open(chromium)
    step = inner(page).locator('[data-step="embed"]')
    expect(step.locator(".badge")).to_have_text("Done" if is_on else "To do")
    expect(step.get_by_role("link", name="Open theme editor")).to_have_attribute(
        "href",
        f"https://{stage.shop.domain}/admin/themes/current/editor?context=apps&template=index&activateAppId=test-api-key/{EMBED_BLOCK}",
    )
    page.context.close()


def _extension(status: str) -> dict[str, Any]:
    block = {"handle": EMBED_BLOCK, "name": "Points", "target": "body", "status": status, "activations": []}
    return {"handle": "laurel-theme", "type": "theme_app_extension", "activations": [block]}


def test_without_shopifys_script_the_page_says_so_after_a_moment(chromium: Browser, stage: Stage, mint: Mint):
    stage.has_bridge = False
    page = stage.open(chromium, id_token=mint(stage.shop))
    frame = inner(page)
    expect(frame.get_by_role("heading", name="Points", level=1)).to_be_visible()
    expect(frame.get_by_role("heading", name="admin does not answer")).to_be_visible(timeout=8000)
    page.context.close()


def test_without_shopifys_script_the_bounce_page_says_so_after_a_moment(chromium: Browser, stage: Stage):
    stage.has_bridge = False
    page = stage.open(chromium)
    message = inner(page).get_by_text("Open Laurel from the apps in your Shopify admin.")
    expect(message).to_be_hidden()
    expect(message).to_be_visible(timeout=8000)
    page.context.close()


def test_no_stranger_may_frame_the_page(chromium: Browser, stage: Stage, mint: Mint):
    stage.outside = "https://evil.example"
    page = stage.open(chromium, id_token=mint(stage.shop))
    page.wait_for_timeout(500)
    assert not inner(page).get_by_role("heading", name="Points", level=1).count()
    assert any("frame-ancestors" in complaint for complaint in stage.complaints)
    page.context.close()


@pytest.mark.parametrize("width", [375, 1280])
def test_nothing_sticks_out_at_any_width(
    chromium: Browser, stage: Stage, tools: Tools, clock: Clock, mint: Mint, width: int
):
    _fill(tools, stage.shop, clock)
    page = stage.open(chromium, width=width, id_token=mint(stage.shop), locale="bg")
    frame = inner(page)
    expect(frame.get_by_role("heading", name="Точки", level=1)).to_be_visible()
    assert frame.evaluate("document.documentElement.scrollWidth") <= width
    page.context.close()


@pytest.mark.parametrize("locale", ["en", "bg", "tr"])
def test_no_table_is_cut_off_at_its_cards_edge(
    chromium: Browser, stage: Stage, tools: Tools, clock: Clock, mint: Mint, locale: str
):
    _fill(tools, stage.shop, clock)
    page = stage.open(chromium, width=981, id_token=mint(stage.shop), locale=locale)
    frame = inner(page)
    expect(frame.get_by_role("table")).to_have_count(2)
    outside = "tables => tables.filter(one => one.offsetWidth > one.parentElement.clientWidth).length"
    assert frame.get_by_role("table").evaluate_all(outside) == 0
    page.context.close()
