"""Points for something else than one order: an action, a friend, a tier, a challenge, a membership. Each once, each explained.

An award is a lot of its own under the programme's terms, dated by the fact that earned it. What comes late is told anew, as late
orders are, and what is taken back goes the way of a refund.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from plugin.days import days_later
from plugin.errors import NotFound
from plugin.journeys.award_wishes import AwardWish, Reason, Recall
from plugin.journeys.charging_caps import cut_to_limits, free
from plugin.journeys.documents import document_of
from plugin.journeys.locking import expect_locked
from plugin.journeys.noting_news import note_earned
from plugin.journeys.retelling import retell
from plugin.ledger import Books, Fact, Terms
from plugin.ledger.awards import Award, find_awards, give_award, take_award
from plugin.ledger.by_hand import find_postings, told_terms
from plugin.ledger.merged import surviving_accounts
from plugin.ledger.passing import pass_time
from plugin.ledger.shapes import AccountKey
from plugin.programme.store import get_programme
from plugin.rules import lot_terms

__all__ = ["AwardWish", "Reason", "Recall", "award_points", "recall_award"]


def award_points(session: Session, wishes: Sequence[AwardWish], now: datetime) -> list[UUID | None]:
    """Give each award once, whoever asks how often, as far as caps and budgets allow; return their postings, in the same order.

    None stands for one of which they leave nothing: asked again, it is given when they leave more.
    """
    books = Books(session)
    told = _lock(books, [wish.key for wish in wishes])
    posted = _posted(session, wishes)
    pass_time(books, list(books.accounts), now)
    late: set[AccountKey] = set()
    earned: set[AccountKey] = set()
    fresh = [wish for wish in wishes if (wish.programme_id, wish.reference) not in posted]
    for wish in cut_to_limits(session, fresh, told):
        if wish.points and (wish.programme_id, wish.reference) not in posted:
            fact, terms = _fact_and_terms(session, wish)
            if _is_late(books, told[wish.key], terms, now):
                late.add(told[wish.key])
            give_award(books, fact, told[wish.key][1], wish.points, terms, is_pending=terms.matures_at > now)
            posted[wish.programme_id, wish.reference] = fact.posting_id
            if wish.reason != "tier":  # what a level gave counts towards none
                earned.add(told[wish.key])
    books.write()
    _retell(session, late, now)
    note_earned(session, earned, now)
    return [posted.get((wish.programme_id, wish.reference)) for wish in wishes]


def recall_award(session: Session, recall: Recall, now: datetime) -> int:
    """Take points of an award back, as far as some of it are left; return how many.

    Raises:
        NotFound: no such award was given.
    """
    key = (recall.programme_id, _given(session, recall).account_id)
    books = Books(session)
    told = _lock(books, [key])[key]
    given = _given(session, recall)
    points = given.left if recall.points is None else min(recall.points, given.left)
    if points <= 0 or find_postings(session, recall.programme_id, [recall.reference]):
        return 0
    pass_time(books, [told], now)
    books.load_all([told])
    is_late = _is_late(books, told, Terms(recall.occurred_at, recall.occurred_at), now)
    fact, is_forgiven = _recall_fact(session, recall, given, points)
    take_award(books, fact, given, told[1], points, is_forgiven=is_forgiven)
    books.write()
    free(session, recall.programme_id, recall.award_reference, points)
    _retell(session, {told} if is_late else set(), now)
    note_earned(session, {told}, now)
    return points


def _lock(books: Books, keys: Sequence[AccountKey]) -> dict[AccountKey, AccountKey]:
    """Lock the accounts that these are told on; look again where one was merged while we waited for its lock."""
    while True:
        told = surviving_accounts(books.session, keys)
        expect_locked(books.session, set(told.values()))
        books.lock(set(told.values()) - books.accounts.keys())
        if all(books.accounts[key].merged_into_id is None for key in told.values()):
            return told
        books.accounts = {key: one for key, one in books.accounts.items() if one.merged_into_id is None}


def _posted(session: Session, wishes: Sequence[AwardWish]) -> dict[tuple[UUID, str], UUID]:
    """Look, after the lock, for what was posted before; a wish may also stand twice in one call."""
    by_programme: dict[UUID, list[str]] = {}
    for wish in wishes:
        by_programme.setdefault(wish.programme_id, []).append(wish.reference)
    return {
        (programme_id, reference): one.posting_id
        for programme_id, references in by_programme.items()
        for reference, one in find_awards(session, programme_id, references).items()
    }


def _fact_and_terms(session: Session, wish: AwardWish) -> tuple[Fact, Terms]:
    document = document_of(session, wish.programme_id, wish.document_version)
    timezone = get_programme(session, wish.programme_id).timezone
    dates = lot_terms(document, wish.occurred_at, timezone)
    waits = wish.maturity_days
    matures_at = days_later(wish.occurred_at, waits, timezone) if waits else wish.occurred_at
    rolling = (dates.rolling_days, dates.rolling_zone, dates.rolling_months)
    terms = Terms(wish.occurred_at, matures_at, dates.expires_at, *rolling)
    explanation = {**wish.explanation, "points": wish.points, **told_terms(terms)}
    if waits:
        explanation["matures_at"] = matures_at.isoformat()
    fact = Fact(
        programme_id=wish.programme_id,
        reference=wish.reference,
        reason=wish.reason,
        actor=wish.actor,
        explanation=explanation,
        occurred_at=wish.occurred_at,
        document_version=wish.document_version,
    )
    return fact, terms


def _recall_fact(session: Session, recall: Recall, given: Award, points: int) -> tuple[Fact, bool]:
    """Name the lot that is undone, for the replay; what is spent of it is owed or forgiven as the award's own version says."""
    first = find_postings(session, recall.programme_id, [recall.award_reference])[recall.award_reference]
    version: int = first.document_version
    is_forgiven = document_of(session, recall.programme_id, version).earning.claw_back == "write_off"
    undone = {"undoes_lot": str(given.lot_id), "undoes": recall.award_reference, "is_forgiven": is_forgiven}
    fact = Fact(
        programme_id=recall.programme_id,
        reference=recall.reference,
        reason=first.reason,
        actor=recall.actor,
        explanation={**recall.explanation, "points": -points, **undone},
        occurred_at=recall.occurred_at,
        document_version=version,
    )
    return fact, is_forgiven


def _is_late(books: Books, key: AccountKey, terms: Terms, now: datetime) -> bool:
    """Say whether something on the account happened since, or a date of these points is over already."""
    at, latest_at = terms.earned_at, books.accounts[key].latest_at
    if latest_at is not None and latest_at >= at:
        return True
    if at < terms.matures_at <= now or (terms.expires_at is not None and terms.expires_at <= now):
        return True
    return any(at < grace.at <= now for grace in books.graces_of(key[0]))


def _given(session: Session, recall: Recall) -> Award:
    found = find_awards(session, recall.programme_id, [recall.award_reference])
    if recall.award_reference not in found:
        raise NotFound(f"{recall.award_reference} was never given")
    return found[recall.award_reference]


def _retell(session: Session, keys: set[AccountKey], now: datetime) -> None:
    if keys:
        books = Books(session)
        books.lock(keys)
        retell(session, books, keys, "late", now)
        books.write()
