"""Birthdays and anniversaries, settled by `laurel run-due --at`: once a year, where the member is, on leap days and when clocks turn."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import insert, update

from plugin.db import new_id
from plugin.journeys.clicking import Birthday, enter_birthday
from plugin.journeys.proving import find_drift, verify
from plugin.members.carried_over import CarriedOver, keep_carried_over
from plugin.members.profiles import get_profile, keep_profile
from plugin.members.tables import member
from plugin.sheets.tables import sheet
from tests.actions.stage import publish_actions
from tests.cli.conftest import laurel  # noqa: F401 - a fixture
from tests.factories import CUSTOMER, balance_of, make_member, member_of

CAKE = {"id": "cake", "kind": "birthday", "proof": "honour", "points": 200}
YEAR = {"id": "year", "kind": "anniversary", "proof": "verified", "points": 30}


@pytest.fixture
def programme(tools, shop, clock):
    """A programme in Sofia, since 2023, that gives 200 points for a birthday; one member, of since then."""

    def make(*actions, customer_id: int = CUSTOMER):
        publish_actions(tools, shop, list(actions or [CAKE]), at=datetime(2023, 1, 1, tzinfo=UTC))
        make_member(tools, shop, customer_id)
        since(tools, shop, datetime(2023, 3, 1, 12, tzinfo=UTC), customer_id)
        return shop

    return make


def since(tools, shop, at, customer_id=CUSTOMER) -> None:
    with tools.writing() as session:
        one = member_of(tools, shop, customer_id)
        session.execute(update(member).where(member.c.id == one.member_id).values(joined_at=at))


def born(tools, shop, month, day, *, timezone=None, set_at=datetime(2023, 3, 1, tzinfo=UTC), customer_id=CUSTOMER):
    with tools.writing() as session:
        one = get_profile(session, shop.programme_id, member_of(tools, shop, customer_id).member_id)
        keep_profile(
            session,
            replace(one, birthday_month=month, birthday_day=day, birthday_set_at=set_at, timezone=timezone),
        )


def run(laurel, *instants: str) -> None:  # noqa: F811
    for at in instants:
        assert laurel("run-due", "--at", at).exit_code == 0


def points(tools, shop, customer_id=CUSTOMER) -> int:
    return balance_of(tools, shop, customer_id).available


def told(tools, shop) -> list[tuple[str, int, str | None]]:
    from plugin.journeys.telling_actions import shown_actions

    with tools.reading() as session:
        rows = shown_actions(session, member_of(tools, shop))
    return [(one["occurred_at"][:16], one["points"], one["why"]) for one in rows]


@pytest.fixture(autouse=True)
def proof(tools, clock):
    """Whatever happened, the books are sound in the end."""
    yield
    clock.now = datetime(2030, 1, 1, tzinfo=UTC)
    with tools.reading() as session:
        assert verify(session) == []
        assert find_drift(session, clock.now) == []


def test_a_birthday_gives_once_a_year_from_the_first_minute_of_the_day(programme, laurel, tools):  # noqa: F811
    shop = programme()
    born(tools, shop, 12, 10)
    run(laurel, "2026-12-09T21:59:59+00:00")
    assert points(tools, shop) == 0
    run(laurel, "2026-12-09T22:00:00+00:00", "2026-12-09T22:00:00+00:00", "2026-12-12T10:00:00+00:00")
    assert points(tools, shop) == 200
    run(laurel, "2027-12-11T10:00:00+00:00")
    assert points(tools, shop) == 400
    assert told(tools, shop) == [("2026-12-09T22:00", 200, None), ("2027-12-09T22:00", 200, None)]


@pytest.mark.parametrize(
    ("timezone", "too_early", "begun"),
    [
        ("Pacific/Auckland", "2026-12-09T10:59:00+00:00", "2026-12-09T11:00:00+00:00"),
        ("America/Los_Angeles", "2026-12-10T07:59:00+00:00", "2026-12-10T08:00:00+00:00"),
    ],
)
def test_the_day_begins_where_the_member_is(programme, laurel, tools, timezone, too_early, begun):  # noqa: F811
    shop = programme()
    born(tools, shop, 12, 10, timezone=timezone)
    run(laurel, too_early)
    assert points(tools, shop) == 0
    run(laurel, begun)
    assert points(tools, shop) == 200


def test_a_birthday_that_was_slept_through_is_made_good_for_a_week(programme, laurel, tools):  # noqa: F811
    shop = programme()
    born(tools, shop, 12, 28)
    run(laurel, "2027-01-03T10:00:00+00:00")
    assert points(tools, shop) == 200
    born(tools, shop, 6, 1)
    run(laurel, "2028-06-20T10:00:00+00:00")
    assert points(tools, shop) == 200


def test_a_birthday_entered_shortly_before_does_not_pay_and_the_next_one_does(programme, laurel, tools):  # noqa: F811
    shop = programme()
    born(tools, shop, 12, 10, set_at=datetime(2026, 11, 10, tzinfo=UTC))
    run(laurel, "2026-12-10T08:00:00+00:00", "2026-12-11T08:00:00+00:00")
    assert told(tools, shop) == [("2026-12-09T22:00", 0, "not_known_long_enough")]
    run(laurel, "2027-12-10T08:00:00+00:00")
    assert points(tools, shop) == 200


def test_how_long_it_must_be_known_is_the_merchants_to_say(programme, laurel, tools):  # noqa: F811
    shop = programme(CAKE | {"known_days": 0})
    born(tools, shop, 12, 10, set_at=datetime(2026, 12, 9, 20, tzinfo=UTC))
    run(laurel, "2026-12-10T08:00:00+00:00")
    assert points(tools, shop) == 200


def test_a_birthday_that_moves_on_does_not_come_round_sooner(programme, laurel, tools):  # noqa: F811
    shop = programme()
    born(tools, shop, 12, 10)
    run(laurel, "2026-12-10T08:00:00+00:00")
    born(tools, shop, 2, 10, set_at=datetime(2026, 12, 11, tzinfo=UTC))
    run(laurel, "2027-02-10T08:00:00+00:00")
    assert told(tools, shop)[1:] == [("2027-02-09T22:00", 0, "already_this_year")]
    run(laurel, "2028-02-10T08:00:00+00:00")
    assert points(tools, shop) == 400


def test_who_was_born_on_a_leap_day_has_a_birthday_every_year(programme, laurel, tools):  # noqa: F811
    """SparkDevNetwork/Rock#4105, SimpleMachines/SMF#5955: on the 28th in a year without one, and once."""
    shop = programme()
    born(tools, shop, 2, 29)
    run(laurel, "2027-02-27T12:00:00+00:00")
    assert points(tools, shop) == 0
    run(laurel, "2027-02-28T12:00:00+00:00", "2027-03-01T12:00:00+00:00")
    assert points(tools, shop) == 200
    run(laurel, "2028-02-28T12:00:00+00:00")
    assert points(tools, shop) == 200
    run(laurel, "2028-02-29T12:00:00+00:00", "2028-03-01T12:00:00+00:00")
    assert points(tools, shop) == 400


