"""What an order should have given: a pure function of its snapshot, the document and the frozen context.

A line earns once. It is taken by any rule that excludes it; else by the first product rule of the document that covers it; what
no product rule took earns by the spend rules, which add up. The factors of the member's tier and memberships act on all of that.
Everything counts exactly, and the order rounds once; caps and budgets come last.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

from plugin.facts import Award, Context, Evaluation, OrderSnapshot
from plugin.rules.capping import capped
from plugin.rules.compiling import Calculators, calculators_of
from plugin.rules.exact import ROUND, ZERO, exact_text
from plugin.rules.multiplying import multiplied, multipliers_of
from plugin.rules.order_facts import OrderFacts, Reading, ineligible, read_order
from plugin.rules.schema import ProgrammeDocument

PAID = frozenset({"paid", "partially_refunded", "refunded"})
POINTS_MAX = 10**12
"""No order gives more: sums stay exact in the database and in a browser's numbers. A shop that meets this has a faulty body."""


def evaluate(
    order: OrderSnapshot, document: ProgrammeDocument, context: Context, *, barred: str | None = None
) -> Evaluation:
    """Compute what the order should have given, and why.

    `barred` is the caller's own reason for nothing (guest, before_start, …). The rules' own are test, cancelled, unpaid, refunded,
    cap (a limit left nothing), too_small (it rounds to no point) and nothing_eligible.
    """
    if why := barred or _uncounted(order):
        return _nothing(why, context)
    reading = read_order(order, document.earning.base, context.products)
    awards, excluded = _awards(reading.facts, calculators_of(document))
    awards = multiplied(awards, multipliers_of(document, context))
    exact = sum((award.points for award in awards), ZERO)
    limited = capped(awards, _whole(exact, document), document, context)
    points = limited.points
    why = None if points else limited.why_nothing or _why_nothing(order, document, context, exact)
    explanation = {
        "version": context.document_version,
        "points": points,
        "exact": exact_text(exact),
        "rounding": document.earning.rounding,
        "rules": [_shown(award) for award in awards],
        "base": {"currency": order.currency, **_shown_base(reading)},
        "left_out": _shown_left_out(reading, excluded),
        **limited.shown,
    }
    return Evaluation(
        points, awards, explanation if points else {**explanation, "why_nothing": why}, why, limited.charges
    )


def needs_products(document: ProgrammeDocument, order: OrderSnapshot) -> tuple[int, ...]:
    """List the ids of products whose type, vendor, tags or collections decide what this order gives; sorted.

    Depends on what was ordered alone, never on the order's status or refunds: the context frozen with it serves later states too.
    """
    products = calculators_of(document).products
    needed = {
        line.product_id
        for line in order.lines
        if line.product_id is not None
        and not ineligible(line, document.earning.base)
        and any(calculator.selection.asks_product(line) for calculator in products)
    }
    return tuple(sorted(needed))


def _uncounted(order: OrderSnapshot) -> str | None:
    """Why the order as a whole does not count, in the words of `why_nothing`."""
    if order.is_test:
        return "test"
    if order.cancelled_at is not None:
        return "cancelled"
    if order.financial_status not in PAID:
        return "unpaid"
    return "refunded" if order.financial_status == "refunded" else None


def _nothing(why: str, context: Context) -> Evaluation:
    explanation = {"version": context.document_version, "points": 0, "why_nothing": why, "rules": []}
    return Evaluation(0, (), explanation, why)


def _awards(order: OrderFacts, calculators: Calculators) -> tuple[tuple[Award, ...], Mapping[int, str]]:
    """Ask the rules in turn: (what they gave, which product rule left a line with nothing)."""
    awards: list[Award] = []
    excluded: dict[int, str] = {}
    for product_rule in calculators.products:
        taken, order = order.parted(product_rule.covers)
        if award := product_rule.award(taken):
            awards.append(award)
        else:
            excluded |= dict.fromkeys(taken.line_ids, product_rule.rule_id)
    awards += [award for spend_rule in calculators.spend if (award := spend_rule.award(order))]
    return tuple(awards), excluded


def _whole(exact: Fraction, document: ProgrammeDocument) -> int:
    """Round, the only time."""
    return min(ROUND[document.earning.rounding](exact), POINTS_MAX)


def _why_nothing(order: OrderSnapshot, document: ProgrammeDocument, context: Context, exact: Fraction) -> str:
    if order.refunds and evaluate(replace(order, refunds=()), document, context).points:
        return "refunded"
    return "too_small" if exact else "nothing_eligible"


def _shown(award: Award) -> dict[str, Any]:
    return {
        "rule_id": award.rule_id,
        "points": exact_text(award.points),
        "basis": exact_text(award.basis),
        **award.detail,
    }


def _shown_base(reading: Reading) -> dict[str, str]:
    """How much spend counted, and how much refunds had taken off it."""
    return {"eligible": exact_text(reading.facts.eligible_spend), "refunded": exact_text(reading.refunded)}


def _shown_left_out(reading: Reading, excluded: Mapping[int, str]) -> list[dict[str, Any]]:
    """Lines that earned nothing: by what they are, or by the rule that took them."""
    lines: list[dict[str, Any]] = [{"line_id": line_id, "why": why} for line_id, why in reading.left_out.items()]
    lines += [{"line_id": line_id, "why": "excluded", "rule_id": rule_id} for line_id, rule_id in excluded.items()]
    return lines
