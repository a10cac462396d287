"""Brings the product's calls to Shopify here, so that it runs in a demo exactly as it does in earnest."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter


class DevStoreAdapter(HTTPAdapter):
    """Sends `https://<shop>.myshopify.com/…` to the dev store on this machine; nothing else leaves it."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self._port = port

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: float | tuple[float, float] | tuple[float, None] | None = None,
        verify: bool | str = True,
        cert: bytes | str | tuple[bytes | str, bytes | str] | None = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Send to the local port under the shop's own host name.

        Raises:
            requests.ConnectionError: for anybody else; a demo speaks to nobody outside.
        """
        del verify, cert, proxies
        asked = urlsplit(str(request.url))
        host = asked.hostname or ""
        if not host.endswith(".myshopify.com"):
            raise requests.ConnectionError(f"a demo does not call {host}", request=request)
        here = request.copy()
        here.url = asked._replace(scheme="http", netloc=f"127.0.0.1:{self._port}").geturl()
        here.headers["Host"] = host
        response = super().send(here, stream=stream, timeout=timeout, proxies={})
        response.url, response.request = str(request.url), request
        return response


def session_for(port: int) -> requests.Session:
    """Make the session that a demo's tools are handed."""
    http = requests.Session()
    http.trust_env = False
    http.mount("https://", DevStoreAdapter(port))
    return http
