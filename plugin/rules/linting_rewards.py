"""Likely mistakes in what points buy: rewards worth more than they cost to earn, or that nobody reaches in time."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from plugin.rules.cautions import Bounds, Caution
from plugin.rules.linting_earning import life_days, plain_rate
from plugin.rules.linting_multipliers import highest_multiplier
from plugin.rules.schema import ProgrammeDocument
from plugin.rules.schema_earning import Earning
from plugin.rules.schema_rewards import FixedAmountReward, Reward

_YEAR_DAYS = 365
_YEARS_NOBODY_WAITS = 5
_WHOLE = Decimal(100)
_SHARE = Decimal("0.001")


def reward_cautions(document: ProgrammeDocument, bounds: Bounds) -> Iterator[Caution]:
    """Look at each reward by itself, then beside the others, then against what a member earns."""
    active = [(f"rewards[{index}]", reward) for index, reward in enumerate(document.rewards) if reward.is_active]
    if not active:
        yield Caution("rewards", "no_reward_is_active")
    for path, reward in active:
        if reward.points and reward.worth is not None:
            yield from _give_back(path, reward, document, bounds)
        yield from _never_to_be_had(path, reward, document, bounds)
        if reward.points and reward.code_valid_days is not None and reward.code_valid_days < bounds.days_of_a_code:
            yield Caution(
                f"{path}.code_valid_days", "code_short_lived", {"reward": reward.id, "days": reward.code_valid_days}
            )
    yield from _dearer_than_a_smaller_one(active)
    yield from _out_of_reach(active, document.earning, bounds)


def give_back(reward: Reward, points_per_unit: Decimal) -> Decimal:
    """What share of the spend that earns a reward comes back with it."""
    return (points_per_unit * (reward.worth or Decimal(0)) / reward.points).quantize(_SHARE)


def _give_back(path: str, reward: Reward, document: ProgrammeDocument, bounds: Bounds) -> Iterator[Caution]:
    plain = give_back(reward, plain_rate(document.earning))
    highest = (plain * highest_multiplier(document) * _cheapest(reward, document)).quantize(_SHARE)
    detail: dict[str, int | Decimal | str] = {"reward": reward.id, "share": plain, "highest": highest}
    if plain >= 1:
        yield Caution(path, "reward_worth_more_than_it_costs", detail)
    elif highest >= 1:
        yield Caution(path, "reward_worth_more_than_it_costs_at_most", detail)
    elif plain > bounds.give_back:
        yield Caution(path, "give_back_high", detail)


def _never_to_be_had(path: str, reward: Reward, document: ProgrammeDocument, bounds: Bounds) -> Iterator[Caution]:
    """What is over, and what costs more than its own limits, or those it shares, let a member spend."""
    ends = reward.available.ends if reward.available else None
    if ends and bounds.today and ends[:10] < bounds.today:
        yield Caution(f"{path}.available.ends", "reward_is_over", {"reward": reward.id, "day": ends[:10]})
    shared = [one for one in document.reward_groups if not one.rewards or reward.id in one.rewards]
    limits = [*reward.limits, *(limit for group in shared for limit in group.limits)]
    most = min((one.points for one in limits if one.points is not None), default=reward.points)
    if most < reward.points:
        yield Caution(f"{path}.points", "reward_above_limit", {"reward": reward.id, "most": most})


def _cheapest(reward: Reward, document: ProgrammeDocument) -> Decimal:
    """How many times its plain worth a point buys while the best campaign for this reward runs."""
    best = Decimal(1)
    for campaign in document.campaigns:
        effect = campaign.effect
        if not campaign.is_active or effect.kind not in {"reward_price", "reward_value"}:
            continue
        if effect.kind == "reward_price" and (not effect.rewards or reward.id in effect.rewards):
            best = max(best, _WHOLE / (_WHOLE - effect.percent_off))
        if effect.kind == "reward_value" and (not effect.rewards or reward.id in effect.rewards):
            best = max(best, (_WHOLE + effect.percent_more) / _WHOLE)
    return best


def _dearer_than_a_smaller_one(active: list[tuple[str, Reward]]) -> Iterator[Caution]:
    """A bigger reward should be worth at least as much for each point as a smaller one; gifts and goods of their own aside."""
    amounts = [
        (path, reward)
        for path, reward in active
        if isinstance(reward, FixedAmountReward) and reward.points and reward.items is None
    ]
    for path, reward in amounts:
        for _, smaller in amounts:
            if smaller.points < reward.points and smaller.amount * reward.points > reward.amount * smaller.points:
                yield Caution(path, "reward_dearer_than_smaller", {"reward": reward.id, "other": smaller.id})
                break


def _out_of_reach(active: list[tuple[str, Reward]], earning: Earning, bounds: Bounds) -> Iterator[Caution]:
    """What a typical member cannot earn before the first points lapse, or within the years that anybody waits."""
    a_year = (bounds.spend_per_year or Decimal(0)) * plain_rate(earning)
    if not active or not a_year:
        return
    active = [one for one in active if one[1].points]
    if not active:
        return
    first = min(active, key=lambda one: one[1].points)
    life = life_days(earning) or _YEARS_NOBODY_WAITS * _YEAR_DAYS
    for path, reward in active:
        days = int(reward.points * _YEAR_DAYS / a_year)
        if days > life:
            word = "expires_before_first_reward" if path == first[0] else "reward_out_of_reach"
            yield Caution(path, word, {"reward": reward.id, "days": days, "life": life})
