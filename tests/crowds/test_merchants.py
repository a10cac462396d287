"""Twenty clicks at the same moment in the embedded admin: each change once, within the limits, and files run once."""

from __future__ import annotations

import io
from collections import Counter

import pytest

from plugin.journeys.documents import current_document
from plugin.journeys.setting_rate import single_rate
from plugin.journeys.working_sheets import due_sheets
from tests.admin.conftest import bearer
from tests.admin.test_points import FORM, settle, sheet_id
from tests.crowds.crowd import PEOPLE, tells
from tests.factories import CUSTOMER, balance_of, cancelled, credit_now, make_member, paid_order
from tests.journeys.test_adjusting import limited_shop
from tests.journeys.test_crediting import spend

FILE = b"customer_id,points\n7001,5\n7002,7\n"


@pytest.fixture
def office(crowd, shop, mint):
    """Let twenty act in the admin: `office(path, form_of_number)`; counts the statuses."""

    def act(path, form_of=lambda _: {}, of_shop=shop):
        def click(browser, number: int) -> int:
            return send(browser, mint(of_shop), path, form_of(number)).status_code

        return crowd.press(click)

    return act


@tells("POST /app/rate")
def test_twenty_rates_at_once_publish_one_version_and_tell_the_others(office, tools, shop):
    ends = office("rate", lambda number: {"points_per_unit": str(number + 2), "version": "1"})
    assert ends == {200: 1, 409: PEOPLE - 1}
    with tools.reading() as session:
        version, document = current_document(session, shop.programme_id)
    assert (version, single_rate(document) in {str(one + 2) for one in range(PEOPLE)}) == (2, True)


@tells("POST /app/rate")
def test_the_same_rate_twenty_times_publishes_at_most_one_version(office, tools, shop):
    ends = office("rate", lambda _: {"points_per_unit": "3", "version": "1"})
    assert set(ends) <= {200, 409}
    with tools.reading() as session:
        assert current_document(session, shop.programme_id)[0] == 2


@tells("POST /app/points/adjust")
def test_the_same_change_twenty_times_is_made_once(office, tools, shop):
    make_member(tools, shop, points=30)
    assert office("points/adjust", lambda _: FORM) == {200: PEOPLE}
    assert balance_of(tools, shop).available == 130


@tells("POST /app/points/adjust")
def test_twenty_changes_of_one_customer_are_all_made(office, tools, shop):
    make_member(tools, shop, points=30)
    assert office("points/adjust", lambda number: FORM | {"key": f"k{number}"}) == {200: PEOPLE}
    assert balance_of(tools, shop).available == 30 + 100 * PEOPLE


@tells("POST /app/points/adjust")
def test_twenty_that_take_from_one_customer_take_what_is_there(office, tools, shop):
    make_member(tools, shop, points=250)
    ends = office("points/adjust", lambda number: FORM | {"key": f"k{number}", "direction": "take"})
    assert ends == {200: 2, 409: PEOPLE - 2}
    assert balance_of(tools, shop).available == 50


@tells("POST /app/points/adjust")
def test_twenty_changes_stay_within_the_limit_of_a_day(office, tools):
    shop = limited_shop(tools, points_max=100, points_max_per_day=500)
    for number in range(PEOPLE):
        make_member(tools, shop, CUSTOMER + number)
    each = lambda number: FORM | {"key": f"k{number}", "customer": str(CUSTOMER + number)}  # noqa: E731
    assert office("points/adjust", each, shop) == {200: 5, 422: PEOPLE - 5}
    assert sum(balance_of(tools, shop, CUSTOMER + number).available for number in range(PEOPLE)) == 500


