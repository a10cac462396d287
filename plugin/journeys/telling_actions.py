"""What is known of a member besides points, as data: what they told of themselves, and what their actions gave."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from plugin.actions.store import list_action_awards
from plugin.members import Member
from plugin.members.profiles import get_profile

_HEAD = {"programme_id", "member_id"}


def shown_profile(session: Session, member: Member) -> dict[str, Any]:
    """What a member told of themselves; only what is there."""
    profile = get_profile(session, member.programme_id, member.member_id)
    values = {name: getattr(profile, name) for name in profile.__dataclass_fields__ if name not in _HEAD}
    return {
        name: value.isoformat() if name.endswith("_at") else value
        for name, value in values.items()
        if value is not None
    }


def shown_actions(session: Session, member: Member) -> list[dict[str, Any]]:
    """What a member's actions gave, oldest first; calendar days that gave nothing say why."""
    return [
        {
            "action_id": one.action_id,
            "kind": one.kind,
            "source": one.source,
            "points": one.points,
            "why": one.why,
            "occurred_at": one.occurred_at.isoformat(),
        }
        for one in list_action_awards(session, member.programme_id, member.member_id)
    ]
