"""One member's tiers, told under each version of the programme's terms in turn: what was promised under one holds under the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from plugin.facts import Holding
from plugin.journeys.documents import document_of, version_in_force
from plugin.journeys.standing_facts import Person
from plugin.programme.store import get_programme, list_publications
from plugin.rules.measuring import Past, View, measured
from plugin.rules.schema_tiers import Tier, Tiers
from plugin.rules.tiers import Start, better, keeping, next_review, told_holdings
from plugin.rules.windows import valid_until
from plugin.standing.store import KeptHolding


@dataclass(frozen=True, slots=True)
class Span:
    """Terms and the instant from which they hold; None where the programme has no tiers."""

    version: int
    at: datetime
    tiers: Tiers | None


@dataclass(frozen=True, slots=True)
class Terms:
    """All terms a programme ever had, oldest first, neighbours different; and its clock."""

    spans: tuple[Span, ...]
    timezone: str

    @property
    def latest(self) -> Tiers | None:
        """What holds now."""
        return self.spans[-1].tiers if self.spans else None

    def end_of(self, place: int) -> datetime | None:
        """When the next terms took over."""
        return self.spans[place + 1].at if place + 1 < len(self.spans) else None


@dataclass(frozen=True, slots=True)
class Step:
    """One line of what a member held, and the terms under which."""

    holding: Holding
    version: int
    tiers: Tiers
    before: Holding | None = None

    @property
    def level(self) -> Tier | None:
        """The level, as those terms describe it."""
        return self.tiers.level(self.holding.tier)

    def told(self, past: Past) -> dict[str, Any]:
        """Say in numbers what made it so, JSON-ready."""
        held, before = self.holding, self.before
        numbers: dict[str, Any] = {"from": before.tier if before else None}
        if held.why == "reached" and self.level and self.level.entry:
            numbers["goals"] = measured(self.level.entry, View(past, self.tiers.window, held.since))
        ended = before.period_end or before.until if before else None
        lost = self.tiers.level(before.tier) if before else None
        takes = keeping(lost) if lost else None
        if held.why in {"kept", "dropped", "spared", "grace"} and takes and ended:
            numbers["goals"] = measured(takes, View(past, self.tiers.window, ended - _INSTANT, ended))
        return numbers


_INSTANT = datetime.resolution


@dataclass(frozen=True, slots=True)
class Telling:
    """What a member holds now, and all steps since what was promised last."""

    kept: KeptHolding
    steps: tuple[Step, ...]


def terms_of(session: Session, programme_id: UUID, *, draft: Span | None = None) -> Terms:
    """Look up a programme's terms; `draft` are terms that nobody published yet."""
    version_in_force(session, programme_id, datetime.max.replace(tzinfo=UTC))
    published = [
        Span(version, at, document_of(session, programme_id, version).tiers)
        for version, at in list_publications(session, programme_id)
    ]
    spans: list[Span] = []
    for span in [*published, draft] if draft else published:
        if not spans or spans[-1].tiers != span.tiers:
            spans.append(span)
    return Terms(tuple(spans), get_programme(session, programme_id).timezone)


def tell(
    person: Person, found: KeptHolding | None, terms: Terms, now: datetime, *, before: datetime | None = None
) -> Telling:
    """Tell a member's tiers through now from what was found last; `before` leaves out what happened from an instant on."""
    past = person.past(terms.timezone, now, before=before)
    start, at_version = _start(person, found, terms, now)
    steps: list[Step] = []
    version, present = at_version, Holding(None, start.at, None, "start")
    for place, span in enumerate(terms.spans):
        ends = terms.end_of(place)
        if span.at > now or span.version < at_version or (ends is not None and ends < start.at):
            continue
        through = now if ends is None or ends > now else ends
        version, present = span.version, Holding(None, span.at, None, "start")
        if span.tiers is not None:
            told = told_holdings(span.tiers, past, start, through)
            steps += _steps(told, start, span.tiers, span.version)
            present = told[-1]
        if ends is not None and ends <= now:
            start = Start(ends, present if span.tiers else None)
    review_at = next_review(present, past, now)
    sheet_id = found.sheet_id if found else None
    kept = KeptHolding(person.member.member_id, present, version, start.at, start.holding, review_at, sheet_id)
    return Telling(kept, tuple(steps))


