"""Postings as sentences for the merchant, made from their explanations."""

from __future__ import annotations

from dataclasses import dataclass

from plugin.journeys.explaining_postings import Posted, explain_posting, posting_title
from plugin.journeys.overseeing import PostingLine
from plugin.journeys.phrasing import Phrases
from plugin.messages import Words


@dataclass(frozen=True, slots=True)
class Told:
    """One posting as told: a title, a detail that may be empty, and points with their sign (or without: only moved)."""

    title: str
    detail: str
    points: str
    tone: str


def told(line: PostingLine, phrases: Phrases) -> Told:
    """Tell one posting."""
    posted = Posted(line.reason, line.explanation, line.order_id, line.version)
    detail = " · ".join(explain_posting(posted, line.document, phrases))
    return Told(posting_title(posted, phrases), detail, _points(line, phrases.words), _tone(line))


def _points(line: PostingLine, words: Words) -> str:
    if not line.change:
        return words.number(line.moved)
    return f"+{words.number(line.change)}" if line.change > 0 else words.number(line.change)


def _tone(line: PostingLine) -> str:
    if not line.change:
        return ""
    return "gain" if line.change > 0 else "loss"
