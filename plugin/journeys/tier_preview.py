"""What other tiers would do to the members there are: who rises at once, who stays, who falls when what was promised is over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from plugin.journeys.rising import tell_members
from plugin.journeys.standing_facts import Person
from plugin.journeys.telling_tiers import Span, Telling, Terms, tell, terms_of
from plugin.journeys.tools import Tools
from plugin.members.store import next_members
from plugin.rules import parse_document
from plugin.rules.schema_tiers import Tiers
from plugin.rules.tiers import Start, holding_at

_BATCH = 500


@dataclass(slots=True)
class TierMoves:
    """Members who hold a tier now, and where they go: `up` and `stay` at once; `down` not before their promised end.

    Those who fall are those who would not hold the tier had the new terms always held, if they do nothing more.
    """

    tier: str | None
    members: int = 0
    up: int = 0
    stay: int = 0
    down: int = 0
    members_after: int = 0


@dataclass(frozen=True, slots=True)
class TierPreview:
    """The moves per level of today and of the draft, lowest first; None is no level."""

    moves: tuple[TierMoves, ...]

    @property
    def up(self) -> int:
        """How many rise at once."""
        return sum(one.up for one in self.moves)

    @property
    def down(self) -> int:
        """How many fall when what was promised is over."""
        return sum(one.down for one in self.moves)

    @property
    def stay(self) -> int:
        """How many stay where they are."""
        return sum(one.stay for one in self.moves)


def preview_tiers(tools: Tools, programme_id: UUID, data: object, now: datetime) -> TierPreview:
    """Say what publishing a document now would do to tiers; nothing is written, and memory does not grow with members.

    Raises:
        BadInput: it is no document.
    """
    draft = parse_document(data).tiers
    with tools.reading() as session:
        terms = terms_of(session, programme_id)
        latest = terms.latest
        moves = {name: TierMoves(name) for name in _names(latest, draft)}
        then = terms_of(session, programme_id, draft=Span(terms.spans[-1].version + 1, now, draft))
        for person, telling in _everybody(session, programme_id, terms, now):
            _count(moves, (person, telling), (terms, then), now)
    return TierPreview(tuple(one for one in moves.values() if one.tier is not None or one.members or one.members_after))


def _everybody(session: Session, programme_id: UUID, terms: Terms, now: datetime) -> Iterator[tuple[Person, Telling]]:
    behind: UUID | None = None
    while members := next_members(session, programme_id, behind, _BATCH):
        ids = [one.member_id for one in members]
        yield from tell_members(session, programme_id, ids, terms, now)
        behind = ids[-1]


def _count(
    moves: dict[str | None, TierMoves], told: tuple[Person, Telling], terms: tuple[Terms, Terms], now: datetime
) -> None:
    person, telling = told
    present = telling.kept.holding.tier
    after = tell(person, telling.kept, terms[1], now).kept.holding.tier
    moves[present].members += 1
    moves[after].members_after += 1
    draft = terms[1].latest
    if draft is None:
        moves[present].down += present is not None
        moves[present].stay += present is None
        return
    before, rank = draft.rank(present), draft.rank(after)
    if rank > before:
        moves[present].up += 1
    elif before > draft.rank(_as_if_always(person, draft, terms[1].timezone, now)):
        moves[present].down += 1
    else:
        moves[present].stay += 1


def _as_if_always(person: Person, draft: Tiers, timezone: str, now: datetime) -> str | None:
    past = person.past(timezone, now)
    return holding_at(draft, past, Start(min(past.joined_at, now)), now).tier


def _names(latest: Tiers | None, draft: Tiers | None) -> list[str | None]:
    told = [one.id for tiers in (draft, latest) if tiers for one in tiers.levels]
    return [None, *dict.fromkeys(told)]
