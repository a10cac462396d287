"""The rules: an order, the programme document and the frozen context in; points and their explanation out. Pure.

Read `evaluate` first, then `calculators` and `order_facts`; the `schema` files say what a merchant may write.
"""

from plugin.rules.actions import Given, Verdict, decide
from plugin.rules.calculators import ProductTypeRewardCalculator, SpendRewardCalculator
from plugin.rules.evaluate import PAID, evaluate, needs_products
from plugin.rules.schema import (
    Enrolment,
    ProgrammeDocument,
    default_document,
    dump_document,
    json_schema,
    parse_document,
)
from plugin.rules.schema_actions import Action
from plugin.rules.schema_rewards import FixedAmountReward, FreeShippingReward, Reward
from plugin.rules.steps import Step, dated_targets
from plugin.rules.terms import LotTerms, lot_terms

__all__ = [
    "PAID",
    "Action",
    "Enrolment",
    "FixedAmountReward",
    "FreeShippingReward",
    "Given",
    "LotTerms",
    "ProductTypeRewardCalculator",
    "ProgrammeDocument",
    "Reward",
    "SpendRewardCalculator",
    "Step",
    "Verdict",
    "dated_targets",
    "decide",
    "default_document",
    "dump_document",
    "evaluate",
    "json_schema",
    "lot_terms",
    "needs_products",
    "parse_document",
]
