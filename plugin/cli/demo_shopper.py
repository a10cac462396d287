"""The shopper's part of the check: buy, see points, redeem, use the code, regret."""

from __future__ import annotations

import re
from decimal import Decimal

from plugin.cli.demo_scene import Scene, arrived, points_become, points_for
from plugin.devstore.visitor import Visitor, shown

_CREATED, _ACCEPTED, _CONFLICT = 201, 202, 409
_FIVE_OFF = "five_off"
_FIVE_POINTS = 500
_FIVE_AMOUNT = Decimal(5)


def look_before_buying(scene: Scene) -> None:
    """A guest and a customer without orders."""
    say = scene.transcript
    with say.step("Before the first order: a guest, and Ada"):
        say.equal("member in a guest's panel", scene.guest.summary()["member"], None)
        say.true("a guest is shown what there is to get", scene.guest.summary()["rewards"])
        samples = scene.guest.samples()
        scene.ada.sign_in(samples["Ada"])
        scene.boris.sign_in(samples["Boris"])
        say.equal("Ada's points", scene.ada.points(), 0)


def buy(scene: Scene) -> None:
    """An order, told by signed webhooks, becomes points."""
    say = scene.transcript
    with say.step("Ada buys; the order arrives as signed webhooks and becomes points"):
        scene.first_order = _order(scene, {"wool-throw": 4})
        for topic in ("orders/create", "orders/paid", "orders/updated"):
            arrived(scene, topic)
        points_become(scene)


def deliver_twice(scene: Scene) -> None:
    """A duplicate changes nothing; a later order marks the moment when it has certainly been worked through."""
    say = scene.transcript
    with say.step("The same webhook comes twice; then Ada buys some honey"):
        before = scene.merchant.last_webhook("orders/paid")
        scene.merchant.post("/admin/webhooks/again", {"webhook_id": before})
        arrived(scene, "orders/paid", 2)
        _order(scene, {"lavender-honey": 1})
        points_become(scene)


def deliver_late_and_backwards(scene: Scene) -> None:
    """Order, refund and updates are held back and then arrive newest first."""
    say = scene.transcript
    with say.step("Shopify is late: an order and its refund arrive backwards"):
        scene.merchant.post("/admin/weather", {"is_holding": "1"})
        order_id = _order(scene, {"morning-mug": 2})
        _refund_one(scene, order_id)
        scene.earned[order_id] = points_for(Decimal("24.00"))
        say.equal(
            "points while the webhooks are held back",
            scene.ada.points(),
            scene.points_wanted() - scene.earned[order_id],
        )
        scene.merchant.post("/admin/webhooks/release", {"order": "backwards"})
        arrived(scene, "refunds/create")
        points_become(scene)


def see_balance_in_the_page(scene: Scene) -> None:
    """The theme extension's Liquid shows the metafield, without a request to the app."""
    say = scene.transcript
    with say.step("The shop's page shows the balance, out of the customer's metafield in Liquid"):
        say.becomes("points on the launcher of the home page", lambda: _figure(scene.ada), scene.points_wanted())
        say.true("a guest's page names no points", _figure(scene.guest) is None)


def redeem(scene: Scene) -> None:
    """Points become a code, once."""
    say = scene.transcript
    with say.step("Ada trades points for a code"):
        answer = scene.ada.redeem(_FIVE_OFF, "check-first-wish")
        say.true(f"POST redemptions: {answer.status_code}", answer.status_code in {_CREATED, _ACCEPTED})
        redemption_id = answer.json()["id"]
        say.becomes("state of the redemption", lambda: _redemption(scene, redemption_id)["state"], "ready")
        scene.code = _redemption(scene, redemption_id)["code"]
        scene.spent += _FIVE_POINTS
        say.saw(f"the code is {scene.code}")
        again = scene.ada.redeem(_FIVE_OFF, "check-first-wish")
        say.equal("the same wish again is the same redemption", again.json()["id"], redemption_id)
        other = scene.ada.redeem("ten_off", "check-first-wish")
        say.equal("the same wish with other content", other.status_code, _CONFLICT)
        say.equal("points in Boris's panel", scene.boris.points(), 0)
        dear = scene.boris.redeem(_FIVE_OFF, "check-empty-pockets")
        say.equal(
            "his attempt",
            (dear.status_code, dear.json()["error"]["code"]),
            (_CONFLICT, "insufficient_points"),
        )
        points_become(scene)


def try_wrong_codes(scene: Scene) -> None:
    """Check-out refuses what is not a code, and what is somebody else's."""
    say = scene.transcript
    with say.step("Check-out refuses a wrong code, and Ada's code for anybody else"):
        for browser in (scene.ada, scene.boris, scene.guest):
            browser.fill_cart({browser.variant_of("tea-bowl"): 1})
        say.equal("a wrong code", scene.ada.try_code("LAUREL-NO-SUCH-CODE"), "unknown")
        say.equal("Boris with Ada's code", scene.boris.try_code(scene.code), "other_customer")
        say.equal("a guest with Ada's code", scene.guest.try_code(scene.code), "sign_in")


