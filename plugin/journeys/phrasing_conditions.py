"""What rules and campaigns ask of an order and when they run, as a shopper reads it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time

from plugin.journeys.phrasing import Phrases
from plugin.rules import ProgrammeDocument
from plugin.rules.schema_campaigns import Campaign
from plugin.rules.schema_when import When


def with_conditions(sentence: str, conditions: Sequence[str], phrases: Phrases) -> str:
    """Put conditions behind a sentence; without any it stays as it is."""
    if not conditions:
        return sentence
    return phrases.words.say("earn.when", sentence=sentence, conditions="; ".join(conditions))


def conditions_of(when: When | None, document: ProgrammeDocument, phrases: Phrases) -> list[str]:
    """Say what is asked of an order. Tags and segments are the merchant's own words for people, and stay unsaid."""
    if when is None:
        return []
    say, said = phrases.words.say, []
    if when.minimum_spend:
        said.append(say("when.minimum_spend", amount=phrases.money(when.minimum_spend)))
    if when.channels:
        said.append(", ".join(say(f"when.channel.{one}") for one in when.channels))
    if when.currencies:
        said.append(say("when.currencies", currencies=", ".join(when.currencies)))
    if when.subscription is not None:
        said.append(say("when.subscription" if when.subscription else "when.no_subscription"))
    said += _whose(when, document, phrases)
    if when.shipping_methods:
        said.append(say("when.shipping_methods", methods=", ".join(when.shipping_methods)))
    if when.order_tags:
        said.append(say("when.order_tags"))
    if when.customer_tags or when.without_customer_tags or when.segments:
        said.append(say("when.selected"))
    return said


def _whose(when: When, document: ProgrammeDocument, phrases: Phrases) -> list[str]:
    """Name the tiers and the memberships it is for."""
    levels = document.tiers.levels if document.tiers else ()
    tiers = [phrases.words.pick(one.title) for one in levels if one.id in when.tiers]
    memberships = [phrases.words.pick(one.title) for one in document.memberships if one.id in when.memberships]
    return [phrases.words.say("when.tiers", tiers=", ".join(one)) for one in (tiers, memberships) if one]


def times_of(campaign: Campaign, phrases: Phrases) -> list[str]:
    """Say on which days and at which hours a campaign runs, and until when."""
    said = []
    if campaign.weekdays:
        said.append(", ".join(phrases.words.weekday(one) for one in campaign.weekdays))
    for hours in campaign.hours:
        begins, ends = (time.fromisoformat(one) for one in (hours.begins, hours.ends))
        said.append(f"{phrases.words.clock_time(begins)}\N{EN DASH}{phrases.words.clock_time(ends)}")
    if campaign.ends:
        said.append(phrases.words.say("when.until", date=_last(campaign.ends, phrases)))
    return said


def _last(moment: str, phrases: Phrases) -> str:
    """The last day or minute, as the programme's clock shows it."""
    there = datetime.fromisoformat(moment)
    day = phrases.words.plain_date(there.date())
    return day if "T" not in moment else f"{day}, {phrases.words.clock_time(there.time())}"
