"""Schedules and background jobs, behind one small interface."""

from plugin.engine.engine import Engine, JobKind

__all__ = ["Engine", "JobKind"]
