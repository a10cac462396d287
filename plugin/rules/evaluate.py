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
from fractions import Fraction

import msgspec

from plugin.facts import Award, Context, Evaluation, OrderSnapshot
from plugin.rules.calculators import ProductTypeRewardCalculator
from plugin.rules.calculators_bonuses import Occasion
from plugin.rules.campaigns import act
from plugin.rules.capping import Capped, capped
from plugin.rules.compiling import Calculators, plan_of
from plugin.rules.exact import ROUND
from plugin.rules.giving import Given, exact_points, rounded_by_line
from plugin.rules.multiplying import multiplied
from plugin.rules.order_facts import OrderFacts, ineligible, read_order
from plugin.rules.schema import ProgrammeDocument
from plugin.rules.telling import Told, explanation_of

PAID = frozenset({"paid", "partially_refunded", "refunded"})
POINTS_MAX = 10**12
"""No order gives more: sums stay exact in the database and in a browser's numbers. A shop that meets this has a faulty body."""


class Weighed(msgspec.Struct, frozen=True):
    """What an order should have given, before anything is said of it.

    `eligible_spend` is in major units, None where the order as a whole does not count; so is `told`, what an explanation is made of.
    """

    points: int
    awards: tuple[Award, ...] = ()
    why_nothing: str | None = None
    charges: tuple[tuple[str, int], ...] = ()
    eligible_spend: Fraction | None = None
    told: Told | None = None


def evaluate(
    order: OrderSnapshot, document: ProgrammeDocument, context: Context, *, barred: str | None = None
) -> Evaluation:
    """Compute what the order should have given, and why.

    `barred` is the caller's own reason for nothing (guest, before_start, …). The rules' own are test, cancelled, unpaid, refunded,
    cap (a limit left nothing), too_small (it rounds to no point) and nothing_eligible.
    """
    found = weigh(order, document, context, barred=barred)
    explanation = explanation_of(found.told, found.points, found.why_nothing, context)
    return Evaluation(found.points, found.awards, explanation, found.why_nothing, found.charges)


def weigh(order: OrderSnapshot, document: ProgrammeDocument, context: Context, *, barred: str | None = None) -> Weighed:
    """Compute what `evaluate` does without the words: who replays orders by the million reads none."""
    if why := barred or _uncounted(order):
        return Weighed(0, why_nothing=why)
    reading = read_order(order, document.earning.base, context.products, context.paid_otherwise)
    plan, spend = plan_of(document), reading.facts.eligible_spend
    calculators, unmet = plan.chosen(order, spend, context)
    given, kept, excluded = _given(reading.facts, calculators, context, order)
    given = multiplied(given, plan.multipliers.acting(context))
    if plan.campaigns:
        given = act(given, kept, plan.running(order, spend, context))
    awards, exact = tuple([one.award for one in given]), exact_points(given)
    limited = capped(awards, _whole(given, exact, document), document, context)
    why = None if limited.points else _why_nothing(order, document, context, awards, limited)
    told = Told(order.currency, document, reading, awards, exact, excluded, unmet, limited.held_back)
    return Weighed(limited.points, awards, why, limited.charges, spend, told)


def needs_products(document: ProgrammeDocument, order: OrderSnapshot) -> tuple[int, ...]:
    """List the ids of products whose type, vendor, tags or collections decide what this order gives; sorted.

    Depends on what was ordered alone, never on the order's status or refunds: the context frozen with it serves later states too.
    """
    plan = plan_of(document)
    if not plan.selections:
        return ()
    needed = {
        line.product_id
        for line in order.lines
        if line.product_id is not None and not ineligible(line, document.earning.base) and plan.asks_product(line)
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


def _given(
    order: OrderFacts, calculators: Calculators, context: Context, snapshot: OrderSnapshot
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
        occasion = Occasion(kept, order.eligible_spend, context, snapshot)
        found = ((bonus, bonus.award(occasion)) for bonus in calculators.bonuses)
        given += [Given(bonus, kept, award) for bonus, award in found if award]
    return given, kept, excluded


def _without_excluded(
    order: OrderFacts, parted: Sequence[tuple[ProductTypeRewardCalculator, OrderFacts]]
) -> OrderFacts:
    """The lines that no rule excludes."""
    excluded = {id(line) for rule, taken in parted if rule.excludes for line in taken.lines}
    return order.those(lambda line: id(line) not in excluded) if excluded else order


def _whole(given: Sequence[Given], exact: Fraction, document: ProgrammeDocument) -> int:
    """Round, the only time: the exact sum of what was given, or what each line gives."""
    earning = document.earning
    is_per_line = earning.rounding_per == "line"
    points = rounded_by_line(given, earning.rounding) if is_per_line else ROUND[earning.rounding](exact)
    return min(points, POINTS_MAX)


def _why_nothing(
    order: OrderSnapshot, document: ProgrammeDocument, context: Context, awards: Sequence[Award], limited: Capped
) -> str:
    if limited.why_nothing:
        return limited.why_nothing
    if order.refunds and weigh(replace(order, refunds=()), document, context).points:
        return "refunded"
    return "too_small" if awards else "nothing_eligible"
