"""`POST /webhooks`: 200 stored (or signed but not ours), 401 bad signature, 400 malformed, 413 too large, 503 try again."""

from __future__ import annotations

import logging

from flask import Blueprint, Request, current_app, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge

from plugin.errors import BadInput, Forbidden, LaurelError, Overloaded
from plugin.journeys.receiving import Arrival, receive
from plugin.journeys.tools import Tools
from plugin.shopify import API_VERSION
from plugin.shopify.signatures import is_webhook_signed
from webhooks import headers
from webhooks.bodies import BYTES_MAX, parse_body
from webhooks.counters import OTHER_TOPIC, count_arrival, count_foreign_version
from webhooks.topics import HANDLERS

log = logging.getLogger(__name__)
bp = Blueprint("webhooks", __name__)

_OUTCOMES = {400: "malformed", 401: "bad_signature", 413: "too_large", 503: "try_again"}
_RETRY_SECONDS = 5


@bp.post("/webhooks")
def receive_webhook() -> ResponseReturnValue:
    """Verify, remember, answer."""
    try:
        raw = _signed_body(request)
        return _received(headers.parse_headers(request.headers), raw)
    except LaurelError as refusal:
        return _refuse(refusal, refusal.status)
    except RequestEntityTooLarge as refusal:
        return _refuse(refusal, 413)
    except ClientDisconnected as refusal:
        return _refuse(refusal, 400)


def _signed_body(request: Request) -> bytes:
    """Give the raw bytes once their signature is proved; nothing else of the request is looked at before.

    Raises:
        RequestEntityTooLarge: more than the limit. One byte more is asked for, because a chunked body is cut there in silence.
        Forbidden: no signature, or not that of these bytes.
    """
    request.max_content_length = BYTES_MAX + 1
    if len(raw := request.get_data()) > BYTES_MAX:
        raise RequestEntityTooLarge
    if not is_webhook_signed(raw, request.headers.get(headers.SIGNATURE), _tools().settings.shopify_api_secrets):
        raise Forbidden("the signature is missing or is not that of the body")
    return raw


def _received(claimed: headers.WebhookHeaders, raw: bytes) -> ResponseReturnValue:
    if claimed.topic not in HANDLERS:
        return _accept("unknown_topic", OTHER_TOPIC)
    claimed.check_shop(parse_body(raw))
    if request.headers.get(headers.API_VERSION) != API_VERSION:
        count_foreign_version()
    arrival = Arrival(
        shop_domain=claimed.shop_domain,
        topic=claimed.topic,
        event_id=claimed.event_id,
        webhook_id=claimed.webhook_id,
        triggered_at=claimed.triggered_at,
        body=raw,
    )
    return _accept(receive(_tools(), arrival), claimed.topic)


def _accept(outcome: str, topic: str) -> ResponseReturnValue:
    count_arrival(outcome, topic)
    return "", 200


def _refuse(refusal: Exception, status: int) -> ResponseReturnValue:
    """Answer with a machine word and log one line; neither repeats what came in."""
    outcome = _OUTCOMES[status]
    count_arrival(outcome)
    reason = str(refusal) if isinstance(refusal, LaurelError) else ""
    log.warning("webhook refused: %s", outcome, extra={"reason": reason})
    answer = jsonify(error=outcome, **({"path": refusal.path} if isinstance(refusal, BadInput) else {}))
    answer.status_code = status
    if isinstance(refusal, Overloaded):
        answer.headers["Retry-After"] = str(_RETRY_SECONDS)
    return answer


def _tools() -> Tools:
    tools: Tools = current_app.extensions["laurel"]
    return tools
