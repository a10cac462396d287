"""What a friend sees behind a member's link, and what the member sees of it, as the browser gets it."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from urllib.parse import urlencode

import pytest

from plugin.messages import LANGUAGES
from tests.factories import cancelled, make_member
from tests.journeys.referral_stage import FRIEND, WINDOW, Circle, gather
from tests.storefront.proxy import Storefront


@pytest.fixture
def circle(tools, clock, shop, desk) -> Circle:
    return gather(tools, clock, shop, desk)


@pytest.fixture
def friend(storefront) -> Storefront:
    """The friend, signed in."""
    return Storefront(storefront.client, storefront.clock, storefront.domain, FRIEND)


@pytest.fixture
def guest(storefront) -> Storefront:
    return Storefront(storefront.client, storefront.clock, storefront.domain, None)


def send(visit: Storefront, page: str, **typed: str):
    """Send the form of a page, as a browser does."""
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', page)) | typed
    form = urlencode({name: unescape(value) for name, value in fields.items()})
    return visit.client.post(visit.url("referrals"), data=form, content_type="application/x-www-form-urlencoded")


def test_a_member_is_shown_their_link_and_what_it_brought(circle, storefront):
    shown = storefront.get("summary").json["referral"]
    assert shown["path"] == f"refer/{circle.link()}"
    assert (shown["friends"], shown["points"], shown["so_far"]) == (0, 0, None)
    assert "€10" in shown["sentence"]
    assert "300 points" in shown["sentence"]
    circle.arrive(circle.order(circle.claim()))
    assert storefront.get("summary").json["referral"]["so_far"] == "1 friend, 300 points so far"


def test_who_is_not_asked_is_shown_nothing(tools, shop, storefront, guest):
    make_member(tools, shop)
    assert storefront.get("summary").json["referral"] is None
    assert guest.get("summary").json["referral"] is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_explains_the_offer_without_script_in_every_language(circle, guest, language):
    guest.locale = language
    answer = guest.get(f"refer/{circle.link()}")
    assert answer.status_code == 200
    assert f'<html lang="{language}"' in answer.text
    assert "10" in answer.text
    assert "<script" not in answer.text
    assert "script-src" not in answer.headers["Content-Security-Policy"]


def test_a_guest_takes_the_offer_by_the_form(circle, guest):
    page = guest.get(f"refer/{circle.link()}").text
    answer = send(guest, page, email="friend@example.com")
    assert answer.status_code == 200
    (code,) = re.findall(r'data-code="([^"]+)"', answer.text)
    assert circle.desk.codes_of(code) == ["ACTIVE"]
    assert f"/discount/{code}" in answer.text
    again = send(guest, page, email="Friend+again@Example.com")
    assert re.findall(r'data-code="([^"]+)"', again.text) == [code]


def test_a_bad_address_is_told_beside_the_field_and_the_form_stays(circle, guest):
    page = guest.get(f"refer/{circle.link()}").text
    answer = send(guest, page, email="nobody")
    assert answer.status_code == 400
    assert 'aria-invalid="true"' in answer.text
    assert 'value="nobody"' in answer.text


def test_a_signed_in_friend_only_presses(circle, friend):
    page = friend.get(f"refer/{circle.link()}").text
    assert "email" not in page.split("</style>")[1]
    assert "data-code" in send(friend, page).text


def test_a_form_from_elsewhere_takes_nothing(circle, friend, guest):
    """The proof of a guest's page is no proof for somebody signed in."""
    page = guest.get(f"refer/{circle.link()}").text
    assert send(friend, page).status_code == 401
    assert send(friend, page, proof="").status_code == 401
    assert circle.desk.codes == {}


def test_a_link_of_nobody_is_told_kindly(circle, guest):
    answer = guest.get("refer/3333333333")
    assert answer.status_code == 404
    assert "leads nowhere" in answer.text
    assert guest.get("refer/%3Cscript%3E").status_code == 404


def test_ones_own_link_is_told_so(circle, storefront):
    page = storefront.get(f"refer/{circle.link()}").text
    answer = send(storefront, page)
    assert (answer.status_code, "your own link" in answer.text) == (422, True)


def test_a_script_takes_the_offer_as_json(circle, friend):
    taken = friend.post("referrals", {"link": circle.link().lower()})
    assert (taken.status_code, taken.json["state"]) == (201, "ready")
    assert taken.json["code"] in circle.desk.codes
    assert friend.post("referrals", {"link": "3333333333"}).status_code == 404
    assert friend.post("referrals", {"link": circle.link(), "more": 1}).status_code == 400


def test_a_silent_shopify_means_preparing_and_pressing_again_shows_the_code(circle, friend):
    circle.desk.go_wrong("create", lambda act: (502, {}, "gone"))
    taken = friend.post("referrals", {"link": circle.link()})
    assert (taken.status_code, taken.json["state"], taken.json["code"]) == (202, "preparing", None)
    circle.pass_time(timedelta(minutes=5))
    assert friend.post("referrals", {"link": circle.link()}).json["state"] == "ready"


def test_guests_cannot_claim_without_end(circle, guest):
    ends = [
        guest.post("referrals", {"link": circle.link(), "email": f"f{n}@example.com"}).status_code for n in range(40)
    ]
    assert ends.count(201) == 30
    assert set(ends[30:]) == {429}


def test_the_history_says_for_whom_points_came_and_went(circle, storefront, friend):
    one = circle.claim()
    order = circle.order(one)
    circle.arrive(order)
    (entry,) = [each for each in storefront.get("history").json["entries"] if each["reason"] == "referral"]
    assert entry["sentence"] == "300 points for bringing a friend"
    told = [each["sentence"] for each in friend.get("history").json["entries"]]
    assert "50 points for coming on a friend's word" in told
    circle.pass_time(WINDOW + timedelta(hours=1))
    circle.arrive(cancelled(order, after=timedelta(days=20)))
    newest = storefront.get("history").json["entries"][0]
    assert (newest["points"], newest["title"]) == (-300, "Friend's order returned")


def test_what_a_friend_sees_after_the_code_was_used_or_has_run_out(circle, friend):
    one = circle.claim()
    page = friend.get(f"refer/{circle.link()}").text
    circle.arrive(circle.order(one))
    assert "was used" in send(friend, page).text
