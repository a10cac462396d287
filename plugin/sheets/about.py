"""What a row of a merchant's file told of a person, opened for who may see it."""

from __future__ import annotations

import json
from typing import Any

from plugin.sealing import Sealer, Unsealable


def opened(sealer: Sealer, sealed: bytes | None, belongs_to: str) -> dict[str, Any]:
    """Open what a row holds sealed; nothing where it was forgotten, or sealed with a key that is gone."""
    if not sealed:
        return {}
    try:
        told: dict[str, Any] = json.loads(sealer.open(sealed, belongs_to))
    except Unsealable:
        return {}
    return told


def owner(sheet_id: Any, number: int) -> str:
    """Say whose a sealed row is; sealing and opening must name the same."""
    return f"sheet-row:{sheet_id}:{number}"
