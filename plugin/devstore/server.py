"""A local web server in a thread: the port is known before there is an app to serve."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

HOST = "127.0.0.1"


class LocalServer:
    """Listens on this machine only. Port 0 takes a free one; `port` says which."""

    def __init__(self, port: int = 0) -> None:
        self._app: WSGIApplication = _nothing_yet
        self._server: BaseWSGIServer = make_server(HOST, port, self._serve, threaded=True, request_handler=_Quiet)
        self._thread: threading.Thread | None = None
        self.port: int = self._server.server_port
        self.url = f"http://{HOST}:{self.port}"

    def start(self, app: WSGIApplication) -> None:
        """Serve an app until `stop`."""
        self._app = app
        self._thread = threading.Thread(target=self._server.serve_forever, name=f"server-{self.port}", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Answer nobody any more and let the port go."""
        if self._thread is not None:
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()

    def _serve(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return self._app(environ, start_response)


class _Quiet(WSGIRequestHandler):
    """Keeps the terminal for what the demo says; HTTP/1.1 so that connections are kept."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def setup(self) -> None:
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().setup()

    def log_request(self, code: Any = "-", size: Any = "-") -> None:
        del code, size


def _nothing_yet(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    del environ
    start_response("503 Service Unavailable", [("Retry-After", "1")])
    return [b""]
