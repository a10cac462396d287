"""Which tier a member holds: a pure function of the levels, the member's dated facts, the holding told before, and the time.

Members rise at once, in the very instant of the fact that fulfils a level's entry. What was reached is held through its period. When
the period ends it is looked at what lies in the window as it stood in the last instant of the period: who keeps the tier has it for one
more period, who does not falls, after a grace, as the programme says. Time by itself lifts nobody; only facts and publications do.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from plugin.days import end_of_day_after
from plugin.facts import Holding, WhyHeld
from plugin.rules.measuring import Past, View, is_met, measured, share_of
from plugin.rules.schema_tiers import Condition, Tier, Tiers
from plugin.rules.windows import valid_until

_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Start:
    """From where a holding is told: what was held at an instant. What was promised then holds through its end."""

    at: datetime
    holding: Holding | None = None


def told_holdings(tiers: Tiers, past: Past, start: Start, now: datetime) -> tuple[Holding, ...]:
    """Tell all that a member has held from the start through now, oldest first; the last is the present one."""
    teller = _Teller(tiers, past, start)
    teller.rise(start.at)
    for at in past.instants(start.at, now):
        teller.end_periods(at)
        teller.rise(at)
    teller.end_periods(now)
    return tuple(teller.told)


def holding_at(tiers: Tiers, past: Past, start: Start, now: datetime) -> Holding:
    """Say what a member holds now."""
    return told_holdings(tiers, past, start, now)[-1]


def better(tiers: Tiers, one: Holding, other: Holding) -> Holding:
    """Choose the better of two holdings: the higher tier, of equals the one that lasts longer, then the older."""
    return max(one, other, key=lambda held: (tiers.rank(held.tier), *_lasting(held), -held.since.timestamp()))


def next_review(holding: Holding, past: Past, now: datetime) -> datetime | None:
    """Say when something may change without any news: the end of the period or grace, or a fact dated ahead of now."""
    return min((one for one in (holding.until, past.next_after(now)) if one is not None), default=None)


def outlook(tiers: Tiers, past: Past, holding: Holding, now: datetime) -> dict[str, Any]:
    """Tell, in numbers, how far it is to the next level, and to keeping the present one where it has an end."""
    rank = tiers.rank(holding.tier)
    following = tiers.levels[rank + 1] if rank + 1 < len(tiers.levels) else None
    view = View(past, tiers.window, now)
    told: dict[str, Any] = {"tier": holding.tier, "next": None, "keep": None}
    if following is not None and following.entry is not None:
        told["next"] = {"tier": following.id, **_distance(following.entry, view)}
    present = tiers.level(holding.tier)
    if present is not None and (takes := keeping(present)) is not None and holding.until is not None:
        last = (holding.period_end or holding.until) - _INSTANT
        told["keep"] = _distance(takes, View(past, tiers.window, last, now))
    return told


def keeping(tier: Tier) -> Condition | None:
    """What it takes to stay in a tier."""
    return tier.keep or tier.entry


def _distance(condition: Condition, view: View) -> dict[str, Any]:
    return {"share": round(float(share_of(condition, view)), 4), "goals": measured(condition, view)}


def _lasting(holding: Holding) -> tuple[bool, float]:
    return (True, 0.0) if holding.until is None else (False, holding.until.timestamp())


class _Teller:
    """Tells one member's holdings forward in time."""

    def __init__(self, tiers: Tiers, past: Past, start: Start) -> None:
        self.tiers, self.past = tiers, past
        held = start.holding
        if held is None or tiers.level(held.tier) is None:
            held = self._lowest(start.at)
        self.told = [held]

    @property
    def held(self) -> Holding:
        return self.told[-1]

    def rise(self, at: datetime) -> None:
        """Enter the highest level above the present one whose entry is fulfilled; in a grace, keep what can be kept."""
        rank = self.tiers.rank(self.held.tier)
        view = View(self.past, self.tiers.window, at)
        for level in reversed(self.tiers.levels[rank + 1 :]):
            if level.entry is None or is_met(level.entry, view):
                return self._enter(level, at, "start" if level.entry is None else "reached")
        if self.held.why == "grace" and self._keeps(self.held.period_end or at, at):
            self._renew(self.held.period_end or at, "kept")
        return None

    def end_periods(self, through: datetime) -> None:
        """Let every period end that is over by then."""
        while self.held.until is not None and self.held.until <= through:
            ended, until = self.held, self.held.until
            if ended.why == "grace":
                self._fall(ended.period_end or until, until)
            elif self._keeps(until):
                self._renew(until, "kept")
            elif self.tiers.grace_days and self.tiers.downgrade != "never":
                grace = end_of_day_after(until - _INSTANT, self.tiers.grace_days, self.past.timezone)
                self.told.append(replace(ended, until=grace, why="grace", period_end=until))
            else:
                self._fall(until, until)

    def _enter(self, level: Tier, at: datetime, why: WhyHeld) -> None:
        until = None if level.entry is None else self._until(at)
        self.told.append(Holding(level.id, at, until, why))

    def _renew(self, period_end: datetime, why: WhyHeld) -> None:
        renewed = self._renewed_until(period_end, max(period_end, self.held.until or period_end))
        self.told.append(replace(self.held, until=renewed, why=why, period_end=None))

    def _fall(self, period_end: datetime, at: datetime) -> None:
        if self.tiers.downgrade == "never":
            return self._renew(period_end, "spared")
        rank = self.tiers.rank(self.held.tier)
        below = self._earned(period_end, at, rank) if self.tiers.downgrade == "to_earned" else rank - 1
        level = self.tiers.levels[below] if below >= 0 else None
        if level is None or level.entry is None:
            self.told.append(replace(self._lowest(at), why="dropped"))
        else:
            earned_anew = is_met(level.entry, View(self.past, self.tiers.window, at))
            until = self._until(at) if earned_anew else self._renewed_until(period_end, at)
            self.told.append(Holding(level.id, at, until, "dropped"))
        self.rise(at)
        return None

    def _earned(self, period_end: datetime, at: datetime, rank: int) -> int:
        """The highest level below whose entry, or whose keeping, the ended period fulfils."""
        view = self._looking_back(period_end, at)
        for below in range(rank - 1, -1, -1):
            level = self.tiers.levels[below]
            takes = [one for one in (level.entry, level.keep) if one is not None]
            if not takes or any(is_met(one, view) for one in takes):
                return below
        return -1

    def _keeps(self, period_end: datetime, at: datetime | None = None) -> bool:
        level = self.tiers.level(self.held.tier)
        takes = keeping(level) if level else None
        return takes is None or is_met(takes, self._looking_back(period_end, at))

    def _looking_back(self, period_end: datetime, at: datetime | None) -> View:
        """The windows as they stood in the period's last instant; of a grace, what happened meanwhile counts as well."""
        last = period_end - _INSTANT
        return View(self.past, self.tiers.window, last, max(last, at) if at else None)

    def _until(self, at: datetime) -> datetime | None:
        return valid_until(self.tiers.validity, at, self.past.joined_at, self.past.timezone)

    def _renewed_until(self, period_end: datetime, at: datetime) -> datetime | None:
        """A further period follows the ended one without a gap, and is not over when it begins."""
        for begun in (period_end - _INSTANT, period_end, at):
            until = self._until(begun)
            if until is None or until > at:
                return until
        return self._until(at)

    def _lowest(self, at: datetime) -> Holding:
        return Holding(self.tiers.everybodys, at, None, "start")
