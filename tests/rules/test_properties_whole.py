"""What must hold under documents with every kind of rule, conditions, campaigns, factors and both ways of rounding."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from plugin.facts import Context, ProductFacts, SpendBefore
from plugin.rules import dump_document, evaluate, needs_products, parse_document
from plugin.rules.asking import eligible_spend
from plugin.rules.evaluate import weigh
from plugin.rules.previewing import Cart, preview
from tests.rules.making import MEMBERSHIP, campaign, document, line, spend, told_exactly
from tests.rules.test_properties import cents, effects, matches, orders, refunds

many = settings(deadline=None, max_examples=60)

factors = st.integers(100, 400).map(lambda amount: f"{Decimal(amount) / 100:f}")
amounts = st.integers(1, 10_000).map(lambda amount: f"{Decimal(amount) / 100:f}")
whole = st.integers(1, 500)
CHANNELS = ("online_store", "pos", "draft", "other")


@st.composite
def whens(draw):
    """Conditions, among them the only one that depends on spend."""
    return draw(
        st.sampled_from(
            [
                {"channels": ["pos"]},
                {"channels": ["online_store", "draft"]},
                {"customer_tags": ["vip"]},
                {"without_customer_tags": ["vip"]},
                {"subscription": True},
                {"minimum_spend": draw(amounts)},
            ]
        )
    )


@st.composite
def rules(draw, number):
    """One rule of any kind but those that take lines."""
    kind = draw(
        st.sampled_from(
            ["spend", "spend_amount", "spend_bands", "order", "unit", "weight", "nth_order", "spend_goal", "gift_card"]
        )
    )
    made = {
        "spend": lambda: {"points_per_unit": draw(amounts)},
        "spend_amount": lambda: {"points": draw(amounts), "amount": draw(amounts), "full_amounts": draw(st.booleans())},
        "spend_bands": lambda: {"bands": bands(draw)},
        "order": lambda: {"points": draw(whole)},
        "unit": lambda: {"points": draw(amounts), **maybe(draw, "match", matches)},
        "weight": lambda: {"points": draw(amounts), "unit": draw(st.sampled_from(["g", "kg", "lb", "oz"])), "full_weights": draw(st.booleans())},
        "nth_order": lambda: {"points": draw(whole), "every": draw(st.integers(1, 3))},
        "gift_card": lambda: {"bands": bands(draw)},
        "spend_goal": lambda: {"points": draw(whole), "goal": draw(amounts), "period": "year", "repeats": draw(st.booleans())},
    }[kind]()  # fmt: skip
    flags = {} if kind.startswith("spend") and kind != "spend_goal" else {"is_multiplied": draw(st.booleans())}
    return {"kind": kind, "id": f"rule{number}", **made, **flags, **maybe(draw, "when", whens())}


def bands(draw):
    starts = sorted(set(draw(st.lists(st.integers(0, 900), min_size=1, max_size=3))))
    gives = sorted(draw(st.lists(whole, min_size=len(starts), max_size=len(starts))))
    return [{"spend_from": str(start), "points": points} for start, points in zip(starts, gives, strict=True)]


def maybe(draw, name, strategy):
    return {name: draw(strategy)} if draw(st.booleans()) else {}


@st.composite
def campaigns(draw, number):
    """A campaign about orders; factors never below one, so that more spend cannot be worth less."""
    effect = draw(
        st.one_of(
            factors.map(lambda factor: {"kind": "multiply", "factor": factor}),
            st.tuples(st.sampled_from(["order", "unit"]), whole).map(
                lambda both: {"kind": "add", "per": both[0], "points": both[1]}
            ),
        )
    )
    return campaign(
        f"campaign{number}",
        effect,
        stacking=draw(st.sampled_from(["best", "add", "multiply"])),
        **maybe(draw, "match", matches),
        **maybe(draw, "when", whens()),
        **maybe(draw, "weekdays", st.just(["saturday"])),
    )


@st.composite
def documents(draw, per=("order", "line")):
    """Up to four rules, two product rules and three campaigns."""
    made = [draw(rules(n)) for n in range(draw(st.integers(1, 4)))]
    pairs = draw(st.lists(st.tuples(matches, effects), max_size=2))
    made += [
        {"kind": "product_type", "id": f"product{n}", "match": match, **effect}
        for n, (match, effect) in enumerate(pairs)
    ]
    rounding = {
        "rounding": draw(st.sampled_from(["floor", "half_up", "ceil"])),
        "rounding_per": draw(st.sampled_from(per)),
    }
    data = dump_document(document(*made, **rounding))
    running = [draw(campaigns(n)) for n in range(draw(st.integers(0, 3)))]
    return parse_document(data | {"campaigns": running, "memberships": [MEMBERSHIP]})


@st.composite
def contexts(draw):
    """Products known, and what a document may ask beside."""
    known = tuple(
        ProductFacts(301 + n, draw(st.sampled_from(["shoes", "hats"])), "", tuple(draw(st.sets(st.sampled_from(["sale", "new"])))))
        for n in range(4)
    )  # fmt: skip
    return Context(
        3,
        known,
        memberships=draw(st.sampled_from([(), ("club",)])),
        order_number=draw(st.integers(1, 6)),
        spend_before=tuple(SpendBefore(f"rule{n}", draw(cents)) for n in range(4)),
        customer_tags=draw(st.sampled_from([(), ("VIP",)])),
        is_subscription=draw(st.booleans()),
        timezone=draw(st.sampled_from(["Europe/Sofia", "America/Los_Angeles", "Pacific/Kiritimati"])),
    )


@st.composite
def placed_orders(draw):
    """An order through some channel at any hour of two days, its lines of any weight."""
    made = draw(orders())
    at = datetime(2026, 10, 24, tzinfo=UTC) + timedelta(minutes=draw(st.integers(0, 2880)))
    lines = tuple(replace(one, grams=draw(st.integers(0, 2500))) for one in made.lines)
    source = draw(st.sampled_from(["web", "pos", "shopify_draft_order", "580111"]))
    return replace(made, lines=lines, source=source, placed_at=at, updated_at=at)


@many
@given(placed_orders(), documents(), contexts())
def test_no_rule_gives_negative_points_and_the_explanation_adds_up(made, by, context):
    evaluation = evaluate(made, by, context)
    told = evaluation.explanation
    assert evaluation.points >= 0
    assert all(award.points > 0 for award in evaluation.awards)
    assert Fraction(told["exact"]) == told_exactly(evaluation)
    assert json.loads(json.dumps(told)) == told
    assert (evaluation.why_nothing is None) == (evaluation.points > 0)


@many
@given(placed_orders(), documents(), contexts(), st.randoms(use_true_random=False))
def test_the_order_of_lines_is_irrelevant(made, by, context, chance):
    shuffled = replace(made, lines=tuple(chance.sample(made.lines, len(made.lines))))
    one, other = evaluate(made, by, context), evaluate(shuffled, by, context)
    assert (one.points, one.why_nothing) == (other.points, other.why_nothing)
    assert one.explanation["exact"] == other.explanation["exact"]
    assert needs_products(by, made) == needs_products(by, shuffled)


@many
@given(placed_orders(), documents(), contexts(), st.integers(0, 3), cents)
def test_spending_more_never_gives_fewer_points(made, by, context, which, more):
    assume(which < len(made.lines))
    dearer = list(made.lines)
    dearer[which] = replace(dearer[which], price=dearer[which].price + more)
    before, after = evaluate(made, by, context), evaluate(replace(made, lines=tuple(dearer)), by, context)
    assert told_exactly(after) >= told_exactly(before)
    assert by.earning.rounding_per == "line" or after.points >= before.points


@many
@given(placed_orders(), documents(), contexts(), refunds())
def test_refunding_more_never_gives_more_exact_points(made, by, context, more):
    after = evaluate(replace(made, refunds=made.refunds + more), by, context)
    assert told_exactly(after) <= told_exactly(evaluate(made, by, context))


@many
@given(placed_orders(), documents(per=("order",)), contexts(), st.data())
def test_splitting_a_line_changes_nothing_while_the_order_rounds_once(made, by, context, data):
    units = data.draw(st.integers(2, 6))
    part = data.draw(st.integers(1, units - 1))
    price, grams = data.draw(cents), data.draw(st.integers(0, 900))
    whole_line = replace(line(9, "0", units), product_id=301, price=price, grams=grams)
    halves = [replace(whole_line, line_id=10 + n, quantity=count) for n, count in enumerate((part, units - part))]
    one = evaluate(replace(made, lines=(*made.lines, whole_line)), by, context)
    two = evaluate(replace(made, lines=(*made.lines, *halves)), by, context)
    assert (one.points, one.explanation["exact"]) == (two.points, two.explanation["exact"])


def test_rounding_by_the_line_may_make_a_split_line_worth_less():
    """Said in the document's schema: it is what rounding each line means."""
    by = document(spend("0.5"), rounding_per="line")
    whole_line, half = line(1, "3.00", 2), line(2, "3.00", 1)
    assert preview(by, Context(1), Cart([whole_line], "EUR", datetime(2026, 1, 1, tzinfo=UTC))).points == 3
    assert preview(by, Context(1), Cart([half, half], "EUR", datetime(2026, 1, 1, tzinfo=UTC))).points == 3
    apart = [half, replace(half, line_id=3)]
    assert preview(by, Context(1), Cart(apart, "EUR", datetime(2026, 1, 1, tzinfo=UTC))).points == 2


@many
@given(placed_orders(), documents(), contexts())
def test_a_preview_is_the_award(made, by, context):
    """Of an order paid and nothing refunded: what a cart is told is what its order gives, and by the same rules."""
    bought = replace(made, refunds=(), financial_status="paid")
    cart = Cart(bought.lines, bought.currency, bought.placed_at, bought.source, bought.taxes_included)
    assert preview(by, context, cart) == evaluate(bought, by, context)


@many
@given(placed_orders(), documents(), contexts())
def test_what_counts_as_spend_is_what_the_explanation_says(made, by, context):
    evaluation = evaluate(made, by, context)
    if base := evaluation.explanation.get("base"):
        assert Fraction(base["eligible"]) == eligible_spend(made, by, context)


@many
@given(placed_orders(), documents(), contexts())
def test_weighing_is_evaluating_without_the_words(made, by, context):
    weighed, evaluation = weigh(made, by, context), evaluate(made, by, context)
    same = ("points", "awards", "why_nothing", "charges")
    assert [getattr(weighed, name) for name in same] == [getattr(evaluation, name) for name in same]
    base = evaluation.explanation.get("base")
    assert weighed.eligible_spend == (Fraction(base["eligible"]) if base else None)
