"""A member's history: every change of their points, with its reason as a sentence, newest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, get_args
from uuid import UUID

from sqlalchemy.orm import Session

from plugin.errors import BadInput
from plugin.journeys.documents import document_of
from plugin.journeys.explaining import explain_to_shopper
from plugin.journeys.phrasing import Phrases
from plugin.journeys.undoubling import DOUBLED
from plugin.ledger.adjustments import Notes, find_notes
from plugin.ledger.flows import AWARDS
from plugin.ledger.statement import Change, Cursor, list_changes
from plugin.members import Member
from plugin.rewards import Redemption, find_redemption, list_redemptions
from plugin.rules.schema_actions import Kind

PAGE = 15

_ORDER_CHANGES = {"cancellation": "history.order.cancelled", "refund": "history.order.refund"}
_WITH_A_LOSS = {
    "adjustment": "history.adjustment.less",
    "import": "history.import.less",
    **dict.fromkeys(AWARDS, "history.award.less"),
}


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """`entries` is ready to be shown; `next` asks for the page after it, None at the end."""

    entries: list[dict[str, Any]]
    next: str | None


def history(session: Session, member: Member, phrases: Phrases, before: str | None) -> HistoryPage:
    """List a page of entries with their reasons.

    Raises:
        BadInput: `before` is not what an earlier page gave as `next`.
    """
    cursor = _parse_cursor(before) if before else None
    found = list_changes(session, member.programme_id, member.account_id, before=cursor, limit=PAGE + 1)
    page = found[:PAGE]
    rewards = _redemptions(session, member, page)
    notes = find_notes(session, member.programme_id, [one.posting_id for one in page])
    entries = [
        {
            **_entry(one, rewards.get(one.redemption_id), phrases, notes.get(one.posting_id)),
            "why": _why(session, member.programme_id, one, phrases),
        }
        for one in page
    ]
    return HistoryPage(entries, _cursor(page[-1]) if len(found) > PAGE else None)


def sentence_of(change: Change, redemption: Redemption | None, phrases: Phrases) -> tuple[str, str]:
    """Say why points came or went: (a short title, the whole sentence)."""
    key = _key(change, redemption)
    values: dict[str, Any] = {
        "order": str(change.explanation.get("order_name") or f"#{change.order_id}"),
        "reward": phrases.stored_title(redemption.reward) if redemption else "",
        "points": phrases.points(abs(change.points)),
    }
    title = phrases.words.say(f"{key}.title", **values)
    if change.pending and change.matures_at and key == "history.order":
        return title, phrases.words.say("history.order.pending", date=phrases.date(change.matures_at), **values)
    return title, phrases.words.say(key, **values)


def _entry(change: Change, redemption: Redemption | None, phrases: Phrases, notes: Notes | None) -> dict[str, Any]:
    title, sentence = sentence_of(change, redemption, phrases)
    asides = [notes.public] if notes and notes.public else []
    if change.pending and change.matures_at:
        asides = [phrases.words.say("history.pending_until", date=phrases.date(change.matures_at))]
    if change.points > 0 and (held_back := _held_back(change.explanation, phrases)):
        asides.append(held_back)
    return {
        "id": str(change.posting_id),
        "reason": change.reason,
        "points": change.points,
        "change_text": phrases.change(change.points),
        "title": title,
        "sentence": sentence,
        "aside": " · ".join(asides) or None,
        "occurred_at": change.occurred_at.isoformat(),
        "date_text": phrases.date(change.occurred_at),
    }


def _why(session: Session, programme_id: UUID, change: Change, phrases: Phrases) -> list[str]:
    """Say what an order's points came from, under the version that gave them."""
    evaluation = change.explanation.get("evaluation")
    if change.reason != "order" or not evaluation:
        return []
    return explain_to_shopper(evaluation, document_of(session, programme_id, evaluation["version"]), phrases)


def _held_back(explanation: Mapping[str, Any], phrases: Phrases) -> str | None:
    """Say which limit left least of what was asked for; None where none held anything back."""
    caps = (explanation.get("evaluation") or explanation).get("caps")
    if not caps:
        return None
    least = min(caps, key=lambda one: one["given"])
    given, asked = phrases.words.number(least["given"]), phrases.points(least["asked"])
    return phrases.words.say("history.capped", given=given, points=asked)


def _key(change: Change, redemption: Redemption | None) -> str:
    if change.reason == "order":
        if change.points > 0:
            return "history.order"
        return _ORDER_CHANGES.get(str(change.explanation.get("because")), "history.order.changed")
    if change.reason == "action" and (key := _action_key(change)):
        return key
    if change.reason == "referral":
        is_friend = change.explanation.get("role") == "friend"
        return "history.referral.less" if change.points < 0 else f"history.referral{'.friend' if is_friend else ''}"
    if change.reason == "redeem_hold" and (redemption is None or redemption.state != "held"):
        return "history.redeemed" if redemption else "history.redeem_hold"
    return _loss_key(change) if change.points < 0 else f"history.{change.reason}"


def _loss_key(change: Change) -> str:
    if change.reason in AWARDS and change.explanation.get("because") == DOUBLED:
        return "history.award.doubled"
    return _WITH_A_LOSS.get(change.reason, f"history.{change.reason}")


def _action_key(change: Change) -> str | None:
    kind = change.explanation.get("kind")
    return f"history.action.{kind}" if change.points > 0 and kind in get_args(Kind) else None


def _redemptions(session: Session, member: Member, changes: Sequence[Change]) -> dict[UUID | None, Redemption]:
    """Find the redemptions behind these changes: most are among the newest, the others are looked up one by one."""
    wanted = {one.redemption_id for one in changes if one.redemption_id}
    if not wanted:
        return {}
    newest = list_redemptions(session, member.programme_id, member.member_id)
    found: dict[UUID | None, Redemption] = {one.redemption_id: one for one in newest if one.redemption_id in wanted}
    for missing in sorted(wanted - found.keys()):
        if older := find_redemption(session, member.programme_id, missing):
            found[missing] = older
    return found


def _cursor(change: Change) -> str:
    return f"{change.occurred_at.isoformat()}~{change.posting_id.hex}"


def _parse_cursor(text: str) -> Cursor:
    instant, _, posting_id = text.partition("~")
    try:
        at, posting = datetime.fromisoformat(instant), UUID(hex=posting_id)
        if at.tzinfo is None:
            raise BadInput("not a page's mark", path="before")
        return Cursor(at.astimezone(UTC), posting)
    except (ValueError, OverflowError) as fault:  # the latter: an offset that leads out of the calendar
        raise BadInput("not a page's mark", path="before") from fault
