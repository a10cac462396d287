"""A member does something besides buying, and it counts: once each, within its limits, whoever tells us of it and how often.

The account is locked before anything is counted, so twenty who press at once are given what the limits leave and no more.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from plugin.actions.store import ActionAward, add_action_award, list_action_awards
from plugin.errors import Conflict
from plugin.journeys.awarding import AwardWish, award_points
from plugin.journeys.charging_caps import allow
from plugin.journeys.documents import document_of, version_in_force
from plugin.ledger import Books
from plugin.members import Member, get_member
from plugin.programme.store import get_programme
from plugin.rules import Action, Given, ProgrammeDocument, Verdict, decide
from plugin.rules.schema_actions import ONCE, YEARLY, Kind, Source
from plugin.shops.store import get_shop

IN_A_LIFE = "once"
"""The occurrence of what counts once in a life."""
CAP_REACHED = "cap_reached"
A_YEAR_AT_LEAST = timedelta(days=330)
"""Two birthdays nearer to each other are one, however they were moved on the calendar."""


@dataclass(frozen=True, slots=True)
class Deed:
    """What a member did at `occurred_at` (aware UTC), as `source` told it. The same `occurrence` of an action counts once.

    `shop_id` is given where the shop's start line holds. `wish_id` is the click's.
    """

    programme_id: UUID
    member_id: UUID
    action_id: str
    occurrence: str
    occurred_at: datetime
    source: Source
    shop_id: UUID | None = None
    wish_id: str | None = None

    @property
    def reference(self) -> str:
        """The posting's reference."""
        return reference_of(self.action_id, self.member_id, self.occurrence)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a deed: points, or in a machine word why none. `is_new` is false where the same had counted before."""

    action_id: str
    kind: str | None
    points: int
    why: str | None = None
    limits: tuple[dict[str, Any], ...] = ()
    again_at: datetime | None = None
    is_new: bool = True


def act(session: Session, deed: Deed, now: datetime) -> Outcome:
    """Give what a deed is worth, once. What gives nothing leaves no trace.

    Raises:
        Conflict: the member moved to another account at this very moment; try again.
    """
    member = locked_member(session, deed.programme_id, deed.member_id)
    before = list_action_awards(session, deed.programme_id, deed.member_id)
    if same := next(
        (one for one in before if (one.action_id, one.occurrence) == (deed.action_id, deed.occurrence)), None
    ):
        return Outcome(same.action_id, same.kind, same.points, same.why, is_new=False)
    version = version_in_force(session, deed.programme_id, deed.occurred_at)
    document = document_of(session, deed.programme_id, version)
    action = find_action(document, deed.action_id, deed.source)
    if action is None:
        return Outcome(deed.action_id, None, 0, "action_unavailable")
    if why := _why_not(session, deed, member, action, before):
        return Outcome(action.id, action.kind, 0, why)
    timezone = get_programme(session, deed.programme_id).timezone
    verdict = decide(document, action, deed.occurred_at, given_of(before), timezone)
    if verdict.points:
        wish = _wish(deed, member, action, verdict, version)
        (allowed,) = allow(session, [wish])
        if allowed.points < verdict.points:
            less = action.model_copy(update={"points": allowed.points})
            verdict = decide(document, less, deed.occurred_at, given_of(before), timezone)
            told = {**allowed.explanation, "limits": list(verdict.limits)}
            allowed = replace(allowed, explanation=told)
        if not allowed.points:
            return Outcome(action.id, action.kind, 0, CAP_REACHED, verdict.limits)
        add_action_award(session, _row(deed, action, allowed.points, version, now))
        award_points(session, [allowed], now)
    return Outcome(action.id, action.kind, verdict.points, verdict.why, verdict.limits, verdict.again_at)


def act_on_kind(session: Session, kind: Kind, deed: Deed, now: datetime) -> None:
    """Let a deed count for every action of a kind that was switched on when it was done; `deed.action_id` says nothing."""
    version = version_in_force(session, deed.programme_id, deed.occurred_at)
    for action in document_of(session, deed.programme_id, version).actions:
        if action.kind == kind and action.is_active and action.source == deed.source:
            act(session, _of_action(deed, action.id), now)


def locked_member(session: Session, programme_id: UUID, member_id: UUID) -> Member:
    """Lock the member's account and return the member as they are then.

    Raises:
        Conflict: the member moved to another account at this very moment.
    """
    seen = get_member(session, programme_id, member_id)
    Books(session).lock([(programme_id, seen.account_id)])
    member = get_member(session, programme_id, member_id)
    if member.account_id != seen.account_id or member.standing == "merged":
        raise Conflict("the member moved to another account just now")
    return member


def find_action(document: ProgrammeDocument, action_id: str, source: Source) -> Action | None:
    """Return an action that is switched on and comes from this source."""
    found = (one for one in document.actions if one.id == action_id and one.is_active and one.source == source)
    return next(found, None)


def occurrence_of(action: Action, *marks: object) -> str:
    """Name one time of an action: once in a life, or by marks that tell it from other times and that nobody can read out of it."""
    if action.kind in ONCE:
        return IN_A_LIFE
    return hashlib.sha256("|".join(str(one) for one in marks).encode()).hexdigest()[:32]


def reference_of(action_id: str, member_id: UUID, occurrence: str) -> str:
    """Name the posting of a deed."""
    return f"action:{action_id}:{member_id}:{occurrence}"


def given_of(awards: Sequence[ActionAward]) -> list[Given]:
    """What limits count of earlier awards."""
    return [Given(one.action_id, one.points, one.occurred_at) for one in awards if one.points]


def _why_not(session: Session, deed: Deed, member: Member, action: Action, before: Sequence[ActionAward]) -> str | None:
    """Say why a deed does not count at all, whatever its limits."""
    if member.standing != "joined":
        return "not_a_member"
    if deed.shop_id is not None and deed.occurred_at < get_shop(session, deed.shop_id).earning_starts_at:
        return "before_start"
    if action.kind in YEARLY and any(_is_of_this_year(one, deed) for one in before):
        return "already_this_year"
    return None


def _is_of_this_year(one: ActionAward, deed: Deed) -> bool:
    """A birthday that is moved on the calendar does not come round sooner."""
    is_near = abs(one.occurred_at - deed.occurred_at) < A_YEAR_AT_LEAST
    return one.action_id == deed.action_id and one.points > 0 and is_near


def _wish(deed: Deed, member: Member, action: Action, verdict: Verdict, version: int) -> AwardWish:
    return AwardWish(
        programme_id=deed.programme_id,
        account_id=member.account_id,
        reference=deed.reference,
        reason="action",
        points=verdict.points,
        occurred_at=deed.occurred_at,
        document_version=version,
        explanation={
            "rule_id": action.id,
            "kind": action.kind,
            "proof": action.proof,
            "source": deed.source,
            "full_points": action.points,
            "limits": list(verdict.limits),
        },
    )


def _row(deed: Deed, action: Action, points: int, version: int, now: datetime) -> ActionAward:
    return ActionAward(
        programme_id=deed.programme_id,
        member_id=deed.member_id,
        action_id=action.id,
        occurrence=deed.occurrence,
        kind=action.kind,
        source=deed.source,
        points=points,
        why=None,
        wish_id=deed.wish_id,
        document_version=version,
        occurred_at=deed.occurred_at,
        recorded_at=now,
    )


def _of_action(deed: Deed, action_id: str) -> Deed:
    return Deed(
        deed.programme_id, deed.member_id, action_id, deed.occurrence, deed.occurred_at, deed.source, deed.shop_id
    )
