"""The topics we take: one set in the code, in shopify.app.toml and in Shopify's schema."""

from __future__ import annotations

import gzip
import json
import tomllib
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from plugin.errors import BadInput
from plugin.shopify import API_VERSION
from tests.webhooks.sending import TOPICS, facts_of, payload
from webhooks.topics import HANDLERS

ROOT = Path(__file__).parents[2]
SCHEMA = ROOT.parent / "shared" / "data" / f"admin_{API_VERSION}.json.gz"
COMPLIANCE = {"customers/data_request", "customers/redact", "shop/redact"}


def app_toml() -> dict:
    """What Shopify is told about the app."""
    return tomllib.loads((ROOT / "shopify.app.toml").read_text())


def declared(key: str) -> list[str]:
    """The topics declared under a key."""
    return [topic for entry in app_toml()["webhooks"]["subscriptions"] for topic in entry.get(key, [])]


def test_declared_topics_and_handlers_are_the_same_set():
    topics = declared("topics") + declared("compliance_topics")
    assert sorted(topics) == sorted(HANDLERS)
    assert set(declared("compliance_topics")) == COMPLIANCE


def test_every_subscription_leads_to_the_door_in_the_version_we_read():
    webhooks = app_toml()["webhooks"]
    assert webhooks["api_version"] == API_VERSION
    host = urlsplit(app_toml()["application_url"]).netloc
    for entry in webhooks["subscriptions"]:
        assert entry["uri"] == f"https://{host}/webhooks"


@pytest.mark.skipif(not SCHEMA.exists(), reason="Shopify's schema is not beside the checkout")
def test_every_topic_is_one_of_shopifys():
    types = json.loads(gzip.decompress(SCHEMA.read_bytes()))["data"]["__schema"]["types"]
    [known] = [one["enumValues"] for one in types if one["name"] == "WebhookSubscriptionTopic"]
    alive = {value["name"] for value in known if not value["isDeprecated"]}
    assert {topic.upper().replace("/", "_") for topic in set(HANDLERS) - COMPLIANCE} <= alive


def test_every_topic_has_a_body_of_ours_and_reads_it():
    assert set(TOPICS.values()) == set(HANDLERS)
    for name, topic in TOPICS.items():
        assert isinstance(facts_of(topic, payload(name)), list)


def test_a_stored_body_that_cannot_be_read_is_bad_input():
    with pytest.raises(BadInput, match="no handler"):
        facts_of("products/update", {"id": 1})
    for raw in (b"", b"[" * 100_000, b"{}x", b"[]"):
        with pytest.raises(BadInput):
            facts_of("orders/paid", raw)


@pytest.mark.parametrize("topic", HANDLERS)
def test_an_empty_object_is_never_another_error(topic):
    try:
        facts = facts_of(topic, {})
    except BadInput:
        return
    assert topic in {"app/uninstalled", "shop/redact"}
    assert len(facts) == 1
