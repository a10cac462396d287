"""Headers every answer carries. A door may set its own; these fill what it left open."""

from __future__ import annotations

from flask import Flask, Response

from plugin.config import Settings

_FOR_ALL = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_HSTS = "max-age=31536000"


def guard_answers(app: Flask, settings: Settings) -> None:
    """Refuse framing, sniffing, caching and foreign content by default; insist on TLS in production."""
    headers = _FOR_ALL | ({"Strict-Transport-Security": _HSTS} if settings.is_production else {})

    @app.after_request
    def _guard(response: Response) -> Response:
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        return response
