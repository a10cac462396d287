"""What a journey is handed: sessions, the clock, the way out to Shopify. Made once at the start, made of fakes in tests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime

import requests
from sqlalchemy.orm import Session

from plugin.config import Settings
from plugin.db import Database
from plugin.facts import Delivery
from plugin.sealing import Sealer

Store = Callable[[Sequence[Delivery]], None]
Nudge = Callable[[str, str], None]


@dataclass(frozen=True, slots=True)
class Tools:
    """Handed in once.

    `clock` returns aware UTC. `store` remembers deliveries durably before it returns. `nudge(kind, key)` asks the engine to settle
    something soon; losing a nudge loses nothing, since every kind has a sweep.
    """

    settings: Settings
    database: Database
    clock: Callable[[], datetime]
    http: requests.Session
    sealer: Sealer
    store: Store
    nudge: Nudge

    def reading(self) -> AbstractContextManager[Session]:
        """Open a session that never writes."""
        return self.database.reading()

    def writing(self) -> AbstractContextManager[Session]:
        """Open a session that commits at the end of the block."""
        return self.database.writing()
