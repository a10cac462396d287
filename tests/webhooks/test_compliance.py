"""What the law asks of us."""

from __future__ import annotations

import pytest

from plugin.errors import BadInput
from plugin.facts import CustomerRedaction, DataRequest, ShopRedaction
from tests.webhooks.sending import SOMEWHERE, TRIGGERED_AT, facts_of, payload

HERE = (SOMEWHERE.programme_id, SOMEWHERE.shop_id, TRIGGERED_AT)
CUSTOMER = 6_600_000_000_001


def test_a_data_request_names_who_asks_and_which_orders():
    assert facts_of("customers/data_request", payload("customers_data_request")) == [
        DataRequest(*HERE, 9_100_001, CUSTOMER, (5_400_000_001_001, 5_400_000_001_004))
    ]


def test_a_redaction_names_whom_to_forget_and_which_orders():
    assert facts_of("customers/redact", payload("customers_redact")) == [
        CustomerRedaction(*HERE, CUSTOMER, (5_400_000_001_001,))
    ]
    assert facts_of("customers/redact", {"customer": {"id": 5}}) == [CustomerRedaction(*HERE, 5, ())]


def test_a_shop_redaction_needs_nothing_but_its_shop():
    assert facts_of("shop/redact", payload("shop_redact")) == [ShopRedaction(*HERE)]
    assert facts_of("shop/redact", {}) == [ShopRedaction(*HERE)]


@pytest.mark.parametrize(
    ("topic", "body"),
    [
        ("customers/data_request", {}),
        ("customers/data_request", {"customer": {"id": 5}}),
        ("customers/data_request", {"customer": {"id": 5}, "data_request": {"id": "9"}}),
        ("customers/data_request", {"customer": 5, "data_request": {"id": 9}}),
        ("customers/data_request", {"customer": {"id": 5}, "data_request": {"id": 9}, "orders_requested": "all"}),
        ("customers/redact", {}),
        ("customers/redact", {"customer": {}}),
        ("customers/redact", {"customer": {"id": 5}, "orders_to_redact": [True]}),
        ("customers/redact", {"customer": {"id": 5}, "orders_to_redact": {"0": 1}}),
    ],
)
def test_a_twisted_request_is_bad_input_so_that_somebody_sees_it(topic, body):
    with pytest.raises(BadInput):
        facts_of(topic, body)