def use_the_code(scene: Scene) -> None:
    """The right code lowers the total, and the order earns on what was paid."""
    say = scene.transcript
    with say.step("Ada uses her code"):
        before = scene.ada.total()
        say.equal("the code, typed in lower case", scene.ada.try_code(scene.code.lower()), None)
        say.equal("total at check-out", scene.ada.total(), before - _FIVE_AMOUNT)
        scene.code_order, paid = scene.ada.pay()
        say.equal("paid for the order", paid, before - _FIVE_AMOUNT)
        scene.earned[scene.code_order] = points_for(Decimal("32.00") - _FIVE_AMOUNT)
        points_become(scene)


def use_it_again(scene: Scene) -> None:
    """One code, one use."""
    say = scene.transcript
    with say.step("The code is used up"):
        scene.ada.fill_cart({scene.ada.variant_of("tea-bowl"): 1})
        say.equal("the same code again", scene.ada.try_code(scene.code), "used_up")
        scene.ada.post("/cart/change", {"id": scene.ada.variant_of("tea-bowl"), "quantity": 0})


def lose_an_answer(scene: Scene) -> None:
    """Shopify makes the code, but its answer is lost: the points stay set aside until the truth is known."""
    say = scene.transcript
    with say.step("Shopify's answer is lost after it made the code; the redemption settles all the same"):
        scene.merchant.post("/admin/weather", {"lost_next": "1"})
        answer = scene.ada.redeem(_FIVE_OFF, "check-lost-answer")
        say.true(f"POST redemptions: {answer.status_code}", answer.status_code in {_CREATED, _ACCEPTED})
        say.becomes("state of the redemption", lambda: _redemption(scene, answer.json()["id"])["state"], "ready")
        scene.spent += _FIVE_POINTS
        points_become(scene)
        code = _redemption(scene, answer.json()["id"])["code"]
        say.equal("codes of that name at Shopify", _codes(scene).count(code), 1)
        scene.code = code


def take_back(scene: Scene) -> None:
    """An unused code is handed back: it dies at once; its points return once no use of it can be under way."""
    say = scene.transcript
    with say.step("Ada hands the unused code back"):
        code_id = next(each["id"] for each in scene.ada.summary()["codes"] if each["code"] == scene.code)
        answer = scene.ada.get(f"/apps/laurel/redemptions/{code_id}")
        say.equal("she may", answer.json()["may_give_back"], True)
        say.true("DELETE redemptions/<id>: accepted", _delete(scene, code_id) in {200, _ACCEPTED})
        say.becomes("the code at Shopify", lambda: _code_status(scene, scene.code), "EXPIRED")
        scene.ada.fill_cart({scene.ada.variant_of("tea-bowl"): 1})
        say.equal("check-out", scene.ada.try_code(scene.code), "expired")
        scene.ada.post("/cart/change", {"id": scene.ada.variant_of("tea-bowl"), "quantity": 0})
        scene.merchant.post("/admin/clock", {"hours": "2"}).raise_for_status()
        say.saw("two hours pass; then what `laurel run-due` does")
        say.equal("jobs that failed", scene.run_due(), 0)
        scene.spent -= _FIVE_POINTS
        points_become(scene)


def regret(scene: Scene) -> None:
    """A refund and a cancellation take back what the orders no longer earn."""
    say = scene.transcript
    with say.step("A refund and a cancellation: points follow"):
        _refund_one(scene, scene.first_order)
        scene.earned[scene.first_order] = points_for(Decimal("89.00") * 3)
        scene.merchant.post(f"/admin/orders/{scene.code_order}/cancel").raise_for_status()
        scene.earned[scene.code_order] = 0
        arrived(scene, "refunds/create")
        arrived(scene, "orders/cancelled")
        points_become(scene)


def _order(scene: Scene, goods: dict[str, int]) -> int:
    """Fill the cart, look at the check-out, pay; remember what it should earn."""
    scene.ada.fill_cart({scene.ada.variant_of(handle): count for handle, count in goods.items()})
    page = scene.ada.get("/checkout").text
    order_id, paid = scene.ada.pay()
    scene.earned[order_id] = points_for(Decimal(shown(page, "subtotal") or "0"))
    scene.transcript.saw(f"order {order_id}, {paid} EUR paid, should earn {scene.earned[order_id]}")
    return order_id


def _refund_one(scene: Scene, order_id: int) -> None:
    page = scene.merchant.get(f"/admin/orders/{order_id}").text
    line = shown(page, "line-id")
    scene.merchant.post(f"/admin/orders/{order_id}/refund", {f"line_{line}": 1}).raise_for_status()


def _redemption(scene: Scene, redemption_id: str) -> dict[str, str]:
    body: dict[str, str] = scene.ada.panel(f"redemptions/{redemption_id}").json()
    return body


def _delete(scene: Scene, redemption_id: str) -> int:
    return scene.ada.delete(f"/apps/laurel/redemptions/{redemption_id}").status_code


def _figure(browser: Visitor) -> int | None:
    """The number on the launcher, however its thousands are set apart."""
    found = re.search(r"<span data-figure>([^<]*)</span>", browser.get("/").text)
    return int(re.sub(r"\D", "", found[1])) if found else None


def _codes(scene: Scene) -> list[str]:
    return re.findall(r'data-code="([^"]+)"', scene.merchant.get("/admin/discounts").text)


def _code_status(scene: Scene, code: str) -> str | None:
    found = re.search(
        rf'data-code="{re.escape(code)}" data-status="(\w+)"', scene.merchant.get("/admin/discounts").text
    )
    return found[1] if found else None