@tells("POST /app/points/write-off")
@pytest.mark.parametrize("is_same", [True, False])
def test_a_debt_is_written_off_once_however_many_press(office, crowd, tools, shop, is_same):
    make_debt(crowd, tools, shop)
    ends = office("points/write-off", lambda number: FORM | {"key": "k" if is_same else f"k{number}"})
    assert ends == ({200: PEOPLE} if is_same else {200: 1, 422: PEOPLE - 1})
    assert (balance_of(tools, shop).debt, balance_of(tools, shop).available) == (0, 0)


@tells("POST /app/points/sheets")
def test_twenty_files_are_twenty_files(office, crowd, tools, shop):
    for customer in (7001, 7002):
        make_member(tools, shop, customer)
    assert office("points/sheets", lambda number: file(b"customer_id,points\n7001,%d\n" % (number + 1))) == {
        200: PEOPLE
    }
    crowd.work_off("sheet")


@tells("POST /app/points/sheets/<uuid:sheet_id>/start", "POST /app/points/sheets/<uuid:sheet_id>/undo")
def test_a_file_started_and_undone_twenty_times_ran_once_and_left_nothing(office, crowd, tools, shop, mint):
    (sheet,) = checked(crowd, tools, shop, mint, 1)
    assert office(f"points/sheets/{sheet}/start") == {200: PEOPLE}
    crowd.work_off("sheet")
    assert balance_of(tools, shop).available == 5
    assert office(f"points/sheets/{sheet}/undo") == {200: PEOPLE}
    crowd.work_off("sheet")
    assert balance_of(tools, shop).available == balance_of(tools, shop, 7002).available == 0


@tells("POST /app/points/sheets", "POST /app/points/sheets/<uuid:sheet_id>/start")
def test_of_twenty_files_with_one_content_one_runs_unasked(crowd, tools, shop, mint):
    sheets = checked(crowd, tools, shop, mint, PEOPLE)
    ends = crowd.press(
        lambda browser, number: send(browser, mint(shop), f"points/sheets/{sheets[number]}/start", {}).status_code
    )
    assert ends == {200: 1, 409: PEOPLE - 1}
    crowd.work_off("sheet")
    assert balance_of(tools, shop).available == 5


@tells("POST /app/points/sheets/<uuid:sheet_id>/start", "POST /app/points/sheets/<uuid:sheet_id>/undo")
def test_a_start_and_an_undo_that_cross_leave_all_or_nothing(crowd, tools, shop, mint):
    (sheet,) = checked(crowd, tools, shop, mint, 1)

    def act(browser, number: int) -> tuple[str, int]:
        what = ("start", "undo")[number % 2]
        return what, send(browser, mint(shop), f"points/sheets/{sheet}/{what}", {}).status_code

    ends: Counter[tuple[str, int]] = crowd.press(act)
    assert {status for _, status in ends} <= {200, 409}
    crowd.work_off("sheet")
    is_undone = ends["undo", 200] > 0
    assert balance_of(tools, shop).available == (0 if is_undone else 5)


def send(browser, token, path, form):
    return browser.post(f"/app/{path}", data=form, headers=bearer(token))


def file(raw: bytes) -> dict[str, object]:
    return {"kind": "adjustment", "why": "promotion", "expiry": "programme", "file": (io.BytesIO(raw), "people.csv")}


def checked(crowd, tools, shop, mint, count: int) -> list[str]:
    """Hand over files of the same content and let them be checked."""
    for customer in (7001, 7002):
        make_member(tools, shop, customer)
    browser = crowd.apps[0].test_client()
    sheets = [sheet_id(send(browser, mint(shop), "points/sheets", file(FILE)).text) for _ in range(count)]
    while due_sheets(tools, tools.clock(), 1):
        settle(tools)
    crowd.clock.advance(minutes=1)
    return sheets


def make_debt(crowd, tools, shop) -> None:
    """Let a customer owe 80 points."""
    bought = paid_order(shop, amount="100.00")
    credit_now(tools, bought)
    crowd.clock.advance(hours=1)
    spend(tools, shop, 80)
    crowd.clock.advance(hours=3)
    credit_now(tools, cancelled(bought))
