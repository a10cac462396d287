"""The Admin API refuses what Shopify's refuses, in Shopify's shape."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from plugin.devstore.gids import gid
from plugin.devstore.graph_cost import BUCKET_SIZE
from plugin.shopify.documents import document

CREATE = document("discount_code_create")


def wanted(stand, **changes: Any) -> dict[str, Any]:
    now = stand.store.clock()
    return {
        "title": "5 off",
        "code": "LAUREL-ABC",
        "startsAt": now.isoformat(),
        "endsAt": (now + timedelta(days=90)).isoformat(),
        "usageLimit": 1,
        "appliesOncePerCustomer": True,
        "context": {"customers": {"add": [gid("Customer", stand.person("Ada").customer_id)]}},
        "customerGets": {
            "items": {"all": True},
            "value": {"discountAmount": {"amount": "5.00", "appliesOnEachItem": False}},
        },
        **changes,
    }


def create(stand, **changes: Any) -> Any:
    return stand.query(CREATE, {"discount": wanted(stand, **changes)}).get_json()


def codes(answer: Any) -> list[str]:
    return [error["extensions"]["code"] for error in answer["errors"]]


def test_a_code_is_created_found_and_deactivated(stand):
    node = create(stand)["data"]["discountCodeBasicCreate"]["codeDiscountNode"]["id"]
    found = stand.query(document("discount_code_find"), {"code": "laurel-abc"}).get_json()["data"]
    assert found["codeDiscountNodeByCode"]["id"] == node
    assert found["codeDiscountNodeByCode"]["codeDiscount"]["status"] == "ACTIVE"
    for _ in range(2):
        gone = stand.query(document("discount_code_deactivate"), {"id": node}).get_json()["data"]
        assert gone["discountCodeDeactivate"]["userErrors"] == []
    again = stand.query(document("discount_code_find"), {"code": "LAUREL-ABC"}).get_json()["data"]
    assert again["codeDiscountNodeByCode"]["codeDiscount"]["status"] == "EXPIRED"


def test_a_code_that_exists_is_taken_in_any_case_of_letters(stand):
    create(stand)
    payload = create(stand, code="laurel-abc")["data"]["discountCodeBasicCreate"]
    assert payload["codeDiscountNode"] is None
    assert [(error["code"], error["field"]) for error in payload["userErrors"]] == [
        ("TAKEN", ["basicCodeDiscount", "code"])
    ]
    assert len(stand.store.books.discounts) == 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"title": " "}, "BLANK"),
        ({"code": ""}, "BLANK"),
        ({"code": "x" * 256}, "TOO_LONG"),
        ({"endsAt": "2020-01-01T00:00:00Z"}, "INVALID"),
        ({"context": {"customers": {"add": ["gid://shopify/Customer/1"]}}}, "INVALID"),
        ({"customerGets": {"items": {"all": True}, "value": {"percentage": 1.5}}}, "VALUE_OUTSIDE_RANGE"),
    ],
)
def test_what_a_merchant_could_not_type_either_is_a_user_error(stand, changes, code):
    payload = create(stand, **changes)["data"]["discountCodeBasicCreate"]
    assert [error["code"] for error in payload["userErrors"]] == [code]


@pytest.mark.parametrize(
    "changes",
    [
        {"startsAt": "tomorrow"},
        {"nonsense": 1},
        {"context": {"all": "ALL", "customers": {"add": []}}},
        {"context": {"customers": {"add": ["7001"]}}},
        {"customerGets": {"value": {"discountAmount": {"amount": "5,00 EUR"}}}},
    ],
)
def test_variables_that_do_not_fit_the_schema_are_refused_before_anything_runs(stand, changes):
    answer = create(stand, **changes)
    assert codes(answer) == ["INVALID_VARIABLE"]
    assert "data" not in answer


def test_a_field_that_shopify_has_not_is_refused(stand):
    answer = stand.query("{ shop { loyaltyPoints } }").get_json()
    assert "loyaltyPoints" in answer["errors"][0]["message"]
    assert "data" not in answer


def test_a_field_that_the_stand_in_does_not_model_is_a_loud_fault(stand):
    answer = stand.query("{ shop { contactEmail } }").get_json()
    assert "does not model Shop.contactEmail" in answer["errors"][0]["message"]


def test_a_scope_that_was_not_granted_is_denied_and_the_rest_is_answered(stand):
    stand.store.books.installation.scopes = ("read_products",)
    answer = stand.query("{ shop { name } orders(first: 1) { nodes { id } } }").get_json()
    assert codes(answer) == ["ACCESS_DENIED"]


def test_customers_are_withheld_on_demand_as_without_approval_for_protected_data(stand):
    stand.buy({"notebook": 1})
    stand.store.faults.is_withholding = True
    answer = stand.query(document("protected_orders")).get_json()
    assert set(codes(answer)) == {"ACCESS_DENIED"}
    assert answer["data"]["orders"]["nodes"][0]["customer"] is None


def test_writing_a_balance_needs_the_scope_of_its_owner(stand):
    stand.store.books.installation.scopes = ("read_customers",)
    value = {"ownerId": gid("Customer", stand.person("Ada").customer_id), "key": "balance", "value": "5"}
    assert codes(stand.query(document("metafields_set"), {"metafields": [value]}).get_json()) == ["ACCESS_DENIED"]


@pytest.mark.parametrize(("value", "code"), [("12", None), ("twelve", "INVALID_VALUE"), ("1.5", "INVALID_VALUE")])
def test_a_balance_is_of_the_type_the_toml_declares(stand, value, code):
    owner = gid("Customer", stand.person("Ada").customer_id)
    variables = {"metafields": [{"ownerId": owner, "key": "balance", "value": value}]}
    payload = stand.query(document("metafields_set"), variables).get_json()["data"]["metafieldsSet"]
    assert [error["code"] for error in payload["userErrors"]] == ([code] if code else [])
    assert bool(stand.store.metafield(owner, "$app", "balance")) is (code is None)


def test_twenty_six_metafields_are_too_many(stand):
    value = {"ownerId": gid("Customer", stand.person("Ada").customer_id), "key": "balance", "value": "5"}
    answer = stand.query(document("metafields_set"), {"metafields": [value] * 26}).get_json()
    assert answer["data"]["metafieldsSet"]["userErrors"][0]["code"] == "LESS_THAN_OR_EQUAL_TO"


def test_one_faulty_metafield_keeps_the_others_from_being_written(stand):
    good = {"ownerId": gid("Customer", stand.person("Ada").customer_id), "key": "balance", "value": "5"}
    bad = {**good, "ownerId": "gid://shopify/Customer/1"}
    stand.query(document("metafields_set"), {"metafields": [good, bad]})
    assert stand.store.books.metafields == {}


def test_updated_orders_are_paged_by_update_and_found_by_time(stand):
    orders = [stand.buy({"notebook": 1}) for _ in range(3)]
    for minutes, order in enumerate(orders):
        order.updated_at = stand.store.clock().replace(microsecond=0) + timedelta(minutes=minutes)
    search = f"updated_at:>='{orders[1].updated_at.isoformat()}'"
    variables = {"first": 1, "after": None, "search": search}
    first = stand.query(document("orders_updated"), variables).get_json()["data"]["orders"]
    assert first["nodes"][0]["id"] == gid("Order", orders[1].order_id)
    variables["after"] = first["pageInfo"]["endCursor"]
    second = stand.query(document("orders_updated"), variables).get_json()["data"]["orders"]
    assert [node["id"] for node in second["nodes"]] == [gid("Order", orders[2].order_id)]
    assert (first["pageInfo"]["hasNextPage"], second["pageInfo"]["hasNextPage"]) == (True, False)


def test_a_search_term_that_is_not_modelled_is_refused_rather_than_ignored(stand):
    answer = stand.query(document("orders_updated"), {"first": 1, "after": None, "search": "email:x"}).get_json()
    assert "does not know this search" in answer["errors"][0]["message"]


def test_an_answer_says_what_it_cost(stand):
    answer = stand.query(document("installation"))
    cost = answer.get_json()["extensions"]["cost"]
    assert 0 < cost["actualQueryCost"] <= cost["requestedQueryCost"]
    assert cost["throttleStatus"]["maximumAvailable"] == BUCKET_SIZE
    assert answer.headers["X-Shopify-API-Version"] == "2026-10"


def test_throttling_on_demand_is_a_200_without_data(stand):
    stand.store.faults.throttled_next = 1
    answers = [stand.query(document("installation")) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert codes(answers[0].get_json()) == ["THROTTLED"]
    assert answers[0].get_json()["extensions"]["cost"]["throttleStatus"]["currentlyAvailable"] == 0
    assert "data" in answers[1].get_json()


def test_a_lost_answer_has_done_its_work(stand):
    stand.store.faults.lost_next = 1
    answer = stand.query(CREATE, {"discount": wanted(stand)})
    assert answer.status_code == 504
    assert stand.store.discount_by_code("LAUREL-ABC")


def test_a_failing_answer_has_done_nothing(stand):
    stand.store.faults.failing_next = 1
    assert stand.query(CREATE, {"discount": wanted(stand)}).status_code == 500
    assert stand.store.books.discounts == {}


@pytest.mark.parametrize("token", ["", "shpat_unknown"])
def test_an_unknown_token_is_a_401(stand, token):
    assert stand.query("{ shop { name } }", token=token or "none").status_code == 401


def test_a_token_lives_an_hour(stand):
    token = stand.token()
    stand.parts.clock.advance(timedelta(minutes=59))
    assert stand.query("{ shop { name } }", token=token).status_code == 200
    stand.parts.clock.advance(timedelta(minutes=2))
    assert stand.query("{ shop { name } }", token=token).status_code == 401


@pytest.mark.parametrize("body", ["not json", "[]", '{"query": 1}'])
def test_a_body_without_a_document_is_a_bad_request(stand, body):
    headers = {"X-Shopify-Access-Token": stand.token(), "Content-Type": "application/json"}
    assert stand.client.post("/admin/api/2026-10/graphql.json", data=body, headers=headers).status_code == 400


def test_orders_are_listed_as_they_were_placed_and_only_sixty_days_of_them(stand):
    now = stand.store.clock()
    placed = {}
    for days in (70, 50, 30):
        stand.store.clock.put_at(now - timedelta(days=days))
        placed[days] = f"gid://shopify/Order/{stand.buy({'rose-soap': 1}).order_id}"
    stand.store.clock.return_to_now()
    search = f"processed_at:>='2020-01-01T00:00:00Z' AND processed_at:<='{now:%Y-%m-%dT%H:%M:%SZ}'"
    assert listed(stand, search) == [placed[50], placed[30]]
    stand.store.books.installation.scopes = (*stand.store.books.installation.scopes, "read_all_orders")
    assert listed(stand, search) == [placed[70], placed[50], placed[30]]


def listed(stand, search):
    """Every order found, two on a page."""
    found, after = [], None
    while True:
        answer = stand.query(document("orders_placed"), {"first": 2, "after": after, "search": search}).get_json()
        found += [node["id"] for node in answer["data"]["orders"]["nodes"]]
        if not answer["data"]["orders"]["pageInfo"]["hasNextPage"]:
            return found
        after = answer["data"]["orders"]["pageInfo"]["endCursor"]


def test_free_delivery_and_goods_of_a_collection_are_made_as_asked(stand):
    shipping = wanted(stand, code="LAUREL-SHIP", destination={"all": True}, maximumShippingPrice="10.00")
    del shipping["customerGets"]
    answer = stand.query(document("discount_code_create_shipping"), {"discount": shipping}).get_json()
    assert answer["data"]["discountCodeFreeShippingCreate"]["userErrors"] == []
    found = stand.query(document("discount_code_find"), {"code": "LAUREL-SHIP"}).get_json()["data"]
    assert found["codeDiscountNodeByCode"]["codeDiscount"]["__typename"] == "DiscountCodeFreeShipping"
    names = sorted({name for each in stand.store.books.products.values() for name in each.collections})
    items = {"collections": {"add": [gid("Collection", 9001)]}}
    create(stand, customerGets={**wanted(stand)["customerGets"], "items": items})
    made = stand.store.discount_by_code("LAUREL-ABC")
    assert made.variant_ids == {
        each.variant_id for each in stand.store.books.products.values() if names[0] in each.collections
    }
    assert made.variant_ids


def test_free_delivery_without_a_destination_is_refused(stand):
    shipping = {key: value for key, value in wanted(stand).items() if key != "customerGets"}
    answer = stand.query(document("discount_code_create_shipping"), {"discount": shipping}).get_json()
    payload = answer["data"]["discountCodeFreeShippingCreate"]
    assert [(one["code"], one["field"]) for one in payload["userErrors"]] == [
        ("BLANK", ["freeShippingCodeDiscount", "destination"])
    ]
