"""Whether a member's facts fit a segment. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from plugin.days import day_of
from plugin.rules.measuring import Past
from plugin.rules.schema_segments import Facts
from plugin.rules.schema_tiers import Lifetime

_EVER = Lifetime(kind="lifetime")


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a member at an instant. `points` can be spent; `joined_at` is None for one who has not joined."""

    past: Past
    at: datetime
    points: int = 0
    tier: str | None = None
    joined_at: datetime | None = None


def fits(facts: Facts, standing: Standing) -> bool:
    """Say whether all of the facts are true of a member."""
    window = facts.window or _EVER
    spend = standing.past.total("spend", window, standing.at)
    orders = standing.past.total("orders", window, standing.at)
    return (
        _within(spend, facts.spend_min, facts.spend_max)
        and _within(orders, facts.orders_min, facts.orders_max)
        and _within(standing.points, facts.points_min, facts.points_max)
        and (not facts.tiers or standing.tier in facts.tiers)
        and _joined(facts, standing)
        and _ordered(facts, standing)
    )


def _within(number: Fraction | int, least: object, most: object) -> bool:
    at_least = least is None or number >= Fraction(str(least))
    return at_least and (most is None or number <= Fraction(str(most)))


def _joined(facts: Facts, standing: Standing) -> bool:
    if facts.joined_from is None and facts.joined_until is None:
        return True
    if standing.joined_at is None:
        return False
    day = day_of(standing.joined_at, standing.past.timezone)
    first = date.fromisoformat(facts.joined_from) if facts.joined_from else date.min
    last = date.fromisoformat(facts.joined_until) if facts.joined_until else date.max
    return first <= day <= last


def _ordered(facts: Facts, standing: Standing) -> bool:
    """Days are counted from day to day, by the programme's clock."""
    if facts.days_since_order_min is None and facts.days_since_order_max is None:
        return True
    orders = [one.at for one in standing.past.facts if one.orders and one.at <= standing.at]
    if not orders:
        return False
    zone = standing.past.timezone
    days = (day_of(standing.at, zone) - day_of(orders[-1], zone)).days
    return _within(days, facts.days_since_order_min, facts.days_since_order_max)
