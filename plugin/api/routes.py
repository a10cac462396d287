"""`/api/v1`: what a merchant's own programs, or a partner's, may tell us."""

from __future__ import annotations

import math
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from plugin.api.bodies import UnfitBody, parse_event, parse_idempotency_key
from plugin.api.caller import served_shop, verified_key
from plugin.api.openapi import description
from plugin.errors import BadInput, LaurelError, TooFast
from plugin.journeys.reporting import Report, report
from plugin.journeys.tools import Tools
from plugin.pace import CALLING, Paces
from plugin.shops.api_keys import ApiKey

bp = Blueprint("api", __name__, url_prefix="/api/v1")

_WORDS = {404: "not_found", 405: "method_not_allowed", 413: "too_large", 415: "unsupported_media_type"}
_SERVER_FAULT = 500


@bp.get("/openapi.json")
def show_description() -> ResponseReturnValue:
    """The API, described for programs; anybody may read it."""
    return jsonify(description(_tools().settings.public_url))


@bp.post("/events")
def create_event() -> ResponseReturnValue:
    """A customer did something that earns."""
    key = _key()
    idempotency_key, event = parse_idempotency_key(request), parse_event(request)
    shop = served_shop(_tools(), key, event.shop)
    told = Report(
        customer=(key.programme_id, shop.shop_id, event.customer_id),
        action_id=event.action,
        key=idempotency_key,
        subject=event.subject,
        occurred_at=event.occurred_at,
    )
    answer = report(_tools(), told)
    response = jsonify({**answer.body, "customer_id": event.customer_id})
    response.status_code = 201
    if not answer.is_new:
        response.headers["Idempotency-Replayed"] = "true"
    return response


@bp.record
def _set_up(state: BlueprintSetupState) -> None:
    state.app.extensions["laurel-api-paces"] = Paces()


@bp.errorhandler(LaurelError)
def _refuse(fault: LaurelError) -> Response:
    body: dict[str, Any] = {"error": fault.code}
    if isinstance(fault, BadInput | UnfitBody) and fault.path:
        body["path"] = fault.path
    answer = jsonify(body)
    answer.status_code = fault.status
    if isinstance(fault, TooFast):
        answer.headers["Retry-After"] = str(math.ceil(fault.retry_after_seconds))
    if fault.status == 401:  # noqa: PLR2004 - HTTP's own number
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


@bp.errorhandler(HTTPException)
def _refuse_http(fault: HTTPException) -> Response:
    status = fault.code or _SERVER_FAULT
    answer = jsonify(error=_WORDS.get(status, "bad_input" if status < _SERVER_FAULT else "error"))
    answer.status_code = status
    return answer


def _key() -> ApiKey:
    """Prove the key, and hold its holder to a pace."""
    key = verified_key(request, _tools())
    current_app.extensions["laurel-api-paces"].take(key.key_id, CALLING, _tools().clock())
    return key


def _tools() -> Tools:
    tools: Tools = current_app.extensions["laurel"]
    return tools
