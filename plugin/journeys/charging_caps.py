"""Awards that are for no order under caps and budgets: an action, a friend, a tier, a challenge, a membership.

`award_points` charges every award. Whoever has to know before it is given how many points that will be asks `allow` first, in the
same transaction: the same reference is charged once.

An award goes by its reason, its `rule_id` and its `kind`, as the explanation says them: these are the names that caps and the
mapping of purposes may use.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from sqlalchemy.orm import Session

from plugin.errors import NotFound
from plugin.facts import CapLeft
from plugin.journeys.award_wishes import AwardWish
from plugin.journeys.counting_limits import Counts, Rows, rows_of
from plugin.journeys.documents import document_of
from plugin.ledger import Books
from plugin.ledger.merged import surviving_accounts
from plugin.ledger.shapes import AccountKey
from plugin.programme.limit_uses import Source
from plugin.programme.store import get_programme
from plugin.rules import ProgrammeDocument
from plugin.rules.capping import capped_award, has_limits, limits_of


def allow(session: Session, wishes: Sequence[AwardWish]) -> list[AwardWish]:
    """Cut each award to what caps and budgets have left, down to 0, and charge it; the explanation's `caps` tell what was held back.

    Awards of several accounts must come in one call: they are locked here, all together, and what limits have used after them.
    """
    if not _limited(session, wishes):
        return list(wishes)
    return cut_to_limits(session, wishes, _lock(session, [wish.key for wish in wishes]))


def cut_to_limits(
    session: Session, wishes: Sequence[AwardWish], told: Mapping[AccountKey, AccountKey]
) -> list[AwardWish]:
    """Do so for awards whose accounts are locked; `told` names the accounts that hold their points today."""
    limited = _limited(session, wishes)
    if not limited:
        return list(wishes)
    rows = {_source(wish): _rows(session, wish, document, told[wish.key]) for wish, document in limited}
    counts = Counts(session, rows)
    documents = {_source(wish): document for wish, document in limited}
    allowed = [_charged(counts, wish, documents.get(_source(wish)), rows.get(_source(wish), {})) for wish in wishes]
    counts.save()
    return allowed


def free(session: Session, programme_id: UUID, reference: str, points: int | None = None) -> None:
    """Free so many points of an award, or all, for the periods they were charged to; `recall_award` said how many came back."""
    source = (programme_id, reference)
    counts = Counts(session, {source: {}})
    charged = counts.charged(source)
    left = {row[2]: 0 if points is None else used - points for row, used in charged.items()}
    counts.charge(source, {row[2]: row for row in charged}, left.items())
    counts.save()


def _limited(session: Session, wishes: Sequence[AwardWish]) -> list[tuple[AwardWish, ProgrammeDocument]]:
    """Find the awards whose documents have limits: most have none, and pay nothing for this."""
    known = [(wish, document_of(session, wish.programme_id, wish.document_version)) for wish in wishes]
    return [(wish, document) for wish, document in known if has_limits(document)]


def _charged(counts: Counts, wish: AwardWish, document: ProgrammeDocument | None, rows: Rows) -> AwardWish:
    if document is None:
        return wish
    if before := counts.charged(_source(wish)):
        return replace(wish, points=min(wish.points, *before.values()))
    rooms = counts.rooms(_source(wish), rows, limits_of(document))
    left = [CapLeft(limit_id, room) for limit_id, room in rooms.items()]
    capped = capped_award(_names(wish), wish.points, document, left)
    counts.charge(_source(wish), rows, capped.charges)
    return replace(wish, points=capped.points, explanation={**wish.explanation, **capped.shown})


def _source(wish: AwardWish) -> Source:
    return wish.programme_id, wish.reference


def _names(wish: AwardWish) -> frozenset[str]:
    told = (wish.explanation.get("rule_id"), wish.explanation.get("kind"))
    return frozenset({wish.reason, *(str(name) for name in told if name)})


def _rows(session: Session, wish: AwardWish, document: ProgrammeDocument, account: AccountKey) -> Rows:
    timezone = get_programme(session, wish.programme_id).timezone
    return rows_of(account, limits_of(document), wish.occurred_at, timezone)


def _lock(session: Session, keys: Sequence[AccountKey]) -> Mapping[AccountKey, AccountKey]:
    """Lock the accounts that hold these accounts' points today, all at once.

    Raises:
        NotFound: no such account.
    """
    books = Books(session)
    while True:
        told = surviving_accounts(session, keys)
        books.lock(set(told.values()) - books.accounts.keys())
        if missing := set(told.values()) - books.accounts.keys():
            raise NotFound(f"no such account: {min(missing)}")
        if all(books.accounts[key].merged_into_id is None for key in told.values()):
            return told
        books.accounts = {key: one for key, one in books.accounts.items() if one.merged_into_id is None}
