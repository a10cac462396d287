"""The door: 200 stored or not ours, 401, 400, 413, 503; and nothing written unless it is stored."""

from __future__ import annotations

import hashlib
import io
import json
import logging
import shutil
from dataclasses import replace

from flask import Flask
from prometheus_client import REGISTRY

from plugin.config import DEVELOPMENT_SECRET
from plugin.db import Database
from plugin.errors import Overloaded
from plugin.shops.store import get_shop, uninstall_shop
from tests.factories import make_shop, make_tools
from tests.webhooks.sending import (
    TOPICS,
    TRIGGERED_AT,
    arrivals,
    raw_payload,
    signature,
    webhook_headers,
)
from tests.webhooks.test_bodies import HOSTILE
from webhooks.bodies import BYTES_MAX
from webhooks.routes import bp

RAW = raw_payload("orders_paid")
COMPLIANCE = ("customers_data_request", "customers_redact", "shop_redact")


def test_every_topic_of_ours_is_stored_whole_before_the_answer(door):
    for place, (name, topic) in enumerate(TOPICS.items(), start=1):
        raw = raw_payload(name)
        before = arrivals("stored", topic)
        answer = door.send(topic, raw)
        assert (answer.status_code, answer.data) == (200, b""), name
        delivery = door.stored()[-1]
        assert len(door.stored()) == place, name
        assert delivery.body == raw
        assert delivery.body_hash == hashlib.sha256(raw).hexdigest()
        assert (delivery.programme_id, delivery.shop_id) == (door.shop.programme_id, door.shop.shop_id)
        assert (delivery.topic, delivery.event_id) == (topic, "event-1")
        assert (delivery.triggered_at, delivery.received_at) == (TRIGGERED_AT, door.tools.clock())
        assert arrivals("stored", topic) == before + 1


def test_a_second_copy_is_accepted_and_costs_nothing(door):
    assert [door.send("orders/paid", RAW).status_code for _ in range(3)] == [200, 200, 200]
    assert len(door.stored()) == 1


BAD_SIGNATURES = [
    None, "", "x", signature(RAW)[:-1], signature(RAW + b" "), signature(RAW, "another secret"), signature(RAW).lower(),
    "пърлица", "\xff\xfe", "=" * 5000,
]  # fmt: skip


def test_a_missing_wrong_or_non_ascii_signature_is_401_and_nothing_is_written(door):
    before = arrivals("bad_signature")
    for header in BAD_SIGNATURES:
        answer = door.send("orders/paid", RAW, Hmac_Sha256=header.encode().decode("latin-1") if header else header)
        assert (answer.status_code, answer.json) == (401, {"error": "bad_signature"}), header
    assert door.stored() == []
    assert arrivals("bad_signature") == before + len(BAD_SIGNATURES)


def test_the_signature_is_over_the_raw_bytes(door):
    spaced = json.dumps(json.loads(RAW)).encode()
    assert door.send("orders/paid", spaced, Hmac_Sha256=signature(RAW)).status_code == 401
    assert door.send("orders/paid", spaced).status_code == 200


def test_an_unsigned_sender_learns_nothing_about_headers_and_bodies(door):
    answer = door.post(b"{", {"X-Shopify-Topic": "nonsense"})
    assert (answer.status_code, answer.json) == (401, {"error": "bad_signature"})


def test_the_previous_secret_still_counts_while_secrets_rotate(door):
    settings = replace(door.tools.settings, shopify_api_secrets=("the new one", DEVELOPMENT_SECRET))
    door.client.application.extensions["laurel"] = replace(door.tools, settings=settings)
    assert door.send("orders/paid", RAW, Hmac_Sha256=signature(RAW, "the new one")).status_code == 200
    assert door.send("orders/paid", RAW, Hmac_Sha256=signature(RAW)).status_code == 200
    assert door.send("orders/paid", RAW, Hmac_Sha256=signature(RAW, "an older one")).status_code == 401


BAD_DOMAINS = [
    "", "laurel-test", "laurel-test.myshopify.com.evil.example", "evil.example", "evil.example/laurel-test.myshopify.com",
    "laurel-test.myshopify.com/admin", "laurel-test.myshopify.com:443", "https://laurel-test.myshopify.com",
    "laurel-test.myshopify.com@evil.example", "laurel-test.myshopify.com#", "laurel-test.myshopify.com?", "..myshopify.com",
    ".myshopify.com", "-.myshopify.com", "laurel_test.myshopify.com", "LAUREL-TEST.MYSHOPIFY.COM", "laurel-test.myshopify.com.",
    "laurel-test.myshopify.com,other.myshopify.com", "127.0.0.1", "localhost", "[::1]", "l\u0430urel-test.myshopify.com",
    "laurel-test.myshopify.com%00", "laurel-test%2emyshopify.com", "' OR 1=1 --", "a" * 300 + ".myshopify.com",
    "laurel-test.myshopify.io", "${jndi:ldap://evil.example}", "../../etc/passwd", "laurel-test.myshopify.com\x00",
]  # fmt: skip


