"""Postings as sentences for the merchant, made from their explanations."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from typing import Any

from plugin.journeys.explaining import explain_to_merchant
from plugin.journeys.overseeing import PostingLine
from plugin.messages import Words

_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Told:
    """One posting as told: a title, a detail that may be empty, and points with their sign (or without: only moved)."""

    title: str
    detail: str
    points: str
    tone: str


def told(line: PostingLine, words: Words) -> Told:
    """Tell one posting."""
    is_order = line.reason == "order"
    title = _order_title(line, words) if is_order else words.say(f"merchant.reason.{line.reason}")
    detail = _order_detail(line, words) if is_order else ""
    return Told(title, detail, _points(line, words), _tone(line))


def _order_title(line: PostingLine, words: Words) -> str:
    because = str(line.explanation.get("because") or "order")
    key = f"admin.posting.{because}"
    name = str(line.explanation.get("order_name") or line.order_id or "")
    return words.say(key if words.has(key) else "admin.posting.order", order=name)


def _order_detail(line: PostingLine, words: Words) -> str:
    evaluation: dict[str, Any] = line.explanation.get("evaluation") or {}
    if evaluation.get("why_nothing"):
        return " · ".join([words.say("admin.posting.nothing"), *explain_to_merchant(evaluation, words)])
    base = evaluation.get("base") or {}
    if not base.get("eligible") or not base.get("currency"):
        return ""
    amount = words.money(_amount(base["eligible"]), str(base["currency"]))
    counted = words.say(
        "admin.posting.counted", amount=amount, points=words.say("points.amount", int(evaluation["points"]))
    )
    return " · ".join([counted, *_limits(evaluation, words), *explain_to_merchant(evaluation, words)])


def _limits(evaluation: dict[str, Any], words: Words) -> list[str]:
    """Name the caps and budgets that held something back."""
    return [
        words.say(
            "admin.posting.capped",
            limit=str(one["id"]),
            given=words.number(int(one["given"])),
            points=words.say("points.amount", int(one["asked"])),
        )
        for one in evaluation.get("caps") or ()
    ]


def _amount(exact: str) -> Decimal:
    share = Fraction(exact)
    return (Decimal(share.numerator) / Decimal(share.denominator)).quantize(_CENT, ROUND_HALF_EVEN)


def _points(line: PostingLine, words: Words) -> str:
    if not line.change:
        return words.number(line.moved)
    return f"+{words.number(line.change)}" if line.change > 0 else words.number(line.change)


def _tone(line: PostingLine) -> str:
    if not line.change:
        return ""
    return "gain" if line.change > 0 else "loss"
