"""Builds the Flask app from tools, or from the environment for a web server."""

from __future__ import annotations

import os
from multiprocessing.util import Finalize

from flask import Flask

from plugin.admin.deliveries import bp as deliveries
from plugin.admin.past_orders import bp as past_orders
from plugin.admin.points import bp as points
from plugin.admin.referrals import bp as referral_queue
from plugin.admin.routes import bp as admin
from plugin.api.routes import bp as api
from plugin.config import from_env
from plugin.install.routes import bp as install
from plugin.journeys.tools import Tools
from plugin.wiring import Service
from plugin.wsgi.failures import answer_failures
from plugin.wsgi.headers import guard_answers
from plugin.wsgi.logs import log_requests, log_to_stderr
from plugin.wsgi.operations import bp as operations
from storefront_widget.referrals import bp as referrals
from storefront_widget.routes import bp as storefront
from webhooks.routes import bp as webhooks

BODY_BYTES_MAX = 2 * 1024 * 1024


def create_app(tools: Tools) -> Flask:
    """Put every door on one app; doors find the tools at `current_app.extensions["laurel"]`."""
    app = Flask("laurel", static_folder=None, template_folder=None)
    app.url_map.merge_slashes = False  # or `/proxy//summary` is redirected, and the answer repeats Shopify's signature
    app.config["MAX_CONTENT_LENGTH"] = BODY_BYTES_MAX
    app.extensions["laurel"] = tools
    log_requests(app)
    guard_answers(app, tools.settings)
    answer_failures(app)
    app.register_blueprint(operations)
    doors = (webhooks, storefront, referrals, api, install, admin, points, past_orders, deliveries, referral_queue)
    for door in doors:
        app.register_blueprint(door)
    return app


def application() -> Flask:
    """Build the app for a web server (`plugin.wsgi:application`, a factory); run both lanes beside it unless told not to."""
    settings = from_env(os.environ)
    log_to_stderr()
    service = Service(settings)
    if settings.runs_worker:
        service.start()
    Finalize(None, service.stop, exitpriority=0)  # `atexit` says nothing in a forked worker of the web server
    return create_app(service.tools)
