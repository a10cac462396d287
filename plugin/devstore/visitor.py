"""Somebody at a browser, as a program: walks the dev store's pages over HTTP and reads what they show."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from decimal import Decimal
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests

from plugin.devstore.adapter import DevStoreAdapter

_ANSWER_SECONDS = 20.0
_NOT_PROCESSABLE = 422


class Visitor:
    """One browser: its own cookies. `store_url` is the dev store's, `app_url` the app's address on this machine."""

    def __init__(self, store_url: str, app_url: str) -> None:
        self.store_url = store_url
        self.app_url = app_url
        self._http = requests.Session()
        self._http.trust_env = False
        self._http.mount("https://", DevStoreAdapter(urlsplit(store_url).port or 0))

    def get(self, path: str, **options: Any) -> requests.Response:
        """Open a page of the store, or any address."""
        return self._ask("GET", path, **options)

    def post(self, path: str, data: Any = None, **options: Any) -> requests.Response:
        """Send a form of the store, or to any address; redirects are not followed."""
        return self._ask("POST", path, data=data, allow_redirects=False, **options)

    def delete(self, path: str) -> requests.Response:
        """Ask to take something back."""
        return self._ask("DELETE", path)

    def sign_in(self, customer_id: int) -> None:
        """Be a sample customer."""
        self.post("/account/login", {"customer_id": customer_id}).raise_for_status()

    def samples(self) -> dict[str, int]:
        """The sample customers who can sign in: first name to id."""
        page = self.get("/account/login").text
        pairs = re.findall(r'value="(\d+)" data-sample="([^"]+)"', page)
        return {unescape(name): int(customer_id) for customer_id, name in pairs}

    def fill_cart(self, goods: Mapping[int, int]) -> None:
        """Put variants with quantities into the cart."""
        for variant_id, count in goods.items():
            self.post("/cart/add", {"id": variant_id, "quantity": count}).raise_for_status()

    def variant_of(self, handle: str) -> int:
        """The variant that a product's page sells."""
        found = re.search(r'name="id" value="(\d+)"', self.get(f"/products/{handle}").text)
        if found is None:
            raise LookupError(handle)
        return int(found[1])

    def try_code(self, code: str) -> str | None:
        """Type a code at check-out; return the word of the refusal, None if it was taken."""
        answer = self.post("/checkout/discount", {"code": code})
        return shown(answer.text, "refusal") if answer.status_code == _NOT_PROCESSABLE else None

    def total(self) -> Decimal:
        """What the check-out page asks for."""
        return Decimal(shown(self.get("/checkout").text, "total") or "0")

    def pay(self) -> tuple[int, Decimal]:
        """Place the order; return its id and what was paid."""
        answer = self.post("/checkout/pay")
        page = self.get(answer.headers["Location"]).text
        return int(shown(page, "order-id") or 0), Decimal(shown(page, "total") or "0")

    def pay_unseen(self) -> str:
        """Place the order without looking at the thank-you page; return that page's address, empty if refused."""
        return self.post("/checkout/pay").headers.get("Location", "")

    def panel(self, path: str, **options: Any) -> requests.Response:
        """Ask the app through the app proxy, as the panel on the storefront does; too fast means waiting as long as it says."""
        while (answer := self.get(f"/apps/laurel/{path}", **options)).status_code == requests.codes.too_many_requests:
            threading.Event().wait(float(answer.headers["Retry-After"]))
        return answer

    def summary(self) -> dict[str, Any]:
        """What the panel shows."""
        answer = self.panel("summary")
        answer.raise_for_status()
        body: dict[str, Any] = answer.json()
        return body

    def points(self) -> int:
        """The points the panel says can be spent; 0 for nobody."""
        member = self.summary()["member"]
        return int(member["points"]["available"]) if member else 0

    def redeem(self, reward_id: str, wish_id: str) -> requests.Response:
        """Press "Redeem"."""
        return self.post("/apps/laurel/redemptions", json={"reward_id": reward_id, "wish_id": wish_id})

    def id_token(self) -> str:
        """A fresh ID token, as App Bridge brings one."""
        answer = self.get("/admin/id-token")
        answer.raise_for_status()
        return str(answer.json()["id_token"])

    def open_app(self) -> requests.Response:
        """Open the admin's app page and load what stands in its frame."""
        page = self.get("/admin/apps/laurel").text
        source = re.search(r'<iframe[^>]* src="([^"]+)"', page)
        if source is None:
            raise LookupError("the app is not installed")
        return self.get(unescape(source[1]))

    def set_rate(self, points_per_unit: str, *, version: int) -> requests.Response:
        """Publish another rate on the app's admin page; `version` is the document's that the page showed."""
        return self.post(
            f"{self.app_url}/app/rate",
            {"points_per_unit": points_per_unit, "version": version},
            headers={"Authorization": f"Bearer {self.id_token()}"},
        )

    def walk_oauth(self, shop_domain: str) -> tuple[str, str]:
        """Walk the authorization-code fallback up to the door of the app; return the callback's address and the browser's cookie.

        The cookie is for https alone, so a program on this machine has to carry it by hand.
        """
        first = self.get(f"{self.app_url}/auth?shop={shop_domain}", allow_redirects=False)
        cookie = first.headers["Set-Cookie"].partition(";")[0]
        grant = first.headers["Location"]
        self.get(grant).raise_for_status()
        agreed = self.post(grant.partition("?")[0], dict(parse_qsl(urlsplit(grant).query)))
        return agreed.headers["Location"], cookie

    def arrivals(self, topic: str) -> list[str]:
        """How the app answered the webhooks of a topic so far, newest first."""
        return [status for each, _, status in self._journal() if each == topic]

    def last_webhook(self, topic: str) -> str:
        """The id of the newest delivery of a topic."""
        return next((webhook_id for each, webhook_id, _ in self._journal() if each == topic), "")

    def close(self) -> None:
        """Close the browser."""
        self._http.close()

    def _journal(self) -> list[tuple[str, str, str]]:
        rows = re.compile(r'data-topic="([^"]+)" data-webhook-id="([^"]+)" data-event-id="[^"]+" data-status="(\d+)"')
        return rows.findall(self.get("/admin/webhooks").text)

    def _ask(self, method: str, where: str, **options: Any) -> requests.Response:
        url = where if "://" in where else f"{self.store_url}{where}"
        return self._http.request(method, url, timeout=_ANSWER_SECONDS, **options)


def shown(page: str, name: str) -> str | None:
    """Read what a page carries in `data-<name>`."""
    found = re.search(rf'data-{name}="([^"]*)"', page)
    return unescape(found[1]) if found else None
