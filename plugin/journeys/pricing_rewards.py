"""The catalogue as somebody is offered it now: campaigns change what rewards cost or are worth, as of the instant of the wish."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from plugin.journeys.viewing_tiers import tier_standing
from plugin.members import Member
from plugin.money import decimals_of
from plugin.programme.store import get_programme
from plugin.rules import ProgrammeDocument
from plugin.rules.pricing import Asker, Priced, priced
from plugin.shops.store import Shop


def offered_rewards(
    session: Session, document: ProgrammeDocument, shop: Shop, member: Member | None, now: datetime
) -> list[Priced]:
    """Price the catalogue for a member, or for somebody who is none yet; looks up no more than campaigns ask."""
    campaigns = [one for one in document.campaigns if one.is_active and one.is_for_rewards]
    if not campaigns:
        return [Priced(one, one) for one in document.rewards]
    tier = None
    if member is not None and any(one.when and one.when.tiers for one in campaigns):
        standing = tier_standing(session, member, now)
        tier = standing.holding.tier if standing else None
    timezone = get_programme(session, shop.programme_id).timezone
    return priced(document, Asker(now, timezone, decimals_of(shop.currency), tier))
