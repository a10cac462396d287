"""Two customers become one person: what is given once is theirs once, whoever was given it, in whatever order they are merged."""

# ruff: noqa: RUF001 - letters of other languages

from __future__ import annotations

from datetime import UTC, datetime
from itertools import permutations

import pytest
from sqlalchemy import select

from plugin.journeys.coming_round import settle_yearly_days
from plugin.journeys.proving import find_drift, verify
from plugin.journeys.redeeming import redeem
from plugin.journeys.telling_actions import shown_actions
from plugin.ledger.tables import posting
from plugin.rewards import Wish
from plugin.rules import default_document, dump_document
from tests.actions.stage import arrive, publish_actions
from tests.actions.test_coming_round import born, since
from tests.factories import balance_of, make_member, member_of
from tests.journeys.shop_floor import FIVE_OFF
from tests.storefront.proxy import Storefront

ANNA, BORIS, CLARA = 7001, 7002, 7003
WELCOME = {"id": "welcome", "kind": "sign_up", "proof": "verified", "points": 100}
CAKE = {"id": "cake", "kind": "birthday", "proof": "honour", "points": 200}
VISIT = {"id": "visit", "kind": "visit", "proof": "honour", "points": 7, "limits": [{"per": "life", "times": 2}]}
DAILY = {"id": "daily", "kind": "visit", "proof": "honour", "points": 5, "limits": [{"per": "day", "times": 1}]}


@pytest.fixture(autouse=True)
def proof(tools):
    """Whatever happened, the books are sound in the end."""
    yield
    with tools.reading() as session:
        assert verify(session) == []
        assert find_drift(session, tools.clock()) == []


def merge(tools, shop, deleted: int, kept: int) -> None:
    gids = {"kept": kept, "deleted": deleted}
    body = {f"admin_graphql_api_customer_{which}_id": f"gid://shopify/Customer/{one}" for which, one in gids.items()}
    arrive(tools, shop, "customers/merge", body | {"status": "completed", "errors": []})


def sign_up(tools, shop, clock, *customers: int) -> None:
    for customer_id in customers:
        clock.advance(minutes=1)
        arrive(tools, shop, "customers/create", {"id": customer_id, "state": "enabled"})


def points(tools, shop, customer_id: int) -> int:
    return balance_of(tools, shop, customer_id).available


def street(storefront, customer_id: int, locale: str = "en") -> Storefront:
    return Storefront(storefront.client, storefront.clock, storefront.domain, customer_id, locale)


@pytest.mark.parametrize("chain", list(permutations([(ANNA, BORIS), (BORIS, CLARA)])), ids=["onwards", "backwards"])
def test_a_welcome_is_theirs_once_however_many_customers_they_were(tools, shop, clock, chain):
    publish_actions(tools, shop, [WELCOME])
    sign_up(tools, shop, clock, ANNA, BORIS, CLARA)
    for deleted, kept in (*chain, *chain):
        clock.advance(minutes=1)
        merge(tools, shop, deleted, kept)
    assert points(tools, shop, CLARA) == 100
    with tools.reading() as session:
        told = [(one["points"], one["why"]) for one in shown_actions(session, member_of(tools, shop, CLARA))]
        assert told == [(100, None), (0, "doubled"), (0, "doubled")]
        taken = select(posting.c.reference).where(posting.c.reference.like("%:back"))
        assert len(session.execute(taken).all()) == 2


def test_an_award_that_one_of_them_had_first_stays_under_whoever_is_kept(tools, shop, clock):
    """The third had it before the other two, and comes last."""
    publish_actions(tools, shop, [WELCOME])
    sign_up(tools, shop, clock, CLARA, ANNA, BORIS)
    merge(tools, shop, ANNA, BORIS)
    merge(tools, shop, CLARA, BORIS)
    sign_up(tools, shop, clock, ANNA, BORIS, CLARA)
    assert points(tools, shop, BORIS) == 100


def test_what_only_one_of_them_was_given_stays(tools, shop, clock):
    publish_actions(tools, shop, [WELCOME])
    sign_up(tools, shop, clock, ANNA)
    make_member(tools, shop, BORIS, points=30)
    merge(tools, shop, ANNA, BORIS)
    sign_up(tools, shop, clock, BORIS)
    assert points(tools, shop, BORIS) == 130


