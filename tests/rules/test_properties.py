"""What must hold for any order under any document."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from plugin.facts import Context, ProductFacts, Refund
from plugin.rules import dump_document, evaluate, needs_products, parse_document
from plugin.rules.exact import ROUND
from tests.rules.making import PLACED, document, line, order, products, refund, spend, told_exactly

many = settings(deadline=None, max_examples=80)

TYPES, TAGS = ("shoes", "hats", ""), ("sale", "new", "old")
cents = st.integers(0, 200_000).map(lambda amount: Decimal(amount) / 100)
thousandths = st.integers(0, 2_000_000).map(lambda amount: Decimal(amount) / 1000)
rates = st.integers(0, 5_000_000).map(lambda amount: f"{Decimal(amount) / 1_000_000:f}")
matches = st.one_of(
    st.sampled_from(TYPES[:2]).map(lambda word: {"product_types": [word]}),
    st.sampled_from(TAGS).map(lambda word: {"tags": [word]}),
    st.integers(1, 4).map(lambda line_id: {"skus": [f"SKU-{line_id}"]}),
)
effects = st.one_of(
    st.just({"exclude": True}),
    rates.map(lambda rate: {"multiplier": rate}),
    rates.map(lambda rate: {"points_per_item": rate}),
    st.tuples(rates, rates).map(lambda both: {"multiplier": both[0], "points_per_item": both[1]}),
)


@st.composite
def documents(draw):
    """Up to two spend rules and three product rules, with any switches."""
    rules = [spend(rate, f"spend{n}") for n, rate in enumerate(draw(st.lists(rates, max_size=2))) if Decimal(rate)]
    pairs = draw(st.lists(st.tuples(matches, effects), max_size=3))
    rules += [products(f"product{n}", match, **effect) for n, (match, effect) in enumerate(pairs)]
    switches = {name: draw(st.booleans()) for name in ("taxes", "gift_cards", "tips")}
    rounding = draw(st.sampled_from(["floor", "half_up", "ceil"]))
    return document(*draw(st.permutations(rules)), base=switches, rounding=rounding) if rules else document()


@st.composite
def lines(draw, line_id):
    """A line with discount and tax of any size, even more than it costs."""
    made = line(line_id, "0", draw(st.integers(0, 6)))
    flag = draw(st.sampled_from([None, None, None, "is_gift_card", "is_tip"]))
    return replace(
        made,
        price=draw(cents | thousandths),
        discount=draw(st.just(Decimal(0)) | cents),
        tax=draw(st.just(Decimal(0)) | cents),
        **({flag: True} if flag else {}),
    )


@st.composite
def refunds(draw):
    """Refunds of lines that exist or not, with or without amounts, and of money alone."""
    parts = st.tuples(st.integers(1, 6), st.integers(0, 4), cents.map(str), cents.map(str))
    return tuple(
        refund(*some, discrepancy=str(money))
        for some, money in draw(st.lists(st.tuples(st.lists(parts, max_size=3), cents), max_size=2))
    )


@st.composite
def orders(draw):
    """Up to four lines."""
    made = [draw(lines(line_id)) for line_id in range(1, draw(st.integers(0, 4)) + 1)]
    status = "partially_refunded" if (given_back := draw(refunds())) else "paid"
    return order(*made, refunds=given_back, financial_status=status, taxes_included=draw(st.booleans()))


contexts = st.tuples(*(st.tuples(st.sampled_from(TYPES), st.sets(st.sampled_from(TAGS))) for _ in range(4))).map(
    lambda known: Context(
        3, tuple(ProductFacts(301 + n, word, "", tuple(sorted(tags))) for n, (word, tags) in enumerate(known))
    )
)


@many
@given(orders(), documents(), contexts)
def test_no_rule_gives_negative_points_and_the_explanation_adds_up(made, by, context):
    evaluation = evaluate(made, by, context)
    told = evaluation.explanation
    assert evaluation.points >= 0
    assert all(award.points > 0 for award in evaluation.awards)
    assert told["points"] == evaluation.points
    assert told["version"] == 3
    assert told_exactly(evaluation) == sum((award.points for award in evaluation.awards), Fraction(0))
    assert Fraction(told["exact"]) == told_exactly(evaluation)
    assert ROUND[by.earning.rounding](Fraction(told["exact"])) == evaluation.points
    assert json.loads(json.dumps(told)) == told
    assert (evaluation.why_nothing is None) == (evaluation.points > 0)


@many
@given(orders(), documents(), contexts)
def test_every_line_is_told_once_or_waits_for_a_spend_rule(made, by, context):
    """No line earns twice, and none is lost from the story."""
    told = evaluate(made, by, context).explanation
    spending = [rule["lines"] for rule in told["rules"] if rule["kind"] == "spend"]
    assert all(one == spending[0] for one in spending)
    taken = [line_id for rule in told["rules"] if rule["kind"] != "spend" for line_id in rule["lines"]]
    left_out = [one["line_id"] for one in told["left_out"]]
    seen = taken + left_out + (spending[0] if spending else [])
    assert len(seen) == len(set(seen))
    if spending:
        assert sorted(seen) == sorted(one.line_id for one in made.lines)


@many
@given(orders(), documents(), contexts)
def test_the_same_facts_give_the_same_answer(made, by, context):
    again = parse_document(json.loads(json.dumps(dump_document(by))))
    assert evaluate(made, by, context) == evaluate(made, again, context)


@many
@given(orders(), documents(), contexts, st.randoms(use_true_random=False))
def test_the_order_of_lines_and_refunds_is_irrelevant(made, by, context, chance):
    shuffled = replace(
        made,
        lines=tuple(chance.sample(made.lines, len(made.lines))),
        refunds=tuple(chance.sample(made.refunds, len(made.refunds))),
    )
    one, other = evaluate(made, by, context), evaluate(shuffled, by, context)
    assert (one.points, one.why_nothing) == (other.points, other.why_nothing)
    assert one.explanation["exact"] == other.explanation["exact"]
    assert needs_products(by, made) == needs_products(by, shuffled)


@many
@given(orders(), documents(), contexts, st.integers(0, 3), cents)
def test_spending_more_never_gives_fewer_points(made, by, context, which, more):
    assume(which < len(made.lines))
    dearer = list(made.lines)
    dearer[which] = replace(dearer[which], price=dearer[which].price + more)
    before, after = evaluate(made, by, context), evaluate(replace(made, lines=tuple(dearer)), by, context)
    assert after.points >= before.points
    assert told_exactly(after) >= told_exactly(before)


@many
@given(orders(), documents(), contexts, refunds())
def test_refunding_more_never_gives_more_points(made, by, context, more):
    after = evaluate(replace(made, refunds=made.refunds + more), by, context)
    assert after.points <= evaluate(made, by, context).points


@many
@given(orders(), documents(), contexts, st.data())
def test_splitting_a_line_changes_nothing(made, by, context, data):
    """Three units on one line earn what one and two units on two lines earn, whatever money refunds gave back."""
    units = data.draw(st.integers(2, 6))
    part = data.draw(st.integers(1, units - 1))
    each = {name: data.draw(cents) for name in ("discount", "tax")}
    whole = replace(line(9, "0", units), product_id=301, price=data.draw(cents))
    parts = [
        replace(whole, line_id=line_id, quantity=n, **{name: amount * n for name, amount in each.items()})
        for line_id, n in ((9, units), (10, part), (11, units - part))
    ]
    one = evaluate(replace(made, lines=(*made.lines, parts[0])), by, context)
    two = evaluate(replace(made, lines=(*made.lines, *parts[1:])), by, context)
    assert (one.points, one.why_nothing) == (two.points, two.why_nothing)
    assert one.explanation["exact"] == two.explanation["exact"]


@many
@given(orders(), documents(), contexts, st.sampled_from(["units", "money", "status"]))
def test_refunding_all_gives_nothing(made, by, context, how):
    before = evaluate(replace(made, refunds=()), by, context)
    assume(before.points)
    if how == "units":
        made = replace(made, refunds=(refund(*((one.line_id, one.quantity, "0.01") for one in made.lines)),))
    elif how == "money":
        paid = sum(one.price * one.quantity + one.tax for one in made.lines)
        made = replace(made, refunds=(Refund(1, PLACED, (), paid),))
    else:
        made = replace(made, financial_status="refunded")
    after = evaluate(made, by, context)
    assert (after.points, after.why_nothing) == (0, "refunded")


@many
@given(orders(), documents(), contexts)
def test_refunds_of_lines_the_order_does_not_have_do_no_harm(made, by, context):
    strange = replace(made, refunds=(*made.refunds, refund((999, 3, "500.00", "20.00"))))
    one, other = evaluate(made, by, context), evaluate(strange, by, context)
    assert (one.points, one.awards) == (other.points, other.awards)


@many
@given(orders(), documents(), contexts)
def test_products_that_are_not_asked_for_do_not_matter(made, by, context):
    """What `needs_products` leaves out may be unknown: the points are the same."""
    asked = set(needs_products(by, made))
    fewer = replace(context, products=tuple(one for one in context.products if one.product_id in asked))
    assert evaluate(made, by, fewer) == evaluate(made, by, context)
