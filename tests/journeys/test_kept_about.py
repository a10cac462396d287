"""What is kept about a person is told whole, and forgotten whole: the schema is walked, so that no new table can be left out."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import BigInteger, Boolean, Date, Integer, LargeBinary, Table, Uuid, insert, select
from sqlalchemy.types import JSON

from plugin.db import Instant, metadata
from plugin.facts import Context, CustomerRedaction, ShopRedaction, ShopUninstalled
from plugin.journeys.forgetting import forget_customer
from plugin.journeys.handing_over import data_of
from plugin.journeys.kept_about import ABOUT_PERSONS, NOT_ABOUT_PERSONS, kept_about
from plugin.journeys.tools import Tools
from plugin.orders.codec import dump_context
from plugin.sheets.about import owner
from tests.factories import CUSTOMER, Shopfront, credit_now, make_shop, paid_order
from tests.journeys.test_members import apply, settle_due
from tests.journeys.tier_stage import TierStage

ADA, BOB = 700_100_200_300, 700_100_200_444
STAYS = {
    "member": "a card number without a person: the ledger's account belongs to it",
    "account": "the sums",
    "posting": "the ledger: never changed, ids only",
    "entry": "the ledger",
    "lot": "the ledger",
    "hold_part": "the ledger",
    "extension": "the ledger",
    "expiry_keep": "how long a tier kept points: the books are proved by it",
    "expiry_warning": "why points did or did not expire",
    "award": "what was given for what, by the ledger's references",
    "adjustment": "that something was changed by hand; its notes are erased",
    "cap_use": "how much of a limit was used",
    "cap_charge": "by what",
    "order_state": "that an order was counted: without its customer and all it held",
    "order_target": "what it gave",
    "redemption": "what points were spent on, without the customer",
    "action_award": "what was given for actions",
    "tier_change": "which tiers were held when",
    "challenge_completion": "what was given for challenges",
    "invitation": "that an account was shared: between ids of ours that lead to nobody",
    "referral": "what the other side of it was given for, without the person",
}
"""What still carries an id of ours that once stood for a forgotten person, and why."""


@pytest.fixture
def database_url(sqlite_template: Path, tmp_path: Path) -> Iterator[str]:
    """Rows of every table are made up here, against the checks that only SQLite lets a test lift."""
    shutil.copy(sqlite_template, tmp_path / "laurel.db")
    return f"sqlite:///{tmp_path / 'laurel.db'}"


@pytest.fixture
def shop(tools: Tools) -> Shopfront:
    return make_shop(tools)


def test_every_table_is_told_or_is_left_out_for_a_reason():
    told = [about.table.name for about in ABOUT_PERSONS]
    assert len(told) == len(set(told))
    assert set(told) | NOT_ABOUT_PERSONS.keys() == {table.name for table in metadata.sorted_tables}
    assert not set(told) & NOT_ABOUT_PERSONS.keys()


def test_what_is_left_out_for_a_reason_names_no_customer_or_member():
    """But for the merchant's own people, who stand there as `actor`."""
    names = re.compile(r"customer_id|member_id|account_id|claimed_by|email|birthday")
    for table in metadata.sorted_tables:
        if table.name in NOT_ABOUT_PERSONS and table.name != "standing_mark":
            assert not [column.name for column in table.columns if names.search(column.name)], table.name


def test_a_row_of_every_table_reaches_the_person_it_is_about(tools, shop):
    fill(tools, shop, ADA)
    fill(tools, shop, BOB)
    with tools.reading() as session:
        told = kept_about(session, tools.sealer, (shop.programme_id, shop.shop_id, ADA))
    assert {name: len(rows) for name, rows in told.items()} == {about.table.name: 1 for about in ABOUT_PERSONS}
    text = json.dumps(told)
    assert "a friend" not in text
    assert str(BOB) not in text
    assert told["sheet_row"][0]["sealed"] == {"birthday": f"of {ADA}"}
    assert "token_hash" not in told["invitation"][0]


def test_of_a_forgotten_person_no_table_keeps_the_customer_and_only_sums_keep_our_own_ids(tools, shop):
    ids = fill(tools, shop, ADA)
    fill(tools, shop, BOB)
    fact = CustomerRedaction(shop.programme_id, shop.shop_id, tools.clock(), ADA, ())
    with tools.writing() as session:
        forget_customer(session, tools.sealer, fact, tools.clock())
    ours = {str(ids[name]) for name in ("member_id", "account_id")}
    with tools.reading() as session:
        kept = {
            table.name: str([tuple(row) for row in session.execute(select(table))]) for table in metadata.sorted_tables
        }
        assert kept_about(session, tools.sealer, (shop.programme_id, shop.shop_id, ADA)) == {}
    assert [name for name, rows in kept.items() if str(ADA) in rows] == []
    naming = {name for name, rows in kept.items() if any(one in rows for one in ours)}
    assert naming - {"standing_mark"} <= STAYS.keys()
    assert {name for name, rows in kept.items() if str(BOB) in rows} >= {"order_state", "sheet_row", "segment_customer"}


