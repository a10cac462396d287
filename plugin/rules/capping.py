"""Caps and budgets as arithmetic: awards and what is left in; what may be given of them, and why it is less, out. Pure.

Each award gets what every limit over it has left, award by award in their sequence, after the order's one rounding. Shares are
counted exactly and charged rounded up, so that no limit is ever exceeded.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from functools import lru_cache
from typing import Any, Literal

import msgspec

from plugin.days import day_of
from plugin.facts import Award, CapLeft, Context
from plugin.rules.exact import ROUND, ZERO, Rounding
from plugin.rules.schema import ProgrammeDocument
from plugin.rules.schema_caps import Budget, Cap, Period, Purpose


@dataclass(frozen=True, slots=True)
class Limit:
    """A cap or a budget: at most `points` in each `period`, of one member or of all together."""

    limit_id: str
    kind: Literal["cap", "budget"]
    points: int
    period: Period
    is_per_member: bool
    over: Literal["everything", "orders", "named"] = "everything"
    named: frozenset[str] = frozenset()
    purpose: Purpose | None = None

    def covers(self, names: frozenset[str], purpose: Purpose, *, is_order: bool) -> bool:
        """Whether an award that goes by these names counts towards the limit."""
        if self.purpose is not None:
            return self.purpose == purpose
        return self.over == "everything" or (is_order if self.over == "orders" else not names.isdisjoint(self.named))


class Capped(msgspec.Struct, frozen=True):
    """What may be given, what of it is charged to which limit, and the limits that held something back: {id, kind, asked, given, left}."""

    points: int
    charges: tuple[tuple[str, int], ...] = ()
    held_back: tuple[dict[str, Any], ...] = ()

    @property
    def shown(self) -> dict[str, Any]:
        """What an explanation says of it; nothing where nothing was held back."""
        return {"caps": list(self.held_back)} if self.held_back else {}

    @property
    def why_nothing(self) -> str | None:
        """Say in a machine word that a limit left nothing, if one did."""
        return "cap" if self.held_back and not self.points else None


def has_limits(document: ProgrammeDocument) -> bool:
    """Whether anything of the document is capped; asked for each order, so it looks at nothing else."""
    return bool(document.caps or document.budgets)


def capped(awards: Sequence[Award], points: int, document: ProgrammeDocument, context: Context) -> Capped:
    """Cut an order's rounded points to what the context says is left; a limit of which it says nothing is not reached."""
    if not has_limits(document):
        return Capped(points)
    limits = limits_of(document)
    shares = [Share(names_of(award), award.points) for award in awards] if _ask_names(limits) else ()
    asked = _Asked(shares, points, document.earning.rounding, purpose_of_order(document, context))
    return _cut(asked, limits, context.caps_left)


def capped_award(names: frozenset[str], points: int, document: ProgrammeDocument, left: Sequence[CapLeft]) -> Capped:
    """Cut the points of an award that is for no order."""
    if not has_limits(document):
        return Capped(points)
    purpose: Purpose = "keeping" if names.isdisjoint(document.purposes.winning) else "winning"
    asked = _Asked([Share(names, Fraction(points))], points, "floor", purpose, is_order=False)
    return _cut(asked, limits_of(document), left)


@lru_cache(maxsize=256)
def limits_of(document: ProgrammeDocument) -> tuple[Limit, ...]:
    """List the limits that hold, caps first, each in the document's sequence."""
    caps = [_limit_of_cap(one) for one in document.caps if one.is_active]
    return (*caps, *(_limit_of_budget(one) for one in document.budgets if one.is_active))


def purpose_of_order(document: ProgrammeDocument, context: Context) -> Purpose:
    """Say which budgets an order's points are charged to."""
    return "winning" if document.purposes.first_order and context.order_number == 1 else "keeping"


def asks_order_number(document: ProgrammeDocument) -> bool:
    """Whether the document has to know if an order is its member's first."""
    return document.purposes.first_order and any(one.is_active for one in document.budgets)


def period_name(at: datetime, period: Period, timezone: str) -> str:
    """Name the period an instant is in by that timezone's calendar: "2026-11-27", "2026-W48", "2026-11", "2026", "life"."""
    if period == "life":
        return "life"
    day = day_of(at, timezone)
    if period == "week":
        year, week, _ = day.isocalendar()
        return f"{year}-W{week:02d}"
    return day.isoformat()[: {"day": 10, "month": 7, "year": 4}[period]]


