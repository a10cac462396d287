"""The friend's way in: a link opens a page that explains the offer and works without script; taking it gives a code."""

from __future__ import annotations

import hmac

from flask import Blueprint, Response, current_app, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from plugin.errors import BadInput, Conflict, Forbidden, LaurelError, NotFound, TooFast
from plugin.journeys.referring import Claim, claim, offer_of
from plugin.journeys.viewing_referrals import shown_claim, shown_offer
from plugin.messages import Words
from plugin.pace import CLAIMING, GUESSING, Pace
from plugin.referrals import Referral
from storefront_widget.bodies import BYTES_MAX, parse_claim
from storefront_widget.refusals import refuse, refuse_http, sentence_of
from storefront_widget.routes import check_visitor, keep_private, shopper_at_hand, tools_at_hand, visit_at_hand
from storefront_widget.shopper import asked_locale

bp = Blueprint("storefront_referrals", __name__, url_prefix="/proxy", template_folder="pages")
bp.before_request(check_visitor)
bp.after_request(keep_private)

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
_FORM = "application/x-www-form-urlencoded"
_PROOF_LETTERS = 32
_CREATED, _ACCEPTED = 201, 202


@bp.get("/refer/<link>")
def open_link(link: str) -> ResponseReturnValue:
    """What a friend is offered; a link that is nobody's says so kindly."""
    seen = visit_at_hand()
    try:
        with tools_at_hand().reading() as session:
            offer = offer_of(session, seen.shop, link)
    except NotFound:
        _slow_down("unknown link", GUESSING)
        raise
    return _page("offer", link=link, offer=shown_offer(offer.terms, seen.phrases))


@bp.post("/referrals")
def take_offer() -> ResponseReturnValue:
    """A friend takes the offer: by script in JSON, or by the page's form, which proves that it came from our page."""
    if request.mimetype == _FORM:
        return _taken_by_form()
    link, email = parse_claim(request)
    one = _claimed(link, email)
    shown = shown_claim(one, visit_at_hand().phrases, tools_at_hand().clock())
    return jsonify(shown), _ACCEPTED if shown["state"] == "preparing" else _CREATED


@bp.errorhandler(LaurelError)
def failed(fault: LaurelError) -> Response:
    """Answer a script in JSON, a person with a page."""
    if request.method != "GET" and request.mimetype != _FORM:
        return refuse(fault)
    sentence = (
        Words(asked_locale(request)).say("referral.unknown") if isinstance(fault, NotFound) else sentence_of(fault)
    )
    page = _page("fault", fault.status, sentence=sentence)
    if isinstance(fault, TooFast):
        page.headers["Retry-After"] = str(int(fault.retry_after_seconds) + 1)
    return page


@bp.errorhandler(HTTPException)
def failed_http(fault: HTTPException) -> Response:
    """Answer what Flask itself refused."""
    return refuse_http(fault)


def _taken_by_form() -> Response:
    """A form on another site cannot know the proof for a signed-in friend, so nobody takes an offer unawares."""
    request.max_content_length = BYTES_MAX
    link, email = request.form.get("link", "")[:BYTES_MAX], request.form.get("email", "").strip()[:BYTES_MAX]
    if not hmac.compare_digest(request.form.get("proof", "").encode(), _proof(link).encode()):
        raise Forbidden("the form did not come from our page", code="bad_signature")
    seen = visit_at_hand()
    try:
        one = _claimed(link, email or None)
    except BadInput as fault:
        with tools_at_hand().reading() as session:
            offer = offer_of(session, seen.shop, link)
        shown = shown_offer(offer.terms, seen.phrases)
        return _page("offer", fault.status, link=link, offer=shown, email=email, fault=sentence_of(fault))
    shown = shown_claim(one, seen.phrases, tools_at_hand().clock())
    return _page("claim", link=link, claim=shown, email=email)


def _claimed(link: str, email: str | None) -> Referral:
    seen = visit_at_hand()
    if seen.customer_id is None:
        _slow_down(link.upper(), CLAIMING)
    one = claim(tools_at_hand(), Claim(seen.shop, link, seen.customer_id, None if seen.customer_id else email))
    if one.refusal is not None:
        raise Conflict("Shopify refused the code", code="shopify_refused")
    return one


def _slow_down(what: str, pace: Pace) -> None:
    """Brake guests, of whom nothing is known, by what they ask for."""
    key = (shopper_at_hand().shop_domain, "referral", what)
    current_app.extensions["laurel-paces"].take(key, pace, tools_at_hand().clock())


def _proof(link: str) -> str:
    shopper = shopper_at_hand()
    told = f"referral page|{shopper.shop_domain}|{link.upper()}|{shopper.customer_id or ''}"
    return tools_at_hand().sealer.tags(told)[0][:_PROOF_LETTERS]


def _page(part: str, status: int = 200, *, link: str = "", **values: object) -> Response:
    words = Words(asked_locale(request))
    prefix = shopper_at_hand().asked.get("path_prefix", "/apps/laurel")
    html = render_template(
        "referral.html",
        part=part,
        w=words,
        say=words.say,
        is_guest=shopper_at_hand().customer_id is None,
        action=f"{prefix}/referrals?locale={words.language}",
        link=link,
        proof=_proof(link) if link else "",
        **values,
    )
    response = make_response(html, status)
    response.headers["Content-Security-Policy"] = _POLICY
    return response
