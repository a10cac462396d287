"""What those who give awards ask for: points for something else than one order, and points of such an award to take back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from plugin.ledger.shapes import AccountKey

Reason = Literal["action", "referral", "tier", "challenge", "membership"]


@dataclass(frozen=True, slots=True)
class AwardWish:
    """Points to give for a fact of `occurred_at` (aware UTC); the same reference again is the same award.

    `document_version` names the version whose terms hold. They can be spent `maturity_days` after the fact, by the programme's clock.
    `explanation` holds ids and numbers, no names.
    """

    programme_id: UUID
    account_id: UUID
    reference: str
    reason: Reason
    points: int
    occurred_at: datetime
    document_version: int
    explanation: Mapping[str, Any] = field(default_factory=dict)
    actor: str = "laurel"
    maturity_days: int | None = None

    @property
    def key(self) -> AccountKey:
        """The account's key: (programme, account)."""
        return self.programme_id, self.account_id


@dataclass(frozen=True, slots=True)
class Recall:
    """Points of an award to take back for a fact of `occurred_at`; None is all that is left. The same reference again does nothing."""

    programme_id: UUID
    award_reference: str
    reference: str
    occurred_at: datetime
    points: int | None = None
    explanation: Mapping[str, Any] = field(default_factory=dict)
    actor: str = "laurel"
