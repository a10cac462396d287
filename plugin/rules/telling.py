"""Why an order gives what it gives, as JSON-ready data from which sentences are made: made only where somebody keeps or reads it."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import msgspec

from plugin.facts import Award, Context
from plugin.rules.exact import exact_text
from plugin.rules.order_facts import Reading
from plugin.rules.schema import ProgrammeDocument


class Told(msgspec.Struct, frozen=True):
    """What an explanation is made of.

    `exact` is what the awards come to. `excluded` names the rule that left a line with nothing, by line id; `unmet` why a rule did not
    apply, by rule id; `held_back` are the limits that cut something.
    """

    currency: str
    document: ProgrammeDocument
    reading: Reading
    awards: tuple[Award, ...]
    exact: Fraction
    excluded: Mapping[int, str]
    unmet: Mapping[str, str]
    held_back: tuple[dict[str, Any], ...]


def explanation_of(told: Told | None, points: int, why_nothing: str | None, context: Context) -> dict[str, Any]:
    """Explain an order's points; `told` is None where the order as a whole does not count."""
    if told is None:
        return {"version": context.document_version, "points": 0, "why_nothing": why_nothing, "rules": []}
    explanation = {
        "version": context.document_version,
        "points": points,
        "exact": exact_text(told.exact),
        "rounding": told.document.earning.rounding,
        "rules": [_shown(award) for award in told.awards],
        "base": {"currency": told.currency, **_shown_base(told.reading)},
        "left_out": _shown_left_out(told),
        **_shown_exceptions(told),
    }
    return explanation if points else {**explanation, "why_nothing": why_nothing}


def _shown(award: Award) -> dict[str, Any]:
    return {
        "rule_id": award.rule_id,
        "points": exact_text(award.points),
        "basis": exact_text(award.basis),
        **award.detail,
    }


def _shown_base(reading: Reading) -> dict[str, str]:
    """How much spend counted, shipping in it, and how much refunds, gift cards and store credit had taken off it."""
    shown = {"eligible": exact_text(reading.facts.eligible_spend), "refunded": exact_text(reading.refunded)}
    if shipping := reading.shipping:
        shown["shipping"] = exact_text(shipping)
    return {**shown, "paid_otherwise": exact_text(reading.paid_otherwise)} if reading.paid_otherwise else shown


def _shown_left_out(told: Told) -> list[dict[str, Any]]:
    """Lines that earned nothing: by what they are, or by the rule that took them."""
    lines: list[dict[str, Any]] = [{"line_id": line_id, "why": why} for line_id, why in told.reading.left_out.items()]
    lines += [{"line_id": line_id, "why": "excluded", "rule_id": rule_id} for line_id, rule_id in told.excluded.items()]
    return lines


def _shown_exceptions(told: Told) -> dict[str, Any]:
    """What is told only where it is so: rounding by the line, rules whose conditions the order did not meet, limits that cut."""
    shown: dict[str, Any] = {} if told.document.earning.rounding_per == "order" else {"rounding_per": "line"}
    if told.unmet:
        shown["unmet"] = [{"rule_id": rule_id, "why": why} for rule_id, why in told.unmet.items()]
    if told.held_back:
        shown["caps"] = list(told.held_back)
    return shown
