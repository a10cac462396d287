"""Log lines: one per request, with an id that ties lines together, and nothing secret.

The query string is never logged (Shopify puts ID tokens and signatures there), nor a body, nor a header.
"""

from __future__ import annotations

import logging
import sys
import time
from contextvars import ContextVar
from typing import TextIO

from flask import Flask, Response, g, request

from plugin.db import new_id

log = logging.getLogger(__name__)

_request_id: ContextVar[str] = ContextVar("request_id", default="-")
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}


class _Line(logging.Formatter):
    """Appends the extras of a record as `name=value`."""

    def format(self, record: logging.LogRecord) -> str:
        extras = [f"{name}={value}" for name, value in vars(record).items() if name not in _STANDARD]
        record.message = " ".join([record.getMessage(), *extras]).replace("\n", " ")
        line = self.formatMessage(record)
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's own name
        record.asctime = self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z")
        return f"{record.asctime} {record.levelname} {_request_id.get()} {record.name} {record.message}"


class _Stderr(logging.StreamHandler[TextIO]):
    """Writes to whatever standard error is at the moment."""

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stderr
        super().emit(record)


def log_to_stderr(level: int = logging.INFO) -> None:
    """Send our log lines to standard error, in one shape."""
    handler = _Stderr()
    handler.setFormatter(_Line())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.getLogger("alembic").setLevel(logging.WARNING)


def log_requests(app: Flask) -> None:
    """Give each request an id and one line."""

    @app.before_request
    def _begin() -> None:
        g.begun_at = time.perf_counter()
        _request_id.set(new_id().hex)

    @app.after_request
    def _end(response: Response) -> Response:
        response.headers["X-Request-Id"] = _request_id.get()
        log.info(
            "%s %s %s %.1fms",
            request.method,
            ascii(request.path)[1:-1],
            response.status_code,
            (time.perf_counter() - g.get("begun_at", time.perf_counter())) * 1000,
        )
        return response
