"""What an order should have given: a pure function of its snapshot, the document and the frozen context.

The order of arithmetic, all of it exact until the rounding:

1. A line earns once. It is taken by any rule that excludes it; else by the first product rule of the document that covers it; what
   no product rule took earns by the spend rules, which add up. Bonus rules (orders, units, weight, milestones) come on top of that,
   for all lines that no rule excludes. A rule whose conditions the order does not meet is as if it were not there.
2. The factors of the member's tier and memberships act on all of it.
3. Campaigns act: factors line by line, then points on top (`campaigns` tells how several stack).
4. One rounding: of the order's sum, or, if the document says so, of what each line gives.
5. Caps and budgets cut what is left.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from plugin.facts import Award, Context, Evaluation, OrderSnapshot
from plugin.rules.calculators import ProductTypeRewardCalculator
from plugin.rules.calculators_bonuses import Occasion
from plugin.rules.campaigns import act
from plugin.rules.capping import capped
from plugin.rules.compiling import Calculators, plan_of
from plugin.rules.exact import ZERO, exact_text
from plugin.rules.giving import Given, rounded
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
    reading = read_order(order, document.earning.base, context.products, context.paid_otherwise)
    plan, spend = plan_of(document), reading.facts.eligible_spend
    calculators, unmet = plan.chosen(order, spend, context)
    given, kept, excluded = _given(reading.facts, calculators, context)
    given = multiplied(given, multipliers_of(document, context))
    if plan.campaigns:
        given = act(given, kept, plan.running(order, spend, context))
    awards = tuple(one.award for one in given)
    limited = capped(awards, _whole(given, document), document, context)
    points = limited.points
    why = None if points else limited.why_nothing or _why_nothing(order, document, context, awards)
    explanation = {
        "version": context.document_version,
        "points": points,
        "exact": exact_text(sum((award.points for award in awards), ZERO)),
        "rounding": document.earning.rounding,
        "rules": [_shown(award) for award in awards],
        "base": {"currency": order.currency, **_shown_base(reading)},
        "left_out": _shown_left_out(reading, excluded),
        **_shown_exceptions(document, unmet),
        **limited.shown,
    }
    return Evaluation(
        points, awards, explanation if points else {**explanation, "why_nothing": why}, why, limited.charges
    )


def needs_products(document: ProgrammeDocument, order: OrderSnapshot) -> tuple[int, ...]:
    """List the ids of products whose type, vendor, tags or collections decide what this order gives; sorted.

    Depends on what was ordered alone, never on the order's status or refunds: the context frozen with it serves later states too.
    """
    selections = plan_of(document).selections
    if not selections:
        return ()
    needed = {
        line.product_id
        for line in order.lines
        if line.product_id is not None
        and not ineligible(line, document.earning.base)
        and any(selection.asks_product(line) for selection in selections)
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


def _given(
    order: OrderFacts, calculators: Calculators, context: Context
) -> tuple[list[Given], OrderFacts, Mapping[int, str]]:
    """Ask the rules in turn: (what they gave, the lines none excluded, which product rule left a line with nothing)."""
    given: list[Given] = []
    excluded: dict[int, str] = {}
    parted, rest = calculators.takers.part(order) if calculators.products else ((), order)
    for product_rule, taken in parted:
        if award := product_rule.award_taken(taken):
            given.append(Given(product_rule, taken, award))
        else:
            excluded |= dict.fromkeys(taken.line_ids, product_rule.rule_id)
    kept = _without_excluded(order, parted)
    given += [Given(rule, rest, award) for rule in calculators.spend if (award := rule.award(rest))]
    if calculators.bonuses:
        occasion = Occasion(kept, order.eligible_spend, context)
        found = ((bonus, bonus.award(occasion)) for bonus in calculators.bonuses)
        given += [Given(bonus, kept, award) for bonus, award in found if award]
    return given, kept, excluded


def _without_excluded(
    order: OrderFacts, parted: Sequence[tuple[ProductTypeRewardCalculator, OrderFacts]]
) -> OrderFacts:
    """The lines that no rule excludes."""
    excluded = {id(line) for rule, taken in parted if rule.excludes for line in taken.lines}
    return order.parted(lambda line: id(line) in excluded)[1] if excluded else order


def _whole(given: Sequence[Given], document: ProgrammeDocument) -> int:
    """Round, the only time."""
    earning = document.earning
    return min(rounded(given, earning.rounding, is_per_line=earning.rounding_per == "line"), POINTS_MAX)


def _why_nothing(order: OrderSnapshot, document: ProgrammeDocument, context: Context, awards: Sequence[Award]) -> str:
    if order.refunds and evaluate(replace(order, refunds=()), document, context).points:
        return "refunded"
    return "too_small" if awards else "nothing_eligible"


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


def _shown_left_out(reading: Reading, excluded: Mapping[int, str]) -> list[dict[str, Any]]:
    """Lines that earned nothing: by what they are, or by the rule that took them."""
    lines: list[dict[str, Any]] = [{"line_id": line_id, "why": why} for line_id, why in reading.left_out.items()]
    lines += [{"line_id": line_id, "why": "excluded", "rule_id": rule_id} for line_id, rule_id in excluded.items()]
    return lines


def _shown_exceptions(document: ProgrammeDocument, unmet: Mapping[str, str]) -> dict[str, Any]:
    """What is told only where it is so: rounding by the line, and rules whose conditions the order did not meet."""
    shown: dict[str, Any] = {} if document.earning.rounding_per == "order" else {"rounding_per": "line"}
    if unmet:
        shown["unmet"] = [{"rule_id": rule_id, "why": why} for rule_id, why in unmet.items()]
    return shown
