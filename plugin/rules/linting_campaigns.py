"""Likely mistakes in campaigns: two at once where one was meant, and those whose time is over."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from plugin.rules.cautions import Bounds, Caution
from plugin.rules.schema import ProgrammeDocument
from plugin.rules.schema_campaigns import Campaign, Hours
from plugin.rules.schema_match import Match
from plugin.rules.schema_when import When

_ALONE = ("product_types", "vendors", "products", "skus")
"""Lists of which a product fits one entry at most, so that lists with nothing in common exclude each other."""
_MIDNIGHT = "24:00"
_EVER, _FOR_EVER = "0000", "9999"


def campaign_cautions(document: ProgrammeDocument, bounds: Bounds) -> Iterator[Caution]:
    """Look at each campaign against today, and at each pair that may run at once."""
    active = [(f"campaigns[{index}]", one) for index, one in enumerate(document.campaigns) if one.is_active]
    for path, one in active:
        if bounds.today and one.ends and _end(one) <= f"{bounds.today}T00:00":
            yield Caution(f"{path}.ends", "campaign_is_over", {"campaign": one.id, "day": one.ends})
    for (_, first), (path, second) in combinations(active, 2):
        if may_meet(first, second):
            word = "campaigns_overlap" if {first.stacking, second.stacking} == {"best"} else "campaigns_stack"
            yield Caution(path, word, {"campaign": second.id, "other": first.id})


def may_meet(first: Campaign, second: Campaign) -> bool:
    """Whether both may act on one order, or on one reward; what only an order could tell counts as possible."""
    return (
        first.is_for_rewards == second.is_for_rewards
        and _shares_days(first, second)
        and _shares_hours(first.hours, second.hours)
        and _shares_audience(first.when, second.when)
        and _shares_products(first.match, second.match)
        and _share(getattr(first.effect, "rewards", ()), getattr(second.effect, "rewards", ()))
    )


def _share(some: tuple[object, ...], others: tuple[object, ...]) -> bool:
    """Whether two lists have something in common; an empty one holds everything."""
    return not some or not others or not {_fold(one) for one in some}.isdisjoint(map(_fold, others))


def _fold(value: object) -> object:
    return value.strip().casefold() if isinstance(value, str) else value


def _shares_days(first: Campaign, second: Campaign) -> bool:
    is_apart = _end(first) <= _start(second) or _end(second) <= _start(first)
    return not is_apart and _share(first.weekdays, second.weekdays)


def _start(one: Campaign) -> str:
    """The first minute as text that sorts; a day begins with its first one."""
    return one.starts if one.starts and "T" in one.starts else f"{one.starts or _EVER}T00:00"


def _end(one: Campaign) -> str:
    """The first minute after it as text that sorts; a day ends with its last one."""
    return one.ends if one.ends and "T" in one.ends else f"{one.ends or _FOR_EVER}T{_MIDNIGHT}"


def _shares_hours(first: tuple[Hours, ...], second: tuple[Hours, ...]) -> bool:
    if not first or not second:
        return True
    return any(a < d and c < b for a, b in _stretches(first) for c, d in _stretches(second))


def _stretches(hours: tuple[Hours, ...]) -> Iterator[tuple[str, str]]:
    """The hours of a day, those past midnight as a stretch of their own."""
    for one in hours:
        if one.begins < one.ends:
            yield one.begins, one.ends
        else:
            yield one.begins, _MIDNIGHT
            yield "00:00", one.ends


def _shares_audience(first: When | None, second: When | None) -> bool:
    if first is None or second is None:
        return True
    one_of = all(_share(getattr(first, name), getattr(second, name)) for name in ("channels", "currencies", "tiers"))
    return one_of and (first.subscription is None or second.subscription in {None, first.subscription})


def _shares_products(first: Match | None, second: Match | None) -> bool:
    if first is None or second is None:
        return True
    return all(_share(getattr(first, name), getattr(second, name)) for name in _ALONE)
