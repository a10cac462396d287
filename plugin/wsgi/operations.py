"""For whoever runs the product: is it alive, may it take traffic, how is it doing."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, jsonify
from flask.typing import ResponseReturnValue
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy.exc import SQLAlchemyError

from plugin.journeys.tools import Tools
from plugin.migrations import is_current

bp = Blueprint("operations", __name__)


@bp.get("/healthz")
def healthz() -> ResponseReturnValue:
    """Answer while the process lives."""
    return jsonify(status="alive")


@bp.get("/readyz")
def readyz() -> ResponseReturnValue:
    """Answer 200 when the database answers and its schema is the one this code was written for, else 503."""
    tools: Tools = current_app.extensions["laurel"]
    try:
        is_ready = is_current(tools.database)
    except SQLAlchemyError:
        return jsonify(status="not_ready", reason="database"), 503
    if not is_ready:
        return jsonify(status="not_ready", reason="schema"), 503
    return jsonify(status="ready")


@bp.get("/metrics")
def metrics() -> ResponseReturnValue:
    """Counters of this process for Prometheus; no shop and no person is named in them."""
    return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)
