"""An order's explanation in a shopper's words: what gave points and what did not.

It is made from the data stored with the posting alone, and the titles of the document version that it names.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from plugin.journeys.explained_figures import factors, number, rounded, weight
from plugin.journeys.phrasing import Phrases
from plugin.messages import Words
from plugin.rules import ProgrammeDocument


def explain_to_shopper(evaluation: Mapping[str, Any], document: ProgrammeDocument, phrases: Phrases) -> list[str]:
    """Say, award by award, what an order's points came from and what multiplied them, then what gave none."""
    currency = (evaluation.get("base") or {}).get("currency") or phrases.currency
    names = _names(document, phrases)
    said = []
    for rule in evaluation.get("rules") or ():
        times = [
            phrases.words.say(
                "explain.times", factor=number(one["factor"], phrases.words), name=_name(one, names, phrases)
            )
            for one in factors(rule)
        ]
        said.append(", ".join([_award(rule, currency, names, phrases), *times]))
    left = dict.fromkeys(one["why"] for one in evaluation.get("left_out") or ())
    return said + [phrases.words.say(f"explain.left.{why}") for why in left]


def _award(rule: Mapping[str, Any], currency: str, names: Mapping[str, str], phrases: Phrases) -> str:
    words, basis = phrases.words, rule["basis"]
    points = phrases.decimal_points(rounded(rule["points"]))
    amount = words.money(rounded(str(rule.get("goal", basis))), currency)
    values: dict[str, dict[str, str]] = {
        "products": {"amount": amount},
        "units": {"number": number(basis, words)},
        "weight": {"weight": weight(basis, words)},
        "order": {},
        "nth_order": {"number": number(basis, words)},
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


def _name(one: Mapping[str, Any], names: Mapping[str, str], phrases: Phrases) -> str:
    return names.get(f"{one['kind']} {one['id']}") or phrases.words.say(f"explain.a_{one['kind']}")


def _names(document: ProgrammeDocument, phrases: Phrases) -> dict[str, str]:
    """The titles of all that multiplies, as far as the merchant gave any."""
    titled = [("tier", one) for one in (document.tiers.levels if document.tiers else ())]
    names = {f"{kind} {one.id}": phrases.words.pick(one.title) for kind, one in titled}
    names |= {f"membership {one.id}": phrases.words.pick(one.title) for one in document.memberships}
    return names | {f"campaign {one.id}": phrases.words.pick(one.title) for one in document.campaigns if one.title}


_SAID_AS = {"product_type": "products", "unit": "units"}
