"""A member shares a link, a friend takes the offer and buys: the whole referral through the dev store, over HTTP, on both databases."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from plugin.cli import demo_merchant
from plugin.cli.demo_scene import Scene, open_scene
from plugin.cli.demo_stage import Setting, open_stage
from plugin.cli.demo_transcript import Transcript
from plugin.config import DEVELOPMENT_SECRET, Settings
from plugin.devstore.visitor import Visitor, shown
from plugin.journeys.documents import current_document, publish_document
from plugin.journeys.proving import verify
from plugin.rules import dump_document
from plugin.shops.store import find_shop
from tests.journeys.referral_stage import TERMS

MEMBER_POINTS, FRIEND_POINTS = TERMS["referrer_points"], TERMS["friend_points"]
WINDOW_HOURS = 15 * 24


@pytest.fixture
def scene(database_url: str) -> Iterator[Scene]:
    """An installed app over a new shop; Ada and Boris are signed in, and members may bring friends."""
    settings = Settings(
        env="development",
        database_url=database_url,
        shopify_api_key="laurel-demo",
        shopify_api_secrets=(DEVELOPMENT_SECRET,),
        secret_keys=(DEVELOPMENT_SECRET,),
        public_url="",
    )
    with open_stage(Setting(settings, port=0)) as stage:
        scene = open_scene(stage, Transcript())
        demo_merchant.install(scene)
        people = scene.guest.samples()
        scene.ada.sign_in(people["Ada"])
        scene.boris.sign_in(people["Boris"])
        ask_for_friends(scene)
        yield scene
        scene.close()


def ask_for_friends(scene: Scene) -> None:
    tools = scene.stage.tools
    with tools.writing() as session:
        shop = find_shop(session, scene.domain)
        _, document = current_document(session, shop.programme_id)
        terms = dump_document(document) | {"referral": TERMS}
        publish_document(session, shop.programme_id, terms, actor="test", now=tools.clock())


@pytest.mark.slow
@pytest.mark.parametrize("undo", ["refund", "cancel"])
def test_a_friend_is_brought_rewarded_and_what_they_return_is_taken_back(scene, undo):
    say = scene.transcript
    scene.ada.summary()
    link = scene.ada.summary()["referral"]["path"]

    # Boris opens the link, takes the offer by the page's form, and pays with the code; nobody else can.
    page = scene.boris.get(f"/apps/laurel/{link}").text
    assert "€10" in page
    code = taken(scene.boris, page)
    scene.ada.fill_cart({scene.ada.variant_of("wool-throw"): 1})
    assert scene.ada.try_code(code) == "other_customer"
    scene.boris.fill_cart({scene.boris.variant_of("wool-throw"): 1})
    before = scene.boris.total()
    assert scene.boris.try_code(code) is None
    assert scene.boris.total() == before - 10
    order_id, _ = scene.boris.pay()

    # While the order can be returned, Ada's points wait.
    say.becomes("Ada's pending points", lambda: held(scene.ada)["pending"], MEMBER_POINTS)
    assert held(scene.ada)["available"] == 0
    assert scene.ada.summary()["referral"]["so_far"] == f"1 friend, {MEMBER_POINTS} points so far"
    bought = held(scene.boris)["available"]

    # After the window both have theirs.
    pass_hours(scene, WINDOW_HOURS)
    say.becomes("Ada's points", lambda: held(scene.ada)["available"], MEMBER_POINTS)
    say.becomes("Boris's points", lambda: held(scene.boris)["available"], bought + FRIEND_POINTS)

    # The order comes back, late: so do the points.
    if undo == "cancel":
        scene.merchant.post(f"/admin/orders/{order_id}/cancel").raise_for_status()
    else:
        line = shown(scene.merchant.get(f"/admin/orders/{order_id}").text, "line-id")
        scene.merchant.post(f"/admin/orders/{order_id}/refund", {f"line_{line}": 1}).raise_for_status()
    say.becomes("Ada's points", lambda: held(scene.ada)["available"], 0)
    say.becomes("Boris's points", lambda: held(scene.boris)["available"], 0)
    history = scene.ada.get("/apps/laurel/history").json()["entries"]
    assert [entry["points"] for entry in history] == [-MEMBER_POINTS, MEMBER_POINTS]
    with scene.stage.tools.reading() as session:
        assert verify(session) == []


@pytest.mark.slow
def test_a_guest_brings_the_code_to_check_out(scene):
    link = scene.ada.summary()["referral"]["path"]
    guest = scene.guest
    code = taken(guest, guest.get(f"/apps/laurel/{link}").text, email="somebody@example.com")
    guest.fill_cart({guest.variant_of("wool-throw"): 1})
    assert guest.try_code(code) is None
    guest.pay()
    again = taken(guest, guest.get(f"/apps/laurel/{link}").text, email="Somebody@example.com")
    assert again is None


def taken(browser: Visitor, page: str, **typed: str) -> str | None:
    """Send the page's form as a browser does; return the code that is shown, where one is."""
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', page)) | typed
    action = re.search(r'action="([^"]+)"', page)[1]
    answer = browser.post(action, fields)
    answer.raise_for_status()
    return shown(answer.text, "code")


def held(browser: Visitor) -> dict[str, int]:
    member = browser.summary()["member"]
    return member["points"] if member else {"available": 0, "pending": 0}


def pass_hours(scene: Scene, hours: int) -> None:
    """Let time pass on the dev store's clock, and do what `laurel run-due` does then."""
    scene.merchant.post("/admin/clock", {"hours": str(hours)}).raise_for_status()
    assert scene.run_due() == 0
