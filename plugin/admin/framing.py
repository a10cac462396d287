"""Pages that may stand in Shopify's admin: rendered, with a content policy made for the one shop that may frame them."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Response, make_response, render_template, request, url_for

from plugin.admin.identity import tools_at_hand
from plugin.config import Settings
from plugin.messages import Words

STATIC = Path(__file__).parent / "static"
_SHOPIFY = "https://cdn.shopify.com"
_ADMIN = "https://admin.shopify.com"
_VERSION_LETTERS = 12


def words_of_request() -> Words:
    """Speak the language of the merchant's admin: Shopify names it in the page's address."""
    return Words(request.args.get("locale", "en"))


def page(template: str, shop_domain: str | None, status: int = 200, **values: Any) -> Response:
    """Render a page or a part of one; only the shop's own admin may frame it, and nobody where no shop is known."""
    settings = tools_at_hand().settings
    words = words_of_request()
    html = render_template(
        f"admin/{template}.html",
        w=words,
        say=words.say,
        asset=_asset,
        app_bridge_url=settings.app_bridge_url,
        api_key=settings.shopify_api_key,
        here={"shop": shop_domain, "locale": str(words.locale).replace("_", "-")},
        **values,
    )
    response = make_response(html, status)
    response.headers["Content-Security-Policy"] = content_policy(settings, shop_domain)
    response.headers["Vary"] = "Authorization"
    return response


def content_policy(settings: Settings, shop_domain: str | None) -> str:
    """Allow our own scripts, App Bridge's, and Shopify's frames around us; no inline script, ever."""
    frames = [f"https://{shop_domain}", _ADMIN, *settings.frame_origins] if shop_domain else ["'none'"]
    bridge = urlsplit(settings.app_bridge_url)
    scripts = sorted({"'self'", _SHOPIFY, f"{bridge.scheme}://{bridge.netloc}"})
    directives = {
        "default-src": ["'none'"],
        "script-src": scripts,
        "style-src": ["'self'", "'unsafe-inline'", _SHOPIFY],
        "img-src": ["'self'", "data:", _SHOPIFY],
        "font-src": ["'self'", _SHOPIFY],
        "connect-src": ["'self'", "https://*.shopify.com", "https://*.shopifysvc.com"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": frames,
    }
    return "; ".join(" ".join([name, *values]) for name, values in directives.items())


def _asset(name: str) -> str:
    """Name a static file by its content, so that it may be kept for ever."""
    return url_for("admin.static", filename=name, v=_fingerprint(name))


@cache
def _fingerprint(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:_VERSION_LETTERS]
