"""The merchant's and the stranger's part of the check: install, prove who you are, leave, come back."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from decimal import Decimal
from urllib.parse import urlencode

from plugin.cli.demo_scene import RATE, Scene, arrived, points_become, points_for
from plugin.cli.demo_transcript import StepFailed
from plugin.devstore.visitor import shown

_OK, _FOUND, _UNAUTHORIZED, _NOT_FOUND = 200, 302, 401, 404
_COMPLIANCE = ("customers/data_request", "customers/redact", "shop/redact")


def install(scene: Scene) -> None:
    """Managed install: agree, open the app, tokens by way of the ID token."""
    say, merchant = scene.transcript, scene.merchant
    with say.step("The merchant installs Laurel and opens it in the admin"):
        say.true("the admin names the scopes", "read_orders" in merchant.get("/admin/apps/laurel").text)
        merchant.post("/admin/apps/laurel/install").raise_for_status()
        page = merchant.open_app()
        say.equal("the app's page in the frame, opened with an ID token", page.status_code, _OK)
        frames = page.headers["Content-Security-Policy"]
        say.true("only this admin may frame it", f"frame-ancestors https://{scene.domain}" in frames)


def open_without_proof(scene: Scene) -> None:
    """Without an ID token there is nothing to see."""
    say, merchant, app = scene.transcript, scene.merchant, scene.stage.app_url
    with say.step("Without an ID token the admin page stays shut"):
        bare = merchant.get(f"{app}/app?{urlencode({'shop': scene.domain})}", allow_redirects=False)
        say.true(
            "no token: on to the bounce page", bare.status_code == _FOUND and "/bounce" in bare.headers["Location"]
        )
        say.equal("an action without a token", merchant.get(f"{app}/app/activity").status_code, _UNAUTHORIZED)
        token = merchant.id_token()
        say.equal("with one", _activity(scene, token), _OK)
        head, body, signature = token.split(".")
        say.equal("with a forged one", _activity(scene, f"{head}.{body}.{signature[::-1]}"), _UNAUTHORIZED)


def set_rate(scene: Scene) -> None:
    """The merchant changes the programme; ten points a unit make the numbers below lively."""
    say = scene.transcript
    with say.step(f"The merchant sets the rate to {RATE} points per euro"):
        answer = scene.merchant.set_rate(str(RATE), version=1)
        say.equal("POST /app/rate", answer.status_code, _OK)
        scene.merchant.post("/admin/clock", {"hours": "1"}).raise_for_status()
        say.saw(
            "an hour passes on the dev store's clock: a rate counts for orders placed after it; tokens are refreshed"
        )


def forge(scene: Scene) -> None:
    """What is not signed by the secret does not pass."""
    say, app = scene.transcript, scene.stage.app_url
    with say.step("A stranger forges a webhook, and a shopper's request"):
        body = json.dumps({"id": 1, "customer": {"id": 1}}).encode()
        other = base64.b64encode(hmac.new(b"a guessed secret", body, hashlib.sha256).digest()).decode()
        for name, signature in (("a wrong signature", other), ("none", ""), ("one that is not ASCII", "ключ")):
            say.equal(f"webhook with {name}", _webhook(scene, body, signature), _UNAUTHORIZED)
        query = urlencode({"shop": scene.domain, "logged_in_customer_id": "1", "timestamp": "1", "signature": "0" * 64})
        say.equal("proxy request", scene.guest.get(f"{app}/proxy/summary?{query}").status_code, _UNAUTHORIZED)
        signed_in = scene.guest.panel("summary?logged_in_customer_id=" + str(scene.guest.samples()["Ada"]))
        say.equal("a guest who claims to be Ada in the address", signed_in.json()["member"], None)


def install_by_oauth(scene: Scene) -> None:
    """The authorization-code fallback, and a replay of it."""
    say = scene.transcript
    with say.step("The authorization-code fallback works too, once"):
        callback, cookie = scene.merchant.walk_oauth(scene.domain)
        say.equal("the callback in another browser", _came_back(scene, callback, "")[0], _UNAUTHORIZED)
        status, location = _came_back(scene, callback, cookie)
        say.equal("the callback", status, _FOUND)
        say.true("and on to the app in the admin", location.startswith(f"https://{scene.domain}/admin"))
        say.equal("the same callback again", _came_back(scene, callback, cookie)[0], _UNAUTHORIZED)
        points_become(scene)


def leave_and_return(scene: Scene) -> None:
    """Uninstall, come back, and get the old uninstall once more."""
    say, merchant = scene.transcript, scene.merchant
    with say.step("The merchant uninstalls, comes back, and the old uninstall arrives once more"):
        merchant.post("/admin/apps/laurel/uninstall")
        arrived(scene, "app/uninstalled")
        uninstalled = merchant.last_webhook("app/uninstalled")
        say.equal("the panel of a shop that left", scene.ada.panel("summary").status_code, _NOT_FOUND)
        say.becomes(
            "the merchant's old token for the app", lambda: _activity(scene, merchant.id_token()), _UNAUTHORIZED
        )
        merchant.post("/admin/apps/laurel/install").raise_for_status()
        say.equal("opening the app again", merchant.open_app().status_code, _OK)
        points_become(scene)
        merchant.post("/admin/webhooks/again", {"webhook_id": uninstalled})
        arrived(scene, "app/uninstalled", 2)
        order_id, subtotal = _next_order(scene)
        scene.earned[order_id] = points_for(subtotal)
        points_become(scene)
        say.equal("the app is still open", merchant.open_app().status_code, _OK)


def comply(scene: Scene) -> None:
    """The three compliance topics are answered; a shop that is here is not forgotten."""
    say = scene.transcript
    with say.step("The three compliance topics"):
        hana = scene.guest.samples()["Hana"]
        for topic in _COMPLIANCE:
            scene.merchant.post("/admin/webhooks/compliance", {"topic": topic, "customer_id": hana}).raise_for_status()
            arrived(scene, topic)
        points_become(scene)
        say.equal("the app of a shop that is still here", scene.merchant.open_app().status_code, _OK)


def ask_operations(scene: Scene) -> None:
    """What an operator's tools ask."""
    with scene.transcript.step("Operations"):
        for path in ("/healthz", "/readyz", "/metrics"):
            scene.transcript.equal(f"GET {path}", scene.guest.get(f"{scene.stage.app_url}{path}").status_code, _OK)


