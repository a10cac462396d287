"""The merchant gives, takes away, or writes off by hand: with a name, a reason, notes, within limits, and each click once."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from plugin.errors import BadInput, NotAllowed
from plugin.journeys.by_hand import Change, Outcome, customer_of, make_changes
from plugin.journeys.documents import current_document
from plugin.ledger import Account, Books, Fact, Terms, balances
from plugin.ledger.adjustments import Notes, charge_day
from plugin.ledger.by_hand import ByHand, change_by_hand, forgive_by_hand, told_terms
from plugin.members.store import AliasKey
from plugin.programme.store import get_programme
from plugin.rules import ProgrammeDocument, lot_terms

__all__ = [
    "NOTE_LENGTH_MAX",
    "WHYS",
    "Adjusted",
    "Adjustment",
    "Expiry",
    "Notes",
    "WriteOff",
    "adjust",
    "adjustment_change",
    "write_off",
]

WHYS = ("goodwill", "complaint", "correction", "promotion", "other")
"""Why a merchant changes points by hand; the words for them are in the catalogues."""
NOTE_LENGTH_MAX = 500
POINTS_MAX = 1_000_000_000
_KEY = re.compile(r"[!-~]{1,100}", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]+")

Expiry = Literal["programme", "never"] | datetime


@dataclass(frozen=True, slots=True)
class Adjustment:
    """One change of one customer's points by hand.

    `key` is made where the merchant decides: the same key twice is one change. `points` is signed; what is taken away and not there
    is refused unless it `may_owe`. Given points expire as the `programme` says of an order placed now, `never`, or at an instant.
    """

    customer: AliasKey
    points: int
    why: str
    key: str
    actor: str
    notes: Notes = field(default_factory=Notes)
    may_owe: bool = False
    expiry: Expiry = "programme"


@dataclass(frozen=True, slots=True)
class WriteOff:
    """Debt written off by hand; `points` None is all of it."""

    customer: AliasKey
    key: str
    actor: str
    points: int | None = None
    notes: Notes = field(default_factory=Notes)


@dataclass(frozen=True, slots=True)
class Adjusted:
    """What came of it; `is_new` is false where the same key had done it before."""

    posting_id: UUID
    account: Account
    is_new: bool


def adjust(session: Session, wish: Adjustment, now: datetime) -> Adjusted:
    """Give points to a customer or take some away.

    Raises:
        BadInput: the wish makes no sense; `path` says where.
        NotFound: we never saw this customer.
        NotAllowed: more than the programme lets one change, or one person in a day, move.
        InsufficientPoints: there is less to take away, and nothing may be owed.
        WishReused: the key was used for another change.
        Conflict: the customer was merged at this very moment; try again.
    """
    change = adjustment_change(session, wish, now)
    return _made(session, change, make_changes(session, [change], now)[0])


def adjustment_change(session: Session, wish: Adjustment, now: datetime) -> Change:
    """Check a wish against the programme and make it ready for the books."""
    _check(wish, now)
    programme_id = wish.customer[0]
    _, document = current_document(session, programme_id)
    if abs(wish.points) > document.adjusting.points_max:
        raise NotAllowed(f"one change may move {document.adjusting.points_max} points", code="limit_per_change")
    account_id = customer_of(session, wish.customer)
    timezone = get_programme(session, programme_id).timezone
    terms = _terms(document, wish, timezone, now) if wish.points > 0 else None
    fact = _fact(wish, "adjustment", _explanation(wish, terms), now)
    by_hand = ByHand(fact, account_id, wish.points, terms, may_owe=wish.may_owe)
    limit = document.adjusting.points_max_per_day
    day = (programme_id, wish.actor, now.astimezone(ZoneInfo(timezone)).date())

    def plan(books: Books) -> None:
        if limit is not None:
            charge_day(session, day, abs(wish.points), limit)
        change_by_hand(books, by_hand)

    return Change(wish.customer, account_id, fact, plan, _clean(wish.notes))


def write_off(session: Session, wish: WriteOff, now: datetime) -> Adjusted:
    """Forgive a customer's debt, all of it or some.

    Raises:
        BadInput: the wish makes no sense.
        NotFound: we never saw this customer.
        NotAllowed: they owe less than that, or nothing.
        WishReused: the key was used for another change.
        Conflict: the customer was merged at this very moment; try again.
    """
    _check_key(wish.key)
    _check_notes(wish.notes)
    account_id = customer_of(session, wish.customer)
    fact = _fact(wish, "write_off", {"asked": {"points": wish.points}}, now)
    change = Change(
        wish.customer, account_id, fact, partial(_forgive, fact, account_id, wish.points), _clean(wish.notes)
    )
    return _made(session, change, make_changes(session, [change], now)[0])


def _forgive(fact: Fact, account_id: UUID, points: int | None, books: Books) -> None:
    owed = -books.accounts[fact.programme_id, account_id].debt
    forgive_by_hand(books, fact, account_id, owed if points is None else points)


def _made(session: Session, change: Change, outcome: Outcome) -> Adjusted:
    if outcome.fault is not None:
        raise outcome.fault
    if outcome.posting_id is None:
        raise ValueError("a change is made or has a fault")
    return Adjusted(outcome.posting_id, balances(session, *change.key), outcome.is_new)


def _fact(wish: Adjustment | WriteOff, reason: str, explanation: dict[str, Any], now: datetime) -> Fact:
    return Fact(
        programme_id=wish.customer[0],
        reference=f"{reason}:{wish.key}",
        reason=reason,
        actor=wish.actor,
        explanation=explanation,
        occurred_at=now,
        shop_id=wish.customer[1],
    )


def _explanation(wish: Adjustment, terms: Terms | None) -> dict[str, Any]:
    """What the replay and the reader need, and the wish as it was asked for."""
    expiry = wish.expiry if isinstance(wish.expiry, str) else wish.expiry.isoformat()
    asked = {"points": wish.points, "why": wish.why, "may_owe": wish.may_owe, "expiry": expiry}
    return {"points": wish.points, "why": wish.why, "asked": asked, **told_terms(terms)}


def _terms(document: ProgrammeDocument, wish: Adjustment, timezone: str, now: datetime) -> Terms:
    if isinstance(wish.expiry, datetime):
        return Terms(now, now, wish.expiry)
    if wish.expiry == "never":
        return Terms(now, now)
    terms = lot_terms(document, now, timezone)
    return Terms(now, now, terms.expires_at, terms.rolling_days, terms.rolling_zone, terms.rolling_months)


def _check(wish: Adjustment, now: datetime) -> None:
    _check_key(wish.key)
    _check_notes(wish.notes)
    if not wish.points or abs(wish.points) > POINTS_MAX:
        raise BadInput("points are a whole number, above or below zero", path="points")
    if wish.why not in WHYS:
        raise BadInput(f"why is one of {', '.join(WHYS)}", path="why")
    if isinstance(wish.expiry, datetime) and wish.expiry <= now:
        raise BadInput("points that are given expire later than now", path="expires_at")


def _check_key(key: str) -> None:
    if not _KEY.fullmatch(key):
        raise BadInput("the key is 1 to 100 visible ASCII characters", path="key")


def _check_notes(notes: Notes) -> None:
    for path, note in (("public_note", notes.public), ("internal_note", notes.internal)):
        if note is not None and len(note) > NOTE_LENGTH_MAX:
            raise BadInput(f"a note has at most {NOTE_LENGTH_MAX} characters", path=path)


def _clean(notes: Notes) -> Notes:
    return Notes(_clean_note(notes.public), _clean_note(notes.internal))


def _clean_note(note: str | None) -> str | None:
    """One line without marks that could turn or hide what others read."""
    return _CONTROL.sub(" ", note or "").strip() or None
