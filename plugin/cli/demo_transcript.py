"""A numbered transcript that a person can follow: what was tried, what came back, whether that is right."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click

PATIENCE_SECONDS = 20.0
_FIRST_PAUSE_SECONDS = 0.05
_LONGEST_PAUSE_SECONDS = 0.5


class StepFailed(Exception):
    """Something is not as it should be; the message says what."""


class Transcript:
    """Prints as it goes. Waiting is asking again with a deadline, never a fixed pause."""

    def __init__(self, say: Callable[[str], None] = click.echo) -> None:
        self._say = say
        self.steps = 0

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Announce a step; what it notes stands under it."""
        self.steps += 1
        self._say(f"\n{self.steps:2d}. {title}")
        yield

    def saw(self, what: str) -> None:
        """Note something that is as it should be."""
        self._say(f"      ✓ {what}")

    def equal(self, what: str, seen: Any, wanted: Any) -> None:
        """Hold what was seen against what should be.

        Raises:
            StepFailed: they differ.
        """
        if seen != wanted:
            raise StepFailed(f"{what}: expected {wanted!r}, saw {seen!r}")
        self.saw(f"{what}: {seen}")

    def true(self, what: str, holds: object) -> None:
        """Note something that must hold.

        Raises:
            StepFailed: it does not.
        """
        if not holds:
            raise StepFailed(f"not so: {what}")
        self.saw(what)

    def becomes(self, what: str, look: Callable[[], Any], wanted: Any) -> None:
        """Look until it is as it should be.

        Raises:
            StepFailed: it did not become so in time; says what was seen last.
        """
        ends_at, pause, begun_at = time.monotonic() + PATIENCE_SECONDS, _FIRST_PAUSE_SECONDS, time.monotonic()
        while (seen := look()) != wanted:
            if time.monotonic() > ends_at:
                raise StepFailed(f"{what}: expected {wanted!r} within {PATIENCE_SECONDS:g} s, saw {seen!r} last")
            threading.Event().wait(pause)
            pause = min(_LONGEST_PAUSE_SECONDS, pause * 1.5)
        self.saw(f"{what}: {seen} (after {time.monotonic() - begun_at:.2f} s)")
