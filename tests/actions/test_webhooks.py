"""Sign-ups and consents earn, as Shopify tells of them: once each, whatever comes twice, late or twisted."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from plugin.facts import CustomerRedaction
from plugin.inbox.tables import delivery
from plugin.journeys.complying import redact_customer
from plugin.journeys.proving import find_drift, verify
from plugin.members.profiles import get_profile
from plugin.members.tables import member
from plugin.rules import default_document
from tests.actions.stage import ACTIONS, arrive, consent, publish_actions
from tests.factories import CUSTOMER, balance_of, credit_now, make_member, member_of, paid_order
from tests.journeys.test_merging import merge

NEW = {"id": CUSTOMER, "state": "disabled"}
EMAIL, SMS = "customers_email_marketing_consent/update", "customers_marketing_consent/update"


@pytest.fixture(autouse=True)
def proof(tools):
    """Whatever happened, the books are sound in the end."""
    yield
    with tools.reading() as session:
        assert verify(session) == []
        assert find_drift(session, tools.clock()) == []


def points(tools, shop, customer_id=CUSTOMER) -> int:
    return balance_of(tools, shop, customer_id).available


def test_signing_up_gives_points_once(tools, shop, clock):
    publish_actions(tools, shop)
    for _ in range(2):
        arrive(tools, shop, "customers/create", NEW)
        clock.advance(minutes=1)
    assert points(tools, shop) == 100


def test_an_order_that_is_told_first_does_not_cost_the_welcome(tools, shop):
    publish_actions(tools, shop)
    credit_now(tools, paid_order(shop, amount="25.00"))
    arrive(tools, shop, "customers/update", NEW)
    assert points(tools, shop) == 25
    arrive(tools, shop, "customers/create", NEW)
    assert points(tools, shop) == 125


def test_nobody_is_welcomed_before_the_start_line_or_the_action(tools, shop, clock):
    publish_actions(tools, shop, at=clock.now - timedelta(days=10))
    arrive(tools, shop, "customers/create", NEW, at=clock.now - timedelta(days=11))
    arrive(tools, shop, "customers/create", NEW | {"id": 2}, at=clock.now - timedelta(days=61))
    arrive(tools, shop, "customers/create", NEW | {"id": 3}, at=clock.now - timedelta(days=9))
    assert [points(tools, shop, each) for each in (CUSTOMER, 2, 3)] == [0, 0, 100]


@pytest.mark.parametrize("enrolment", ["account_holders", "opt_in"])
def test_who_has_to_wait_is_welcomed_on_joining(storefront, tools, shop, enrolment):
    publish_actions(tools, shop, enrolment=enrolment)
    arrive(tools, shop, "customers/create", NEW)
    assert points(tools, shop) == 0
    if enrolment == "opt_in":
        assert storefront.post("actions", {"action": "join", "wish_id": "wish-0001"}).status_code == 200
    else:
        storefront.get("summary")
    assert points(tools, shop) == 100


def test_leaving_and_coming_back_is_no_second_welcome(storefront, tools, shop):
    from plugin.journeys.joining import leave

    publish_actions(tools, shop, enrolment="opt_in")
    storefront.post("actions", {"action": "join", "wish_id": "wish-0001"})
    with tools.writing() as session:
        leave(session, member_of(tools, shop), tools.clock())
    storefront.post("actions", {"action": "join", "wish_id": "wish-0002"})
    assert points(tools, shop) == 100


@pytest.mark.parametrize(("topic", "channel", "worth"), [(EMAIL, "email", 40), (SMS, "sms", 45)])
def test_a_change_to_subscribed_counts_once_in_a_life(tools, shop, clock, topic, channel, worth):
    publish_actions(tools, shop)
    make_member(tools, shop)
    for state in ("pending", "subscribed", "subscribed", "unsubscribed", "subscribed"):
        arrive(tools, shop, topic, consent(state, clock.advance(hours=1).isoformat(), channel))
        assert points(tools, shop) == (0 if state == "pending" else worth)
    profile = read_profile(tools, shop)
    assert profile.consent(channel) == ("subscribed", clock.now)


def test_changes_told_in_the_wrong_order_end_the_same(tools, shop, clock):
    publish_actions(tools, shop)
    make_member(tools, shop)
    yes, no = clock.advance(hours=1), clock.advance(hours=1)
    clock.advance(hours=1)
    arrive(tools, shop, EMAIL, consent("unsubscribed", no.isoformat()))
    arrive(tools, shop, EMAIL, consent("subscribed", yes.isoformat()))
    assert points(tools, shop) == 40
    assert read_profile(tools, shop).consent("email") == ("unsubscribed", no)


def test_bodies_of_customers_that_carry_consents_are_read_too(tools, shop, clock):
    publish_actions(tools, shop)
    at = clock.now.isoformat()
    none = {"email_marketing_consent": {"state": "not_subscribed", "opt_in_level": None, "consent_updated_at": None}}
    arrive(tools, shop, "customers/create", NEW | none | {"sms_marketing_consent": None})
    assert points(tools, shop) == 100
    clock.advance(hours=1)
    undated = {
        "email_marketing_consent": {"state": "subscribed", "opt_in_level": "unknown", "consent_updated_at": None}
    }
    arrive(tools, shop, "customers/update", NEW | undated)
    assert points(tools, shop) == 140
    dated = {"sms_marketing_consent": {"state": "SUBSCRIBED", "consent_updated_at": at}}
    arrive(tools, shop, "customers/update", NEW | undated | dated)
    assert points(tools, shop) == 185


def test_how_things_stood_before_we_knew_is_no_change(tools, shop, clock):
    """Shopify repeats a consent with every change of the customer; one without a date, or of long ago, earns nothing."""
    publish_actions(tools, shop)
    make_member(tools, shop)
    undated = {"email_marketing_consent": {"state": "subscribed", "consent_updated_at": None}}
    arrive(tools, shop, "customers/update", NEW | undated)
    long_ago = (clock.now - timedelta(days=300)).isoformat()
    arrive(tools, shop, SMS, consent("subscribed", long_ago, "sms"))
    assert points(tools, shop) == 0


def test_twisted_consents_are_dead_letters_and_move_nothing(tools, shop):
    publish_actions(tools, shop)
    make_member(tools, shop)
    bodies = (
        {"customer_id": CUSTOMER},
        {"customer_id": CUSTOMER, "email_marketing_consent": "subscribed"},
        {"customer_id": CUSTOMER, "email_marketing_consent": {"state": 1}},
        {"customer_id": str(CUSTOMER), "email_marketing_consent": {"state": "subscribed"}},
        {"customer_id": CUSTOMER, "email_marketing_consent": {"state": "subscribed", "consent_updated_at": "soon"}},
    )
    for body in bodies:
        arrive(tools, shop, EMAIL, body)
    with tools.reading() as session:
        assert list(session.scalars(select(delivery.c.state))) == ["dead_letter"] * len(bodies)
    assert points(tools, shop) == 0


def test_a_consent_of_tomorrow_is_one_of_now(tools, shop, clock):
    publish_actions(tools, shop)
    make_member(tools, shop)
    arrive(tools, shop, EMAIL, consent("subscribed", (clock.now + timedelta(days=3)).isoformat()))
    assert points(tools, shop) == 40


def test_two_who_become_one_keep_what_one_is_given_and_get_no_more(tools, shop, clock):
    publish_actions(tools, shop)
    for customer_id in (CUSTOMER, 8):
        arrive(tools, shop, "customers/create", NEW | {"id": customer_id})
    arrive(tools, shop, EMAIL, consent("subscribed", clock.now.isoformat(), customer_id=8))
    clock.advance(hours=1)
    merge(tools, shop, 8, CUSTOMER)
    assert points(tools, shop) == 140
    assert read_profile(tools, shop).email_consent == "subscribed"
    arrive(tools, shop, EMAIL, consent("subscribed", clock.now.isoformat()))
    arrive(tools, shop, "customers/create", NEW)
    assert points(tools, shop) == 140


def test_forgetting_drops_what_they_told_and_nothing_brings_it_back(tools, shop, clock):
    publish_actions(tools, shop)
    make_member(tools, shop)
    arrive(tools, shop, EMAIL, consent("subscribed", clock.now.isoformat()))
    known = member_of(tools, shop)
    with tools.writing() as session:
        gone = CustomerRedaction(shop.programme_id, shop.shop_id, clock.now, CUSTOMER, ())
        redact_customer(session, tools.sealer, gone, clock.now)
    arrive(tools, shop, SMS, consent("subscribed", clock.now.isoformat(), "sms"))
    arrive(tools, shop, "customers/create", NEW)
    with tools.reading() as session:
        assert get_profile(session, shop.programme_id, known.member_id).email_consent is None
        assert session.execute(select(member.c.standing)).scalars().all() == ["forgotten"]


def test_without_actions_nothing_earns(tools, shop, clock):
    assert default_document().actions == ()
    arrive(tools, shop, "customers/create", NEW)
    arrive(tools, shop, EMAIL, consent("subscribed", clock.now.isoformat()))
    assert points(tools, shop) == 0
    publish_actions(tools, shop, [one | {"is_active": False} for one in ACTIONS], at=clock.now)
    arrive(tools, shop, SMS, consent("subscribed", clock.advance(hours=1).isoformat(), "sms"))
    assert points(tools, shop) == 0


def read_profile(tools, shop):
    with tools.reading() as session:
        return get_profile(session, shop.programme_id, member_of(tools, shop).member_id)
