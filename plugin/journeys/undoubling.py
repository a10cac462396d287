"""What a person is given once is not given twice because they were two customers: after a merge the earlier award stays.

Once in a life, once a year, or as often in a life as the action's own limit says. What is too much goes the way of every award that
is taken back; the row of the action stays and says why it is worth nothing, so that nothing brings it back.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby
from uuid import UUID

from sqlalchemy.orm import Session

from plugin.actions.store import ActionAward, called_at_first, list_action_awards, void_action_award
from plugin.journeys.acting import A_YEAR_AT_LEAST, reference_of
from plugin.journeys.awarding import Recall, recall_award
from plugin.journeys.documents import document_of
from plugin.ledger.awards import find_awards
from plugin.ledger.by_hand import find_postings
from plugin.members.store import list_merged_into
from plugin.rules.schema_actions import ONCE, YEARLY

DOUBLED = "doubled"
"""Why an award is worth nothing: the person has had it as another customer."""


def take_back_doubles(session: Session, programme_id: UUID, member_id: UUID, at: datetime, now: datetime) -> None:
    """Take back what a member, who was just merged with another, was given too often. The accounts of both are locked."""
    given = [one for one in list_action_awards(session, programme_id, member_id) if one.points]
    by_action = groupby(sorted(given, key=lambda one: (one.action_id, one.occurred_at)), lambda one: one.action_id)
    surplus = [one for _, awards in by_action for one in _surplus(session, list(awards))]
    if not surplus:
        return
    merged = list_merged_into(session, programme_id, [member_id]).get(member_id, ())
    for one in surplus:
        if reference := _reference(session, one, (member_id, *merged)):
            told = {"rule_id": one.action_id, "because": DOUBLED}
            since = max(one.occurred_at, min(at, now))
            recall_award(session, Recall(programme_id, reference, f"{reference}:back", since, explanation=told), now)
            void_action_award(session, one, DOUBLED)


def _surplus(session: Session, awards: Sequence[ActionAward]) -> Iterator[ActionAward]:
    """List what is too much of one action's awards, which come oldest first."""
    kept: list[ActionAward] = []
    for one in awards:
        if _is_too_often(session, one, kept):
            yield one
        else:
            kept.append(one)


def _is_too_often(session: Session, one: ActionAward, kept: Sequence[ActionAward]) -> bool:
    if one.kind in ONCE:
        return bool(kept)
    if one.kind in YEARLY:
        return bool(kept) and one.occurred_at - kept[-1].occurred_at < A_YEAR_AT_LEAST
    document = document_of(session, one.programme_id, one.document_version)
    action = next(known for known in document.actions if known.id == one.action_id)
    times = [limit.times for limit in action.limits if limit.per == "life" and limit.times is not None]
    return bool(times) and len(kept) >= min(times)


def _reference(session: Session, one: ActionAward, people: Sequence[UUID]) -> str | None:
    """Find out by what name it was posted: that of whoever the member was then.

    Birthdays of one person are dated by the same instant, so that of several names it is one under which points are left.
    """
    names = [reference_of(one.action_id, who, called_at_first(one)) for who in people]
    given = find_awards(session, one.programme_id, names)
    left = [name for name in names if name in given and given[name].left]
    found = find_postings(session, one.programme_id, left)
    dated = [name for name in left if name in found and found[name].occurred_at == one.occurred_at]
    return next((name for name in dated if given[name].points == one.points), next(iter(dated), None))
