"""`POST /admin/api/<version>/graphql.json`: tokens, throttling, costs, lost answers."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue

from plugin.devstore.courier import API_VERSION
from plugin.devstore.graph_answers import AdminGraph
from plugin.devstore.graph_cost import Bucket, actual_cost, requested_cost
from plugin.devstore.parts import parts
from plugin.devstore.tokens import scopes_of

bp = Blueprint("admin_graphql", __name__)
_DEAD_TOKEN = "[API] Invalid API key or access token (unrecognized login or wrong password)"  # noqa: S105 - Shopify's sentence


@bp.post("/admin/api/<version>/graphql.json")
def graphql(version: str) -> ResponseReturnValue:
    """Answer one document; another version than ours is answered in ours, as Shopify falls forward."""
    del version
    store = parts().store
    scopes = scopes_of(store, request.headers.get("X-Shopify-Access-Token", ""))
    if scopes is None:
        return _answer({"errors": _DEAD_TOKEN}, 401)
    body = request.get_json(silent=True)
    if not isinstance(body, dict) or not isinstance(body.get("query"), str):
        return _answer({"errors": {"query": "Required parameter missing or invalid"}}, 400)
    with store.lock:
        if store.faults.failing_next > 0:
            store.faults.failing_next -= 1
            return _answer({"errors": "Internal Server Error"}, 500)
        answer = _run(parts().graph, parts().bucket, body, scopes)
        is_lost = store.faults.lost_next > 0 and "data" in answer
        store.faults.lost_next -= is_lost
    return _lose_answer() if is_lost else _answer(answer, 200)


def _run(graph: AdminGraph, bucket: Bucket, body: dict[str, Any], scopes: tuple[str, ...]) -> dict[str, Any]:
    document, errors = graph.faults(body["query"])
    if document is None:
        return {"errors": errors}
    variables = body.get("variables") or {}
    requested = requested_cost(document, variables)
    faults = parts().store.faults
    if faults.throttled_next > 0 or not bucket.take(requested):
        faults.throttled_next = max(0, faults.throttled_next - 1)
        return _throttled(requested, bucket)
    answer = graph.run(document, variables, scopes)
    actual = min(requested, actual_cost(answer.get("data")))
    bucket.give_back(requested - actual)
    return answer | {"extensions": {"cost": _cost(requested, actual, bucket.status())}}


def _throttled(requested: int, bucket: Bucket) -> dict[str, Any]:
    return {
        "errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}],
        "extensions": {"cost": _cost(requested, None, bucket.status(is_empty=True))},
    }


def _cost(requested: int, actual: int | None, status: dict[str, float]) -> dict[str, Any]:
    return {"requestedQueryCost": requested, "actualQueryCost": actual, "throttleStatus": status}


def _answer(body: dict[str, Any], status: int) -> Response:
    response = jsonify(body)
    response.status_code = status
    response.headers["X-Shopify-API-Version"] = API_VERSION
    response.headers["X-Request-Id"] = str(uuid.uuid4())
    return response


def _lose_answer() -> ResponseReturnValue:
    """The work is done, but nobody hears of it: the connection breaks. Where there is none to break, a gateway's 504."""
    if (connection := request.environ.get("werkzeug.socket")) is not None:
        connection.shutdown(2)
    return Response(status=504)
