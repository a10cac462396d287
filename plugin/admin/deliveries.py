"""Deliveries that could not be processed, or wait: looked at and put back in line by the merchant."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from plugin.admin.deliveries_view import Lists, Page, lists_of, page_of
from plugin.admin.framing import page, words_of_request
from plugin.admin.identity import Merchant, signed_in_merchant, tools_at_hand
from plugin.admin.routes import entered, failed
from plugin.errors import LaurelError
from plugin.journeys.inspecting import inspect, replay_all, replay_one, unfinished

bp = Blueprint("admin_deliveries", __name__, url_prefix="/app/deliveries")
bp.register_error_handler(LaurelError, failed)
bp.register_error_handler(HTTPException, failed)


@bp.get("")
def open_page() -> ResponseReturnValue:
    """The page with both lists."""
    merchant = entered()
    if isinstance(merchant, Response):
        return merchant
    return page("deliveries", merchant.shop.domain, lists=_lists(merchant))


@bp.get("/lists")
def show_lists() -> ResponseReturnValue:
    """Both lists as they stand; asked for again and again while the page is open."""
    merchant = signed_in_merchant(request)
    return page("delivery_lists", merchant.shop.domain, lists=_lists(merchant))


@bp.get("/<uuid:delivery_id>")
def open_one(delivery_id: UUID) -> ResponseReturnValue:
    """A page of one delivery, with its body."""
    merchant = entered()
    if isinstance(merchant, Response):
        return merchant
    return page("delivery", merchant.shop.domain, one=_page(merchant, delivery_id))


@bp.get("/<uuid:delivery_id>/state")
def show_state(delivery_id: UUID) -> ResponseReturnValue:
    """How one delivery stands; asked for every other second while it waits."""
    merchant = signed_in_merchant(request)
    return page("delivery_state", merchant.shop.domain, one=_page(merchant, delivery_id))


@bp.post("/<uuid:delivery_id>/replay")
def replay_delivery(delivery_id: UUID) -> ResponseReturnValue:
    """Put one delivery back in line; answers with how it stands, or, from the lists, with a note and the lists."""
    merchant, words, tools = signed_in_merchant(request), words_of_request(), tools_at_hand()
    is_done = replay_one(tools, merchant.shop, delivery_id, tools.clock())
    said = words.say("admin.delivery.replayed" if is_done else "admin.delivery.not_replayed")
    tone = "success" if is_done else "critical"
    if "list" in request.args:
        return page("delivery_answer", merchant.shop.domain, lists=_lists(merchant), note=said, tone=tone)
    return page("delivery_state", merchant.shop.domain, one=_page(merchant, delivery_id), note=said, tone=tone)


@bp.post("/replay")
def replay_everything() -> ResponseReturnValue:
    """Put all dead letters back in line."""
    merchant, tools = signed_in_merchant(request), tools_at_hand()
    count = replay_all(tools, merchant.shop, tools.clock())
    said = words_of_request().say("admin.delivery.all_replayed", count)
    return page("delivery_answer", merchant.shop.domain, lists=_lists(merchant), note=said, tone="success")


def _lists(merchant: Merchant) -> Lists:
    return lists_of(unfinished(tools_at_hand(), merchant.shop), merchant.shop, words_of_request())


def _page(merchant: Merchant, delivery_id: UUID) -> Page:
    return page_of(inspect(tools_at_hand(), merchant.shop, delivery_id), merchant.shop, words_of_request())
