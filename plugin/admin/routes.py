"""The embedded admin: pages for the merchant, inside Shopify's admin.

`/app` is opened by Shopify with an ID token in its address. Without one, a bounce page lets App Bridge fetch one and come back.
Everything after that is sent by script with the token as bearer.
"""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode

from flask import Blueprint, Response, jsonify, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from plugin.admin.framing import page, words_of_request
from plugin.admin.home import Home, Rate, home_of, rate_of
from plugin.admin.identity import Merchant, checked_id_token, claimed_shop, signed_in_merchant, tools_at_hand
from plugin.errors import (
    BadInput,
    Forbidden,
    LaurelError,
    ShopDisconnected,
    ShopifyRefused,
    ShopifyUnavailable,
    StaleVersion,
)
from plugin.journeys.documents import current_document
from plugin.journeys.installing import check_access, install_by_id_token
from plugin.journeys.overseeing import overview
from plugin.journeys.setting_rate import set_rate
from plugin.messages import Words

bp = Blueprint("admin", __name__, url_prefix="/app", template_folder="templates", static_folder="static")

_KEPT_SECONDS = 31_536_000
_RETRY_HEADER = "X-Shopify-Retry-Invalid-Session-Request"
_SENT_BY_SHOPIFY = ("shop", "host", "locale", "embedded")


@bp.get("", strict_slashes=False)
def home() -> ResponseReturnValue:
    """The first page; its first signed-in load installs the app."""
    merchant = entered()
    return merchant if isinstance(merchant, Response) else page("home", merchant.shop.domain, home=_home(merchant))


def entered() -> Merchant | Response:
    """Say who opened a page; or, where no token that is good came with it, send the browser for one, and back to this page."""
    shop_domain = claimed_shop(request)
    raw = request.args.get("id_token")
    if not raw:
        return _fetch_token_first(shop_domain)
    try:
        token = checked_id_token(request, raw)
        return Merchant(install_by_id_token(tools_at_hand(), token), token.user_id)
    except Forbidden as fault:
        if fault.code == "stale_id_token" and shop_domain and "retried" not in request.args:
            return _bounce(shop_domain, retried="1")
        raise


@bp.get("/bounce")
def bounce() -> ResponseReturnValue:
    """An almost empty page on which App Bridge fetches an ID token and goes on to `shopify-reload`."""
    return page("bounce", claimed_shop(request))


@bp.get("/activity")
def activity() -> ResponseReturnValue:
    """The part of the first page that changes by itself."""
    merchant = signed_in_merchant(request)
    return page("activity", merchant.shop.domain, home=_home(merchant))


@bp.get("/access")
def access() -> ResponseReturnValue:
    """What Shopify grants and what it withholds, asked now; loaded after the page, so that the page waits for nobody."""
    merchant = signed_in_merchant(request)
    try:
        withheld, is_known = check_access(tools_at_hand(), merchant.shop.shop_id).withheld, True
    except (ShopifyUnavailable, ShopifyRefused, ShopDisconnected):
        withheld, is_known = (), False
    return page("access", merchant.shop.domain, withheld=withheld, is_known=is_known)


@bp.post("/rate")
def change_rate() -> ResponseReturnValue:
    """Publish a version of the document with another rate."""
    merchant = signed_in_merchant(request)
    words = words_of_request()
    typed = request.form.get("points_per_unit", "").strip()
    seen = request.form.get("version", type=int)
    try:
        rate, status = _published_rate(merchant, words, typed, seen or 0), 200
    except BadInput as fault:
        rate, status = replace(_rate(merchant, words, typed), fault=words.say("admin.rate.bad")), fault.status
    except StaleVersion as fault:
        fresh = _rate(merchant, words)
        told = words.say("admin.rate.stale", version=words.number(fresh.version))
        rate, status = replace(fresh, note=told, note_tone="critical"), fault.status
    return page("rate", merchant.shop.domain, status, rate=rate)


@bp.errorhandler(LaurelError)
@bp.errorhandler(HTTPException)
def failed(fault: LaurelError | HTTPException) -> Response:
    """Answer a script with a machine word, a person with a page."""
    code, status = (fault.code, fault.status) if isinstance(fault, LaurelError) else ("error", fault.code or 500)
    if "Authorization" in request.headers or "HX-Request" in request.headers or request.method != "GET":
        answer = jsonify(error=code)
        answer.status_code = status
        if isinstance(fault, Forbidden):
            answer.headers[_RETRY_HEADER] = "1"
        return answer
    words = words_of_request()
    word = _failure_word(fault, words)
    title, text = words.say(f"admin.failure.{word}.title"), words.say(f"admin.failure.{word}")
    return page("failure", _framing_shop(), status, title=title, text=text)


@bp.after_request
def keep_static(response: Response) -> Response:
    """Let browsers keep what is named by its content."""
    if request.endpoint == "admin.static" and request.args.get("v") and response.status_code == 200:  # noqa: PLR2004
        response.headers["Cache-Control"] = f"public, max-age={_KEPT_SECONDS}, immutable"
    return response


def _fetch_token_first(shop_domain: str | None) -> Response:
    """No token yet: by way of the bounce page in Shopify's admin; outside it, where Shopify started an old-style install, by OAuth."""
    if shop_domain is None:
        raise Forbidden("the page was opened outside Shopify's admin")
    if "hmac" in request.args and request.args.get("embedded") != "1":
        return _redirect(url_for("install.begin", shop=shop_domain))
    return _bounce(shop_domain)


def _bounce(shop_domain: str, **more: str) -> Response:
    """Send the browser to the bounce page, to come back here with a fresh token."""
    given = {name: request.args[name] for name in _SENT_BY_SHOPIFY if name in request.args}
    public_url = tools_at_hand().settings.public_url
    back = f"{public_url}{request.path}?{urlencode({**given, **more})}"
    return _redirect(f"{url_for('admin.bounce')}?{urlencode({**given, 'shop': shop_domain, 'shopify-reload': back})}")


def _redirect(target: str) -> Response:
    response = Response(status=302)
    response.headers["Location"] = target
    return response


def _home(merchant: Merchant) -> Home:
    tools = tools_at_hand()
    with tools.reading() as session:
        found = overview(session, merchant.shop, tools.clock())
    return home_of(found, tools.settings, words_of_request(), tools.clock())


def _rate(merchant: Merchant, words: Words, typed: str | None = None) -> Rate:
    with tools_at_hand().reading() as session:
        version, document = current_document(session, merchant.shop.programme_id)
    return rate_of(document, version, merchant.shop.currency, words, typed=typed)


def _published_rate(merchant: Merchant, words: Words, typed: str, seen: int) -> Rate:
    tools = tools_at_hand()
    with tools.writing() as session:
        version = set_rate(
            session,
            merchant.shop.programme_id,
            typed.replace(",", "."),
            expected_version=seen,
            actor=merchant.actor,
            now=tools.clock(),
        )
    is_new = version != seen
    told = (
        words.say("admin.rate.published", version=words.number(version))
        if is_new
        else words.say("admin.rate.unchanged")
    )
    return replace(_rate(merchant, words), note=told, note_tone="success")


def _framing_shop() -> str | None:
    """The shop whose admin may frame a failure: the page's own claim is enough, since the page says nothing about it."""
    try:
        return claimed_shop(request)
    except BadInput:
        return None


def _failure_word(fault: LaurelError | HTTPException, words: Words) -> str:
    if isinstance(fault, ShopifyUnavailable | ShopifyRefused | ShopDisconnected):
        return "shopify"
    return str(fault.code) if words.has(f"admin.failure.{fault.code}") else "other"
