"""Carries webhooks to the app as Shopify does: signed, at least once, in no promised order, tried again when not accepted."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import requests

from plugin.devstore.deployment import Deployment
from plugin.devstore.records import Faults

log = logging.getLogger(__name__)

API_VERSION = "2026-10"
_ANSWER_SECONDS = 5.0
_TRIES = 8
_FIRST_PAUSE_SECONDS = 0.25
_JOURNAL_LENGTH = 2000


@dataclass(frozen=True, slots=True)
class Parcel:
    """One delivery. A copy shares all but `webhook_id`, as Shopify's copies do."""

    topic: str
    body: bytes
    event_id: str
    webhook_id: str
    triggered_at: datetime
    tries: int = 0
    due_at: float = 0.0


@dataclass(frozen=True, slots=True)
class Arrival:
    """How the app answered one try; `status` 0 means that it did not."""

    parcel: Parcel
    status: int


class Courier:
    """Sends from a queue: by `deliver_waiting`, or in a thread of its own after `start`."""

    def __init__(self, deployment: Deployment, domain: str, faults: Faults, clock: Callable[[], datetime]) -> None:
        self.journal: deque[Arrival] = deque(maxlen=_JOURNAL_LENGTH)
        self.held: list[Parcel] = []
        self._deployment = deployment
        self._domain = domain
        self._faults = faults
        self._clock = clock
        self._http = requests.Session()
        self._waiting: list[Parcel] = []
        self._under_way = 0
        self._changed = threading.Condition()
        self._is_stopping = False
        self._thread: threading.Thread | None = None

    def send(self, topic: str, body: dict[str, Any], event_id: str, triggered_at: datetime | None = None) -> None:
        """Take a webhook on if the app subscribed to its topic; the weather decides whether it is held or doubled."""
        if topic not in self._deployment.topics:
            return
        raw = json.dumps(body, separators=(",", ":")).encode()
        parcel = Parcel(topic, raw, event_id, str(uuid.uuid4()), triggered_at or self._clock())
        with self._changed:
            target = self.held if self._faults.is_holding else self._waiting
            target.append(parcel)
            if self._faults.duplicated_next > 0:
                self._faults.duplicated_next -= 1
                target.append(_copy(parcel))
            self._changed.notify_all()

    def release(self, *, is_reversed: bool = False) -> int:
        """Let everything held go, oldest or newest first; return how many."""
        with self._changed:
            parcels, self.held = self.held, []
            self._waiting.extend(reversed(parcels) if is_reversed else parcels)
            self._changed.notify_all()
        return len(parcels)

    def send_again(self, webhook_id: str) -> bool:
        """Send a copy of something that arrived before; False if the journal no longer has it."""
        with self._changed:
            earlier = next((each.parcel for each in self.journal if each.parcel.webhook_id == webhook_id), None)
            if earlier is not None:
                self._waiting.append(_copy(earlier))
                self._changed.notify_all()
        return earlier is not None

    def deliver_waiting(self) -> list[Arrival]:
        """Try everything in the queue once, in the caller's thread."""
        with self._changed:
            parcels, self._waiting = self._waiting, []
        return [self._deliver(parcel) for parcel in parcels]

    def is_idle(self) -> bool:
        """Whether nothing is waiting or under way; held parcels do not count."""
        with self._changed:
            return not self._waiting and not self._under_way

    def wait_until_idle(self, seconds_max: float) -> bool:
        """Wait for an empty queue; False if it did not empty in time."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._waiting and not self._under_way, seconds_max)

    def start(self) -> None:
        """Deliver in the background until `stop`."""
        self._thread = threading.Thread(target=self._run, name="devstore-courier", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread after the delivery at hand; the rest stays undelivered."""
        with self._changed:
            self._is_stopping = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join()
        self._http.close()

    def _run(self) -> None:
        while (parcel := self._next_parcel()) is not None:
            self._deliver(parcel)
            with self._changed:
                self._under_way -= 1
                self._changed.notify_all()

    def _next_parcel(self) -> Parcel | None:
        with self._changed:
            while not self._is_stopping:
                soonest = min(self._waiting, key=lambda parcel: parcel.due_at, default=None)
                pause = soonest.due_at - time.monotonic() if soonest else None
                if soonest is not None and pause is not None and pause <= 0:
                    self._waiting.remove(soonest)
                    self._under_way += 1
                    return soonest
                self._changed.wait(pause)
        return None

    def _deliver(self, parcel: Parcel) -> Arrival:
        arrival = Arrival(parcel, self._post(parcel))
        with self._changed:
            self.journal.append(arrival)
            if not 200 <= arrival.status < 300 and parcel.tries + 1 < _TRIES:  # noqa: PLR2004 - "2xx"
                pause = _FIRST_PAUSE_SECONDS * 2**parcel.tries
                self._waiting.append(replace(parcel, tries=parcel.tries + 1, due_at=time.monotonic() + pause))
        return arrival

    def _post(self, parcel: Parcel) -> int:
        url = f"{self._deployment.app_url}{self._deployment.webhook_path}"
        headers = self._headers(parcel)
        try:
            return self._http.post(
                url, data=parcel.body, headers=headers, timeout=_ANSWER_SECONDS, allow_redirects=False
            ).status_code
        except requests.RequestException as fault:
            log.warning(
                "the app did not answer a webhook", extra={"topic": parcel.topic, "fault": type(fault).__name__}
            )
            return 0

    def _headers(self, parcel: Parcel) -> dict[str, str]:
        return {
            "Content-Type": "application/json",
            "User-Agent": "Laurel dev store (not Shopify)",
            "X-Shopify-Topic": parcel.topic,
            "X-Shopify-Hmac-Sha256": signature(parcel.body, self._deployment.secret),
            "X-Shopify-Shop-Domain": self._domain,
            "X-Shopify-API-Version": API_VERSION,
            "X-Shopify-Webhook-Id": parcel.webhook_id,
            "X-Shopify-Event-Id": parcel.event_id,
            "X-Shopify-Triggered-At": parcel.triggered_at.isoformat().replace("+00:00", "Z"),
        }


def signature(body: bytes, secret: str) -> str:
    """The base64 HMAC-SHA256 that Shopify puts on a webhook."""
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def _copy(parcel: Parcel) -> Parcel:
    return replace(parcel, webhook_id=str(uuid.uuid4()), tries=0, due_at=0.0)
