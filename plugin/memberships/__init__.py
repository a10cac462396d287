"""Paid memberships: what members bought, and what they hold because of it. Terms are worked out by `plugin.rules.memberships`."""

from plugin.memberships.store import Holding, Purchase

__all__ = ["Holding", "Purchase"]
