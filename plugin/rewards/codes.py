"""Discount codes: derived, so that every try of one redemption asks for the same code; unguessable; and easy to copy by hand."""

from __future__ import annotations

import hashlib
import hmac
from uuid import UUID

# No vowels, so no words; and no letter that is mistaken for another on paper: 0 O, 1 I L, 2 Z, 5 S, 8 B, U.
ALPHABET = "34679CDFGHJKMNPQRTVWXY"
CODE_LETTERS = 18
_TITLE_LENGTH_MAX = 200


def derive_code(secret: str, prefix: str, programme_id: UUID, redemption_id: UUID, attempt: int) -> str:
    """Make the code of a redemption's `attempt` (from 1): the prefix and 18 letters, over 80 bits of HMAC-SHA256."""
    message = f"laurel code 1|{programme_id}|{redemption_id}|{attempt}"
    number = int.from_bytes(hmac.digest(secret.encode(), message.encode(), hashlib.sha256))
    letters = []
    for _ in range(CODE_LETTERS):
        number, letter = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[letter])
    return "-".join(part for part in (prefix.strip("-").upper(), "".join(letters)) if part)


def discount_title(name: str, redemption_id: UUID) -> str:
    """Name a discount at Shopify so that it can be told to be ours: the reward's name, then the redemption's id."""
    return f"{name[:_TITLE_LENGTH_MAX].strip()} {redemption_id}".strip()


def is_ours(title: str, redemption_id: UUID) -> bool:
    """Whether a discount found by its code was made for this redemption."""
    return title.endswith(str(redemption_id))
