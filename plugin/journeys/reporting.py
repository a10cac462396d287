"""A merchant's program, or a partner's, tells that a customer did something. Each call counts once, however often it is repeated."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from plugin.errors import LaurelError, NotAllowed, WishReused
from plugin.journeys.acting import Deed, Outcome, act, find_action, occurrence_of
from plugin.journeys.documents import document_of, version_in_force
from plugin.journeys.tools import Tools
from plugin.members import find_member
from plugin.members.store import AliasKey
from plugin.rules import Action
from plugin.shops.api_requests import ApiRequest, answer_api_request, lock_api_request

_CLOCKS_DIFFER = timedelta(minutes=5)


class KeyReused(WishReused):
    """The same idempotency key came again with other content."""

    code = "key_reused"


@dataclass(frozen=True, slots=True)
class Report:
    """What a call tells. `subject` is what it was about: one counts once, whatever `key` it comes under."""

    customer: AliasKey
    action_id: str
    key: str
    subject: str | None = None
    occurred_at: datetime | None = None

    @property
    def content_hash(self) -> str:
        """What the call says, in 64 hex digits: a repetition must say the same."""
        at = self.occurred_at.isoformat() if self.occurred_at else None
        content = json.dumps([self.customer[2], self.action_id, self.subject, at])
        return hashlib.sha256(content.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Reported:
    """What a call is answered; `is_new` is false where it was answered before."""

    body: dict[str, Any]
    is_new: bool


def report(tools: Tools, told: Report) -> Reported:
    """Let what a call tells count. The same call again has the same answer; one that was refused may be tried again.

    Raises:
        KeyReused: the key came with other content before.
        NotAllowed: it gives nothing; `code` says why.
    """
    now = tools.clock()
    programme_id, shop_id, _ = told.customer
    refusal: LaurelError | None = None
    with tools.writing() as session:
        asked = ApiRequest(programme_id, shop_id, told.key, told.content_hash)
        known = lock_api_request(session, asked, now)
        if known.content_hash != told.content_hash:
            raise KeyReused("this key was for something else before")
        if known.answer is not None:
            return Reported(known.answer, is_new=False)
        try:
            body = _counted(session, told, now)
            answer_api_request(session, asked, body)
        except NotAllowed as fault:
            refusal = fault  # raised once the key is kept: it stays taken by this content
    if refusal is not None:
        raise refusal
    return Reported(body, is_new=True)


def _counted(session: Session, told: Report, now: datetime) -> dict[str, Any]:
    at = told.occurred_at or now
    if at > now + _CLOCKS_DIFFER:
        raise NotAllowed("this has not happened yet", code="in_the_future")
    at = min(at, now)
    action, deed = _deed(session, told, at)
    outcome = act(session, deed, now)
    if not outcome.is_new:
        raise NotAllowed("this has counted", code="already_done")
    if outcome.why:
        raise NotAllowed("this gives nothing", code=outcome.why)
    return _body(action, outcome, at)


def _deed(session: Session, told: Report, at: datetime) -> tuple[Action, Deed]:
    programme_id, shop_id, _ = told.customer
    version = version_in_force(session, programme_id, at)
    action = find_action(document_of(session, programme_id, version), told.action_id, "api")
    if action is None:
        raise NotAllowed("no such action is open to calls", code="action_unavailable")
    member = find_member(session, *told.customer)
    if member is None:
        raise NotAllowed("we never saw this customer", code="unknown_customer")
    mark = ("subject", told.subject) if told.subject else ("key", shop_id, told.key)
    return action, Deed(
        programme_id=programme_id,
        member_id=member.member_id,
        action_id=action.id,
        occurrence=occurrence_of(action, *mark),
        occurred_at=at,
        source="api",
        shop_id=shop_id,
    )


def _body(action: Action, outcome: Outcome, at: datetime) -> dict[str, Any]:
    """The answer, without the customer: it may outlive them."""
    return {
        "action": action.id,
        "points": outcome.points,
        "occurred_at": at.isoformat(),
        "limits": list(outcome.limits),
    }
