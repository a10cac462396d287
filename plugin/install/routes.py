"""The authorization-code fallback: `/auth` sends the merchant to Shopify, `/auth/callback` takes them back."""

from __future__ import annotations

from typing import cast

from flask import Blueprint, current_app, redirect, request
from flask.typing import ResponseReturnValue

from plugin.errors import BadInput
from plugin.journeys.authorizing import app_address, begin_oauth, finish_oauth
from plugin.journeys.tools import Tools
from plugin.shops.oauth_states import LIFETIME

COOKIE = "laurel_oauth"
_COOKIE_PATH = "/auth"
_QUERY_BYTES_MAX = 4096

bp = Blueprint("install", __name__, url_prefix="/auth")


@bp.get("")
def begin() -> ResponseReturnValue:
    """Send the browser to the shop's grant screen, with a secret that only this browser holds."""
    departure = begin_oauth(_tools(), request.args.get("shop"))
    response = redirect(departure.url)
    response.set_cookie(
        COOKIE,
        departure.nonce,
        max_age=LIFETIME,
        path=_COOKIE_PATH,
        secure=True,
        httponly=True,
        samesite="Lax",
    )
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.get("/callback")
def finish() -> ResponseReturnValue:
    """Install the shop that Shopify vouches for, and show its merchant the app."""
    query = request.query_string
    if len(query) > _QUERY_BYTES_MAX:
        raise BadInput("the query is too long")
    shop = finish_oauth(_tools(), query.decode("latin-1"), request.cookies.get(COOKIE))
    response = redirect(app_address(_tools(), shop))
    response.delete_cookie(COOKIE, path=_COOKIE_PATH, secure=True, httponly=True, samesite="Lax")
    response.headers["Cache-Control"] = "no-store"
    return response


def _tools() -> Tools:
    return cast("Tools", current_app.extensions["laurel"])
