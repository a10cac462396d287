"""The whole product in one process: it serves, works off what it stored, and ends when asked to."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests
from requests.adapters import HTTPAdapter
from urllib3 import Retry

from plugin.db import Database
from plugin.journeys.tools import Tools
from tests.factories import Clock, make_delivery, make_shop, make_tools

pytestmark = pytest.mark.slow


@pytest.fixture
def port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.fixture
def patient() -> Iterator[requests.Session]:
    """HTTP that tries again while a server starts."""
    session = requests.Session()
    session.mount(
        "http://", HTTPAdapter(max_retries=Retry(60, backoff_factor=0.1, backoff_max=0.5, status_forcelist=[503]))
    )
    yield session
    session.close()


@contextmanager
def _running(log: Path, url: str, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    environment = {**os.environ, "DATABASE_URL": url, "LAUREL_ENV": "development"}
    command = [sys.executable, "-c", "from plugin.cli import main; main()", *arguments]
    with log.open("wb") as out, subprocess.Popen(command, env=environment, stdout=out, stderr=out) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=40) == 0


def test_serve_answers_works_and_stops(
    database_url: str, database: Database, port: int, patient: requests.Session, tmp_path: Path
):
    tools = make_tools(database, Clock(datetime.now(UTC)))
    shop = make_shop(tools)
    tools.store([make_delivery(shop, "orders/paid", b"no json", tools.clock())])
    with _running(tmp_path / "serve.log", database_url, "serve", "--port", str(port)):
        assert patient.get(f"http://127.0.0.1:{port}/readyz", timeout=5).json() == {"status": "ready"}
        page = patient.get(f"http://127.0.0.1:{port}/app", timeout=5)
        assert (page.status_code, "script" in page.text) == (401, True)
        assert _was_read(patient, port, tools)
    log = (tmp_path / "serve.log").read_text(encoding="utf-8")
    assert "both lanes run" in log
    assert "stopped" in log
    assert "draining failed" not in log


def test_a_worker_alone_works_off_what_others_stored(database_url: str, database: Database, tmp_path: Path):
    tools = make_tools(database, Clock(datetime.now(UTC)))
    shop = make_shop(tools)
    tools.store([make_delivery(shop, "orders/paid", b"no json", tools.clock())])
    with _running(tmp_path / "worker.log", database_url, "worker") as process:
        for _ in range(600):
            if _states(tools) == {"dead_letter"}:
                break
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(timeout=0.1)
    assert _states(tools) == {"dead_letter"}


def test_serving_without_a_worker_leaves_the_work_to_others(
    database_url: str, database: Database, port: int, patient: requests.Session, tmp_path: Path
):
    tools = make_tools(database, Clock(datetime.now(UTC)))
    shop = make_shop(tools)
    tools.store([make_delivery(shop, "orders/paid", b"no json", tools.clock())])
    with _running(tmp_path / "serve.log", database_url, "serve", "--no-worker", "--port", str(port)):
        for _ in range(5):
            assert patient.get(f"http://127.0.0.1:{port}/readyz", timeout=5).status_code == 200
    assert _states(tools) == {"waiting"}
    assert "both lanes run" not in (tmp_path / "serve.log").read_text(encoding="utf-8")


def _was_read(patient: requests.Session, port: int, tools: Tools) -> bool:
    """Wait, by asking the server again and again, until what was stored before it started is a dead letter."""
    for _ in range(500):
        if _states(tools) == {"dead_letter"}:
            return True
        patient.get(f"http://127.0.0.1:{port}/readyz", timeout=5)
    return False


def _states(tools: Tools) -> set[str]:
    from sqlalchemy import select

    from plugin.inbox.tables import delivery

    with tools.reading() as session:
        return set(session.execute(select(delivery.c.state)).scalars())
