"""An order's explanation in full, for merchants: rule, basis, multipliers, caps, rounding, version, and every reason for less.

It is made from the data stored with the posting alone, and the titles of the document version that it names; ids stand behind titles.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from plugin.journeys.explained_figures import factors, number, rounded, weight
from plugin.journeys.naming_parts import PartNames
from plugin.journeys.phrasing import Phrases
from plugin.messages import Words
from plugin.rules import ProgrammeDocument

_MANY = 2


def explain_to_merchant(evaluation: Mapping[str, Any], document: ProgrammeDocument, phrases: Phrases) -> list[str]:
    """Say all that decided what an order gives, under the version of the document that gave it."""
    words, names = phrases.words, PartNames(document, phrases)
    currency = str((evaluation.get("base") or {}).get("currency") or phrases.currency)
    said = [*_why_nothing(evaluation, words), *_counted(evaluation, currency, words)]
    said += explained_caps(evaluation, names, words)
    said += [_award(rule, currency, names, words) for rule in evaluation.get("rules") or ()]
    said += _left_out(evaluation, currency, names, words)
    said += [_unmet(one, names, words) for one in evaluation.get("unmet") or ()]
    said += _rounding(evaluation, words)
    return said + explained_version(evaluation.get("version"), words)


def explained_caps(explanation: Mapping[str, Any], names: PartNames, words: Words) -> list[str]:
    """Name the caps and budgets that held something back."""
    return [
        words.say(
            "explained.capped",
            limit=names.of("limit", str(one["id"])),
            given=words.number(int(one["given"])),
            points=words.say("points.amount", int(one["asked"])),
        )
        for one in explanation.get("caps") or ()
    ]


def explained_version(version: int | None, words: Words) -> list[str]:
    """Name the version of the programme, if there is one."""
    return [words.say("explained.version", number=words.number(int(version)))] if version else []


def _why_nothing(evaluation: Mapping[str, Any], words: Words) -> Iterator[str]:
    if why := evaluation.get("why_nothing"):
        yield words.say("admin.posting.nothing")
        yield words.say(f"explained.nothing.{why}") if words.has(f"explained.nothing.{why}") else str(why)


def _counted(evaluation: Mapping[str, Any], currency: str, words: Words) -> Iterator[str]:
    """Say how much spend counted, and what refunds took off it."""
    base = evaluation.get("base") or {}
    if eligible := base.get("eligible"):
        points = words.say("points.amount", int(evaluation["points"]))
        yield words.say("explained.counted", amount=words.money(rounded(eligible), currency), points=points)
    if shipping := base.get("shipping"):
        yield words.say("explained.shipping", amount=words.money(rounded(shipping), currency))
    if Fraction(base.get("refunded") or 0):
        yield words.say("explained.refunded_amount", amount=words.money(rounded(base["refunded"]), currency))


def _award(rule: Mapping[str, Any], currency: str, names: PartNames, words: Words) -> str:
    area = "campaign" if rule.get("kind") == "campaign" else "rule"
    points = words.say("points.decimal", number=number(rule["points"], words), unit=words.say("points.unit", _MANY))
    name, basis = names.of(area, str(rule["rule_id"])), _basis(rule, currency, words)
    said = [words.say("explained.award", rule=name, points=points, basis=basis)]
    if before := rule.get("before"):
        said.append(words.say("explained.before", points=number(before, words)))
    for one in factors(rule):
        by = names.of(one["kind"], str(one["id"]))
        said.append(words.say(f"explained.times.{one['kind']}", factor=number(one["factor"], words), name=by))
    return ", ".join(said)


def _basis(rule: Mapping[str, Any], currency: str, words: Words) -> str:
    kind, basis = rule.get("kind"), rule["basis"]
    if kind == "unit" or (kind == "campaign" and rule.get("per") == "unit"):
        return words.say("explained.basis.units", number=number(basis, words))
    if kind == "weight":
        return words.say("explained.basis.grams", weight=weight(basis, words))
    if kind in {"order", "campaign"}:
        return words.say("explained.basis.order")
    if kind == "nth_order":
        return words.say("explained.basis.nth", number=number(basis, words))
    return words.money(rounded(basis), currency)


def _left_out(evaluation: Mapping[str, Any], currency: str, names: PartNames, words: Words) -> Iterator[str]:
    counted = Counter((one["why"], one.get("rule_id")) for one in evaluation.get("left_out") or ())
    for (why, rule_id), count in counted.items():
        if rule_id:
            yield words.say("explained.left.excluded_by", count, rule=names.of("rule", rule_id))
        else:
            yield words.say(f"explained.left.{why}", count)
    if paid := (evaluation.get("base") or {}).get("paid_otherwise"):
        yield words.say("explained.paid_otherwise", amount=words.money(rounded(paid), currency))


def _unmet(one: Mapping[str, Any], names: PartNames, words: Words) -> str:
    why = words.say(f"explained.unmet.{one['why']}")
    return words.say("explained.unmet", rule=names.of("rule", str(one["rule_id"])), why=why)


def _rounding(evaluation: Mapping[str, Any], words: Words) -> Iterator[str]:
    exact, rounding = evaluation.get("exact"), evaluation.get("rounding")
    if exact and Fraction(exact).denominator != 1 and rounding:
        yield words.say(f"explained.rounded.{rounding}", exact=number(exact, words))
    if evaluation.get("rounding_per") == "line":
        yield words.say("explained.rounded.line")
