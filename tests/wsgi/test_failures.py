"""A failure says enough and gives nothing away."""

from __future__ import annotations

import logging

import pytest
from flask import Flask

from plugin.errors import (
    BadInput,
    Forbidden,
    InsufficientPoints,
    LaurelError,
    NotAllowed,
    NotFound,
    Overloaded,
    ShopifyRefused,
    ShopifyUnavailable,
)
from plugin.journeys.tools import Tools
from plugin.wsgi import create_app

SECRET = "shpat_do_not_tell"


def _failing(tools: Tools, fault: Exception) -> Flask:
    app = create_app(tools)

    @app.get("/fail")
    def _fail() -> str:
        raise fault

    return app


@pytest.mark.parametrize(
    ("fault", "status", "word"),
    [
        (BadInput(SECRET), 400, "bad_input"),
        (Forbidden(SECRET), 401, "not_signed_in"),
        (NotFound(SECRET), 404, "not_found"),
        (InsufficientPoints(available=1, needed=2), 409, "insufficient_points"),
        (NotAllowed(SECRET, code="shop_closed"), 422, "shop_closed"),
        (ShopifyRefused(SECRET), 502, "shopify_refused"),
        (ShopifyUnavailable(SECRET), 503, "shopify_unavailable"),
        (Overloaded(SECRET), 503, "try_again"),
        (RuntimeError(SECRET), 500, "error"),
    ],
)
def test_each_failure_has_its_status_and_its_word_and_tells_no_more(
    tools: Tools, fault: Exception, status: int, word: str
):
    answer = _failing(tools, fault).test_client().get("/fail")
    assert (answer.status_code, answer.json) == (status, {"error": word})
    assert SECRET not in answer.text + str(answer.headers)


def test_bad_input_says_where(tools: Tools):
    answer = _failing(tools, BadInput("no", path="earning.rules[1]")).test_client().get("/fail")
    assert answer.json == {"error": "bad_input", "path": "earning.rules[1]"}


@pytest.mark.parametrize(
    ("fault", "seconds"), [(Overloaded("x"), "5"), (ShopifyUnavailable("x", retry_after_seconds=11.6), "12")]
)
def test_what_may_be_tried_again_says_when(tools: Tools, fault: LaurelError, seconds: str):
    assert _failing(tools, fault).test_client().get("/fail").headers["Retry-After"] == seconds


def test_unknown_paths_and_wrong_methods_are_named_in_words(tools: Tools):
    client = create_app(tools).test_client()
    missing, wrong = client.get("/nothing/here"), client.delete("/healthz")
    assert (missing.status_code, missing.json) == (404, {"error": "not_found"})
    assert (wrong.status_code, wrong.json) == (405, {"error": "method_not_allowed"})
    assert "GET" in wrong.headers["Allow"]


@pytest.mark.parametrize(
    "path", ["/proxy//summary", "//proxy/summary", "/proxy/summary/", "/auth//callback", "/app//activity"]
)
def test_no_answer_repeats_the_query_that_shopify_signed(tools: Tools, path: str):
    """A redirect to a tidier path would carry the signature back to whoever asked."""
    answer = create_app(tools).test_client().get(f"{path}?shop=x&signature={SECRET}&hmac={SECRET}&id_token={SECRET}")
    assert answer.status_code == 404
    assert SECRET not in answer.text + str(answer.headers)


def test_a_body_beyond_the_limit_is_refused_unread(tools: Tools):
    answer = create_app(tools).test_client().post("/app/rate", data={"points_per_unit": "1" * 3_000_000})
    assert answer.status_code in {401, 413}
    app = create_app(tools)

    @app.post("/read")
    def _read() -> str:
        from flask import request

        return str(len(request.get_data()))

    big = app.test_client().post("/read", data=b"x" * (2 * 1024 * 1024 + 1))
    assert (big.status_code, big.json) == (413, {"error": "too_large"})


def test_a_request_leaves_one_line_without_its_secrets(tools: Tools, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.INFO)
    client = create_app(tools).test_client()
    client.get("/app?id_token=a.secret.token&hmac=beef", headers={"Authorization": "Bearer b.secret.token"})
    client.get("/nothing%0Ahere")
    lines = [record.getMessage() for record in caplog.records if record.name == "plugin.wsgi.logs"]
    assert len(lines) == 2
    assert lines[0].startswith("GET /app ")
    assert "secret" not in "\n".join(caplog.messages)
    assert "\n" not in lines[1]
