"""No row of the list is forgotten: each source stands in the docstring of a test that tells its story."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
SOURCES: dict[int, tuple[str, ...]] = {
    1: ("FreeOpenSourcePOS/FloCafe#78",),
    2: ("odoo/odoo#257854", "odoo/odoo#238806"),
    3: ("odoo/odoo#212922", "odoo/odoo#221928"),
    4: ("odoo/odoo#150833",),
    5: ("odoo/odoo#164723", "odoo/odoo#120131"),
    6: ("odoo/odoo#111670",),
    7: ("odoo/odoo#259660",),
    8: ("odoo/odoo#171706", "mautic/mautic#5964"),
    9: ("odoo/odoo#121962",),
    10: ("odoo/odoo#208134",),
    11: ("odoo/odoo#274951",),
    12: ("nopSolutions/nopCommerce#5757",),
    13: ("nopSolutions/nopCommerce#5595",),
    14: ("nopSolutions/nopCommerce#4734", "nopSolutions/nopCommerce#5764", "opencart/opencart#3161"),
    15: ("opencart/opencart#2349", "wpswings/points-and-rewards-for-woocommerce#104"),
    16: ("wpswings/points-and-rewards-for-woocommerce#111",),
    17: ("nopSolutions/nopCommerce#5235",),
    18: ("Automattic/woocommerce-payments#2848",),
    19: ("frappe/erpnext#59050",),
    20: ("frappe/erpnext#32951", "frappe/erpnext#30242"),
    21: ("frappe/erpnext#24672",),
    22: ("mollie/magento2#761",),
    23: ("mollie/magento2#951",),
    24: ("magento/magento2#39744",),
    25: ("saleor/saleor#544", "saleor/saleor#15855", "fossasia/eventyay#1398", "pretix/pretix#6396"),
    26: ("medusajs/medusa#16347",),
    27: ("saleor/saleor#13640", "medusajs/medusa#4892"),
    28: ("saleor/saleor#12890",),
    29: ("liberusoftware/ecommerce-laravel#1056",),
    30: ("Kademi/kademi-dev#4759", "CatimaLoyalty/Android#2460", "strangerstudios/paid-memberships-pro#387"),
    31: ("SparkDevNetwork/Rock#4105", "SimpleMachines/SMF#5955"),
    32: ("polarsource/polar#4978", "mitodl/mitxpro#584"),
    33: ("FreeOpenSourcePOS/FloCafe#720",),
    34: ("Setono/SyliusGiftCardPlugin#284",),
    35: ("openmetaearth/me-hub#894", "acambitsis/markm8-v3#125"),
    36: ("Shopify/shopify_app#1173", "nozzlegear/ShopifySharp#919"),
    37: ("Kyon147/laravel-shopify#283",),
    38: ("pallets/flask#6114",),
    39: ("defendicon/POS-Awesome-V15#3095",),
}
A_SOURCE = re.compile(r"[\w.-]+/[\w.-]+#\d+")


@pytest.fixture(scope="module")
def held() -> set[str]:
    """Every source that a test names."""
    return {source for text in docstrings() for source in A_SOURCE.findall(text)}


def docstrings() -> Iterator[str]:
    for path in sorted(TESTS.rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                yield ast.get_docstring(node) or ""


def test_the_list_has_no_gap():
    assert list(SOURCES) == list(range(1, 40))


@pytest.mark.parametrize("row", SOURCES)
def test_a_row_has_a_test_for_each_of_its_sources(row, held):
    assert [one for one in SOURCES[row] if one not in held] == []


def test_a_test_names_no_source_that_the_list_does_not_have(held):
    """A slip of the pen in a source would leave its row without a test unseen."""
    assert held - {one for sources in SOURCES.values() for one in sources} == set()
