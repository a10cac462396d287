"""An order's explanation in words: for shoppers what gave points and what did not, for merchants everything, by the parts' own ids.

Both are made from the data stored with the posting alone, and the titles of the document version that it names.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from plugin.journeys.phrasing import Phrases
from plugin.messages import Words
from plugin.rules import ProgrammeDocument

_CENTS = Decimal("0.01")
_UNMULTIPLIED = 1


def explain_to_shopper(evaluation: Mapping[str, Any], document: ProgrammeDocument, phrases: Phrases) -> list[str]:
    """Say, award by award, what an order's points came from and what multiplied them, then what gave none."""
    currency = (evaluation.get("base") or {}).get("currency") or phrases.currency
    names = _names(document, phrases)
    said = []
    for rule in evaluation.get("rules") or ():
        times = [
            phrases.words.say(
                "explain.times", factor=_number(one["factor"], phrases.words), name=_name(one, names, phrases)
            )
            for one in _factors(rule)
        ]
        said.append(", ".join([_award(rule, currency, names, phrases), *times]))
    left = dict.fromkeys(one["why"] for one in evaluation.get("left_out") or ())
    return said + [phrases.words.say(f"explain.left.{why}") for why in left]


def explain_to_merchant(evaluation: Mapping[str, Any], words: Words) -> list[str]:
    """Say rule, basis, multipliers, rounding and version, and every reason for less, by the ids of the document."""
    currency = str((evaluation.get("base") or {}).get("currency") or "")
    said = [_award_in_full(rule, currency, words) for rule in evaluation.get("rules") or ()]
    if why := evaluation.get("why_nothing"):
        said.append(words.say(f"explained.nothing.{why}") if words.has(f"explained.nothing.{why}") else str(why))
    said += _left_out(evaluation, currency, words)
    said += [_unmet(one, words) for one in evaluation.get("unmet") or ()]
    said += _rounding(evaluation, words)
    if evaluation.get("version"):
        said.append(words.say("explained.version", number=words.number(int(evaluation["version"]))))
    return said


def _award(rule: Mapping[str, Any], currency: str, names: Mapping[str, str], phrases: Phrases) -> str:
    words, basis = phrases.words, rule["basis"]
    points = phrases.decimal_points(_rounded(rule["points"]))
    amount = words.money(_rounded(str(rule.get("goal", basis))), currency)
    values: dict[str, dict[str, str]] = {
        "products": {"amount": amount},
        "units": {"number": _number(basis, words)},
        "weight": {"weight": _weight(basis, words)},
        "order": {},
        "nth_order": {"number": _number(basis, words)},
        "spend_goal": {"amount": amount},
        "gift_card": {"amount": amount},
        "campaign": {"name": _campaign(rule, names, words)},
        "spend": {"amount": amount},
    }
    kind = _SAID_AS.get(str(rule.get("kind")), str(rule.get("kind")))
    key = kind if kind in values else "spend"
    return words.say(f"explain.{key}", None, points=points, **values[key])


def _campaign(rule: Mapping[str, Any], names: Mapping[str, str], words: Words) -> str:
    return names.get(f"campaign {rule['rule_id']}") or words.say("explain.a_campaign")


def _factors(rule: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """What multiplied an award: tiers and memberships, then campaigns."""
    yield from rule.get("multipliers") or ()
    for one in rule.get("campaigns") or ():
        if Fraction(one.get("factor", _UNMULTIPLIED)) != _UNMULTIPLIED:
            yield {"kind": "campaign", **one}


def _name(one: Mapping[str, Any], names: Mapping[str, str], phrases: Phrases) -> str:
    return names.get(f"{one['kind']} {one['id']}") or phrases.words.say(f"explain.a_{one['kind']}")


def _names(document: ProgrammeDocument, phrases: Phrases) -> dict[str, str]:
    """The titles of all that multiplies, as far as the merchant gave any."""
    titled = [("tier", one) for one in (document.tiers.levels if document.tiers else ())]
    names = {f"{kind} {one.id}": phrases.words.pick(one.title) for kind, one in titled}
    names |= {f"membership {one.id}": phrases.words.pick(one.title) for one in document.memberships}
    return names | {f"campaign {one.id}": phrases.words.pick(one.title) for one in document.campaigns if one.title}


def _award_in_full(rule: Mapping[str, Any], currency: str, words: Words) -> str:
    points = words.say("points.decimal", number=_number(rule["points"], words), unit=words.say("points.unit", _MANY))
    said = [words.say("explained.award", rule=rule["rule_id"], points=points, basis=_basis(rule, currency, words))]
    if before := rule.get("before"):
        said.append(words.say("explained.before", points=_number(before, words)))
    said += [
        words.say(f"explained.times.{one['kind']}", factor=_number(one["factor"], words), name=one["id"])
        for one in _factors(rule)
    ]
    return ", ".join(said)


def _basis(rule: Mapping[str, Any], currency: str, words: Words) -> str:
    kind, basis = rule.get("kind"), rule["basis"]
    if kind == "unit" or (kind == "campaign" and rule.get("per") == "unit"):
        return words.say("explained.basis.units", number=_number(basis, words))
    if kind == "weight":
        return words.say("explained.basis.grams", weight=_weight(basis, words))
    if kind in {"order", "campaign"}:
        return words.say("explained.basis.order")
    if kind == "nth_order":
        return words.say("explained.basis.nth", number=_number(basis, words))
    return words.money(_rounded(basis), currency)


def _left_out(evaluation: Mapping[str, Any], currency: str, words: Words) -> Iterator[str]:
    counted = Counter(one["why"] for one in evaluation.get("left_out") or ())
    for why, count in counted.items():
        yield words.say(f"explained.left.{why}", count)
    if paid := (evaluation.get("base") or {}).get("paid_otherwise"):
        yield words.say("explained.paid_otherwise", amount=words.money(_rounded(paid), currency))


def _unmet(one: Mapping[str, Any], words: Words) -> str:
    return words.say("explained.unmet", rule=one["rule_id"], why=words.say(f"explained.unmet.{one['why']}"))


def _rounding(evaluation: Mapping[str, Any], words: Words) -> Iterator[str]:
    exact, rounding = evaluation.get("exact"), evaluation.get("rounding")
    if exact and Fraction(exact).denominator != 1 and rounding:
        yield words.say(f"explained.rounded.{rounding}", exact=_number(exact, words))
    if evaluation.get("rounding_per") == "line":
        yield words.say("explained.rounded.line")


def _weight(grams: str, words: Words) -> str:
    exact = _rounded(grams)
    return words.weight(exact / 1000, "kg") if exact >= _KILOGRAM else words.weight(exact, "g")


def _number(exact: str, words: Words) -> str:
    return words.number(_rounded(exact))


def _rounded(exact: str) -> Decimal:
    """Two decimals at most: what people read."""
    share = Fraction(exact)
    near = (Decimal(share.numerator) / Decimal(share.denominator)).quantize(_CENTS, ROUND_HALF_UP)
    return near.quantize(Decimal(1)) if near == near.to_integral_value() else near


_SAID_AS = {"product_type": "products", "unit": "units"}
_MANY = 2
_KILOGRAM = 1000
