from decimal import Decimal, getcontext, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin.rules.exact import ROUND, exact_text, in_micros, micros, total
from tests.rules.making import document, line, order, points, refund, spend


@pytest.mark.parametrize(
    ("exact", "floor", "half_up", "ceil"),
    [
        ("0", 0, 0, 0),
        ("1", 1, 1, 1),
        ("1.4999", 1, 1, 2),
        ("1.5", 1, 2, 2),
        ("2.5", 2, 3, 3),
        ("1/3", 0, 0, 1),
        ("999999999999999999999.999999", 999999999999999999999, 10**21, 10**21),
    ],
)
def test_points_round_as_their_word_says_and_halves_go_up(exact, floor, half_up, ceil):
    assert [ROUND[way](Fraction(exact)) for way in ("floor", "half_up", "ceil")] == [floor, half_up, ceil]


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (Fraction(25), "25"),
        (Fraction("25.5"), "25.5"),
        (Fraction("0.000001"), "0.000001"),
        (Fraction("-0.25"), "-0.25"),
        (Fraction(1, 3), "1/3"),
        (Fraction(100), "100"),
        (Fraction(1, 10**7), "1/10000000"),
    ],
)
def test_a_number_is_written_without_loss(number, text):
    assert exact_text(number) == text
    assert Fraction(text) == number


def test_amounts_become_millionths_and_finer_ones_stay_exact():
    assert micros(Decimal("12.345")) == 12_345_000
    assert micros(Decimal("0.0000001")) == Fraction(1, 10)


def test_the_precision_of_the_calling_thread_changes_nothing():
    """Somebody else's `getcontext().prec = 3` must not cost a shopper points."""
    made = order(line(1, "12345.67", 3, discount="0.01", tax="1.11"), refunds=(refund((1, 1, "12345.66", "0.37")),))
    by = document(spend("100"))
    with localcontext() as context:
        context.prec = 3
        assert points(made, by) == 2469134
    assert getcontext().prec == 28


@given(st.lists(st.fractions(max_denominator=10**9), max_size=6))
def test_numbers_added_up_at_once_are_their_sum(numbers):
    assert total(numbers) == sum(numbers, Fraction(0))


@given(st.fractions(max_denominator=10**9))
def test_an_exact_amount_is_as_many_millionths(amount):
    assert in_micros(amount) == amount * 10**6
    assert isinstance(in_micros(amount), int) == (10**6 % amount.denominator == 0)
