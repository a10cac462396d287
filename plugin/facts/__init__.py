"""The frozen dataclasses that travel between rooms. Imports nothing of ours; ids of Shopify's are plain ints, money is `Decimal`."""

from plugin.facts.awards import Award, CapLeft, Context, Evaluation, PaidOtherwise, ProductFacts, SpendBefore
from plugin.facts.deliveries import (
    ConsentChanged,
    CustomerRedaction,
    CustomerSeen,
    CustomersMerged,
    DataRequest,
    Delivery,
    Fact,
    OrderContact,
    OrderTouched,
    ScopesChanged,
    ShopChanged,
    ShopRedaction,
    ShopUninstalled,
)
from plugin.facts.exports import RejectedRow
from plugin.facts.memberships import Bought
from plugin.facts.orders import CustomerRef, Fetched, OrderLine, OrderSnapshot, Refund, RefundedLine, Shipping
from plugin.facts.standing import Holding, WhyHeld
from plugin.facts.tokens import TokenPair
from plugin.facts.warnings import ExpiryWarning

__all__ = [
    "Award",
    "Bought",
    "CapLeft",
    "ConsentChanged",
    "Context",
    "CustomerRedaction",
    "CustomerRef",
    "CustomerSeen",
    "CustomersMerged",
    "DataRequest",
    "Delivery",
    "Evaluation",
    "ExpiryWarning",
    "Fact",
    "Fetched",
    "Holding",
    "OrderContact",
    "OrderLine",
    "OrderSnapshot",
    "OrderTouched",
    "PaidOtherwise",
    "ProductFacts",
    "Refund",
    "RefundedLine",
    "RejectedRow",
    "ScopesChanged",
    "Shipping",
    "ShopChanged",
    "ShopRedaction",
    "ShopUninstalled",
    "SpendBefore",
    "TokenPair",
    "WhyHeld",
]
