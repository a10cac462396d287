"""Members rise, stay and fall: whoever there is news of, whose period is over, or whose programme has new terms is told anew.

What they hold is written beside the history of it, and the points for reaching a level are given once, by the same transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from plugin.journeys.challenging import settle_challenges
from plugin.journeys.keeping_points import settle_keeps
from plugin.journeys.locking import expect_locked, with_accounts
from plugin.journeys.republishing import publish_again
from plugin.journeys.standing_facts import Person, persons_of
from plugin.journeys.telling_tiers import Step, Telling, Terms, tell, terms_of, with_absorbed, with_brought
from plugin.journeys.tier_rewards import EntryNews, settle_entry_rewards
from plugin.journeys.tools import Tools
from plugin.ledger.shapes import AccountKey
from plugin.members.store import list_members, next_members
from plugin.standing.marks import (
    drop_dates,
    drop_marks,
    lock_review,
    next_dated,
    next_marks,
    note_reviewed,
    programmes_with_news,
)
from plugin.standing.store import (
    KeptHolding,
    TierChange,
    add_changes,
    drop_holdings,
    find_holdings,
    keep_holdings,
    list_changes,
)

_BATCH = 200


def due_tiers(tools: Tools, now: datetime, limit: int) -> Sequence[str]:
    """List the programmes that have members to look at."""
    with tools.reading() as session:
        return [str(one) for one in programmes_with_news(session, now, limit)]


def settle_tiers(tools: Tools, key: str, now: datetime) -> None:
    """Look at all members of a programme that wait for it, a batch a transaction."""
    while _settle_batch(tools, UUID(key), now):
        pass


def tell_again(session: Session, programme_id: UUID, member_ids: Collection[UUID], now: datetime) -> None:
    """Bring these members to the tier they should hold now, whoever asks how often."""
    terms = terms_of(session, programme_id)
    if all(span.tiers is None for span in terms.spans):
        return
    told = tell_members(session, programme_id, member_ids, terms, now)
    persons = [person for person, _ in told]
    _write(session, programme_id, persons, ({person.member.member_id: one for person, one in told}, terms), now)
    drop_holdings(session, programme_id, {one for person in persons for one in person.absorbed})


def tell_members(
    session: Session, programme_id: UUID, member_ids: Collection[UUID], terms: Terms, now: datetime
) -> list[tuple[Person, Telling]]:
    """Say what these members hold now, and write nothing."""
    persons = persons_of(session, programme_id, member_ids)
    everybody = [one for person in persons for one in (person.member.member_id, *person.absorbed)]
    found = find_holdings(session, programme_id, everybody)
    return [(person, _tell(person, found, terms, now)) for person in persons]


def _settle_batch(tools: Tools, programme_id: UUID, now: datetime) -> bool:
    """Look at the next members: those there is news of, then those whose date has come, then everybody under new terms."""
    with tools.writing() as session:
        review = lock_review(session, programme_id)
        marks = next_marks(session, programme_id, _BATCH)
        members = set(marks.values()) or set(next_dated(session, programme_id, now, _BATCH))
        if not members and review.version and review.finished_at is None:
            following = next_members(session, programme_id, review.behind_id, _BATCH)
            members = {one.member_id for one in following}
            is_last = len(following) < _BATCH
            behind_id = following[-1].member_id if following else review.behind_id
            note_reviewed(session, programme_id, behind_id, now if is_last else None)
        with_accounts(
            session, accounts_of(session, programme_id, members), lambda: _look_at(session, programme_id, members, now)
        )
        drop_marks(session, programme_id, marks)
        if members:  # who was merged or forgotten is told nothing, and would be found here for ever
            drop_dates(session, programme_id, members, now)
    return bool(members)


def _tell(person: Person, found: dict[UUID, KeptHolding], terms: Terms, now: datetime) -> Telling:
    own = found.get(person.member.member_id)
    brought = person.brought.sheet_id if person.brought else None
    if own is not None and own.sheet_id is not None and brought is None:
        own = None  # the file that brought a tier was undone: as if it had never been
    telling = tell(person, own, terms, now)
    others = [found[one] for one in person.absorbed if one in found]
    if others:
        telling = with_absorbed(person, others, telling, terms, now)
    if brought is not None and brought != telling.kept.sheet_id:
        telling = with_brought(person, telling, terms, now)
    return telling


def accounts_of(session: Session, programme_id: UUID, member_ids: Collection[UUID]) -> set[AccountKey]:
    """Name the accounts of members, to be locked before their past is read."""
    return {(programme_id, one.account_id) for one in list_members(session, programme_id, member_ids)}


def _look_at(session: Session, programme_id: UUID, member_ids: Collection[UUID], now: datetime) -> None:
    expect_locked(session, accounts_of(session, programme_id, member_ids))
    tell_again(session, programme_id, member_ids, now)
    settle_challenges(session, programme_id, member_ids, now)


def _write(
    session: Session,
    programme_id: UUID,
    persons: Sequence[Person],
    told: tuple[dict[UUID, Telling], Terms],
    now: datetime,
) -> None:
    tellings, terms = told
    everybody = {one for person in persons for one in (person.member.member_id, *person.absorbed)}
    histories = list_changes(session, programme_id, everybody)
    changes: list[TierChange] = []
    news: list[EntryNews] = []
    for person in persons:
        telling, history = tellings[person.member.member_id], histories.get(person.member.member_id, [])
        fresh = list(_fresh(telling, history))
        past = person.past(terms.timezone, now)
        changes += [TierChange(person.member.member_id, one.holding, one.version, one.told(past)) for one in fresh]
        theirs = [change for one in person.absorbed for change in histories.get(one, [])]
        news.append(EntryNews(person.member, tuple(fresh), telling, (*history, *theirs)))
    keep_holdings(session, programme_id, [one.kept for one in tellings.values()])
    add_changes(session, programme_id, changes)
    accounts = {person.member.member_id: person.member.account_id for person in persons}
    publish_again(session, programme_id, {accounts[one.member_id] for one in changes})
    settle_entry_rewards(session, news, now)
    written = {one: [line.holding for line in lines] for one, lines in histories.items()}
    for change in changes:
        written.setdefault(change.member_id, []).append(change.holding)
    for telling in tellings.values():  # what is renewed day by day is not written, but held all the same
        written.setdefault(telling.kept.member_id, []).append(telling.kept.holding)
    settle_keeps(session, programme_id, [person.member for person in persons], written, now)


def _fresh(telling: Telling, history: Sequence[TierChange]) -> Iterable[Step]:
    """The steps that the history does not tell yet. What is looked at every day is not written every day.

    Where the present holding is an older one again (an order that lifted was refunded), it stands at the end once more.
    """
    known = {one.holding for one in history}
    fresh = [one for one in telling.steps if one.holding not in known and not _is_daily(one)]
    newest = fresh[-1].holding if fresh else history[-1].holding if history else None
    present = next((one for one in reversed(telling.steps) if one.holding == telling.kept.holding), None)
    if present is None or newest == present.holding or _is_daily(present):
        return fresh
    was = history[-1].holding if history else None
    return [*fresh, replace(present, before=was)] if was != present.holding else fresh


def _is_daily(step: Step) -> bool:
    return step.holding.why == "kept" and step.tiers.validity.kind == "days"
