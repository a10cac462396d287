"""A row of an order export that could not be read as an order."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """Where an unreadable order begins in its file, counted from 1 as a spreadsheet or an editor shows it, and what is wrong with it."""

    row: int
    fault: str
