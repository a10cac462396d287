"""Whatever Shopify answers, the caller learns one of four things: data, "later", "no", or "open the app again"."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
import requests
import responses

from plugin.errors import ShopDisconnected, ShopifyRefused, ShopifyUnavailable
from plugin.shopify.client import AdminClient
from tests.shopify.stub import ACCESS_TOKEN, COST, DOMAIN, AdminStub, denied, graphql_url, page

CODE = {"code": "LAUREL-1"}


def answer(network: responses.RequestsMock, status: int = 200, body: Any = None, **headers: str) -> None:
    text = body if isinstance(body, str | bytes) else json.dumps(body or {})
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    network.add(responses.POST, graphql_url(), status=status, body=text, headers=named)


def test_a_query_carries_the_token_in_its_header_and_nowhere_else(admin: AdminClient, shopify: AdminStub, network):
    shopify.root = {"codeDiscountNodeByCode": None}
    assert admin.query("discount_code_find", CODE) == {"codeDiscountNodeByCode": None}
    sent = network.calls[0].request
    assert sent.headers["X-Shopify-Access-Token"] == ACCESS_TOKEN
    assert ACCESS_TOKEN not in sent.url
    assert ACCESS_TOKEN.encode() not in sent.body


def test_cost_comes_back_with_the_data(admin: AdminClient, shopify: AdminStub):
    shopify.root = {"codeDiscountNodeByCode": None}
    cost = admin.ask("discount_code_find", CODE).cost
    assert cost is not None
    assert (cost.requested, cost.actual, cost.available, cost.restore_rate) == (12, 8, 1988, 100)
    assert cost.wait_seconds() == 0


def test_partial_data_is_kept_and_what_is_missing_is_named(admin: AdminClient, shopify: AdminStub):
    shopify.root = {"orders": page({"id": "gid://shopify/Order/1", "customer": denied})}
    got = admin.ask("protected_orders")
    assert got.data["orders"]["nodes"] == [{"id": "gid://shopify/Order/1", "customer": None}]
    assert got.is_denied("orders", "nodes", 0, "customer")
    assert not got.is_denied("orders", "nodes", 0)


def throttled(available: int = 50) -> dict[str, Any]:
    cost = {
        **COST,
        "requestedQueryCost": 300,
        "throttleStatus": {**COST["throttleStatus"], "currentlyAvailable": available},
    }
    return {"errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}], "extensions": {"cost": cost}}


def patient(patience_seconds: float, pauses: list[float]) -> AdminClient:
    http = requests.Session()
    return AdminClient(http, DOMAIN, ACCESS_TOKEN, patience_seconds=patience_seconds, pause=pauses.append)


def test_a_throttled_call_is_made_again_when_the_budget_suffices(network):
    """Shopify says what was asked for, what is left and how fast it comes back: (300 - 50) / 100 seconds."""
    pauses: list[float] = []
    answer(network, body=throttled())
    answer(network, body=throttled(available=300))
    answer(network, 429, Retry_After="2.0")
    answer(network, body={"data": {"codeDiscountNodeByCode": None}})
    assert patient(10, pauses).query("discount_code_find", CODE) == {"codeDiscountNodeByCode": None}
    assert pauses == [2.5, 0.25, 2.0]


def test_throttling_beyond_our_patience_says_when_to_come_back(network):
    pauses: list[float] = []
    answer(network, body=throttled())
    with pytest.raises(ShopifyUnavailable) as later:
        patient(2.0, pauses).query("discount_code_find", CODE)
    assert later.value.retry_after_seconds == 2.5
    assert pauses == []


def test_throttling_is_later_at_once_where_nobody_said_to_rest(admin: AdminClient, network):
    answer(network, body=throttled())
    with pytest.raises(ShopifyUnavailable) as later:
        admin.query("discount_code_find", CODE)
    assert later.value.retry_after_seconds == 2.5
    assert len(network.calls) == 1


def test_throttling_for_ever_ends_with_our_patience(network):
    pauses: list[float] = []
    answer(network, body=throttled(available=300))
    with pytest.raises(ShopifyUnavailable):
        patient(1.0, pauses).query("discount_code_find", CODE)
    assert sum(pauses) == 1.0


@pytest.mark.parametrize("status", [408, 430, 500, 502, 503, 504, 302, 301, 206])
def test_faults_and_too_many_calls_are_later(admin: AdminClient, network, status: int):
    answer(network, status, Retry_After="2.0", Location="https://evil.com/")
    with pytest.raises(ShopifyUnavailable) as later:
        admin.query("discount_code_find", CODE)
    assert later.value.retry_after_seconds == 2.0
    assert len(network.calls) == 1, "a redirect must not be followed: it would carry the token along"


@pytest.mark.parametrize("wait", ["soon", "-1", "nan", "inf", ""])
def test_a_retry_after_that_makes_no_sense_counts_as_unknown(admin: AdminClient, network, wait: str):
    answer(network, 503, Retry_After=wait)
    with pytest.raises(ShopifyUnavailable) as later:
        admin.query("discount_code_find", CODE)
    assert later.value.retry_after_seconds is None


@pytest.mark.parametrize("status", [401, 402, 403, 404, 423])
def test_a_dead_token_or_a_frozen_or_gone_shop_is_disconnected(admin: AdminClient, network, status: int):
    answer(network, status)
    with pytest.raises(ShopDisconnected):
        admin.query("discount_code_find", CODE)


def test_a_bad_request_is_refused_for_good(admin: AdminClient, network):
    answer(network, 400)
    with pytest.raises(ShopifyRefused) as no:
        admin.query("discount_code_find", CODE)
    assert no.value.codes == ("HTTP_400",)


@pytest.mark.parametrize(
    "fault", [requests.ConnectTimeout(), requests.ReadTimeout(), requests.ConnectionError("reset")]
)
def test_silence_is_later(admin: AdminClient, network, fault: Exception):
    network.add(responses.POST, graphql_url(), body=fault)
    with pytest.raises(ShopifyUnavailable):
        admin.query("discount_code_find", CODE)


@pytest.mark.parametrize(
    "body",
    [
        "<html>maintenance</html>",
        b"\xff\xfe",
        "[]",
        "{}",
        '{"data": null}',
        '{"data": null, "errors": "Not now"}',
        '{"data": null, "errors": [{"message": "?"}]}',
        '{"data": null, "errors": [{"message": "?", "extensions": {"code": "INTERNAL_SERVER_ERROR"}}]}',
    ],
)
def test_an_answer_that_says_nothing_final_is_later(admin: AdminClient, network, body: str | bytes):
    """A redemption must not be given up because a proxy in between answered something."""
    answer(network, body=body)
    with pytest.raises(ShopifyUnavailable):
        admin.mutate("discount_code_deactivate", {"id": "gid://shopify/DiscountCodeNode/1"})


def test_a_denial_of_everything_is_refused_with_its_code(admin: AdminClient, shopify: AdminStub):
    shopify.root = {"discountCodeDeactivate": denied}
    with pytest.raises(ShopifyRefused) as no:
        admin.mutate("discount_code_deactivate", {"id": "gid://shopify/DiscountCodeNode/1"})
    assert no.value.codes == ("ACCESS_DENIED",)


def test_user_errors_are_refused_with_their_codes(admin: AdminClient, shopify: AdminStub):
    errors = [{"field": ["id"], "code": "INVALID", "message": "no such discount"}]
    shopify.root = {"discountCodeDeactivate": {"userErrors": errors}}
    with pytest.raises(ShopifyRefused, match="id: no such discount") as no:
        admin.mutate("discount_code_deactivate", {"id": "gid://shopify/DiscountCodeNode/1"})
    assert no.value.codes == ("INVALID",)


def test_a_renewed_token_is_used_once_after_a_401(shopify: AdminStub):
    shopify.root, shopify.good_tokens = {"codeDiscountNodeByCode": None}, {"new"}
    client = AdminClient(requests.Session(), DOMAIN, "old", renew=lambda: "new")
    client.query("discount_code_find", CODE)
    client.query("discount_code_find", CODE)
    assert shopify.tokens == ["old", "new", "new"]


def test_a_renewed_token_that_is_dead_too_is_not_tried_for_ever(shopify: AdminStub):
    shopify.good_tokens = set()
    client = AdminClient(requests.Session(), DOMAIN, "old", renew=lambda: "new")
    with pytest.raises(ShopDisconnected):
        client.query("discount_code_find", CODE)
    assert shopify.tokens == ["old", "new"]


def test_every_call_has_a_time_limit(network, shopify: AdminStub):
    shopify.root = {"codeDiscountNodeByCode": None}
    for patience, expected in [(10.0, (3.05, 10.0)), (2.0, (2.0, 2.0))]:
        client = AdminClient(requests.Session(), DOMAIN, ACCESS_TOKEN, patience_seconds=patience)
        client.query("discount_code_find", CODE)
        assert network.calls[-1].request.req_kwargs["timeout"] == expected


def test_tokens_never_reach_the_log(admin: AdminClient, network, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    for status in (401, 400, 503):
        answer(network, status, f"you sent {ACCESS_TOKEN}")
        with pytest.raises((ShopDisconnected, ShopifyRefused, ShopifyUnavailable)) as raised:
            admin.query("discount_code_find", CODE)
        assert ACCESS_TOKEN not in str(raised.value)
    assert caplog.records
    assert not [one for one in caplog.records if ACCESS_TOKEN in repr(one.__dict__)]


def test_another_api_version_than_ours_is_reported(admin: AdminClient, network, caplog: pytest.LogCaptureFixture):
    answer(network, body={"data": {"codeDiscountNodeByCode": None}}, X_Shopify_API_Version="2027-01")
    admin.query("discount_code_find", CODE)
    assert "another version" in caplog.text
