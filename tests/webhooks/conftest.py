"""The webhook door alone on a Flask app, and ways to knock at it."""

from __future__ import annotations

import pytest
from flask import Flask

from plugin.journeys.tools import Tools
from tests.factories import Shopfront
from tests.webhooks.sending import Door
from webhooks.routes import bp


@pytest.fixture
def door(tools: Tools, shop: Shopfront) -> Door:
    """The door of an installation with one shop."""
    app = Flask(__name__)
    app.extensions["laurel"] = tools
    app.register_blueprint(bp)
    return Door(app.test_client(), tools, shop)
