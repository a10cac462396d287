"""Builds the stand-in's own web application."""

from __future__ import annotations

import hashlib
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from babel.numbers import format_currency
from flask import Flask, Response, abort, request

from plugin.devstore import admin_frame, admin_graphql, app_proxy, checkout, oauth, store_admin, storefront
from plugin.devstore.parts import EXTENSION, Parts

_LOCAL_HOSTS = frozenset({"127.0.0.1", "localhost"})
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "X-Stand-In": "Laurel dev store, not Shopify",
}


def create_devstore(parts: Parts) -> Flask:
    """Put the shop, its check-out, its admin and its APIs on one app around the given parts."""
    app = Flask("plugin.devstore")
    app.secret_key = hashlib.sha256(b"devstore visits" + parts.deployment.secret.encode()).digest()
    app.config["SESSION_COOKIE_NAME"] = "devstore"
    app.config["SESSION_COOKIE_SAMESITE"] = "Lax"
    app.extensions[EXTENSION] = parts
    _add_filters(app, parts)
    _guard(app, parts)
    for page in (storefront, checkout, oauth, admin_frame, store_admin, admin_graphql, app_proxy):
        app.register_blueprint(page.bp)
    return app


def _add_filters(app: Flask, parts: Parts) -> None:
    shop = parts.store.books.shop

    def money(amount: Decimal) -> str:
        return format_currency(amount, shop.currency, locale="en")

    def when(instant: datetime) -> str:
        return format_datetime(instant, "d MMM y, HH:mm", tzinfo=ZoneInfo(shop.timezone), locale="en")

    app.add_template_filter(money, "money")
    app.add_template_filter(when, "when")


def _guard(app: Flask, parts: Parts) -> None:
    """Answer only this machine and the adapter, and take no form from another site's page."""
    hosts = _LOCAL_HOSTS | {parts.store.books.shop.domain}

    @app.before_request
    def _check() -> None:
        if request.host.rpartition(":")[0] not in hosts and request.host not in hosts:
            abort(404)
        if request.method != "GET" and request.headers.get("Sec-Fetch-Site", "same-origin") == "cross-site":
            abort(403)

    @app.after_request
    def _finish(response: Response) -> Response:
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        if request.method != "GET":
            parts.store.save()
        return response
