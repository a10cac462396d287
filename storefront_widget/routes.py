"""The door behind the app proxy: `https://<shop>/apps/laurel/…` arrives here as `/proxy/…`, signed."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, current_app, g, jsonify, request
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from plugin.errors import BadInput, Forbidden, LaurelError, NotAllowed, NotFound
from plugin.journeys.clicking import click, enter_birthday
from plugin.journeys.joining import join_by_click
from plugin.journeys.previewing import preview_cart, shown_preview
from plugin.journeys.redeeming import redeem
from plugin.journeys.taking_back import take_back
from plugin.journeys.tools import Tools
from plugin.journeys.viewing import Visit, note_link, note_shown, summary, visit, welcome
from plugin.journeys.viewing_actions import shown_birthday, shown_outcome
from plugin.journeys.viewing_history import history
from plugin.journeys.viewing_rewards import shown_redemption
from plugin.pace import ACTING, READING, Paces
from plugin.rewards import Redemption, Wish, get_redemption
from storefront_widget.bodies import parse_action, parse_asked_reward
from storefront_widget.carts import parse_cart
from storefront_widget.refusals import refuse, refuse_http
from storefront_widget.shopper import Shopper, signed_in_member, verified_shopper

bp = Blueprint("storefront", __name__, url_prefix="/proxy")
bp.register_error_handler(LaurelError, refuse)
bp.register_error_handler(HTTPException, refuse_http)


@bp.get("/summary")
def show_summary() -> ResponseReturnValue:
    """What the panel shows when it opens; a customer entitled to be a member is one from now on."""
    if welcome(tools_at_hand(), visit_at_hand()):
        del g.visit
    with tools_at_hand().reading() as session:
        shown = summary(session, visit_at_hand(), tools_at_hand().clock())
    note_shown(tools_at_hand(), visit_at_hand(), shown)
    note_link(tools_at_hand(), visit_at_hand(), shown)
    return jsonify(shown)


@bp.get("/history")
def show_history() -> ResponseReturnValue:
    """A page of the member's history, newest first."""
    seen = visit_at_hand()
    member = signed_in_member(seen)
    with tools_at_hand().reading() as session:
        page = history(session, member, seen.phrases, shopper_at_hand().asked.get("before"))
    return jsonify(entries=page.entries, next=page.next)


@bp.get("/preview")
def show_preview() -> ResponseReturnValue:
    """What a cart would give: `lines` as cart.js tells its items, `taxes_included=true` where prices hold tax."""
    seen, asked = visit_at_hand(), shopper_at_hand().asked
    lines = parse_cart(asked.get("lines", ""))
    taxed = asked.get("taxes_included") == "true"
    with tools_at_hand().reading() as session:
        found = preview_cart(session, seen, lines, tools_at_hand().clock(), taxes_included=taxed)
    return jsonify(shown_preview(found, seen.document, seen.phrases))


@bp.post("/redemptions")
def create_redemption() -> ResponseReturnValue:
    """A member trades points for a discount code."""
    asked = parse_asked_reward(request)
    seen = visit_at_hand()
    member = signed_in_member(seen)
    wish = Wish(
        programme_id=member.programme_id,
        shop_id=seen.shop.shop_id,
        member_id=member.member_id,
        customer_id=shopper_at_hand().customer_id or 0,
        wish_id=asked.wish_id,
        reward_id=asked.reward_id,
        points=asked.points,
    )
    redemption = redeem(tools_at_hand(), wish)
    if redemption.state == "released":
        raise NotAllowed("Shopify refused the code", code="shopify_refused")
    return _shown(redemption), 201 if redemption.is_settled else 202


@bp.get("/redemptions/<redemption_id>")
def show_redemption(redemption_id: str) -> ResponseReturnValue:
    """How far a redemption has come."""
    member = signed_in_member(visit_at_hand())
    with tools_at_hand().reading() as session:
        return _shown(get_redemption(session, member.programme_id, member.member_id, _parse_id(redemption_id)))


@bp.delete("/redemptions/<redemption_id>")
def delete_redemption(redemption_id: str) -> ResponseReturnValue:
    """A member hands an unused code back."""
    member = signed_in_member(visit_at_hand())
    return _shown(take_back(tools_at_hand(), member.programme_id, member.member_id, _parse_id(redemption_id)))


@bp.post("/actions")
def act() -> ResponseReturnValue:
    """A shopper's action: joining, telling a birthday, or whatever the programme takes their word for."""
    asked = parse_action(request)
    seen, tools = visit_at_hand(), tools_at_hand()
    if seen.customer_id is None:
        raise Forbidden("a guest cannot do this")
    if asked.action == "join":
        join_by_click(tools, (seen.shop.programme_id, seen.shop.shop_id, seen.customer_id))
        return jsonify(action="join", state="done")
    if not asked.birthday and all(one.id != asked.action for one in seen.document.actions):
        raise BadInput("no such action", path="action", code="unknown_action")
    member = signed_in_member(seen)
    if asked.birthday:
        return jsonify(shown_birthday(enter_birthday(tools, member, asked.birthday), seen.phrases))
    return jsonify(shown_outcome(click(tools, member, asked.action, asked.wish_id), seen.document, seen.phrases))


@bp.record
def _set_up(state: BlueprintSetupState) -> None:
    state.app.extensions["laurel-paces"] = Paces()


@bp.before_request
def check_visitor() -> None:
    """Nobody passes without the proxy's signature, and nobody faster than a person."""
    tools = tools_at_hand()
    g.shopper = shopper = verified_shopper(request, tools.settings.shopify_api_secrets, tools.clock())
    if shopper.customer_id is not None:
        is_reading = request.method in {"GET", "HEAD"}
        key = (shopper.shop_domain, shopper.customer_id, is_reading)
        current_app.extensions["laurel-paces"].take(key, READING if is_reading else ACTING, tools.clock())


@bp.after_request
def keep_private(answer: Response) -> Response:
    """Let nobody keep what is one person's."""
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _shown(redemption: Redemption) -> Response:
    return jsonify(shown_redemption(redemption, visit_at_hand().phrases))


def visit_at_hand() -> Visit:
    """Look up who has come, once a request."""
    if "visit" not in g:
        shopper = shopper_at_hand()
        with tools_at_hand().reading() as session:
            g.visit = visit(session, shopper.shop_domain, shopper.customer_id, shopper.locale)
    seen: Visit = g.visit
    return seen


def _parse_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as fault:
        raise NotFound("no such redemption") from fault


def shopper_at_hand() -> Shopper:
    """Return who is asking, as the signature says."""
    shopper: Shopper = g.shopper
    return shopper


def tools_at_hand() -> Tools:
    """Return what this app was built with."""
    tools: Tools = current_app.extensions["laurel"]
    return tools
