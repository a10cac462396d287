"""Points for reaching a level: once per member, tier and period, and taken back when it turns out that it was not reached.

Two members who became one have it once: the earlier award stays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from plugin.facts import Holding
from plugin.journeys.awarding import AwardWish, Recall, award_points, recall_award
from plugin.journeys.documents import version_in_force
from plugin.journeys.telling_tiers import Step, Telling
from plugin.journeys.undoubling import DOUBLED
from plugin.ledger.awards import Award, find_awards
from plugin.members import Member
from plugin.standing.store import TierChange

_ENTRIES = frozenset({"start", "reached", "kept"})
_TIMES_MAX = 5
"""How often the very same step may be undone and come true again, as when a refund was a mistake."""
_NAMES_AT_ONCE = 5000
_END = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class EntryNews:
    """What is new of one member: fresh steps, the whole telling, and the history as it stood before, with that of merged members."""

    member: Member
    fresh: tuple[Step, ...]
    telling: Telling
    history: tuple[TierChange, ...]

    @property
    def rewarded(self) -> list[Step]:
        """The fresh steps that are worth points."""
        return [step for step in self.fresh if _points(step)]

    @property
    def entries(self) -> list[tuple[UUID, Holding]]:
        """The steps of the history that may have been rewarded, each with whose it was."""
        return [(one.member_id, one.holding) for one in self.history if one.holding.why in _ENTRIES]

    @property
    def named(self) -> list[tuple[UUID, Holding]]:
        """All steps whose awards have to be looked up."""
        return [*self.entries, *((self.member.member_id, step.holding) for step in self.rewarded)]

    @property
    def moves(self) -> bool:
        """Whether there may be anything to give or to take back."""
        is_of_several = len({who for who, _ in self.entries}) > 1
        return bool(self.rewarded) or is_of_several or any(_is_gone(held, self.telling) for _, held in self.entries)


def settle_entry_rewards(session: Session, news: Sequence[EntryNews], now: datetime) -> None:
    """Give what was reached and not rewarded; take back what was rewarded and, as is known now, not reached."""
    moved = [one for one in news if one.moves]
    given = _given(session, moved)
    wishes = []
    for one in moved:
        live: list[tuple[UUID, Holding]] = []
        for who, held in sorted(one.entries, key=lambda entry: entry[1].since):
            others = [another for whose, another in live if whose != who]
            why = "not_reached" if _is_gone(held, one.telling) else DOUBLED if _is_among(held, others) else None
            if why:
                _take_back(session, one.member.programme_id, (_names(who, held), held, why), given, now)
            elif any(name in given and given[name].left for name in _names(who, held)):
                live.append((who, held))
        rewarded = [held for _, held in live]
        steps = [step for step in one.rewarded if not _is_among(step.holding, rewarded)]
        wishes += _wishes(session, one.member, steps, given)
    if wishes:
        award_points(session, wishes, now)


def _given(session: Session, news: Sequence[EntryNews]) -> dict[str, Award]:
    """Look up all awards that may have been given for these members' steps, some thousands at a time."""
    given: dict[str, Award] = {}
    names = [name for one in news for who, held in one.named for name in _names(who, held)]
    for start in range(0, len(names), _NAMES_AT_ONCE):
        given |= find_awards(session, news[0].member.programme_id, names[start : start + _NAMES_AT_ONCE])
    return given


def _points(step: Step) -> int:
    """What a step is worth."""
    reward = step.level.entry_reward if step.level else None
    if reward is None or step.holding.why not in _ENTRIES or step.before == step.holding:
        return 0
    return reward.points if step.holding.why != "kept" or reward.again_when_kept else 0


def _is_gone(holding: Holding, telling: Telling) -> bool:
    """Say whether a step of the history is none any more; what lies before that from which is told is not looked at."""
    if holding.since < telling.kept.told_from or holding.tier is None:
        return False
    return not _is_among(holding, [one.holding for one in telling.steps])


def _is_among(holding: Holding, others: Sequence[Holding]) -> bool:
    """Say whether the same tier was entered in the same period: a late fact moves a step in time and does not make another."""
    return any(_is_same_period(holding, one) for one in others)


def _is_same_period(one: Holding, other: Holding) -> bool:
    if (one.tier, one.why) != (other.tier, other.why):
        return False
    if one.why == "kept":
        return one.until == other.until
    return one.since < (other.until or _END) and other.since < (one.until or _END)


def _names(member_id: UUID, holding: Holding) -> list[str]:
    at = holding.until if holding.why == "kept" else holding.since
    name = f"tier:{member_id}:{holding.tier}:{holding.why}:{at.isoformat() if at else 'ever'}"
    return [name, *(f"{name}:{time}" for time in range(2, _TIMES_MAX + 1))]


def _wishes(session: Session, member: Member, steps: Sequence[Step], given: Mapping[str, Award]) -> list[AwardWish]:
    """Dated by the instant in which the level was reached, or the further period began."""
    wishes = []
    for step in steps:
        reference = next((name for name in _names(member.member_id, step.holding) if name not in given), None)
        before = step.before.until if step.holding.why == "kept" and step.before else None
        at = before or step.holding.since
        if reference is not None:
            wishes.append(
                AwardWish(
                    programme_id=member.programme_id,
                    account_id=member.account_id,
                    reference=reference,
                    reason="tier",
                    points=_points(step),
                    occurred_at=at,
                    document_version=version_in_force(session, member.programme_id, at),
                    explanation={"rule_id": str(step.holding.tier), "why": step.holding.why},
                )
            )
    return wishes


def _take_back(
    session: Session,
    programme_id: UUID,
    gone: tuple[Sequence[str], Holding, str],
    given: Mapping[str, Award],
    now: datetime,
) -> None:
    names, holding, why = gone
    told = {"rule_id": str(holding.tier), "because": why}
    for name in names:
        if name in given and given[name].left:
            recall_award(session, Recall(programme_id, name, f"{name}:back", now, explanation=told), now)