def test_a_birthday_whose_midnight_is_skipped_is_one(programme, laurel, tools):  # noqa: F811
    """In Santiago the clocks of 2026-09-06 go from midnight straight to one in the morning."""
    shop = programme()
    born(tools, shop, 9, 6, timezone="America/Santiago")
    run(laurel, "2026-09-06T03:59:00+00:00")
    assert points(tools, shop) == 0
    run(laurel, "2026-09-06T04:00:00+00:00")
    assert told(tools, shop) == [("2026-09-06T04:00", 200, None)]


def test_who_joined_after_the_day_began_waits_for_the_next(programme, laurel, tools):  # noqa: F811
    shop = programme(CAKE | {"known_days": 0})
    since(tools, shop, datetime(2026, 12, 10, 9, tzinfo=UTC))
    born(tools, shop, 12, 10)
    run(laurel, "2026-12-10T12:00:00+00:00")
    assert told(tools, shop) == [("2026-12-09T22:00", 0, "not_a_member")]


def test_every_year_of_membership_counts_on_its_day(programme, laurel, tools):  # noqa: F811
    shop = programme(YEAR)
    run(laurel, "2027-02-28T21:00:00+00:00")
    assert points(tools, shop) == 0
    run(laurel, "2027-02-28T22:00:00+00:00", "2027-03-02T22:00:00+00:00")
    assert points(tools, shop) == 30
    run(laurel, "2028-03-01T22:00:00+00:00")
    assert points(tools, shop) == 60