def test_a_hostile_shop_domain_is_400_and_nothing_is_written(door):
    for domain in BAD_DOMAINS:
        answer = door.send("orders/paid", RAW, Shop_Domain=domain.encode().decode("latin-1"))
        assert (answer.status_code, answer.json) == (400, {"error": "malformed", "path": "shop"}), domain
    assert door.stored() == []


BAD_HEADERS = [
    ("Topic", None),
    ("Topic", ""),
    ("Topic", "Orders/Paid"),
    ("Topic", "orders/paid/again"),
    ("Topic", "orders paid"),
    ("Topic", "o" * 5000),
    ("Shop_Domain", None),
    ("Event_Id", None),
    ("Event_Id", "has a space"),
    ("Event_Id", "x" * 129),
    ("Event_Id", "\xe9"),
    ("Webhook_Id", None),
    ("Webhook_Id", ""),
    ("Triggered_At", None),
    ("Triggered_At", "yesterday"),
    ("Triggered_At", "2026-11-21T10:00:00"),
    ("Triggered_At", "2026-13-41T10:00:00Z"),
    ("Triggered_At", "0001-01-01T00:00:00+14:00"),
    ("Triggered_At", "1732183200"),
]


def test_a_missing_or_malformed_header_is_400_and_named(door):
    before = arrivals("malformed")
    for name, value in BAD_HEADERS:
        answer = door.send("orders/paid", RAW, **{name: value})
        named = "shop" if name == "Shop_Domain" else f"X-Shopify-{name.replace('_', '-')}"
        assert (answer.status_code, answer.json) == (400, {"error": "malformed", "path": named}), (name, value)
    assert door.stored() == []
    assert arrivals("malformed") == before + len(BAD_HEADERS)


def test_a_signed_body_that_is_not_strict_json_is_400_and_nothing_is_written(door):
    for name, raw in HOSTILE.items():
        answer = door.send("orders/paid", raw)
        assert (answer.status_code, answer.json) == (400, {"error": "malformed", "path": "body"}), name
    assert door.stored() == []