def names_of(award: Award) -> frozenset[str]:
    """What an award goes by: its rule, and the campaigns that had a hand in it."""
    campaigns = award.detail.get("campaigns") or ()
    return frozenset({award.rule_id, *(str(one["id"]) if isinstance(one, Mapping) else str(one) for one in campaigns)})


@dataclass(frozen=True, slots=True)
class Share:
    """Part of what is asked for, under the names by which a limit may mean it."""

    names: frozenset[str]
    points: Fraction


@dataclass(slots=True)
class _Count:
    """A limit being counted against; without `left` it only counts."""

    limit: Limit
    left: int | None
    asked: Fraction | int = ZERO
    given: Fraction | int = ZERO
    is_reached: bool = False

    def allows(self, points: Fraction) -> Fraction | int:
        return points if self.left is None else max(min(points, self.left - self.given), ZERO)

    def count(self, asked: Fraction, given: Fraction | int) -> None:
        self.asked += asked
        self.given += given
        self.is_reached |= given < asked and self.given == self.left


@dataclass(frozen=True, slots=True)
class _Asked:
    """Shares that came to `points` by one rounding."""

    shares: Sequence[Share]
    points: int
    rounding: Rounding
    purpose: Purpose
    is_order: bool = True

    def as_rounded(self) -> Sequence[Share]:
        """The shares, each larger in proportion where rounding up made more of them: that counts towards limits too."""
        total = sum((one.points for one in self.shares), ZERO)
        if not total or self.points <= total:
            return self.shares
        return [Share(one.names, one.points * self.points / total) for one in self.shares]


def _cut(asked: _Asked, limits: Sequence[Limit], left: Sequence[CapLeft]) -> Capped:
    known = {one.limit_id: max(one.left, 0) for one in left}
    if not _ask_names(limits):
        return _cut_whole(asked, limits, known)
    counts = [_Count(limit, known.get(limit.limit_id)) for limit in limits]
    exact, is_cut = ZERO, False
    for share in asked.as_rounded():
        mine = [one for one in counts if one.limit.covers(share.names, asked.purpose, is_order=asked.is_order)]
        given = min((one.allows(share.points) for one in mine), default=share.points)
        for one in mine:
            one.count(share.points, given)
        exact += given
        is_cut |= given < share.points
    points = min(asked.points, ROUND[asked.rounding](exact)) if is_cut else asked.points
    charges = ((one.limit.limit_id, _whole(one.given, points)) for one in counts)
    told = (_told(one, asked.points, points) for one in counts if one.is_reached)
    return Capped(
        points,
        tuple((limit_id, charged) for limit_id, charged in charges if charged),
        tuple(one for one in told if one["given"] < one["asked"]),
    )


def _cut_whole(asked: _Asked, limits: Sequence[Limit], known: Mapping[str, int]) -> Capped:
    """The usual case, in whole numbers: every limit covers all of what is asked for, or nothing of it."""
    mine = [one for one in limits if one.covers(frozenset(), asked.purpose, is_order=asked.is_order)]
    left = [known.get(one.limit_id, asked.points) for one in mine]
    points = min([asked.points, *left])
    charges = tuple([(one.limit_id, points) for one in mine]) if points else ()
    if points == asked.points:
        return Capped(points, charges)
    counts = (_Count(one, room, asked.points, points) for one, room in zip(mine, left, strict=True))
    return Capped(points, charges, tuple(_told(one, asked.points, points) for one in counts if one.left == points))


def _ask_names(limits: Sequence[Limit]) -> bool:
    """Whether what an award goes by decides."""
    return any(one.named for one in limits)


def _whole(exact: Fraction | int, most: int) -> int:
    """Round up, so that nothing is given that no limit was charged with; but no more than all that was given."""
    return min(math.ceil(exact), most)


def _told(one: _Count, asked: int, given: int) -> dict[str, Any]:
    return {
        "id": one.limit.limit_id,
        "kind": one.limit.kind,
        "period": one.limit.period,
        "asked": _whole(one.asked, asked),
        "given": _whole(one.given, given),
        "left": one.left,
    }


def _limit_of_cap(cap: Cap) -> Limit:
    return Limit(cap.id, "cap", cap.points, cap.period, cap.per == "member", cap.over, frozenset(cap.named))


def _limit_of_budget(budget: Budget) -> Limit:
    return Limit(budget.id, "budget", budget.points, budget.period, is_per_member=False, purpose=budget.purpose)
