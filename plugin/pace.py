"""How often one shopper, or one key of the API, may ask: a token bucket each, in this process. A brake on loops, not a fence."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime

from plugin.errors import TooFast

_BUCKETS_MAX = 20_000


@dataclass(frozen=True, slots=True)
class Pace:
    """`burst` requests at once, then `per_second` more each second."""

    burst: float
    per_second: float


READING = Pace(burst=30, per_second=2)
ACTING = Pace(burst=8, per_second=0.25)
CALLING = Pace(burst=60, per_second=20)
CLAIMING = Pace(burst=30, per_second=0.2)
"""How often guests may claim what one link offers: friends of one person, not all the world."""
GUESSING = Pace(burst=60, per_second=0.5)
"""How often a shop's visitors may open links that are nobody's."""


class Paces:
    """The buckets of one process; the ones not used for longest are forgotten first."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._buckets: OrderedDict[Hashable, tuple[float, datetime]] = OrderedDict()

    def take(self, key: Hashable, pace: Pace, now: datetime) -> None:
        """Count one request.

        Raises:
            TooFast: the bucket is empty.
        """
        with self._guard:
            tokens, since = self._buckets.pop(key, (pace.burst, now))
            filled = min(pace.burst, tokens + max(0.0, (now - since).total_seconds()) * pace.per_second)
            self._buckets[key] = (filled - 1 if filled >= 1 else filled, now)
            if len(self._buckets) > _BUCKETS_MAX:
                self._buckets.popitem(last=False)
        if filled < 1:
            raise TooFast("asked too often", retry_after_seconds=(1 - filled) / pace.per_second)
