"""Shopify as an installing shop meets it: the Admin API and the desk that issues tokens, for tools with a clock."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import jwt
import pytest
import responses
from flask import Flask
from flask.testing import FlaskClient
from requests import PreparedRequest

from plugin.config import DEVELOPMENT_SECRET
from plugin.errors import LaurelError
from plugin.install.routes import bp
from plugin.journeys.tools import Tools
from plugin.shopify.id_tokens import IdToken, verified_id_token
from plugin.shopify.installation import NEEDED_SCOPES
from tests.factories import API_KEY
from tests.shopify.bodies import installation
from tests.shopify.stub import DOMAIN, AdminStub

ACCESS_SECONDS, REFRESH_SECONDS = 3600, 7_776_000


@dataclass
class Shopify:
    """One shop at Shopify: answers token requests with numbered pairs, and knows which access tokens are good: a refresh ends those before it."""

    scopes: tuple[str, ...] = NEEDED_SCOPES
    refusal: tuple[int, dict[str, Any]] | None = None
    issued: int = 0
    asked: list[dict[str, Any]] = field(default_factory=list)
    admin: AdminStub = field(default_factory=AdminStub)

    def issue(self, request: PreparedRequest) -> tuple[int, dict[str, str], str]:
        """Issue the next pair, unless a test said to refuse."""
        self.asked.append(json.loads(request.body))
        if self.refusal:
            return self.refusal[0], {}, json.dumps(self.refusal[1])
        self.issued += 1
        was_refreshed = self.asked[-1].get("grant_type") == "refresh_token"
        kept = set() if was_refreshed else self.admin.good_tokens or set()
        self.admin.good_tokens = {*kept, f"shpat_{self.issued}"}
        answer = {
            "access_token": f"shpat_{self.issued}",
            "refresh_token": f"shprt_{self.issued}",
            "expires_in": ACCESS_SECONDS,
            "refresh_token_expires_in": REFRESH_SECONDS,
            "scope": ",".join(self.scopes),
        }
        return 200, {}, json.dumps(answer)

    def answer(self, request: PreparedRequest) -> tuple[int, dict[str, str], str]:
        """Answer as the shop that was addressed."""
        host = request.url.split("/")[2]
        described = installation(*self.scopes, myshopifyDomain=host)
        self.admin.root = {**described, **self.admin.root, "shop": described["shop"]}
        self.admin.root["currentAppInstallation"] = described["currentAppInstallation"]
        return self.admin(request)


@pytest.fixture
def network() -> Iterator[responses.RequestsMock]:
    """The only network there is."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


@pytest.fixture
def shopify(network: responses.RequestsMock) -> Shopify:
    """Shopify, for whatever shop asks."""
    desk = Shopify()
    network.add_callback(responses.POST, re.compile(r"https://[^/]+/admin/oauth/access_token"), desk.issue)
    network.add_callback(responses.POST, re.compile(r"https://[^/]+/admin/api/"), desk.answer)
    return desk


@pytest.fixture
def nudges(tools: Tools) -> list[tuple[str, str]]:
    """What the engine was asked to settle soon."""
    return []


@pytest.fixture
def noted(tools: Tools, nudges: list[tuple[str, str]]) -> Tools:
    """Tools that note their nudges."""
    return replace(tools, nudge=lambda kind, key: nudges.append((kind, key)))


@pytest.fixture
def browser(tools: Tools) -> FlaskClient:
    """A merchant's browser at our install door."""
    app = Flask("install")
    app.extensions["laurel"] = tools
    app.register_blueprint(bp)
    app.register_error_handler(LaurelError, lambda fault: ({"error": fault.code}, fault.status))
    return app.test_client()


def id_token(tools: Tools, domain: str = DOMAIN, user: str = "42") -> IdToken:
    """A verified ID token of now, as the admin's door hands it over."""
    at = int(tools.clock().timestamp())
    claims = {
        "iss": f"https://{domain}/admin",
        "dest": f"https://{domain}",
        "aud": API_KEY,
        "sub": user,
        "exp": at + 60,
        "nbf": at,
        "iat": at,
        "jti": f"jti-{at}",
        "sid": "session",
    }
    raw = jwt.encode(claims, DEVELOPMENT_SECRET, algorithm="HS256")
    return verified_id_token(raw, API_KEY, [DEVELOPMENT_SECRET], tools.clock())