def test_two_birthdays_of_one_person_in_a_year_are_one(tools, shop, clock):
    publish_actions(tools, shop, [CAKE], at=datetime(2023, 1, 1, tzinfo=UTC))
    for customer_id, month in ((ANNA, 12), (BORIS, 2)):
        make_member(tools, shop, customer_id)
        since(tools, shop, datetime(2023, 3, 1, tzinfo=UTC), customer_id)
        born(tools, shop, month, 10, customer_id=customer_id)
    for day in ("2026-12-10", "2027-02-10"):
        clock.now = datetime.fromisoformat(f"{day}T12:00:00+00:00")
        settle_yearly_days(tools, str(shop.programme_id), clock.now)
    assert (points(tools, shop, ANNA), points(tools, shop, BORIS)) == (200, 200)
    merge(tools, shop, ANNA, BORIS)
    assert points(tools, shop, BORIS) == 200
    clock.now = datetime(2028, 2, 10, 12, tzinfo=UTC)
    settle_yearly_days(tools, str(shop.programme_id), clock.now)
    assert points(tools, shop, BORIS) == 400


def test_a_limit_for_life_holds_for_both_together_and_one_by_the_day_does_not_look_back(storefront, tools, shop, clock):
    publish_actions(tools, shop, [VISIT, DAILY])
    for customer_id in (ANNA, BORIS):
        make_member(tools, shop, customer_id)
        for number, action in enumerate(("visit", "visit", "daily")):
            clock.advance(minutes=1)
            wish = {"action": action, "wish_id": f"wish-{customer_id}-{number}"}
            assert street(storefront, customer_id).post("actions", wish).status_code == 200
    merge(tools, shop, ANNA, BORIS)
    assert points(tools, shop, BORIS) == 2 * 7 + 2 * 5


@pytest.mark.parametrize(("claw_back", "owed"), [("debt", 100), ("write_off", 0)])
def test_points_spent_meanwhile_are_owed_or_written_off_as_the_programme_says(
    tools, shop, clock, desk, claw_back, owed
):
    earning = dump_document(default_document())["earning"] | {"claw_back": claw_back}
    publish_actions(tools, shop, [WELCOME], earning=earning, rewards=[FIVE_OFF | {"points": 100}])
    sign_up(tools, shop, clock, ANNA, BORIS)
    for customer_id in (ANNA, BORIS):
        mine = member_of(tools, shop, customer_id)
        redeem(tools, Wish(mine.programme_id, shop.shop_id, mine.member_id, customer_id, "wish-0001", "five_off"))
    clock.advance(minutes=1)
    merge(tools, shop, ANNA, BORIS)
    assert (points(tools, shop, BORIS), -balance_of(tools, shop, BORIS).debt) == (0, owed)


@pytest.mark.parametrize(
    ("locale", "sentence"),
    [
        ("en", "100 points taken back: they had been given twice, before your two profiles became one"),
        ("bg", "100 точки са отнети: бяха дадени два пъти, преди двата ви профила да станат един"),
        ("tr", "100 puan geri alındı: iki profiliniz birleştirilmeden önce iki kez verilmişti"),
    ],
)
def test_the_shopper_reads_why(storefront, tools, shop, clock, locale, sentence):
    publish_actions(tools, shop, [WELCOME])
    sign_up(tools, shop, clock, ANNA, BORIS)
    clock.advance(minutes=1)
    merge(tools, shop, ANNA, BORIS)
    entries = street(storefront, BORIS, locale).get("history").json["entries"]
    assert (entries[0]["points"], entries[0]["sentence"]) == (-100, sentence)


def test_one_birthday_of_three_customers_is_one(tools, shop, clock):
    """All three awards are dated by the same instant, so that it does not tell which of them went back already."""
    publish_actions(tools, shop, [CAKE], at=datetime(2023, 1, 1, tzinfo=UTC))
    for customer_id in (ANNA, BORIS, CLARA):
        make_member(tools, shop, customer_id)
        since(tools, shop, datetime(2023, 3, 1, tzinfo=UTC), customer_id)
        born(tools, shop, 12, 10, customer_id=customer_id)
    clock.now = datetime(2026, 12, 10, 12, tzinfo=UTC)
    settle_yearly_days(tools, str(shop.programme_id), clock.now)
    for deleted, kept in ((ANNA, BORIS), (BORIS, CLARA)):
        clock.advance(minutes=1)
        merge(tools, shop, deleted, kept)
    assert points(tools, shop, CLARA) == 200
