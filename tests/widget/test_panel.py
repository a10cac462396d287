"""The panel in a real browser, over the real door."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from plugin.journeys.documents import publish_document
from plugin.rules import default_document, dump_document
from tests.factories import credit_now, paid_order, refunded
from tests.journeys.discount_desk import lost_call
from tests.journeys.tier_stage import BRONZE, GOLD, SILVER, tiered
from tests.widget.street import Street, broken


def open_panel(page: Page, street: Street) -> None:
    page.goto(street.url)
    page.locator(".launcher").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    expect(page.locator(".content")).to_have_attribute("aria-busy", "false")


def test_nothing_is_requested_until_the_panel_is_opened(page: Page, street: Street, shoot):
    page.goto(street.url)
    expect(page.get_by_role("button", name="Rewards: 1,240 points")).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert (street.asked, street.served) == ([], [])
    shoot("launcher")
    page.locator(".launcher").click()
    expect(page.get_by_role("heading", name="Use your points")).to_be_visible()
    assert street.asked == ["GET summary"]
    assert sorted(street.served) == ["laurel-panel.css", "laurel-panel.js"]


def test_the_panel_shows_what_the_member_has_and_can_have(page: Page, street: Street, shoot):
    open_panel(page, street)
    dialog = page.get_by_role("dialog", name="Rewards")
    expect(dialog.get_by_text("1,240")).to_be_visible()
    bar = dialog.get_by_role("progressbar", name="Progress to the next reward")
    expect(bar).to_have_attribute("aria-valuetext", "1,260 points to go until €25 off your order")
    expect(dialog.get_by_role("button", name="Redeem €5 off your order for 500 points")).to_be_visible()
    expect(dialog.get_by_text("2,500 points · 1,260 to go", exact=True)).to_be_visible()
    expect(dialog.get_by_role("button", name="Redeem 25 off")).to_have_count(0)
    shoot("member")


def test_a_reward_that_cannot_be_had_says_why_and_a_gift_is_taken_for_nothing(
    page: Page, street: Street, desk, tools, shop, shoot
):
    document = dump_document(default_document())
    document["rewards"][0]["available"] = {"each_year": [{"first": "12-01", "last": "12-24"}]}
    gift = {"kind": "free_shipping", "id": "delivery", "points": 0, "limits": [{"per": "month", "times": 1}]}
    document["rewards"].append(gift)
    with tools.writing() as session:
        publish_document(session, shop.programme_id, document, actor="test", now=tools.clock())
    open_panel(page, street)
    expect(page.get_by_text("From Dec 1, 2026 on you can have it.")).to_be_visible()
    expect(page.get_by_role("button", name="Redeem €5 off your order")).to_have_count(0)
    shoot("locked")
    free = page.get_by_role("listitem").filter(has_text="Free delivery")
    expect(free.locator(".van")).to_be_visible()
    expect(free.get_by_text("€0")).to_have_count(0)
    page.get_by_role("button", name="Redeem: Free delivery").click()
    expect(page.locator("code")).to_have_text(re.compile("."))
    expect(page.get_by_text("You have had this reward as often as it is given for now.")).to_be_visible()
    assert len(desk.codes) == 1


def test_opening_corrects_the_pages_figure_in_place(page: Page, street: Street):
    street.figure = 1000
    open_panel(page, street)
    expect(page.locator("[data-figure]")).to_have_text("1,240 points")
    expect(page.locator("[data-laurel-balance]")).to_have_text("1,240 points")


def test_one_tap_makes_a_code_that_can_be_copied_and_applied(page: Page, street: Street, desk, shoot):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    open_panel(page, street)
    page.get_by_role("button", name="Redeem €5 off your order").click()
    code = page.locator("code")
    expect(code).to_have_text(re.compile("^LAUREL-"))
    shoot("code")
    text = code.inner_text()
    assert desk.codes == {text: "ACTIVE"}
    expect(page.get_by_text("740", exact=True)).to_be_visible()
    expect(page.locator("[aria-live]")).to_have_text(f"Your code {text} is ready")
    assert page.evaluate("document.querySelector('laurel-panel').shadowRoot.activeElement.classList.contains('code')")
    page.get_by_role("button", name=f"Copy the code {text}").click()
    expect(page.get_by_text("Copied").first).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == text
    apply = page.get_by_role("link", name="Apply to cart")
    expect(apply).to_have_attribute("href", f"/discount/{text}?redirect=%2Fcart")


def test_pressing_twice_is_one_wish(page: Page, street: Street, desk):
    open_panel(page, street)
    button = page.get_by_role("button", name="Redeem €5 off your order")
    button.dblclick()
    expect(page.locator("code")).to_have_count(1)
    assert street.asked.count("POST redemptions") == 1
    assert desk.calls == ["create"]


def test_a_wish_without_an_answer_keeps_its_id_over_a_reload(page: Page, street: Street, desk, shoot):
    open_panel(page, street)
    street.faults.append(broken)
    page.get_by_role("button", name="Redeem €5 off your order").click()
    expect(page.locator(".fault")).to_have_text("Nothing is lost. Please try again in a moment.")
    shoot("wish-failed")
    open_panel(page, street)
    page.get_by_role("button", name="Redeem €5 off your order").click()
    expect(page.locator("code")).to_have_count(1)
    page.get_by_role("button", name="Redeem €5 off your order").click()
    expect(page.locator("code")).to_have_count(2)
    first, repeated, second = street.wishes
    assert first == repeated != second
    assert len(desk.codes) == 2


def test_a_slow_shop_prepares_the_code_and_the_panel_waits_for_it(
    page: Page, street: Street, desk, tools, clock, shoot
):
    from plugin.journeys.settling_redemptions import due_redemptions, settle_redemption

    desk.go_wrong("create", lost_call)
    open_panel(page, street)
    page.get_by_role("button", name="Redeem €5 off your order").click()
    expect(page.get_by_text("Preparing your code…").first).to_be_visible()
    shoot("preparing")
    for key in due_redemptions(tools, clock.advance(minutes=5), 10):
        settle_redemption(tools, key, clock.now)
    expect(page.locator("code")).to_have_text(re.compile("^LAUREL-"))
    assert [one for one in street.asked if one.startswith("GET redemptions/")]


def test_a_refusal_is_written_beside_its_button_in_words(page: Page, street: Street, desk, tools, shop, shoot):
    """The points went elsewhere while the panel stood open."""
    open_panel(page, street)
    with tools.writing() as session:
        from plugin.journeys.documents import publish_document
        from plugin.rules import default_document, dump_document

        document = dump_document(default_document())
        document["rewards"][0]["is_active"] = False
        publish_document(session, shop.programme_id, document, actor="test", now=tools.clock())
    page.get_by_role("button", name="Redeem €5 off your order").click()
    expect(page.locator(".fault")).to_have_text("This reward is not offered any more.")
    expect(page.locator("[aria-live]")).to_have_text("This reward is not offered any more.")
    shoot("refused")


def test_an_unused_code_can_be_given_back_with_a_second_tap(page: Page, street: Street, desk, shoot):
    open_panel(page, street)
    page.get_by_role("button", name="Redeem €5 off your order").click()
    page.get_by_role("button", name="Give back €5 off your order for points").click()
    assert "EXPIRED" not in desk.codes.values()
    shoot("give-back")
    page.get_by_role("button", name="Yes, give it back").click()
    expect(page.get_by_text("Giving your points back…")).to_be_visible()
    assert list(desk.codes.values()) == ["EXPIRED"]


def test_history_opens_with_reasons(page: Page, street: Street, tools, shop, shoot):
    order = paid_order(shop, order_id=1007, amount="30")
    credit_now(tools, order)
    credit_now(tools, refunded(order, "12"))
    open_panel(page, street)
    expect(page.get_by_text("12 points taken back: refund of order #1007").first).to_be_visible()
    assert "GET history" not in street.asked
    page.get_by_text("History").click()
    expect(page.get_by_text("Refund of order #1007", exact=True)).to_be_visible()
    expect(page.get_by_text("−12")).to_be_visible()  # noqa: RUF001 - the true minus
    page.locator("details").last.scroll_into_view_if_needed()
    shoot("history")


def test_long_histories_come_page_by_page(page: Page, street: Street, tools, shop):
    credit_now(tools, *[paid_order(shop, order_id=2000 + at, amount="10") for at in range(20)])
    open_panel(page, street)
    page.get_by_text("History").click()
    expect(page.locator(".past li")).to_have_count(15)
    page.get_by_role("button", name="Show more").click()
    expect(page.locator(".past li")).to_have_count(21)
    expect(page.get_by_role("button", name="Show more")).to_have_count(0)


def test_a_guest_sees_what_they_miss_and_where_to_sign_in(page: Page, street: Street, shoot):
    street.customer = None
    open_panel(page, street)
    expect(page.get_by_text("Points for every order")).to_be_visible()
    expect(page.get_by_role("link", name="Sign in")).to_have_attribute("href", "/customer_authentication/redirect")
    expect(page.get_by_role("link", name="Create an account")).to_have_attribute("href", "/account/register")
    expect(page.get_by_text("1 point for every €1 you spend")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("^Redeem"))).to_have_count(0)
    shoot("guest")


def test_signed_out_in_another_tab_the_panel_tells_the_truth(page: Page, street: Street):
    page.goto(street.url)
    street.customer = None
    page.locator(".launcher").click()
    expect(page.get_by_role("link", name="Sign in")).to_be_visible()
    expect(page.locator("[data-figure]")).to_have_text("Rewards")


def test_signed_out_while_the_panel_stood_open_a_wish_leads_to_the_sign_in(page: Page, street: Street, desk):
    open_panel(page, street)
    street.customer = None
    page.get_by_role("button", name="Redeem €5 off your order").click()
    expect(page.get_by_role("link", name="Sign in")).to_be_visible()
    expect(page.locator("[aria-live]")).to_have_text("Please sign in first.")
    assert desk.calls == []


def test_a_script_that_did_not_arrive_is_fetched_again_at_the_next_press(page: Page, street: Street):
    page.route("**/laurel-panel.js", lambda route: route.abort(), times=1)
    page.goto(street.url)
    page.locator(".launcher").click()
    expect(page.locator("head script")).to_have_count(0)
    page.locator(".launcher").click()
    expect(page.get_by_role("dialog")).to_be_visible()


def test_who_is_not_in_the_programme_joins_with_one_tap(page: Page, street: Street, tools, shop, shoot):
    from plugin.journeys.documents import publish_document
    from plugin.rules import default_document, dump_document

    with tools.writing() as session:
        document = {**dump_document(default_document()), "enrolment": "opt_in"}
        publish_document(session, shop.programme_id, document, actor="test", now=tools.clock())
    street.customer = 7009
    open_panel(page, street)
    shoot("join")
    page.get_by_role("button", name="Join for free").click()
    expect(page.get_by_text("500 points to go until €5 off your order")).to_be_visible()


def test_a_failing_server_says_so_and_can_be_tried_again(page: Page, street: Street, shoot):
    street.faults += [broken]
    page.goto(street.url)
    page.locator(".launcher").click()
    expect(page.get_by_role("heading", name="We could not load your rewards")).to_be_visible()
    shoot("failed")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("1,240", exact=True)).to_be_visible()


def test_offline_says_so_and_comes_back_by_itself(page: Page, street: Street, shoot):
    open_panel(page, street)
    page.get_by_role("button", name="Close").click()
    page.reload()
    page.evaluate("document.querySelector('laurel-panel').shadowRoot.querySelector('button').click()")
    expect(page.get_by_role("dialog")).to_be_visible()
    expect(page.locator(".content")).to_have_attribute("aria-busy", "false")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.context.set_offline(True)
    page.locator(".launcher").click()
    expect(page.get_by_role("heading", name="You are offline")).to_be_visible()
    shoot("offline")
    page.context.set_offline(False)
    expect(page.get_by_text("1,260 points to go until")).to_be_visible()


def test_while_loading_there_is_a_shape_to_look_at(page: Page, street: Street, shoot):
    page.route("**/apps/laurel/summary*", lambda route: None)
    page.goto(street.url)
    page.locator(".launcher").click()
    expect(page.locator(".bone")).to_have_count(4)
    expect(page.get_by_role("status")).to_have_text("Fetching your points…")
    shoot("loading")


@pytest.mark.parametrize(("locale", "heading"), [("bg", "Използвайте точките си"), ("tr", "Puanlarınızı kullanın")])  # noqa: RUF001 - Turkish
def test_every_word_is_in_the_shoppers_language(page: Page, street: Street, shoot, locale: str, heading: str):
    street.locale = locale
    open_panel(page, street)
    expect(page.get_by_role("heading", name=heading)).to_be_visible()
    text = page.get_by_role("dialog").inner_text()
    if locale == "bg":
        assert re.findall(r"[A-Za-z]{3,}", text) == []
    shoot(f"language-{locale}")


def test_a_tier_is_named_with_a_bar_to_the_next_one(page: Page, street: Street, tools, shop, shoot):
    with tools.writing() as session:
        publish_document(session, shop.programme_id, tiered(), actor="test", now=tools.clock())
    open_panel(page, street)
    dialog = page.get_by_role("dialog", name="Rewards")
    expect(dialog.get_by_text("Gold through Dec 31, 2027")).to_be_visible()
    shoot("tier")
    with tools.writing() as session:
        dear = GOLD | {"id": "platinum", "title": {"en": "Platinum"}, "entry": {"kind": "spend", "at_least": "2480"}}
        publish_document(
            session, shop.programme_id, tiered(BRONZE, SILVER, GOLD, dear), actor="test", now=tools.clock()
        )
    open_panel(page, street)
    bar = page.get_by_role("progressbar", name="Platinum")
    expect(bar).to_have_attribute("aria-valuenow", "50")
    expect(page.get_by_text("Spend €1,240 more to reach Platinum")).to_be_visible()


def test_challenges_say_how_far_they_are_and_what_they_give(page: Page, street: Street, tools, shop, shoot):
    orders = {"kind": "orders", "at_least": "3"}
    challenges = [
        {"id": "three", "title": {"en": "Three orders"}, "target": orders, "period": "month", "points": 300},
        {"id": "badge", "title": {"en": "Faithful"}, "target": orders, "period": "month", "streak": 2},
    ]
    document = dump_document(default_document()) | {"challenges": challenges}
    with tools.writing() as session:
        publish_document(session, shop.programme_id, document, actor="test", now=tools.clock())
    open_panel(page, street)
    section = page.locator("section", has=page.get_by_role("heading", name="Challenges"))
    expect(section.get_by_text("0 of 3 · 300 points", exact=True)).to_be_visible()
    expect(section.get_by_text("0 of 3, 0 of 2 in a row", exact=True)).to_be_visible()
    section.scroll_into_view_if_needed()
    shoot("challenges")
