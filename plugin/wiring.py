"""Wires the parts together: tools, job kinds, the drainer. Imported by the entry points alone."""

from __future__ import annotations

from datetime import UTC, datetime

import requests

from plugin.config import Settings
from plugin.db import Database
from plugin.journeys.tools import Tools
from plugin.sealing import Sealer


def utc_now() -> datetime:
    """Tell the time; the one place that asks the machine."""
    return datetime.now(UTC)