def test_who_joined_on_a_leap_day_or_this_year_is_right_too(programme, laurel, tools):  # noqa: F811
    shop = programme(YEAR)
    since(tools, shop, datetime(2024, 2, 29, 12, tzinfo=UTC))
    programme(YEAR, customer_id=8)
    since(tools, shop, datetime(2027, 2, 27, 12, tzinfo=UTC), 8)
    run(laurel, "2027-02-28T12:00:00+00:00", "2027-03-01T12:00:00+00:00")
    assert (points(tools, shop), points(tools, shop, 8)) == (30, 0)
    run(laurel, "2028-02-29T12:00:00+00:00")
    assert (points(tools, shop), points(tools, shop, 8)) == (60, 30)


def test_all_whose_day_it_is_get_theirs_and_nothing_is_due_after(programme, laurel, tools):  # noqa: F811
    from plugin.journeys.coming_round import due_yearly_days, settle_yearly_days

    shop = programme()
    for customer_id in range(1, 6):
        make_member(tools, shop, customer_id)
        since(tools, shop, datetime(2023, 3, 1, tzinfo=UTC), customer_id)
        born(tools, shop, 12, 10, customer_id=customer_id)
    at = datetime(2026, 12, 10, 12, tzinfo=UTC)
    assert due_yearly_days(tools, at, 10) == [str(shop.programme_id)]
    settle_yearly_days(tools, str(shop.programme_id), at)
    assert due_yearly_days(tools, at, 10) == []
    assert [points(tools, shop, customer_id) for customer_id in range(1, 6)] == [200] * 5


def test_laurel_member_show_tells_what_they_told_and_were_given(programme, laurel, tools):  # noqa: F811
    shop = programme()
    born(tools, shop, 12, 10, set_at=datetime(2026, 11, 30, tzinfo=UTC))
    run(laurel, "2026-12-10T12:00:00+00:00")
    shown = laurel("member", "show", shop.domain, CUSTOMER).stdout
    assert "birthday_month 12, birthday_day 10" in shown
    assert "cake                 not_known_long_enough  [schedule]" in shown


def brought(tools, shop, birthday: str, used_in: int | None = None, customer_id: int = CUSTOMER) -> None:
    row = {
        "programme_id": shop.programme_id,
        "id": (sheet_id := new_id()),
        "shop_id": shop.shop_id,
        "kind": "opening",
        "shape": "smile",
        "name": "customers.csv",
        "digest": "0" * 64,
        "state": "done",
        "options": {},
        "lines": 1,
        "actor": "test",
        "created_at": tools.clock(),
        "changed_at": tools.clock(),
    }
    with tools.writing() as session:
        session.execute(insert(sheet), [row])
    one = CarriedOver(
        member_of(tools, shop, customer_id).member_id,
        sheet_id,
        "smile",
        birthday=birthday,
        birthday_used_in=used_in,
    )
    with tools.writing() as session:
        keep_carried_over(session, shop.programme_id, [one])


def test_a_birthday_that_came_along_from_another_app_counts_unless_it_paid_this_year(
    programme,
    laurel,  # noqa: F811
    tools,
):
    shop = programme()
    programme(customer_id=8)
    brought(tools, shop, "12-10")
    brought(tools, shop, "12-10", 2026, 8)
    run(laurel, "2026-12-10T08:00:00+00:00", "2026-12-11T08:00:00+00:00")
    assert (points(tools, shop), points(tools, shop, 8)) == (200, 0)
    run(laurel, "2027-12-10T08:00:00+00:00")
    assert (points(tools, shop), points(tools, shop, 8)) == (400, 200)


def test_telling_the_same_birthday_again_is_no_new_one_and_another_is(programme, laurel, tools, clock):  # noqa: F811
    shop = programme()
    brought(tools, shop, "12-10")
    entered = enter_birthday(tools, member_of(tools, shop), Birthday(12, 10, timezone="Europe/Sofia"))
    assert entered.first_on == date(2026, 12, 10)
    run(laurel, "2026-12-10T08:00:00+00:00")
    assert points(tools, shop) == 200
    clock.now = datetime(2027, 12, 1, tzinfo=UTC)
    entered = enter_birthday(tools, member_of(tools, shop), Birthday(12, 11))
    assert entered.first_on == date(2028, 12, 11)