def test_a_body_over_two_megabytes_is_413_whether_it_says_so_or_not(door):
    raw = b'{"id":"' + b"x" * BYTES_MAX + b'"}'
    before = arrivals("too_large")
    answer = door.send("orders/paid", raw)
    assert (answer.status_code, answer.json) == (413, {"error": "too_large"})
    chunked = {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    headers = webhook_headers("orders/paid", raw)
    answer = door.client.post("/webhooks", input_stream=io.BytesIO(raw), headers=headers, environ_overrides=chunked)
    assert answer.status_code == 413
    assert door.stored() == []
    assert arrivals("too_large") == before + 2


def test_a_body_of_just_under_two_megabytes_is_stored(door):
    raw = b'{"id":1,"note":"' + b"x" * (BYTES_MAX - 18) + b'"}'
    assert len(raw) == BYTES_MAX
    assert door.send("orders/paid", raw).status_code == 200
    assert len(door.stored()) == 1


def test_a_connection_that_ends_early_is_400(door):
    short = {"CONTENT_LENGTH": str(len(RAW) + 100)}
    answer = door.post(RAW, webhook_headers("orders/paid", RAW), environ_overrides=short)
    assert (answer.status_code, answer.json) == (400, {"error": "malformed"})
    assert door.stored() == []


def test_the_body_is_read_raw_whatever_it_calls_itself(door):
    for content_type in ("", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/html"):
        assert door.post(RAW, webhook_headers("orders/paid", RAW) | {"Content-Type": content_type}).status_code == 200
    assert [delivery.body for delivery in door.stored()] == [RAW]


def test_a_signed_but_unknown_topic_is_200_counted_and_not_stored(door):
    before = arrivals("unknown_topic")
    for topic in ("products/update", "carts/create", "customer.tags_added", "orders/unheard_of"):
        assert door.send(topic, RAW).status_code == 200
        assert arrivals("unknown_topic", topic) == 0
    assert door.stored() == []
    assert arrivals("unknown_topic") == before + 4


def test_a_signed_but_unknown_shop_is_200_counted_and_not_stored(door):
    before = arrivals("unknown_shop", "orders/paid")
    assert door.send("orders/paid", RAW, Shop_Domain="never-seen.myshopify.com").status_code == 200
    assert door.stored() == []
    assert arrivals("unknown_shop", "orders/paid") == before + 1


def test_a_shop_is_known_from_the_moment_it_is_added(door):
    late = "late-shop.myshopify.com"
    assert door.send("orders/paid", RAW, Shop_Domain=late).status_code == 200
    added = make_shop(door.tools, late)
    assert door.send("orders/paid", RAW, Shop_Domain=late).status_code == 200
    assert [delivery.shop_id for delivery in door.stored()] == [added.shop_id]


def test_two_installations_in_one_process_do_not_mix_up_their_shops(door, clock, sqlite_template, tmp_path):
    shutil.copy(sqlite_template, tmp_path / "second.db")
    second = make_tools(Database(f"sqlite:///{tmp_path / 'second.db'}"), clock)
    twin = make_shop(second, door.shop.domain)
    assert door.send("orders/paid", RAW).status_code == 200
    door.client.application.extensions["laurel"] = second
    assert door.send("orders/paid", RAW).status_code == 200
    assert [delivery.shop_id for delivery in door.stored()] == [door.shop.shop_id]
    assert [delivery.shop_id for delivery in replace(door, tools=second).stored()] == [twin.shop_id]


def test_a_shop_that_left_still_gets_its_compliance_webhooks_stored(door):
    with door.tools.writing() as session:
        uninstall_shop(session, get_shop(session, door.shop.shop_id), door.tools.clock())
    for name in COMPLIANCE:
        assert door.send(TOPICS[name], raw_payload(name)).status_code == 200
    assert {delivery.topic for delivery in door.stored()} == {TOPICS[name] for name in COMPLIANCE}


def test_a_signed_body_of_one_shop_is_refused_under_the_name_of_another(door):
    make_shop(door.tools, "other-shop.myshopify.com")
    for name in (*COMPLIANCE, "shop_update"):
        answer = door.send(TOPICS[name], raw_payload(name), Shop_Domain="other-shop.myshopify.com")
        assert (answer.status_code, answer.json["path"]) == (400, "X-Shopify-Shop-Domain"), name
    assert door.stored() == []


def test_a_sample_body_with_a_placeholder_for_its_shop_is_taken(door):
    assert door.send("shop/redact", b'{"shop_id":954889,"shop_domain":"{shop}.myshopify.com"}').status_code == 200


def test_an_inbox_that_is_full_is_503_try_again(door):
    def full(deliveries):
        raise Overloaded("the inbox is full")

    door.client.application.extensions["laurel"] = replace(door.tools, store=full)
    before = arrivals("try_again")
    answer = door.send("orders/paid", RAW)
    assert (answer.status_code, answer.json, answer.headers["Retry-After"]) == (503, {"error": "try_again"}, "5")
    assert arrivals("try_again") == before + 1


def test_a_database_that_does_not_answer_is_503_try_again(clock, tmp_path):
    database = Database(f"sqlite:///{tmp_path}/nowhere/laurel.db")
    app = Flask(__name__)
    app.extensions["laurel"] = make_tools(database, clock)
    app.register_blueprint(bp)
    answer = app.test_client().post("/webhooks", data=RAW, headers=webhook_headers("orders/paid", RAW))
    assert (answer.status_code, answer.json) == (503, {"error": "try_again"})


def test_a_refusal_leaves_one_line_in_the_log_without_secrets_or_bodies(door, caplog):
    raw = b'{"email":"somebody@example.com","id":1,"id":2}'
    headers = webhook_headers("orders/paid", raw)
    with caplog.at_level(logging.DEBUG):
        door.post(raw, headers)
        door.post(raw, headers | {"X-Shopify-Hmac-Sha256": "c2VjcmV0LXNpZ25hdHVyZQ=="})
        door.send("orders/paid", RAW, Shop_Domain="evil.example")
    lines = [record for record in caplog.records if record.name == "webhooks.routes"]
    assert [record.getMessage() for record in lines] == [
        "webhook refused: malformed",
        "webhook refused: bad_signature",
        "webhook refused: malformed",
    ]
    logged = " ".join(str(vars(record)) for record in caplog.records)
    for secret in (DEVELOPMENT_SECRET, headers["X-Shopify-Hmac-Sha256"], "c2VjcmV0", "somebody", "evil.example"):
        assert secret not in logged


def test_a_body_of_another_api_version_is_stored_and_counted(door):
    def foreign():
        return REGISTRY.get_sample_value("laurel_webhooks_of_other_api_version_total")

    before = foreign()
    assert door.send("orders/paid", RAW).status_code == 200
    assert foreign() == before
    assert door.send("orders/paid", RAW, API_Version="2027-01").status_code == 200
    assert foreign() == before + 1


def test_only_post_is_taken(door):
    for method in ("get", "put", "delete", "patch"):
        assert getattr(door.client, method)("/webhooks").status_code == 405


def test_the_door_is_shopifys_and_passes_the_official_packages_own_check(door):
    from shopify_app import ShopifyApp

    official = ShopifyApp(client_id="id", client_secret=DEVELOPMENT_SECRET)
    headers = webhook_headers("orders/paid", RAW)
    request = {"method": "POST", "headers": headers, "url": "https://laurel.example.com/webhooks", "body": RAW.decode()}
    assert official.verify_webhook_req(request).ok
    assert door.post(RAW, headers).status_code == 200
