"""Paid memberships: orders buy them, the slow lane gives what comes with them and takes back what was refunded.

What a member holds is worked out from all that they bought, so that it does not matter when we came to know of what.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from plugin.journeys.awarding import AwardWish, Recall, award_points, recall_award
from plugin.journeys.documents import document_of
from plugin.journeys.locking import expect_locked, with_accounts
from plugin.journeys.tools import Tools
from plugin.ledger.awards import Award, find_awards
from plugin.members import get_member
from plugin.memberships import store
from plugin.memberships.store import Holding, Purchase
from plugin.programme.store import get_programme
from plugin.rules.memberships import MONTHS_MAX, Term, months_of, terms_of
from plugin.rules.schema_memberships import Membership

_NAMES_AT_ONCE = 5000


@dataclass(frozen=True, slots=True)
class Due:
    """Points that come with a purchase: the word that tells which, how many, and since when they are due (aware UTC)."""

    purchase: Purchase
    word: str
    points: int
    at: datetime

    @property
    def reference(self) -> str:
        """What the award is called by."""
        return f"{self.purchase.reference}:{self.word}"


def due_memberships(tools: Tools, now: datetime, limit: int) -> Sequence[str]:
    """List members, as "programme:member", for whom something changed or is due."""
    with tools.reading() as session:
        return [f"{programme_id}:{member_id}" for programme_id, member_id in store.list_unsettled(session, now, limit)]


def settle_membership(tools: Tools, key: str, now: datetime) -> None:
    """Bring one member's memberships up to now: points that are due, points to take back, what they hold."""
    programme_text, member_text = key.split(":")
    member_key = (UUID(programme_text), UUID(member_text))
    with tools.writing() as session:
        account = (member_key[0], get_member(session, *member_key).account_id)
        with_accounts(session, [account], lambda: _settle(session, member_key, now))


def _settle(session: Session, member_key: tuple[UUID, UUID], now: datetime) -> None:
    member = get_member(session, *member_key)
    expect_locked(session, [(member.programme_id, member.account_id)])
    purchases = store.find_of_members(session, [member_key]).get(member_key, [])
    timezone = get_programme(session, member.programme_id).timezone
    holdings: list[Holding] = []
    due: list[Due] = []
    for bought in _by_membership(purchases):
        terms = terms_of([one.bought for one in bought], timezone)
        due += [one for term in terms for one in _due(session, bought[term.place], term, timezone)]
        if terms:
            holdings.append(_holding(bought, terms, due, now))
    if member.standing == "joined":
        _award(session, member.account_id, [one for one in due if one.at <= now], now)
    _take_back(session, purchases, {one.reference for one in due}, now)
    store.keep_holdings(session, member_key, holdings)
    store.mark_settled(session, purchases)


def _by_membership(purchases: Sequence[Purchase]) -> list[list[Purchase]]:
    found: dict[str, list[Purchase]] = {}
    for one in purchases:
        if not one.is_void:
            found.setdefault(one.bought.membership_id, []).append(one)
    return list(found.values())


def _membership_of(session: Session, one: Purchase) -> Membership:
    """The membership as it was promised when it was bought."""
    document = document_of(session, one.programme_id, one.document_version)
    return next(known for known in document.memberships if known.id == one.bought.membership_id)


def _due(session: Session, purchase: Purchase, term: Term, timezone: str) -> Iterator[Due]:
    """List the points that come with a term."""
    promised = _membership_of(session, purchase)
    points = promised.points_at_renewal if term.is_renewal else promised.points_at_start
    if points:
        yield Due(purchase, "renewal" if term.is_renewal else "start", points, term.starts_at)
    if promised.points_monthly:
        for number, at in enumerate(months_of(term, timezone)):
            yield Due(purchase, f"month{number}", promised.points_monthly, at)


def _holding(bought: Sequence[Purchase], terms: Sequence[Term], due: Sequence[Due], now: datetime) -> Holding:
    """What is held: the unbroken time that runs now, or the latest one; and when something is next to be done about it."""
    first = last = terms[0]
    for term in terms[1:]:
        if term.starts_at > now and last.perks_until > now:
            last = term if term.is_renewal else last
            continue
        first = first if term.is_renewal else term
        last = term
    waiting = [one.at for one in due if one.at > now]
    return Holding(
        bought[0].bought.membership_id, first.starts_at, last.ends_at, last.perks_until, min(waiting, default=None)
    )


def _award(session: Session, account_id: UUID, due: Sequence[Due], now: datetime) -> None:
    given = _rounds(session, due[0].purchase.programme_id, [one.reference for one in due]) if due else {}
    wishes = [
        AwardWish(
            programme_id=one.purchase.programme_id,
            account_id=account_id,
            reference=_next(one.reference, given.get(one.reference, [])),
            reason="membership",
            points=one.points,
            occurred_at=one.at,
            document_version=one.purchase.document_version,
            explanation={
                "rule_id": one.purchase.bought.membership_id,
                "order_id": one.purchase.order_id,
                "for": one.word,
            },
        )
        for one in due
        if not any(award.left for award in given.get(one.reference, []))
    ]
    if wishes:
        award_points(session, wishes, now)


def _rounds(session: Session, programme_id: UUID, names: Sequence[str]) -> dict[str, list[Award]]:
    """What was given under these names: what was taken back whole may be due once more, and is another round then."""
    found: dict[str, list[Award]] = {}
    asked = {name: name for name in names}
    while asked:
        references = list(asked)
        given: dict[str, Award] = {}
        for start in range(0, len(references), _NAMES_AT_ONCE):
            given |= find_awards(session, programme_id, references[start : start + _NAMES_AT_ONCE])
        for reference, award in given.items():
            found.setdefault(asked[reference], []).append(award)
        asked = {_next(asked[one], found[asked[one]]): asked[one] for one, award in given.items() if not award.left}
    return found


def _next(name: str, given: Sequence[Award]) -> str:
    return f"{name}:{len(given) + 1}" if given else name


def _take_back(session: Session, purchases: Sequence[Purchase], due: set[str], now: datetime) -> None:
    """Take back what was given for time that no purchase covers any more."""
    possible = {f"{one.reference}:{word}": one for one in purchases for word in _words()}
    for programme_id in {one.programme_id for one in purchases}:
        given = _rounds(session, programme_id, [one for one in possible if one not in due])
        for name, reference in sorted(
            (name, one.reference) for name, all_ in given.items() for one in all_ if one.left
        ):
            one = possible[name]
            at = max(one.bought.ended_at or now, one.bought.placed_at)
            why = {"rule_id": one.bought.membership_id, "order_id": one.order_id, "because": "refund"}
            recall_award(session, Recall(programme_id, reference, f"{reference}:back", at, explanation=why), now)


def _words() -> list[str]:
    return ["start", "renewal", *(f"month{number}" for number in range(MONTHS_MAX))]
