"""What a reward asks for and why it cannot be had, as a shopper reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, time

from plugin.journeys.phrasing import Phrases
from plugin.rules import ProgrammeDocument, Reward
from plugin.rules.offering import Locked
from plugin.rules.schema_actions import Limit
from plugin.rules.schema_rewards import Available, RewardWhen


def reward_conditions(reward: Reward, document: ProgrammeDocument, phrases: Phrases) -> list[str]:
    """Say what is asked for a reward: of the order, of the member, of the calendar; then how often, and how long its code lives."""
    say, said = phrases.words.say, []
    if reward.minimum_subtotal:
        said.append(say("reward.minimum", amount=phrases.money(reward.minimum_subtotal)))
    if reward.kind == "free_shipping" and reward.maximum_price:
        said.append(say("reward.delivery_up_to", amount=phrases.money(reward.maximum_price)))
    if reward.kind == "fixed_amount" and reward.items:
        said.append(say("reward.items"))
    if reward.when:
        said += _whose(reward.when, document, phrases)
    if reward.available:
        said += _dates(reward.available, phrases)
    said += [_limit(one, phrases) for one in reward.limits if one.times is not None]
    if reward.code_valid_days:
        said.append(say("reward.valid_days", reward.code_valid_days))
    return [phrases.words.opening(one) for one in said]


def locked_text(locked: Locked, phrases: Phrases) -> str:
    """Say why a reward cannot be had now, and from when on it can, where that is known."""
    key = f"error.{locked.why}"
    if locked.opens_on is None:
        return phrases.words.say(key)
    return phrases.words.say("reward.opens", why=phrases.words.say(key), date=phrases.words.plain_date(locked.opens_on))


def _whose(when: RewardWhen, document: ProgrammeDocument, phrases: Phrases) -> list[str]:
    """Segments are the merchant's own words for people, and stay unsaid."""
    levels = document.tiers.levels if document.tiers else ()
    tiers = _named(when.tiers, {one.id: one.title for one in levels}, phrases)
    memberships = _named(when.memberships, {one.id: one.title for one in document.memberships}, phrases)
    said = [phrases.words.say("when.tiers", tiers=one) for one in (tiers, memberships) if one]
    return [*said, phrases.words.say("when.selected")] if when.segments else said


def _named(names: Sequence[str], titles: Mapping[str, Mapping[str, str]], phrases: Phrases) -> str:
    return ", ".join(phrases.words.pick(titles[one]) for one in names if one in titles)


def _dates(available: Available, phrases: Phrases) -> list[str]:
    words, said = phrases.words, []
    for span in available.each_year:
        first, last = (words.day_of_year(int(one[:2]), int(one[3:])) for one in (span.first, span.last))
        said.append(f"{first} \N{EN DASH} {last}")
    if available.by_itself:
        said.append(words.say("reward.by_itself"))
    if available.birthday:
        said.append(words.say("reward.around_birthday"))
    if available.weekdays:
        said.append(", ".join(words.weekday(one) for one in available.weekdays))
    for hours in available.hours:
        begins, ends = (words.clock_time(time.fromisoformat(one)) for one in (hours.begins, hours.ends))
        said.append(f"{begins}\N{EN DASH}{ends}")
    if available.ends:
        said.append(words.say("when.until", date=words.plain_date(date.fromisoformat(available.ends[:10]))))
    return said


def _limit(limit: Limit, phrases: Phrases) -> str:
    """Say "once a month", or how many times."""
    say, times, key = phrases.words.say, limit.times or 0, f"reward.limit.{limit.per}"
    if times == 1:
        return say(f"{key}_once", limit.days if limit.per == "days" else None)
    if limit.per == "days":
        return say(key, limit.days or 1, times=phrases.words.number(times))
    return say(key, times)
