"""Which lines a product rule takes."""

from __future__ import annotations

import pytest

from plugin.rules.selection import Selection
from tests.rules.making import document, line, product, products

LINE = line(1, vendor="Acme ", sku="AB-1")
PRODUCT = product(1, product_type="Running Shoes", vendor="Other", tags=("Sale", " new "), collections=(11, 12))


def selection(**match):
    return Selection.of(document(products("rule", match, multiplier="2")).earning.rules[0].match)


@pytest.mark.parametrize(
    ("match", "covers"),
    [
        ({"product_types": ["running shoes"]}, True),
        ({"product_types": ["Running"]}, False),
        ({"product_types": ["Hats", "RUNNING SHOES"]}, True),
        ({"vendors": ["acme"]}, True),
        ({"vendors": ["Other"]}, False),
        ({"tags": ["NEW"]}, True),
        ({"tags": ["old", "sale"]}, True),
        ({"tags": ["old"]}, False),
        ({"collections": [12, 99]}, True),
        ({"collections": [99]}, False),
        ({"products": [301]}, True),
        ({"products": [302]}, False),
        ({"skus": ["ab-1"]}, True),
        ({"skus": ["ab"]}, False),
        ({"vendors": ["Acme"], "tags": ["sale"]}, True),
        ({"vendors": ["Acme"], "tags": ["old"]}, False),
        ({"vendors": ["Nobody"], "tags": ["sale"]}, False),
        ({"skus": ["AB-1"], "products": [301], "collections": [11], "product_types": ["running shoes"]}, True),
    ],
)
def test_any_of_a_list_fits_and_all_lists_must(match, covers):
    assert selection(**match).covers(LINE, PRODUCT) is covers


def test_case_folds_in_every_script():
    assert selection(product_types=["ОБУВКИ"]).covers(LINE, product(1, product_type="обувки"))
    assert selection(product_types=["STRASSE"]).covers(LINE, product(1, product_type="Straße"))


@pytest.mark.parametrize("match", [{"product_types": ["x"]}, {"tags": ["x"]}, {"collections": [1]}])
def test_a_product_nobody_knows_fits_nothing_that_is_asked_of_it(match):
    assert not selection(**match).covers(LINE, None)
    assert selection(vendors=["acme"]).covers(LINE, None)


def test_a_line_without_a_product_or_a_sku_is_never_taken_by_them():
    custom = line(1, product_id=None, sku="")
    assert not selection(products=[301]).covers(custom, None)
    assert not selection(skus=["AB-1"]).covers(custom, None)


def test_a_vendor_the_line_does_not_tell_is_asked_of_its_product():
    blank = line(1, vendor="")
    assert selection(vendors=["other"]).asks_product(blank)
    assert selection(vendors=["other"]).covers(blank, PRODUCT)
    assert not selection(vendors=["acme"]).covers(blank, PRODUCT)
    assert not selection(vendors=["other"]).covers(blank, None)
    assert not selection(vendors=["other"]).asks_product(LINE)


def test_a_product_is_not_asked_where_the_line_has_decided_already():
    assert selection(tags=["sale"], vendors=["Acme"]).asks_product(LINE)
    assert not selection(tags=["sale"], vendors=["Nobody"]).asks_product(LINE)


def test_a_document_lists_its_matches_in_any_sequence():
    data = {"tags": ["b", "a"]}, {"tags": ["a", "b"]}
    one, other = (selection(**match) for match in data)
    assert one == other
