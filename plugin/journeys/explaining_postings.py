"""Any posting in a merchant's words: what it was, and all that is known of why, made from its explanation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from plugin.journeys.explaining_in_full import explain_to_merchant, explained_caps, explained_version
from plugin.journeys.naming_parts import PartNames
from plugin.journeys.phrasing import Phrases
from plugin.ledger.flows import AWARDS
from plugin.rules import ProgrammeDocument

_EVER = "ever"
_MONTH = "month"


@dataclass(frozen=True, slots=True)
class Posted:
    """What is to be told of a posting; `version` is the document's that it names, if it names one."""

    reason: str
    explanation: Mapping[str, Any]
    order_id: int | None
    version: int | None


def posting_title(posted: Posted, phrases: Phrases) -> str:
    """Say what a posting was, in a few words."""
    if posted.reason != "order":
        return phrases.words.say(f"merchant.reason.{posted.reason}")
    key = f"admin.posting.{posted.explanation.get('because') or 'order'}"
    name = str(posted.explanation.get("order_name") or posted.order_id or "")
    return phrases.words.say(key if phrases.words.has(key) else "admin.posting.order", order=name)


def explain_posting(posted: Posted, document: ProgrammeDocument, phrases: Phrases) -> list[str]:
    """Say everything that decided a posting, under the version of the document that it names."""
    explanation, words, names = posted.explanation, phrases.words, PartNames(document, phrases)
    if evaluation := explanation.get("evaluation"):
        return explain_to_merchant(evaluation, document, phrases)
    return [
        *_by(posted, names),
        *_why(posted, phrases),
        *explained_caps(explanation, names, words),
        *_taken_back(posted, phrases),
        *_dates(explanation, phrases),
        *explained_version(posted.version, words),
    ]


def _by(posted: Posted, names: PartNames) -> Iterator[str]:
    """Name the parts of the document that gave or took."""
    if rule_id := posted.explanation.get("rule_id"):
        yield names.of(posted.reason, str(rule_id))
    if reward_id := posted.explanation.get("reward_id"):
        yield names.of("reward", str(reward_id))
    for campaign in posted.explanation.get("campaigns") or ():
        yield names.of("campaign", str(campaign["id"] if isinstance(campaign, Mapping) else campaign))


def _why(posted: Posted, phrases: Phrases) -> Iterator[str]:
    """Say what else the posting's data tells; a word that nobody has a sentence for is told as it is."""
    told, say = posted.explanation, phrases.words.say
    if proof := told.get("proof"):
        yield say(f"explained.proof.{proof}")
    if told.get("full_points", 0) > abs(told.get("points", 0)):
        yield say("explained.full", points=say("points.amount", int(told["full_points"])))
    if (period := told.get("period", _EVER)) != _EVER:
        yield say("explained.period", period=str(period))
    if meant := told.get("for"):
        yield _meant(str(meant), phrases)
    if posted.reason == "membership" and (order_id := told.get("order_id")):
        yield say("explained.bought", order=str(order_id))
    for key in ("why", "because"):
        if word := told.get(key):
            yield _word(posted.reason, str(word), phrases)


def _meant(word: str, phrases: Phrases) -> str:
    """Say which share of a membership it is: its start, its renewal, or a month of it, of which the first is number 0."""
    if word.startswith(_MONTH):
        number = phrases.words.number(int(word.removeprefix(_MONTH)) + 1)
        return phrases.words.say("explained.for.month", number=number)
    return phrases.words.say(f"explained.for.{word}")


def _word(reason: str, word: str, phrases: Phrases) -> str:
    keys = (
        f"explained.{reason}.{word}",
        f"admin.why.{word}",
        f"admin.referral.state.{word}",
        f"explained.because.{word}",
        f"explained.nothing.{word}",
    )
    return next((phrases.words.say(key) for key in keys if phrases.words.has(key)), word)


def _taken_back(posted: Posted, phrases: Phrases) -> Iterator[str]:
    points = posted.explanation.get("points", 0)
    if posted.reason in AWARDS and points < 0:
        yield phrases.words.say("explained.taken_back", points=phrases.words.say("points.amount", -points))


def _dates(told: Mapping[str, Any], phrases: Phrases) -> Iterator[str]:
    for name, key in (
        ("earned_at", "explained.earned_at"),
        ("matures_at", "explained.usable"),
        ("expires_at", "explained.ends"),
    ):
        if instant := told.get(name):
            yield phrases.words.say(key, date=phrases.date(datetime.fromisoformat(instant)))
