"""Paths lead to the values they name."""

from __future__ import annotations

from decimal import Decimal

import pytest

from plugin.errors import NotFound
from plugin.rules.walking import value_at, walk
from tests.rules.making import document, products, spend

MADE = document(spend("2", title={"en": "Every purchase"}), products("sale", {"tags": ["sale"]}, exclude=True))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("earning.rules[0].points_per_unit", Decimal(2)),
        ("earning.rules[sale].match.tags[0]", "sale"),
        ("earning.rules[spend].title.en", "Every purchase"),
        ("earning.rounding", "floor"),
        ("points_name", {"en": "points", "bg": "точки", "tr": "puan"}),
    ],
)
def test_a_path_leads_to_its_value(path: str, value: object):
    assert value_at(MADE, path) == value


@pytest.mark.parametrize(
    "path",
    [
        "surprise",
        "earning.rules[gold]",
        "earning.rules[9]",
        "earning..rules",
        "earning.rules[sale].title",
        "Earning",
        "[",
    ],
)
def test_a_path_to_nothing_is_refused(path: str):
    with pytest.raises(NotFound):
        value_at(MADE, path)


def test_every_value_is_walked_under_the_path_that_leads_to_it():
    walked = [(path, value) for path, value in walk(MADE) if path and value is not None]
    assert len(walked) > 40
    assert all(value_at(MADE, path) == value for path, value in walked)
