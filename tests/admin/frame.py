"""Shopify's admin around our page: a real frame in a real browser, our app answering inside the test's process."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Frame, Page, Route

from tests.admin.conftest import Mint
from tests.factories import Shopfront

OUTSIDE = "https://admin.shopify.com"
OURS = "https://laurel.example.com"
STUB = (Path(__file__).parent / "app_bridge_stub.js").read_text(encoding="utf-8")


@dataclass
class Stage:
    """What the browser meets: our app at its public address, Shopify's admin (or a stranger) around it, the bridge or none."""

    app: Flask
    shop: Shopfront
    mint: Mint
    outside: str = OUTSIDE
    has_bridge: bool = True
    extensions: list[dict[str, Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def open(self, browser: Browser, *, width: int = 1280, height: int = 900, **query: str) -> Page:
        """Open the frame page; `query` is what Shopify would put into our address besides the shop."""
        context = browser.new_context(viewport={"width": width, "height": height}, locale="en-GB")
        page = context.new_page()
        self._route(context)
        page.on("console", lambda message: self.complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        target = f"{OURS}/app?{urlencode({'shop': self.shop.domain, 'host': 'aG9zdA', 'embedded': '1', **query})}"
        page.goto(f"{self.outside}/store/test/apps/laurel?frame={urlencode({'': target})[1:]}")
        return page

    def _route(self, context: BrowserContext) -> None:
        context.expose_function("__idToken", lambda: self.mint(self.shop))
        context.expose_function("__extensions", lambda: json.dumps(self.extensions))
        context.route(f"{self.outside}/**", self._surroundings)
        context.route(f"{OURS}/**", self._answer)
        context.route("https://cdn.shopify.com/**", self._bridge)

    def _surroundings(self, route: Route) -> None:
        source = route.request.url.partition("frame=")[2]
        html = f'<!doctype html><title>Admin</title><style>body{{margin:0}}iframe{{border:0;width:100vw;height:100vh}}</style><iframe id="app" name="app"></iframe><script>document.getElementById("app").src = decodeURIComponent("{source}".replaceAll("+", " "))</script>'
        route.fulfill(content_type="text/html", body=html)

    def _bridge(self, route: Route) -> None:
        if not self.has_bridge:
            route.abort()
            return
        route.fulfill(content_type="text/javascript", body=STUB)

    def _answer(self, route: Route) -> None:
        request = route.request
        parts = urlsplit(request.url)
        self.asked.append(f"{request.method} {parts.path}")
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        headers = {name: value for name, value in request.headers.items() if not name.startswith(":")}
        answer = self.app.test_client().open(
            path, method=request.method, headers=headers, data=request.post_data_buffer, base_url=OURS
        )
        if answer.status_code == 302:  # Playwright does not see where a redirect goes, so a page goes there instead
            script = f"<script>location.replace({json.dumps(answer.headers['Location'])})</script>"
            route.fulfill(content_type="text/html", body=script)
            return
        route.fulfill(status=answer.status_code, headers=dict(answer.headers), body=answer.data)
        answer.close()


def inner(page: Page) -> Frame:
    """Our page inside the frame."""
    frame = page.frame("app")
    assert frame is not None
    return frame
