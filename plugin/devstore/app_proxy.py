"""The app proxy: signs who is asking, forwards, and hands the answer back without cookies."""

from __future__ import annotations

import hashlib
import hmac
from collections import defaultdict
from urllib.parse import parse_qsl, urlencode

import requests
from flask import Blueprint, Response, abort, request
from flask.typing import ResponseReturnValue

from plugin.devstore.parts import parts
from plugin.devstore.visit import customer_at_hand

bp = Blueprint("app_proxy", __name__)
_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
_ANSWER_SECONDS = 15.0
_PASSED_ON = ("Content-Type", "Accept", "Accept-Language", "User-Agent")
_PASSED_BACK = ("Content-Type", "Cache-Control", "Retry-After", "ETag", "Vary")


@bp.route("/<prefix>/<subpath>/", defaults={"rest": ""}, methods=_METHODS)
@bp.route("/<prefix>/<subpath>/<path:rest>", methods=_METHODS)
def forward(prefix: str, subpath: str, rest: str) -> ResponseReturnValue:
    """Pass a shopper's request on to the app, with the signed-in customer's id that only the shop can vouch for."""
    here = parts()
    if f"/{prefix}/{subpath}" != here.deployment.proxy_prefix or here.store.books.installation is None:
        abort(404)
    url = f"{here.deployment.app_url}{here.deployment.proxy_path}/{rest}?{_signed(request.query_string.decode())}"
    headers = {name: request.headers[name] for name in _PASSED_ON if name in request.headers}
    try:
        answer = here.http.request(
            request.method,
            url,
            data=request.get_data(),
            headers=headers,
            timeout=_ANSWER_SECONDS,
            allow_redirects=False,
        )
    except requests.RequestException:
        return Response("The app did not answer.", 502)
    back = {name: answer.headers[name] for name in _PASSED_BACK if name in answer.headers}
    return Response(answer.content, answer.status_code, back)


def signature(pairs: list[tuple[str, str]], secret: str) -> str:
    """Shopify's proxy signature: values of a key joined by commas, `key=value` strings sorted and joined by nothing."""
    values: dict[str, list[str]] = defaultdict(list)
    for key, value in pairs:
        values[key].append(value)
    message = "".join(sorted(f"{key}={','.join(each)}" for key, each in values.items()))
    return hmac.new(secret.encode(), message.encode(), hashlib.sha256).hexdigest()


def _signed(query: str) -> str:
    """The visitor's own query, without whatever they put where only the shop may write, and signed."""
    here = parts()
    customer = customer_at_hand()
    ours = {
        "shop": here.store.books.shop.domain,
        "logged_in_customer_id": str(customer.customer_id) if customer else "",
        "path_prefix": here.deployment.proxy_prefix,
        "timestamp": str(int(here.store.clock().timestamp())),
    }
    theirs = [
        (key, value) for key, value in parse_qsl(query, keep_blank_values=True) if key not in {*ours, "signature"}
    ]
    pairs = [*theirs, *ours.items()]
    return urlencode([*pairs, ("signature", signature(pairs, here.deployment.secret))])
