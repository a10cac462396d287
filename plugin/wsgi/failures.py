"""Turns what was raised into an answer that says enough and gives nothing away."""

from __future__ import annotations

import logging

from flask import Flask, Response, jsonify
from werkzeug.exceptions import HTTPException, InternalServerError

from plugin.errors import BadInput, LaurelError, Overloaded, ShopifyUnavailable

log = logging.getLogger(__name__)

_RETRY_SECONDS = 5
_WORDS = {
    400: "bad_input",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "unsupported_media_type",
    500: "error",
}


def answer_failures(app: Flask) -> None:
    """Answer every failure as JSON with a stable machine word; a door may answer its own first."""
    app.register_error_handler(LaurelError, _laurel_error)
    app.register_error_handler(HTTPException, _http_exception)


def _laurel_error(fault: LaurelError) -> Response:
    body = {"error": fault.code}
    if isinstance(fault, BadInput) and fault.path:
        body["path"] = fault.path
    if fault.status >= InternalServerError.code:
        log.warning("%s: %s", fault.code, fault)
    answer = _answer(body, fault.status)
    if isinstance(fault, Overloaded | ShopifyUnavailable):
        seconds = getattr(fault, "retry_after_seconds", None) or _RETRY_SECONDS
        answer.headers["Retry-After"] = str(max(1, round(seconds)))
    return answer


def _http_exception(fault: HTTPException) -> Response:
    status = fault.code or InternalServerError.code
    answer = _answer({"error": _WORDS.get(status, "refused")}, status)
    for name, value in fault.get_headers():
        if name.lower() in {"allow", "retry-after"}:
            answer.headers[name] = value
    return answer


def _answer(body: dict[str, str], status: int) -> Response:
    answer = jsonify(body)
    answer.status_code = status
    return answer
