"""What rewards cost and are worth while campaigns run: a pure function of the catalogue, the campaigns and who asks when.

Of the campaigns that stack as "best" one acts on a reward: that of the highest priority, among these the one that saves or adds most.
The percents of those that say "add" add up; those that say "multiply" come off, or on top of, what is left by the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_FLOOR, Decimal
from fractions import Fraction
from typing import Literal

from plugin.rules.exact import ONE, ROUND
from plugin.rules.offering import Locked
from plugin.rules.running import Window
from plugin.rules.schema import ProgrammeDocument
from plugin.rules.schema_campaigns import Campaign
from plugin.rules.schema_rewards import Reward


@dataclass(frozen=True, slots=True)
class Asker:
    """Who looks at the catalogue, and when; `decimals` are the currency's."""

    at: datetime
    timezone: str
    decimals: int = 2
    tier: str | None = None
    segments: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Priced:
    """A reward as it is offered now; `usual` is it without campaigns, `campaigns` are the ids of those that act.

    `locked` is why the one who asks cannot have it now, however many points they have; None if they can.
    """

    reward: Reward
    usual: Reward
    campaigns: tuple[str, ...] = ()
    locked: Locked | None = None


def priced(document: ProgrammeDocument, asker: Asker) -> list[Priced]:
    """Price the whole catalogue."""
    running = [one for one in document.campaigns if one.is_active and one.is_for_rewards and _runs(one, asker)]
    return [_priced(reward, running, asker) for reward in document.rewards]


def _runs(campaign: Campaign, asker: Asker) -> bool:
    when = campaign.when
    if when and when.tiers and asker.tier not in when.tiers:
        return False
    if when and when.segments and asker.segments.isdisjoint(when.segments):
        return False
    return Window.of(campaign).holds(asker.at, asker.timezone)


def _priced(reward: Reward, running: Sequence[Campaign], asker: Asker) -> Priced:
    mine = [one for one in running if _covers(one, reward)]
    cheaper = _acting(mine, "reward_price")
    richer = _acting(mine, "reward_value")
    if not cheaper and not richer:
        return Priced(reward, reward)
    changed = reward.model_copy(update=_changes(reward, _factor(cheaper, -1), _factor(richer, 1), asker.decimals))
    acting = {one.id for one in (*cheaper, *richer)}
    return Priced(changed, reward, tuple(one.id for one in running if one.id in acting))


def _changes(reward: Reward, price: Fraction, value: Fraction, decimals: int) -> dict[str, int | Decimal]:
    """What a reward costs and is worth after these factors; a gift stays one, and free delivery cannot be freer."""
    points = max(ROUND["ceil"](reward.points * price), 1) if reward.points else 0
    if reward.kind == "free_shipping" or value == 1:
        return {"points": points}
    return {"points": points, "amount": _payable(Fraction(reward.amount) * value, decimals)}


def _covers(campaign: Campaign, reward: Reward) -> bool:
    effect = campaign.effect
    if effect.kind not in {"reward_price", "reward_value"}:
        return False
    named: tuple[str, ...] = getattr(effect, "rewards", ())
    return not named or reward.id in named


def _acting(campaigns: Sequence[Campaign], kind: Literal["reward_price", "reward_value"]) -> list[Campaign]:
    """Choose of one kind the best of those that do not stack, and all others."""
    mine = [one for one in campaigns if one.effect.kind == kind]
    rivals = [one for one in mine if one.stacking == "best"]
    best = max(rivals, key=lambda one: (one.priority, _percent(one)), default=None)
    return [one for one in mine if one.stacking != "best" or one is best]


def _factor(acting: Sequence[Campaign], sign: int) -> Fraction:
    product, added = ONE, ONE
    for one in acting:
        share = Fraction(sign * _percent(one), 100)
        if one.stacking == "add":
            added += share
        else:
            product *= 1 + share
    return product * max(added, Fraction(0))


def _percent(campaign: Campaign) -> int:
    effect = campaign.effect
    if effect.kind == "reward_price":
        return effect.percent_off
    return effect.percent_more if effect.kind == "reward_value" else 0


def _payable(amount: Fraction, decimals: int) -> Decimal:
    """Round down to what the currency has coins for."""
    return (Decimal(amount.numerator) / Decimal(amount.denominator)).quantize(
        Decimal(1).scaleb(-decimals), rounding=ROUND_FLOOR
    )
