"""The merchant looks at odd referrals, and decides: approved is rewarded, blocked gives nothing, and who did it stands there."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import responses

from plugin.messages import LANGUAGES
from plugin.referrals.store import list_events
from tests.admin.conftest import bearer
from tests.factories import make_shop
from tests.journeys.discount_desk import DiscountDesk
from tests.journeys.referral_stage import FRIEND, WINDOW, Circle, gather


@pytest.fixture
def circle(tools, clock, connected) -> Circle:
    """A programme that has every referral looked at."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        desk = DiscountDesk()
        desk.serve(mock, connected.domain)
        yield gather(tools, clock, connected, desk, review={"always": True})


def waiting(circle: Circle):
    one = circle.claim()
    circle.arrive(circle.order(one))
    return one


def opened(client, mint, shop, locale="en"):
    return client.get(f"/app/referrals?shop={shop.domain}&id_token={mint(shop)}&locale={locale}")


def press(client, mint, shop, one, what, **form):
    path = f"/app/referrals/{one.referral_id}/{what}?shop={shop.domain}&locale=en"
    return client.post(path, data=form, headers=bearer(mint(shop)))


def test_an_empty_queue_says_what_will_be_there(client, mint, circle):
    page = opened(client, mint, circle.shop)
    assert page.status_code == 200
    assert "Nothing to look at" in page.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_queue_names_people_reasons_and_what_was_not_checked(client, mint, circle, language):
    one = waiting(circle)
    page = opened(client, mint, circle.shop, language).text
    assert f"referral-{one.referral_id}" in page
    assert re.findall(r"/admin/customers/(\d+)", page) == ["7001", str(FRIEND)]
    assert "/admin/orders/6001" in page
    assert page.count('<ul class="reasons">') == 1
    assert page.count('class="subdued"') >= 3


def test_an_approved_referral_is_rewarded_by_a_name(client, mint, circle):
    one = waiting(circle)
    assert (circle.state(one), circle.points()) == ("review", (0, 0))
    answer = press(client, mint, circle.shop, one, "approve", note="I know them")
    assert (answer.status_code, "Nothing to look at" in answer.text) == (200, True)
    assert (circle.state(one), circle.points()) == ("waiting", (0, 300))
    found = circle.again(one)
    assert (found.note, found.decided_by is not None) == ("I know them", True)
    with circle.tools.reading() as session:
        assert list_events(session, one.programme_id, one.referral_id)[-1].actor == found.decided_by
    circle.pass_time(WINDOW + timedelta(hours=1))
    assert (circle.state(one), circle.points()) == ("rewarded", (300, 0))


def test_approved_long_after_the_window_the_points_can_be_spent_at_once(client, mint, circle):
    one = waiting(circle)
    circle.pass_time(WINDOW * 2)
    press(client, mint, circle.shop, one, "approve")
    assert (circle.state(one), circle.points()) == ("rewarded", (300, 0))


def test_a_blocked_referral_gives_nothing_and_cannot_be_blocked_otherwise(client, mint, circle):
    one = waiting(circle)
    assert press(client, mint, circle.shop, one, "block").status_code == 200
    assert (circle.state(one), circle.points()) == ("blocked", (0, 0))
    assert press(client, mint, circle.shop, one, "block").status_code == 200
    circle.pass_time(WINDOW * 2)
    assert circle.points() == (0, 0)


def test_a_block_in_the_window_takes_the_pending_points_back(client, mint, circle):
    one = waiting(circle)
    press(client, mint, circle.shop, one, "approve")
    assert press(client, mint, circle.shop, one, "block").status_code == 200
    assert (circle.state(one), circle.points()) == ("blocked", (0, 0))


def test_what_is_rewarded_cannot_be_decided_any_more(client, mint, circle):
    one = waiting(circle)
    press(client, mint, circle.shop, one, "approve")
    circle.pass_time(WINDOW + timedelta(hours=1))
    answer = press(client, mint, circle.shop, one, "block")
    assert (answer.status_code, "decided already" in answer.text) == (409, True)
    assert circle.points() == (300, 0)


def test_a_note_that_is_markup_stays_text(client, mint, circle):
    one = waiting(circle)
    answer = press(client, mint, circle.shop, one, "block", note="<script>x</script>")
    assert "<script>x" not in answer.text
    assert press(client, mint, circle.shop, one, "block", note="x" * 501).status_code == 400


def test_nobody_decides_without_a_token_or_at_another_shop(client, mint, circle, tools):
    one = waiting(circle)
    path = f"/app/referrals/{one.referral_id}/approve?shop={circle.shop.domain}"
    assert client.post(path).status_code == 401
    assert circle.state(one) == "review"


def test_a_referral_of_another_shop_is_not_found(client, mint, circle, tools):
    one = waiting(circle)
    other = make_shop(tools, "other.myshopify.com")
    assert press(client, mint, other, one, "approve").status_code == 404
    assert circle.state(one) == "review"
