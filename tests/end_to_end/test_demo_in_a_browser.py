"""The demo as people use it: the shop, the panel and the admin's frame in a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FrameLocator, Page, expect

from plugin.cli.demo_stage import Setting, Stage, open_stage
from plugin.cli.demo_transcript import Transcript
from plugin.config import DEVELOPMENT_SECRET, Settings
from plugin.devstore.visitor import Visitor


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """A demo over SQLite with a new, empty shop; the app is not installed."""
    settings = Settings(
        env="development",
        database_url=f"sqlite:///{tmp_path / 'demo.db'}",
        shopify_api_key="laurel-demo",
        shopify_api_secrets=(DEVELOPMENT_SECRET,),
        secret_keys=(DEVELOPMENT_SECRET,),
        public_url="",
    )
    with open_stage(Setting(settings, port=0)) as stage:
        yield stage


@pytest.fixture
def complaints() -> list[str]:
    return []


@pytest.fixture
def page(chromium: Browser, stage: Stage, complaints: list[str]) -> Iterator[Page]:
    context = chromium.new_context(base_url=stage.store_url, viewport={"width": 1280, "height": 900}, locale="en-GB")
    page = context.new_page()
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()


def install(page: Page) -> FrameLocator:
    page.goto("/admin/apps/laurel")
    page.get_by_role("button", name="Install").click()
    frame = page.frame_locator("#app")
    expect(frame.get_by_role("heading", level=1)).to_be_visible()
    return frame


def test_a_merchant_installs_and_changes_the_rate_inside_the_frame(page, stage, complaints):
    frame = install(page)
    frame.get_by_role("textbox").first.fill("10")
    frame.get_by_role("button", name="Publish").click()
    expect(frame.get_by_text("Version 2").first).to_be_visible()
    expect(frame.locator('[data-step="embed"]')).to_have_class(re.compile("is-done"))
    assert complaints == []


def test_the_app_opened_without_a_token_bounces_and_comes_back(page, stage, complaints):
    frame = install(page)
    domain = stage.parts.store.books.shop.domain
    page.locator("#app").evaluate(
        "(frame, address) => { frame.src = address }", f"{stage.app_url}/app?shop={domain}&embedded=1&host=x"
    )
    expect(frame.get_by_role("button", name="Publish")).to_be_visible()
    inner = next(each for each in page.frames if each.url.startswith(stage.app_url))
    assert "/bounce" not in inner.url
    assert "id_token" not in inner.url
    assert complaints == []


def test_a_shopper_buys_redeems_in_the_panel_and_pays_less(page, stage, complaints):
    install(page)
    page.goto("/")  # an ID token of the frame's would age when the clock is turned
    merchant = Visitor(stage.store_url, stage.app_url)
    merchant.set_rate("10", version=1).raise_for_status()
    merchant.post("/admin/clock", {"hours": "1"}).raise_for_status()
    ada = Visitor(stage.store_url, stage.app_url)
    ada.sign_in(ada.samples()["Ada"])
    ada.fill_cart({ada.variant_of("wool-throw"): 2})
    ada.pay()
    Transcript(say=lambda _: None).becomes("Ada's points", ada.points, 1483)
    page.goto("/account/login")
    page.locator('[data-sample="Ada"]').click()
    page.locator("laurel-panel .launcher").click()
    page.get_by_role("button", name=re.compile("^Redeem")).first.click()
    page.get_by_role("link", name="Apply to cart").click()
    page.goto("/products/tea-bowl")
    page.get_by_role("button", name="Add to cart").click()
    page.get_by_role("link", name="Check out").click()
    expect(page.locator("[data-total]")).to_have_attribute("data-total", "31.80")
    page.get_by_role("button", name="Pay").click()
    expect(page.get_by_role("heading", name="Thank you, Ada")).to_be_visible()
    for visitor in (merchant, ada):
        visitor.close()
    assert complaints == []