def with_brought(person: Person, telling: Telling, terms: Terms, now: datetime) -> Telling:
    """Let an opening tier that came by a file hold from now on where it is better than what was found. Once per file."""
    tiers, brought = terms.latest, person.brought
    kept = replace(telling.kept, sheet_id=brought.sheet_id if brought else None)
    if tiers is None or brought is None or (level := _imported(tiers, brought.tier)) is None:
        return replace(telling, kept=kept)
    past = person.past(terms.timezone, now)
    since = brought.tier_since or now
    until = brought.tier_until or _promised(tiers, past, level, since, now)
    opening = Holding(level.id, since, until, "imported")
    if (until is not None and until <= now) or tiers.rank(level.id) <= tiers.rank(kept.holding.tier):
        return replace(telling, kept=kept)
    return _from(opening, kept, telling, (terms, past, now))


def with_absorbed(
    person: Person, others: Sequence[KeptHolding], telling: Telling, terms: Terms, now: datetime
) -> Telling:
    """Let the better of what merged members held hold from now on."""
    tiers = terms.latest
    if tiers is None:
        return telling
    past = person.past(terms.timezone, now)
    best = present = telling.kept.holding
    for one in others:
        best = better(tiers, best, tell(person, one, terms, now).kept.holding)
    if best == present or tiers.rank(best.tier) < 0:
        return telling
    return _from(replace(best, why="merged"), telling.kept, telling, (terms, past, now))


def _from(holding: Holding, kept: KeptHolding, telling: Telling, around: tuple[Terms, Past, datetime]) -> Telling:
    """Start anew from a holding that came from elsewhere."""
    terms, past, now = around
    span = terms.spans[-1]
    if span.tiers is None:
        return telling
    start = Start(now, holding)
    told = told_holdings(span.tiers, past, start, now)
    anew = replace(
        kept,
        holding=told[-1],
        document_version=span.version,
        told_from=now,
        told_from_holding=holding,
        review_at=next_review(told[-1], past, now),
    )
    first = Step(holding, span.version, span.tiers, telling.kept.holding)
    return Telling(anew, (*telling.steps, first, *_steps(told, start, span.tiers, span.version)))


def _start(person: Person, found: KeptHolding | None, terms: Terms, now: datetime) -> tuple[Start, int]:
    """From where to tell: what was promised last, else when the programme first had tiers and knew this member."""
    if found is not None and found.told_from <= now:
        return Start(found.told_from, found.told_from_holding), found.document_version
    launched = next((span for span in terms.spans if span.tiers is not None), terms.spans[0])
    return Start(max(launched.at, person.known_since(now))), launched.version


def _steps(told: Sequence[Holding], start: Start, tiers: Tiers, version: int) -> list[Step]:
    """Each holding with the one before it; what was held at the start is no news."""
    before: list[Holding | None] = [start.holding, *told]
    steps = [Step(one, version, tiers, was) for one, was in zip(told, before, strict=False)]
    return [one for one in steps if one.holding != start.holding]


def _imported(tiers: Tiers, name: str | None) -> Tier | None:
    """Find the level that a file's word means: its id, a title of it, or what the merchant says another app called it."""
    wanted = (name or "").strip().casefold()
    for level in tiers.levels:
        names = {level.id, *level.title.values(), *level.imported_as}
        if wanted in {one.casefold() for one in names}:
            return level
    return None


def _promised(tiers: Tiers, past: Past, level: Tier, since: datetime, now: datetime) -> datetime | None:
    """A file without an end promises a period from its own beginning, or from now where that one is over."""
    if level.entry is None:
        return None
    until = valid_until(tiers.validity, since, past.joined_at, past.timezone)
    return until if until is None or until > now else valid_until(tiers.validity, now, past.joined_at, past.timezone)
