"""How awards for referrals are referred to: by the referral, for whom, and in which round."""

from __future__ import annotations

from typing import Literal, get_args
from uuid import UUID

Role = Literal["referrer", "friend"]
ROLES: tuple[Role, ...] = get_args(Role)


def reference_of(referral_id: UUID, role: Role, round_number: int) -> str:
    """Name what a role has, or would have, in this round."""
    return f"referral:{referral_id}:{role}:{round_number}"
