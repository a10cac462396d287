"""One reward, one customer, one use; and every answer about a code means one thing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from plugin.errors import BadInput, ShopifyRefused
from plugin.shopify.client import AdminClient
from plugin.shopify.discounts import (
    DiscountItems,
    FoundCode,
    RewardCode,
    create_reward_code,
    deactivate_code,
    find_code,
)
from tests.shopify.stub import AdminStub

AT = datetime(2026, 11, 21, 10, 0, 0, 123456, tzinfo=UTC)
GID = "gid://shopify/DiscountCodeNode/1"
REWARD = RewardCode("LAUREL-7QK2", "5 off", 7001, Decimal(5), "EUR", AT, AT + timedelta(days=90))


def test_a_code_is_for_one_customer_one_use_and_the_whole_order(admin: AdminClient, shopify: AdminStub):
    shopify.root = {"discountCodeBasicCreate": {"codeDiscountNode": {"id": GID}, "userErrors": []}}
    assert create_reward_code(admin, REWARD) == GID
    assert shopify.variables()["discount"] == {
        "title": "5 off",
        "code": "LAUREL-7QK2",
        "startsAt": "2026-11-21T10:00:00Z",
        "endsAt": "2027-02-19T10:00:00Z",
        "usageLimit": 1,
        "appliesOncePerCustomer": True,
        "context": {"customers": {"add": ["gid://shopify/Customer/7001"]}},
        "combinesWith": {"orderDiscounts": False, "productDiscounts": False, "shippingDiscounts": False},
        "customerGets": {
            "items": {"all": True},
            "value": {"discountAmount": {"amount": "5.00", "appliesOnEachItem": False}},
        },
    }


def test_a_minimum_subtotal_becomes_a_condition(admin: AdminClient, shopify: AdminStub):
    shopify.root = {"discountCodeBasicCreate": {"codeDiscountNode": {"id": GID}, "userErrors": []}}
    create_reward_code(admin, replace(REWARD, minimum_subtotal=Decimal("20.5")))
    least = shopify.variables()["discount"]["minimumRequirement"]
    assert least == {"subtotal": {"greaterThanOrEqualToSubtotal": "20.50"}}


@pytest.mark.parametrize(
    ("items", "written"),
    [
        (DiscountItems(collections=(9001,)), {"collections": {"add": ["gid://shopify/Collection/9001"]}}),
        (
            DiscountItems(products=(301,), variants=(401,)),
            {
                "products": {
                    "productsToAdd": ["gid://shopify/Product/301"],
                    "productVariantsToAdd": ["gid://shopify/ProductVariant/401"],
                }
            },
        ),
    ],
)
def test_a_code_for_some_goods_names_them(admin: AdminClient, shopify: AdminStub, items: DiscountItems, written):
    shopify.root = {"discountCodeBasicCreate": {"codeDiscountNode": {"id": GID}, "userErrors": []}}
    create_reward_code(admin, replace(REWARD, items=items))
    assert shopify.variables()["discount"]["customerGets"]["items"] == written


def test_what_a_code_combines_with_is_said_class_by_class(admin: AdminClient, shopify: AdminStub):
    shopify.root = {"discountCodeBasicCreate": {"codeDiscountNode": {"id": GID}, "userErrors": []}}
    create_reward_code(admin, replace(REWARD, combines_with=frozenset({"shipping"})))
    told = {"orderDiscounts": False, "productDiscounts": False, "shippingDiscounts": True}
    assert shopify.variables()["discount"]["combinesWith"] == told


def test_free_delivery_is_a_discount_of_its_own_kind(admin: AdminClient, shopify: AdminStub):
    shopify.root = {"discountCodeFreeShippingCreate": {"codeDiscountNode": {"id": GID}, "userErrors": []}}
    delivery = replace(REWARD, amount=None, is_free_shipping=True, maximum_shipping_price=Decimal(10))
    assert create_reward_code(admin, delivery) == GID
    sent = shopify.variables()["discount"]
    assert (sent["destination"], sent["maximumShippingPrice"], sent["usageLimit"]) == ({"all": True}, "10.00", 1)
    assert "customerGets" not in sent
    create_reward_code(admin, replace(delivery, maximum_shipping_price=None))
    assert "maximumShippingPrice" not in shopify.variables()["discount"]


@pytest.mark.parametrize(("currency", "written"), [("JPY", "500"), ("EUR", "500.00"), ("KWD", "500.000")])
def test_amounts_have_their_currencys_decimals(admin: AdminClient, shopify: AdminStub, currency: str, written: str):
    shopify.root = {"discountCodeBasicCreate": {"codeDiscountNode": {"id": GID}, "userErrors": []}}
    create_reward_code(admin, replace(REWARD, amount=Decimal(500), currency=currency))
    assert shopify.variables()["discount"]["customerGets"]["value"]["discountAmount"]["amount"] == written


def test_an_amount_finer_than_its_currency_is_refused_before_any_call(admin: AdminClient, shopify: AdminStub):
    with pytest.raises(BadInput):
        create_reward_code(admin, replace(REWARD, amount=Decimal("5.5"), currency="JPY"))
    assert shopify.sent == []


def test_instants_are_sent_in_utc(admin: AdminClient, shopify: AdminStub):
    shopify.root = {"discountCodeBasicCreate": {"codeDiscountNode": {"id": GID}, "userErrors": []}}
    create_reward_code(admin, replace(REWARD, starts_at=AT.astimezone(timezone(timedelta(hours=2)))))
    assert shopify.variables()["discount"]["startsAt"] == "2026-11-21T10:00:00Z"


def test_a_taken_code_is_refused_as_taken(admin: AdminClient, shopify: AdminStub):
    errors = [{"field": ["basicCodeDiscount", "code"], "code": "TAKEN", "message": "Code must be unique"}]
    shopify.root = {"discountCodeBasicCreate": {"codeDiscountNode": None, "userErrors": errors}}
    with pytest.raises(ShopifyRefused) as no:
        create_reward_code(admin, REWARD)
    assert no.value.codes == ("TAKEN",)


@pytest.mark.parametrize(
    "kind", ["DiscountCodeBasic", "DiscountCodeBxgy", "DiscountCodeFreeShipping", "DiscountCodeApp"]
)
def test_a_code_is_found_whatever_kind_of_discount_has_it(admin: AdminClient, shopify: AdminStub, kind: str):
    discount = {"__typename": kind, "title": "5 off", "status": "ACTIVE", "asyncUsageCount": 1}
    shopify.root = {"codeDiscountNodeByCode": {"id": GID, "codeDiscount": discount}}
    assert find_code(admin, "LAUREL-7QK2") == FoundCode(GID, "5 off", "ACTIVE", 1)
    assert shopify.variables() == {"code": "LAUREL-7QK2"}


def test_an_unknown_code_is_not_found(admin: AdminClient, shopify: AdminStub):
    shopify.root = {"codeDiscountNodeByCode": None}
    assert find_code(admin, "LAUREL-7QK2") is None


def test_a_code_is_deactivated_by_its_discount(admin: AdminClient, shopify: AdminStub):
    shopify.root = {"discountCodeDeactivate": {"codeDiscountNode": {"id": GID}, "userErrors": []}}
    deactivate_code(admin, GID)
    assert shopify.variables() == {"id": GID}