def test_of_a_forgotten_shop_no_table_keeps_a_customer(tools, shop):
    fill(tools, shop, ADA)
    apply(tools, ShopUninstalled(shop.programme_id, shop.shop_id, tools.clock()))
    tools.clock.advance(hours=48)
    apply(tools, ShopRedaction(shop.programme_id, shop.shop_id, tools.clock()))
    settle_due(tools)
    with tools.reading() as session:
        kept = {
            table.name: str([tuple(row) for row in session.execute(select(table))]) for table in metadata.sorted_tables
        }
    assert [name for name, rows in kept.items() if str(ADA) in rows] == []


def test_a_customer_nobody_knows_has_nothing_stored(tools, shop):
    with tools.reading() as session:
        answer = data_of(session, tools.sealer, (shop.programme_id, shop.shop_id, 9))
    assert answer == {"stored": False, "records": {}}


def test_a_guest_of_whom_only_an_order_is_known_is_told_of_it(tools):
    shop = make_shop(tools, document=None)
    credit_now(tools, paid_order(shop))
    other = make_shop(tools, "other.myshopify.com", programme_id=shop.programme_id)
    with tools.reading() as session:
        mine = data_of(session, tools.sealer, (shop.programme_id, shop.shop_id, CUSTOMER))
        same_number_elsewhere = data_of(session, tools.sealer, (shop.programme_id, other.shop_id, CUSTOMER))
    assert [one["order_id"] for one in mine["records"]["order_state"]] == [5001]
    assert mine["records"]["posting"][0]["explanation"]["evaluation"]["points"] == 25
    assert same_number_elsewhere["stored"] is False


def test_a_member_is_told_of_tiers_and_points_in_a_summary_too(tools, clock):
    stage = TierStage.open(tools, clock)
    stage.buy(1, "120.00")
    stage.settle()
    with tools.reading() as session:
        told = data_of(session, tools.sealer, (stage.shop.programme_id, stage.shop.shop_id, CUSTOMER))
    assert [one["tier"] for one in told["tiers"]][-1] == "silver"
    assert told["memberships"] == {"purchases": [], "held": []}
    assert {"tier_holding", "tier_change", "lot", "entry", "order_target"} <= told["records"].keys()


def fill(tools: Tools, shop: Shopfront, customer_id: int) -> dict[str, Any]:
    """Put a made-up row about a customer into every table about persons, and give the ids they go by."""
    one, numbers = uuid4, count(customer_id % 1000 * 1000)
    ids: dict[str, Any] = {"programme_id": shop.programme_id, "shop_id": shop.shop_id, "customer_id": customer_id}
    ids |= {name: one() for name in ("member_id", "account_id", "posting_id", "referral_id", "sheet_id")}
    ids |= dict.fromkeys(("first_member_id", "referrer_id", "invited_by_id"), ids["member_id"])
    ids |= {"subject_id": ids["account_id"], "order_id": next(numbers)}
    own = {"member": "member_id", "account": "account_id", "posting": "posting_id", "referral": "referral_id"}
    own |= {"sheet": "sheet_id"}
    tables = [about.table for about in ABOUT_PERSONS]
    with tools.database.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.exec_driver_sql("PRAGMA ignore_check_constraints=ON")
        connection.exec_driver_sql("BEGIN")
        for table in (metadata.tables["sheet"], *tables):
            row = _row(table, ids | ({"id": ids[own[table.name]]} if table.name in own else {}), numbers)
            if table.name == "sheet_row":
                told = json.dumps({"birthday": f"of {customer_id}"}).encode()
                row["sealed"] = tools.sealer.seal(told, owner(row["sheet_id"], row["number"]))
            if table.name == "order_state":
                row["context"] = dump_context(Context(1, customer_tags=(f"tag of {customer_id}",)))
            if table.name == "referral":
                row["claimed_by"] = row["friend_customer_id"] = None
                row["friend_key"] = f"a friend {next(numbers) % 1_000_003}"
            connection.execute(insert(table), [row])
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA ignore_check_constraints=OFF")
        connection.exec_driver_sql("PRAGMA foreign_keys=ON")
        connection.exec_driver_sql("BEGIN")
    return ids


def _row(table: Table, ids: dict[str, Any], numbers: Iterator[int]) -> dict[str, Any]:
    return {column.name: ids.get(column.name, _value(column.type, numbers)) for column in table.columns}


def _value(kind: Any, numbers: Iterator[int]) -> Any:
    """Something of the column's type that nothing else holds, and no date in it."""
    if isinstance(kind, Uuid):
        return UUID(int=next(numbers) << 8)
    fixed: tuple[tuple[type, Any], ...] = (
        (Boolean, False),
        (Instant, datetime(2026, 11, 1, tzinfo=UTC)),
        (Date, date(2026, 11, 1)),
        (LargeBinary, b"sealed"),
        (JSON, []),
    )
    for known, value in fixed:
        if isinstance(kind, known):
            return value
    return next(numbers) % 1_000_003 if isinstance(kind, BigInteger | Integer) else f"text {next(numbers) % 1_000_003}"
