"""Where the app gets its tokens, and the page on which a merchant agrees (authorization code, the fallback)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue

from plugin.devstore.id_tokens import is_fresh
from plugin.devstore.parts import Grant, Parts, parts
from plugin.devstore.tokens import install, is_our_client, issue, refresh, shown

bp = Blueprint("oauth", __name__)
_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
_OFFLINE = "urn:shopify:params:oauth:token-type:offline-access-token"
_CODE_LIFETIME = timedelta(minutes=5)
Refusal = tuple[str, int]


@bp.post("/admin/oauth/access_token")
def access_token() -> ResponseReturnValue:
    """Issue a pair for an ID token, a code, or a refresh token."""
    body = request.get_json(silent=True) or request.form.to_dict()
    here = parts()
    if not is_our_client(here.deployment, body):
        return _refused("invalid_client", 400)
    with here.store.lock:
        if body.get("grant_type") == _EXCHANGE:
            answer = _by_id_token(here, body)
        elif body.get("grant_type") == "refresh_token":
            answer = _by_refresh_token(here, body)
        else:
            answer = _by_code(here, body)
    return jsonify(answer) if isinstance(answer, dict) else _refused(*answer)


@bp.get("/admin/oauth/authorize")
def authorize() -> ResponseReturnValue:
    """Show what the app asks for."""
    asked, word = _asked(parts())
    return render_template("authorize.html", asked=asked, word=word), 400 if word else 200


@bp.post("/admin/oauth/authorize")
def agree() -> ResponseReturnValue:
    """The merchant agrees: install, and send the browser back with a signed code."""
    here = parts()
    asked, word = _asked(here)
    if word:
        return render_template("authorize.html", asked=asked, word=word), 400
    code = secrets.token_hex(16)
    with here.store.lock:
        install(here.store, asked["scopes"])
        here.grants[code] = Grant(asked["redirect_uri"], asked["scopes"], here.store.clock())
    return redirect(f"{asked['redirect_uri']}?{signed_query(_callback(here, asked, code), here.deployment.secret)}")


def signed_query(values: dict[str, str], secret: str) -> str:
    """Shopify's OAuth signature: hex HMAC-SHA256 over the sorted pairs."""
    message = "&".join(f"{key}={value}" for key, value in sorted(values.items()))
    digest = hmac.new(secret.encode(), message.encode(), hashlib.sha256).hexdigest()
    return urlencode({**values, "hmac": digest})


def host_parameter(domain: str) -> str:
    """The `host` that Shopify passes along: base64 of the shop's place in the admin, without padding."""
    return base64.urlsafe_b64encode(f"{domain}/admin".encode()).decode().rstrip("=")


def _asked(here: Parts) -> tuple[dict[str, Any], str | None]:
    query = request.values
    asked: dict[str, Any] = {
        "client_id": query.get("client_id", ""),
        "scopes": tuple(scope for scope in query.get("scope", "").split(",") if scope),
        "redirect_uri": query.get("redirect_uri", ""),
        "state": query.get("state", ""),
    }
    if asked["client_id"] != here.deployment.api_key:
        return asked, "unknown_client"
    allowed = {f"{here.deployment.app_url}{path}" for path in here.deployment.redirect_paths}
    if urlsplit(asked["redirect_uri"])._replace(query="", fragment="").geturl() not in allowed:
        return asked, "redirect_not_allowed"
    return asked, None


def _callback(here: Parts, asked: dict[str, Any], code: str) -> dict[str, str]:
    domain = here.store.books.shop.domain
    return {
        "code": code,
        "host": host_parameter(domain),
        "shop": domain,
        "state": asked["state"],
        "timestamp": str(int(here.store.clock().timestamp())),
    }


def _by_id_token(here: Parts, body: dict[str, Any]) -> dict[str, Any] | Refusal:
    installation = here.store.books.installation
    if installation is None:
        return "invalid_client", 400
    domain, now = here.store.books.shop.domain, here.store.clock()
    if not is_fresh(str(body.get("subject_token", "")), here.deployment, domain, now):
        return "invalid_subject_token", 400
    if body.get("requested_token_type") != _OFFLINE or str(body.get("expiring", "")) != "1":
        return "invalid_request", 400
    return shown(here.store, issue(here.store, installation))


def _by_refresh_token(here: Parts, body: dict[str, Any]) -> dict[str, Any] | Refusal:
    installation = here.store.books.installation
    pair = installation and refresh(here.store, installation, str(body.get("refresh_token", "")))
    return shown(here.store, pair) if pair else ("invalid_grant", 400)


def _by_code(here: Parts, body: dict[str, Any]) -> dict[str, Any] | Refusal:
    grant = here.grants.pop(str(body.get("code", "")), None)
    installation = here.store.books.installation
    if grant is None or installation is None or here.store.clock() - grant.issued_at > _CODE_LIFETIME:
        return "invalid_request", 400
    return shown(here.store, issue(here.store, installation))


def _refused(word: str, status: int) -> ResponseReturnValue:
    return jsonify({"error": word, "error_description": word.replace("_", " ")}), status
