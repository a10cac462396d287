"""What a merchant calls the parts of their programme: by title, with the id that data and commands use behind it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from plugin.journeys.phrasing import Phrases
from plugin.rules import ProgrammeDocument
from plugin.rules.schema_referral import REFERRAL_IDS

_SAID_AS = {"spend_amount": "spend", "spend_bands": "spend"}


class PartNames:
    """The names of one document's parts in one reader's language; a part that the document does not know goes by its id."""

    def __init__(self, document: ProgrammeDocument, phrases: Phrases) -> None:
        self._titles = dict(_titles(document, phrases))
        self._phrases = phrases

    def of(self, area: str, part_id: str) -> str:
        """Name a part of an area: rule, campaign, tier, membership, limit, action, challenge, referral or reward."""
        title = self._titles.get((area, part_id), "")
        if not title or title.casefold() == part_id.casefold():
            return title or part_id
        return self._phrases.words.say("explained.named", title=title, id=part_id)


def _titles(document: ProgrammeDocument, phrases: Phrases) -> Iterator[tuple[tuple[str, str], str]]:
    """Every part by area and id; one without a title is called what it is."""
    for rule in document.earning.rules:
        kind = _SAID_AS.get(rule.kind, rule.kind)
        yield ("rule", rule.id), _title(getattr(rule, "title", None), f"explained.part.{kind}", phrases)
    for campaign in document.campaigns:
        yield ("campaign", campaign.id), _title(campaign.title, "explained.part.campaign", phrases)
    for level in document.tiers.levels if document.tiers else ():
        yield ("tier", level.id), phrases.words.pick(level.title)
    for one in document.memberships:
        yield ("membership", one.id), phrases.words.pick(one.title)
    for challenge in document.challenges:
        yield ("challenge", challenge.id), phrases.words.pick(challenge.title)
    yield from _others(document, phrases)


def _others(document: ProgrammeDocument, phrases: Phrases) -> Iterator[tuple[tuple[str, str], str]]:
    for cap in document.caps:
        yield ("limit", cap.id), _title(cap.title, "explained.part.cap", phrases)
    for budget in document.budgets:
        yield ("limit", budget.id), _title(budget.title, "explained.part.budget", phrases)
    for action in document.actions:
        yield ("action", action.id), _title(action.title, f"history.action.{action.kind}.title", phrases)
    for reward in document.rewards:
        yield ("reward", reward.id), phrases.title(reward.title, getattr(reward, "amount", Decimal(0)))
    for role, part_id in zip(("referrer", "friend"), REFERRAL_IDS, strict=True):
        yield ("referral", part_id), phrases.words.say(f"explained.part.{role}")


def _title(titles: Mapping[str, str] | None, key: str, phrases: Phrases) -> str:
    return phrases.words.pick(titles) if titles else phrases.words.say(key)
