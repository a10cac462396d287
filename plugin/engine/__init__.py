"""Schedules and background jobs, behind one small interface."""

from plugin.engine.drainer import Drainer
from plugin.engine.engine import Engine, JobKind

__all__ = ["Drainer", "Engine", "JobKind"]
