"""A shopper's click: repeatable, so it carries an id made in the browser and a hash of what it asked for."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from uuid import UUID

from plugin.errors import BadInput

_WISH_ID = re.compile(r"[A-Za-z0-9_-]{8,64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Wish:
    """Who wants which reward. `points` is given only where the reward lets the shopper choose how many.

    Raises:
        BadInput: `wish_id` is not 8 to 64 letters, digits, `-` or `_`.
    """

    programme_id: UUID
    shop_id: UUID
    member_id: UUID
    customer_id: int
    wish_id: str
    reward_id: str
    points: int | None = None

    def __post_init__(self) -> None:
        """An id that a database or a log could choke on never gets further than this."""
        if not _WISH_ID.fullmatch(self.wish_id):
            raise BadInput("a wish id is 8 to 64 letters, digits, - or _", path="wish_id")

    @property
    def content_hash(self) -> str:
        """What the wish asks for, in 64 hex digits: a repetition must ask for the same."""
        content = json.dumps([str(self.shop_id), self.reward_id, self.points], ensure_ascii=True)
        return hashlib.sha256(content.encode()).hexdigest()
