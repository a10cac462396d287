"""`laurel referrals`: who brought whom, and decisions from the command line."""

from __future__ import annotations

import json

import pytest
import responses

from tests.journeys.discount_desk import DiscountDesk
from tests.journeys.redeeming_stage import connect
from tests.journeys.referral_stage import Circle, gather


@pytest.fixture
def circle(tools, clock, shop) -> Circle:
    connect(tools, shop)
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        desk = DiscountDesk()
        desk.serve(mock, shop.domain)
        yield gather(tools, clock, shop, desk, review={"always": True})


def test_referrals_are_listed_with_their_reasons_and_decided(laurel, circle):
    one = circle.claim()
    circle.arrive(circle.order(one))
    listed = laurel("referrals", "list", circle.shop.domain)
    assert "review" in listed.output
    assert "always, email not checked" in listed.output
    done = laurel("referrals", "approve", circle.shop.domain, str(one.referral_id), "--note", "known")
    assert "300 points" in done.output
    (told,) = json.loads(laurel("referrals", "list", circle.shop.domain, "--json").output)
    assert (told["decision"], told["decided_by"], told["note"]) == ("approve", "cli", "known")
    laurel("referrals", "block", circle.shop.domain, str(one.referral_id))
    assert (circle.state(one), circle.points()) == ("blocked", (0, 0))


def test_an_empty_list_says_so_and_a_second_thought_too_late_is_refused(laurel, circle):
    assert "No referrals" in laurel("referrals", "list", circle.shop.domain).output
    one = circle.claim()
    refused = laurel("referrals", "approve", circle.shop.domain, str(one.referral_id))
    assert (refused.exit_code, "referral_decided" in refused.stderr) == (1, True)
