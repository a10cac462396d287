"""What members did that counts, looked up for many at once: their orders, and points they earned by something else."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from plugin.ledger.awards import list_earned
from plugin.ledger.merged import absorbed_accounts
from plugin.members import Member
from plugin.members.carried_over import CarriedOver, list_carried_over
from plugin.members.store import list_members, list_merged_into
from plugin.orders.counted import list_counted
from plugin.referrals.references import is_for_bringing
from plugin.rules.measuring import Fact, Past


@dataclass(frozen=True, slots=True)
class Person:
    """A member with their dated facts. `absorbed` are members that were merged into them; `brought` came along from another app."""

    member: Member
    facts: tuple[Fact, ...]
    absorbed: tuple[UUID, ...] = ()
    brought: CarriedOver | None = None

    def past(self, timezone: str, now: datetime, *, before: datetime | None = None) -> Past:
        """Their past, by the programme's clock; or what was before an instant alone."""
        facts = [one for one in self.facts if before is None or one.at < before]
        return Past.of(facts, self.known_since(now), timezone)

    def known_since(self, now: datetime) -> datetime:
        """When they joined, here or at the app they came from; before that, when they were first of any account."""
        brought = self.brought.joined_at if self.brought else None
        dates = [one for one in (self.member.joined_at, brought) if one is not None]
        return min(dates) if dates else min((one.at for one in self.facts), default=now)


def persons_of(session: Session, programme_id: UUID, member_ids: Collection[UUID]) -> list[Person]:
    """Look members up with all that counts of them, in the order of their ids; those merged into others, or forgotten, are none.

    An account that several share earns the points of actions and friends for each of them.
    """
    members = [one for one in list_members(session, programme_id, member_ids) if one.standing not in _GONE]
    facts = _facts(session, programme_id, members)
    absorbed = list_merged_into(session, programme_id, [one.member_id for one in members])
    everybody = {one.member_id for one in members} | {one for others in absorbed.values() for one in others}
    brought = list_carried_over(session, programme_id, everybody)
    return [
        Person(
            one,
            tuple(facts[one.member_id]),
            absorbed.get(one.member_id, ()),
            next((brought[who] for who in (one.member_id, *absorbed.get(one.member_id, ())) if who in brought), None),
        )
        for one in members
    ]


_GONE = frozenset({"merged", "forgotten"})


def _facts(session: Session, programme_id: UUID, members: Sequence[Member]) -> dict[UUID, list[Fact]]:
    facts: dict[UUID, list[Fact]] = {one.member_id: [] for one in members}
    for order in list_counted(session, programme_id, facts):
        facts[order.member_id].append(Fact(order.placed_at, order.spend_micros, order.points, orders=1))
    owners: dict[UUID, list[UUID]] = {}
    for one in members:
        owners.setdefault(one.account_id, []).append(one.member_id)
    survivors = absorbed_accounts(session, programme_id, owners)
    for award in list_earned(session, programme_id, survivors):
        fact = Fact(award.occurred_at, points=award.left, referrals=int(is_for_bringing(award.reference)))
        for member_id in owners[survivors[award.account_id]]:
            facts[member_id].append(fact)
    return facts
