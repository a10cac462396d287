"""Shopify's admin as far as an embedded app sees it: installing, the frame around the app, fresh ID tokens, uninstalling."""

from __future__ import annotations

import uuid
from pathlib import Path

from flask import Blueprint, abort, jsonify, redirect, render_template, request, send_from_directory, url_for
from flask.typing import ResponseReturnValue

from plugin.devstore.bodies import shop_body
from plugin.devstore.id_tokens import mint
from plugin.devstore.oauth import host_parameter, signed_query
from plugin.devstore.parts import Parts, parts
from plugin.devstore.theme import activations
from plugin.devstore.tokens import install

bp = Blueprint("admin_frame", __name__)
HANDLE = "laurel"
_STATIC = Path(__file__).parent / "static"


@bp.get("/admin/apps/<handle>")
def app_page(handle: str) -> str:
    """The app in its frame, by its handle or its key; before it is installed, what it asks for."""
    here = parts()
    if handle not in {HANDLE, here.deployment.api_key}:
        abort(404)
    if here.store.books.installation is None:
        return render_template("admin_install.html", scopes=here.deployment.scopes)
    return render_template(
        "admin_app.html", src=app_address(here), app_url=here.deployment.app_url, extensions=activations()
    )


@bp.post("/admin/apps/laurel/install")
def agree() -> ResponseReturnValue:
    """Managed install: the merchant agrees to the scopes of the app's TOML, and the app opens."""
    here = parts()
    install(here.store, here.deployment.scopes)
    return redirect(url_for("admin_frame.app_page", handle=HANDLE))


@bp.post("/admin/apps/laurel/uninstall")
def uninstall() -> ResponseReturnValue:
    """Every token dies at once; the app hears of it by app/uninstalled."""
    here = parts()
    with here.store.lock:
        here.store.books.installation = None
        here.courier.send("app/uninstalled", shop_body(here.store.books.shop), str(uuid.uuid4()))
    return redirect(url_for("admin_frame.app_page", handle=HANDLE))


@bp.get("/admin/id-token")
def id_token() -> ResponseReturnValue:
    """A fresh ID token for the frame's bridge; only this page's own script may read it."""
    here = parts()
    token = mint(here.deployment, here.store.books.shop.domain, here.store.clock())
    answer = jsonify(id_token=token)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.get("/stub/app-bridge.js")
def bridge() -> ResponseReturnValue:
    """The stub of App Bridge that the app's pages load in a demo."""
    answer = send_from_directory(_STATIC, "app-bridge.js", max_age=0)
    answer.headers["Access-Control-Allow-Origin"] = "*"
    return answer


def app_address(here: Parts) -> str:
    """The app's first page as the admin opens it: signed, with an ID token."""
    domain, now = here.store.books.shop.domain, here.store.clock()
    query = {
        "embedded": "1",
        "host": host_parameter(domain),
        "id_token": mint(here.deployment, domain, now),
        "locale": request.args.get("locale", "en"),
        "session": uuid.uuid4().hex,
        "shop": domain,
        "timestamp": str(int(now.timestamp())),
    }
    return f"{here.deployment.app_url}{here.deployment.home_path}?{signed_query(query, here.deployment.secret)}"
