"""Keyboard, screen reader, small screens, right to left, dark: the panel is for everybody."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.factories import credit_now, paid_order
from tests.widget.street import Street
from tests.widget.test_panel import open_panel

_FOCUSED = "(() => { let at = document.activeElement; while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement; return at; })()"
_IS_INSIDE = f"{_FOCUSED}?.closest('dialog') !== null"


def test_the_keyboard_opens_walks_round_inside_and_comes_back(page: Page, street: Street):
    page.goto(street.url)
    page.locator(".launcher").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Use your points")).to_be_visible()
    assert page.evaluate(f"{_FOCUSED}.id") == "title"
    expect(page.locator(".launcher")).to_have_attribute("aria-expanded", "true")
    seen = []
    for _ in range(12):
        page.keyboard.press("Tab")
        assert page.evaluate(_IS_INSIDE)
        seen.append(page.evaluate(f"{_FOCUSED}.textContent || {_FOCUSED}.ariaLabel"))
    assert {"Close", "Redeem", "Ways to earn", "History"} <= set(seen)
    for _ in range(12):
        page.keyboard.press("Shift+Tab")
        assert page.evaluate(_IS_INSIDE)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert page.evaluate(f"{_FOCUSED}.className") == "launcher"
    expect(page.locator(".launcher")).to_have_attribute("aria-expanded", "false")


def test_what_is_folded_away_is_no_stop_on_the_way_round(page: Page, street: Street, tools, shop):
    credit_now(tools, *[paid_order(shop, order_id=2000 + at, amount="10") for at in range(20)])
    open_panel(page, street)
    history = page.locator("summary").last
    history.click()
    expect(page.get_by_role("button", name="Show more")).to_be_visible()
    history.click()
    expect(page.get_by_role("button", name="Show more")).to_have_count(0)
    history.focus()
    page.keyboard.press("Tab")
    assert page.evaluate(f"{_FOCUSED}.ariaLabel") == "Close"
    page.keyboard.press("Shift+Tab")
    assert page.evaluate(f"{_FOCUSED}.textContent") == "History"


def test_a_press_beside_the_panel_closes_it(page: Page, street: Street):
    open_panel(page, street)
    page.mouse.click(40, 40)
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_redeeming_by_keyboard_lands_on_the_code(page: Page, street: Street):
    open_panel(page, street)
    page.get_by_role("button", name="Redeem €5 off your order").focus()
    page.keyboard.press("Space")
    expect(page.locator("code")).to_have_count(1)
    assert page.evaluate(f"{_FOCUSED}.classList.contains('code')")
    page.keyboard.press("Tab")
    assert page.evaluate(f"{_FOCUSED}.textContent") == "Copy"


def test_giving_back_by_keyboard_asks_once_more_on_the_same_button(page: Page, street: Street, desk):
    open_panel(page, street)
    page.get_by_role("button", name="Redeem €5 off your order").click()
    page.get_by_role("button", name="Give back").focus()
    page.keyboard.press("Enter")
    assert page.evaluate(f"{_FOCUSED}.textContent") == "Yes, give it back"
    page.keyboard.press("Enter")
    expect(page.get_by_text("Giving your points back…")).to_be_visible()
    assert page.evaluate(_IS_INSIDE)


@pytest.mark.parametrize(("width", "height"), [(390, 844), (320, 640), (600, 300)])
def test_on_small_screens_nothing_is_cut_off(page: Page, street: Street, shoot, width: int, height: int):
    page.set_viewport_size({"width": width, "height": height})
    open_panel(page, street)
    shoot(f"small-{width}")
    box = page.get_by_role("dialog").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    assert box["y"] >= 0
    assert box["y"] + box["height"] <= height
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    overflow = "(d => d.scrollWidth - d.clientWidth)(document.querySelector('laurel-panel').shadowRoot.querySelector('dialog'))"
    assert page.evaluate(overflow) <= 0
    page.get_by_role("button", name="Redeem €5 off your order").click()
    expect(page.locator("code")).to_have_count(1)
    assert page.evaluate(overflow) <= 0
    shoot(f"small-{width}-code")


def test_every_target_is_large_enough_for_a_thumb(page: Page, street: Street):
    page.set_viewport_size({"width": 390, "height": 844})
    open_panel(page, street)
    page.get_by_role("button", name="Redeem €5 off your order").click()
    expect(page.locator("code")).to_have_count(1)
    for target in page.locator("dialog :is(button, a, summary)").all():
        box = target.bounding_box()
        assert box is not None
        assert box["height"] >= 24, target.inner_text()
        assert box["width"] >= 24, target.inner_text()


def test_lines_that_run_from_right_to_left_mirror_the_panel(page: Page, street: Street, shoot):
    street.dir = "rtl"
    open_panel(page, street)
    box = page.get_by_role("dialog").bounding_box()
    assert box is not None
    assert box["x"] < 100
    title, close = page.locator("h2").bounding_box(), page.get_by_role("button", name="Close").bounding_box()
    assert title is not None
    assert close is not None
    assert close["x"] < title["x"]
    page.get_by_role("button", name="Redeem €5 off your order").click()
    expect(page.locator("code")).to_have_count(1)
    shoot("right-to-left")


@pytest.mark.parametrize("scheme", ["auto", "dark"])
def test_dark_is_dark_by_the_device_or_by_the_merchant(page: Page, street: Street, shoot, scheme: str):
    street.is_night = True
    street.settings = {"scheme": scheme}
    page.emulate_media(color_scheme="dark" if scheme == "auto" else "light", reduced_motion="reduce")
    open_panel(page, street)
    assert page.get_by_role("dialog").evaluate("d => getComputedStyle(d).backgroundColor") == "rgb(21, 26, 24)"
    page.get_by_role("button", name="Redeem €5 off your order").click()
    expect(page.locator("code")).to_have_count(1)
    shoot(f"dark-{scheme}")


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("yellow-square-left", {"accent": "#ffd84d", "corners": "square", "side": "start"}),
        ("black-soft", {"accent": "#111111", "corners": "soft", "distance": 96}),
        ("rose-words", {"accent": "#b4436c", "label": "Fern Club"}),
    ],
)
def test_the_merchants_choices_are_kept(page: Page, street: Street, shoot, name: str, settings: dict[str, object]):
    street.settings = settings
    open_panel(page, street)
    shoot(f"settings-{name}")
    box = page.get_by_role("dialog").bounding_box()
    assert box is not None
    assert (box["x"] < 100) == (settings.get("side") == "start")


def test_the_themes_own_style_stays_out(page: Page, street: Street):
    """The page above styles every button, heading and list; none of it may reach the panel."""
    open_panel(page, street)
    style = page.get_by_role("button", name="Redeem €5 off your order").evaluate(
        "b => { const s = getComputedStyle(b); return [s.textTransform, s.letterSpacing, s.backgroundColor, s.fontFamily] }"
    )
    assert style == ["none", "normal", "rgb(31, 90, 72)", "Inter, sans-serif"]


def test_movement_follows_the_shoppers_wish(chromium: Browser, street: Street):
    for wish, is_moving in (("no-preference", True), ("reduce", False)):
        context = chromium.new_context(reduced_motion=wish)
        page = context.new_page()
        open_panel(page, street)
        moving = page.get_by_role("dialog").evaluate("d => getComputedStyle(d).animationName") != "none"
        context.close()
        assert moving is is_moving
