"""What whoever runs the product may rely on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from plugin.db import Database
from plugin.journeys.tools import Tools
from plugin.wsgi import create_app
from tests.factories import Clock, make_tools


def test_a_living_process_says_so(tools: Tools):
    answer = create_app(tools).test_client().get("/healthz")
    assert (answer.status_code, answer.json) == (200, {"status": "alive"})


def test_a_process_is_ready_when_the_schema_is_the_one_it_was_written_for(tools: Tools):
    client = create_app(tools).test_client()
    assert client.get("/readyz").json == {"status": "ready"}
    with tools.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json) == (503, {"status": "not_ready", "reason": "schema"})


def test_an_empty_database_is_not_ready(tmp_path: Path, clock: Clock):
    database = Database(f"sqlite:///{tmp_path / 'empty.db'}")
    answer = create_app(make_tools(database, clock)).test_client().get("/readyz")
    assert (answer.status_code, answer.json) == (503, {"status": "not_ready", "reason": "schema"})
    database.dispose()


def test_a_database_that_does_not_answer_is_not_ready(tmp_path: Path, clock: Clock):
    database = Database(f"sqlite:///{tmp_path / 'no' / 'such' / 'folder.db'}")
    client = create_app(make_tools(database, clock)).test_client()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json) == (503, {"status": "not_ready", "reason": "database"})
    assert client.get("/healthz").status_code == 200
    database.dispose()


def test_metrics_are_prometheus_text_and_name_no_shop(tools: Tools):
    answer = create_app(tools).test_client().get("/metrics")
    assert answer.status_code == 200
    assert answer.content_type.startswith("text/plain")
    assert "myshopify.com" not in answer.text


@pytest.mark.parametrize("env", ["development", "production"])
def test_every_answer_is_guarded(tools: Tools, env: str):
    client = create_app(replace(tools, settings=replace(tools.settings, env=env))).test_client()
    for path in ("/healthz", "/nothing", "/webhooks", "/proxy/summary", "/app", "/auth"):
        headers = client.get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff", path
        assert headers["Referrer-Policy"] == "strict-origin", path
        assert "no-store" in headers["Cache-Control"], path
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"], path
        assert headers["Content-Security-Policy"].startswith("default-src 'none'"), path
        assert ("Strict-Transport-Security" in headers) == (env == "production"), path
        assert headers["X-Request-Id"]
