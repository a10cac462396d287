"""A small storefront for the browser: a theme-like page with the real embed, and the app proxy before the real application."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from flask import Flask, Response, request, send_from_directory
from werkzeug.serving import make_server

from plugin.devstore.liquid_theme import ASSETS_URL, THEME, render_block
from tests.factories import CUSTOMER, Clock
from tests.storefront.proxy import sign

_THEME = """<!doctype html><html lang="{lang}" dir="{dir}"><head><meta charset="utf-8"><title>Fern &amp; Finch</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>
html {{ font-size: 62.5% }} body {{ margin: 0; font: 1.6rem/1.7 Inter, sans-serif; letter-spacing: .06rem; color: {ink}; background: {paper} }}
button {{ text-transform: uppercase; background: red; letter-spacing: .3rem }} h2 {{ font-size: 4rem; color: purple }} ul {{ list-style: square }}
header {{ display: flex; justify-content: space-between; padding: 2.4rem 5vw; border-bottom: 1px solid {line} }} header b {{ font-size: 2.2rem }}
main {{ display: grid; grid-template-columns: repeat(auto-fill, minmax(220px, 1fr)); gap: 2.4rem; padding: 4rem 5vw }}
figure {{ margin: 0 }} figure div {{ aspect-ratio: 1; background: {tile}; border-radius: 4px }} figcaption {{ padding-top: 1rem }} p {{ padding: 0 5vw }}
</style></head><body><header><b>Fern &amp; Finch</b><a id="first" href="#x">Account</a></header><main>{tiles}</main>
<p>You have <span data-laurel-balance>…</span></p>{embed}<footer><a id="last" href="#y">Imprint</a></footer></body></html>"""
_TILE = "<figure><div></div><figcaption>Stoneware cup<br>€18</figcaption></figure>"
_DAY = {"ink": "#222", "paper": "#fff", "line": "#eee", "tile": "#efece6"}
_NIGHT = {"ink": "#eee", "paper": "#121212", "line": "#333", "tile": "#262626"}


@dataclass
class Street:
    """The storefront's state. `asked` lists what reached our app, `served` what the page fetched of the extension."""

    app: Flask
    clock: Clock
    domain: str
    customer: int | None = CUSTOMER
    figure: int = 0
    locale: str = "en"
    dir: str = "ltr"
    is_night: bool = False
    settings: dict[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    served: list[str] = field(default_factory=list)
    wishes: list[str] = field(default_factory=list)
    faults: list[Callable[[], Response | None]] = field(default_factory=list)
    url: str = ""

    def open_shop(self) -> Callable[[], None]:
        """Serve on a free port; returns how to close again."""
        server = make_server("127.0.0.1", 0, self._site(), threaded=True)
        self.url = f"http://127.0.0.1:{server.port}"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()

        def close() -> None:
            server.shutdown()
            thread.join()
            server.server_close()

        return close

    def _site(self) -> Flask:
        site = Flask("street", static_folder=None)
        site.add_url_rule("/", view_func=self._page)
        site.add_url_rule(f"{ASSETS_URL}/<name>", view_func=self._asset)
        methods = ["GET", "POST", "DELETE"]
        site.add_url_rule("/apps/laurel/<path:rest>", view_func=self._proxy, methods=methods)
        return site

    def _page(self) -> str:
        metafields = {"$app": {"balance": {"value": self.figure}}}
        context = {"customer": {"metafields": metafields} if self.customer else None}
        embed = render_block("rewards-panel", context, self.locale, settings=self.settings)
        colours = _NIGHT if self.is_night else _DAY
        return _THEME.format(lang=self.locale, dir=self.dir, embed=embed, tiles=_TILE * 8, **colours)

    def _asset(self, name: str) -> Response:
        self.served.append(name)
        return send_from_directory(THEME / "assets", name)

    def _proxy(self, rest: str) -> Response:
        """What Shopify does: drop cookies, add its parameters, sign, forward."""
        self.asked.append(f"{request.method} {rest}")
        if request.method == "POST":
            self.wishes.append(request.get_json()["wish_id"])
        if self.faults and (answer := self.faults.pop(0)()):
            return answer
        own = {
            "shop": self.domain,
            "logged_in_customer_id": str(self.customer or ""),
            "path_prefix": "/apps/laurel",
            "timestamp": str(int(self.clock.now.timestamp())),
        }
        pairs = [*parse_qsl(request.query_string.decode(), keep_blank_values=True), *own.items()]
        query = urlencode([*pairs, ("signature", sign(pairs))], quote_via=quote)
        answer = self.app.test_client().open(
            f"/proxy/{rest}?{query}", method=request.method, data=request.get_data(), content_type=request.content_type
        )
        return Response(answer.data, answer.status_code, content_type=answer.content_type)


def broken() -> Response:
    """Shopify's own error page, in HTML."""
    return Response("<h1>There was an error in the third-party application</h1>", 500, content_type="text/html")
