"""What a shopper sees of paid memberships: those they hold, until when, and what comes with them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from plugin.journeys.holding_memberships import running
from plugin.journeys.phrasing import Phrases
from plugin.members import Member
from plugin.rules import ProgrammeDocument


def shown_memberships(
    session: Session, member: Member, document: ProgrammeDocument, phrases: Phrases, now: datetime
) -> list[dict[str, Any]]:
    """List the memberships that run, with a sentence each; a programme that never sold one is asked nothing."""
    known = {one.id: one for one in document.memberships}
    shown = []
    for one in running(session, member, document, now):
        if one.membership_id in known:
            title = phrases.words.pick(known[one.membership_id].title)
            key = "summary.membership" if now < one.ends_at else "summary.membership.over"
            shown.append(
                {
                    "id": one.membership_id,
                    "title": title,
                    "ends_at": one.ends_at.isoformat(),
                    "sentence": phrases.words.say(key, title=title, date=phrases.date(one.ends_at)),
                    "perks": [
                        {
                            "id": perk.id,
                            "kind": perk.kind,
                            "title": phrases.words.pick(perk.title),
                            "enforced_by": perk.enforced_by,
                        }
                        for perk in known[one.membership_id].perks
                    ],
                }
            )
    return shown
