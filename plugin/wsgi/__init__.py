"""The web application: every door on one Flask app, and what all answers have in common."""

from plugin.wsgi.application import application, create_app

__all__ = ["application", "create_app"]
