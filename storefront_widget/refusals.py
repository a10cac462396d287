"""Refusals: a machine word for the panel and a sentence for the shopper, in their language."""

from __future__ import annotations

import logging
import math

from flask import Response, g, jsonify, request
from werkzeug.exceptions import HTTPException

from plugin.errors import BadInput, InsufficientPoints, LaurelError, Overloaded, ShopifyUnavailable, TooFast
from plugin.journeys.viewing import Visit
from plugin.messages import Words
from storefront_widget.shopper import asked_locale

log = logging.getLogger(__name__)

_RETRY_SECONDS = 5
_OUR_FAULT = 500
_WORDS = {413: "bad_input", 415: "bad_input", 400: "bad_input"}


def refuse(fault: LaurelError) -> Response:
    """Answer what a journey or a check refused."""
    if fault.status >= _OUR_FAULT:
        log.warning("%s: %s", fault.code, fault)
    answer = _answer(fault.code, sentence_of(fault), fault.status)
    if isinstance(fault, BadInput) and fault.path:
        answer = _answer(fault.code, sentence_of(fault), fault.status, path=fault.path)
    if isinstance(fault, Overloaded | ShopifyUnavailable | TooFast):
        seconds = getattr(fault, "retry_after_seconds", None) or _RETRY_SECONDS
        answer.headers["Retry-After"] = str(math.ceil(seconds))
    return answer


def refuse_http(fault: HTTPException) -> Response:
    """Answer what Flask itself refused: a body too large, or of the wrong type."""
    status = fault.code or _OUR_FAULT
    word = _WORDS.get(status, "error")
    return _answer(word, _words().say(f"error.{word}"), status)


def _answer(code: str, message: str, status: int, **more: str) -> Response:
    answer = jsonify(error={"code": code, "message": message, **more})
    answer.status_code = status
    return answer


def sentence_of(fault: LaurelError) -> str:
    """Say to the shopper what was refused, in their language."""
    words = _words()
    if isinstance(fault, InsufficientPoints):
        visit: Visit | None = g.get("visit")
        said = [
            visit.phrases.points(count) if visit else words.say("points.amount", count)
            for count in (fault.available, fault.needed)
        ]
        return words.say("error.insufficient_points", available=said[0], needed=said[1])
    for key in (f"error.{fault.code}", f"error.{type(fault).code}"):
        if words.has(key):
            return words.say(key)
    return words.say("error.error")


def _words() -> Words:
    return Words(asked_locale(request))
