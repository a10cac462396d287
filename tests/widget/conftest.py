"""A street with a shop, and a browser in it: Debian's Chromium, driven by Playwright."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import responses
from playwright.sync_api import Browser, Page

from plugin.db import Database
from plugin.journeys.tools import Tools
from plugin.wsgi import create_app
from tests.browser import PATIENCE_MS
from tests.factories import CUSTOMER, Clock, Shopfront, make_member, make_shop, make_tools
from tests.journeys.discount_desk import DiscountDesk
from tests.journeys.redeeming_stage import connect
from tests.widget.street import Street

SHOTS = os.environ.get("LAUREL_SHOTS")


@pytest.fixture
def tools(sqlite_template: Path, tmp_path: Path, clock: Clock) -> Iterator[Tools]:
    """Tools over SQLite alone: the browser does not see which database it was."""
    shutil.copy(sqlite_template, tmp_path / "laurel.db")
    database = Database(f"sqlite:///{tmp_path / 'laurel.db'}")
    yield make_tools(database, clock)
    database.dispose()


@pytest.fixture
def shop(tools: Tools) -> Shopfront:
    """A shop with the default programme."""
    return make_shop(tools)


@pytest.fixture
def desk(tools: Tools, shop: Shopfront) -> Iterator[DiscountDesk]:
    """Shopify's side of the shop's discounts."""
    connect(tools, shop)
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        desk = DiscountDesk()
        desk.serve(mock, shop.domain)
        yield desk


@pytest.fixture
def street(tools: Tools, clock: Clock, shop: Shopfront, desk: DiscountDesk) -> Iterator[Street]:
    """The storefront, with a member of 1,240 points signed in."""
    make_member(tools, shop, CUSTOMER, points=1240)
    street = Street(create_app(tools), clock, shop.domain, figure=1240)
    close = street.open_shop()
    yield street
    close()


@pytest.fixture
def page(chromium: Browser, street: Street) -> Iterator[Page]:
    """A desktop window. Any error a script throws, or anything fetched from elsewhere, fails the test."""
    context = chromium.new_context(viewport={"width": 1200, "height": 860}, reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("request", lambda sent: None if sent.url.startswith((street.url, "data:")) else errors.append(sent.url))
    yield page
    context.close()
    assert errors == []


@pytest.fixture
def shoot(page: Page) -> Callable[[str], None]:
    """Keep a picture under a name, where LAUREL_SHOTS says so."""

    def take(name: str) -> None:
        if SHOTS:
            Path(SHOTS).mkdir(parents=True, exist_ok=True)
            page.screenshot(path=f"{SHOTS}/{name}.png")

    return take
