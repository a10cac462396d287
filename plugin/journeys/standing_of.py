"""What a merchant has to see of one customer before changing their points."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from plugin.journeys.viewing_tiers import TierStanding, tier_standing
from plugin.ledger import Account, balances
from plugin.members.carried_over import find_carried_over
from plugin.members.store import AliasKey, find_member
from plugin.programme.store import get_programme


@dataclass(frozen=True, slots=True)
class MemberStanding:
    """A customer's points, the tier they hold, and the one they brought along from a `source`; `account` is None for one we never saw."""

    account: Account | None = None
    tier: str | None = None
    source: str | None = None
    held: TierStanding | None = None
    timezone: str = "UTC"


def member_standing(session: Session, customer: AliasKey, now: datetime) -> MemberStanding:
    """Look a customer up."""
    member = find_member(session, *customer)
    if member is None:
        return MemberStanding()
    brought = find_carried_over(session, member.programme_id, member.member_id)
    return MemberStanding(
        account=balances(session, member.programme_id, member.account_id),
        tier=brought.tier if brought else None,
        source=brought.source if brought else None,
        held=tier_standing(session, member, now),
        timezone=get_programme(session, member.programme_id).timezone,
    )