def _came_back(scene: Scene, callback: str, cookie: str) -> tuple[int, str]:
    answer = scene.guest.get(callback, headers={"Cookie": cookie}, allow_redirects=False)
    return answer.status_code, answer.headers.get("Location", "")


def _activity(scene: Scene, token: str) -> int:
    headers = {"Authorization": f"Bearer {token}"}
    return scene.merchant.get(f"{scene.stage.app_url}/app/activity?shop={scene.domain}", headers=headers).status_code


def _webhook(scene: Scene, body: bytes, signature: str) -> int:
    headers = {
        "X-Shopify-Topic": "orders/paid",
        "X-Shopify-Shop-Domain": scene.domain,
        "X-Shopify-Hmac-Sha256": signature.encode().decode("latin-1"),
        "Content-Type": "application/json",
    }
    return scene.guest.post(f"{scene.stage.app_url}/webhooks", body, headers=headers).status_code


def _next_order(scene: Scene) -> tuple[int, Decimal]:
    scene.ada.fill_cart({scene.ada.variant_of("notebook"): 1})
    page = scene.ada.get("/checkout").text
    subtotal = shown(page, "subtotal")
    if subtotal is None:
        raise StepFailed("the check-out page shows no subtotal")
    order_id, _ = scene.ada.pay()
    return order_id, Decimal(subtotal)
