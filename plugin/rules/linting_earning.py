"""Likely mistakes in what earns points, and in how long they last."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from plugin.rules.cautions import Bounds, Caution
from plugin.rules.schema import ProgrammeDocument
from plugin.rules.schema_earning import Earning, Expiry, Match, ProductTypeRule

_EFFECTS = frozenset({"kind", "id", "title", "match", "exclude", "multiplier", "points_per_item", "is_active"})
_MONTH_DAYS = 30
_YEAR_DAYS = 365


def earning_cautions(document: ProgrammeDocument, bounds: Bounds) -> Iterator[Caution]:
    """Look at the rules one by one, at what each leaves to the next, and at the terms of the points."""
    earning = document.earning
    if not any(rule.is_active for rule in earning.rules):
        yield Caution("earning.rules", "no_rule_is_active")
    yield from _unmatched(earning)
    for index, rule in enumerate(earning.rules):
        if isinstance(rule, ProductTypeRule) and rule.is_active:
            yield from _product_rule(f"earning.rules[{index}]", rule, earning)
    yield from _terms(earning, bounds)


def plain_rate(earning: Earning) -> Decimal:
    """What one unit of currency gives at most by the rules of spend that ask nothing of the order."""
    rate = earning.points_per_unit
    for rule in earning.rules:
        if rule.kind == "spend_amount" and rule.is_active and rule.when is None:
            rate += rule.points / rule.amount
        if rule.kind == "spend_bands" and rule.is_active and rule.when is None:
            rate += max((band.points / band.spend_from for band in rule.bands if band.spend_from), default=Decimal(0))
    return rate


def life_days(earning: Earning) -> int | None:
    """How many days points last at most, from the order on; None is for ever."""
    return life_of(earning.expiry)


def life_of(expiry: Expiry) -> int | None:
    """How many days points last at most by one way to expire; None is for ever."""
    if expiry.kind == "never":
        return None
    if expiry.kind == "after_months":
        return expiry.months * _MONTH_DAYS
    return expiry.least_days + (expiry.years_later + 1) * _YEAR_DAYS if expiry.kind == "on_dates" else expiry.days


def _unmatched(earning: Earning) -> Iterator[Caution]:
    """Product rules that never get a line, since one asked before them takes all of theirs."""
    asked = [(index, rule) for index, rule in enumerate(earning.rules) if isinstance(rule, ProductTypeRule)]
    asked = sorted((one for one in asked if one[1].is_active), key=lambda one: not one[1].exclude)
    for place, (index, rule) in enumerate(asked):
        if taker := next((first for _, first in asked[:place] if _takes_all(first, rule)), None):
            yield Caution(f"earning.rules[{index}]", "rule_never_matches", {"rule": rule.id, "other": taker.id})


def _takes_all(first: ProductTypeRule, later: ProductTypeRule) -> bool:
    conditions = [name for name in type(first).model_fields if name not in _EFFECTS]
    return _holds_all(first.match, later.match) and all(
        getattr(first, name) in (type(first).model_fields[name].default, getattr(later, name)) for name in conditions
    )


def _holds_all(first: Match, later: Match) -> bool:
    """Whether each list of the first leaves the later one no room: it is empty, or holds all that the later one names."""
    for name in type(first).model_fields:
        wide, narrow = (frozenset(map(_fold, getattr(match, name))) for match in (first, later))
        if wide and not (narrow and narrow <= wide):
            return False
    return True


def _fold(value: object) -> object:
    return value.strip().casefold() if isinstance(value, str) else value


def _product_rule(path: str, rule: ProductTypeRule, earning: Earning) -> Iterator[Caution]:
    multiplier = Decimal(1) if rule.multiplier is None else rule.multiplier
    if not rule.exclude and not rule.points_per_item and not (multiplier and plain_rate(earning)):
        yield Caution(path, "rule_gives_nothing", {"rule": rule.id})


def _terms(earning: Earning, bounds: Bounds) -> Iterator[Caution]:
    life = life_days(earning)
    for index, one in enumerate(earning.expiry_by_tier):
        other = life_of(one.expiry)
        if life is None or (other is not None and other <= life):
            yield Caution(f"earning.expiry_by_tier[{index}]", "tier_life_not_longer", {"tier": one.tier})
    if life is None or earning.expiry.kind == "on_dates":
        return
    left = life - earning.maturity_days
    if left < bounds.days_to_spend:
        yield Caution("earning.expiry", "little_time_to_spend", {"days": left})
    for index, days in enumerate(earning.expiry_warnings.days):
        if days >= left:
            yield Caution(
                f"earning.expiry_warnings.days[{index}]", "warning_before_points_mature", {"days": days, "left": left}
            )
