"""A draft tried on the past from the command line, on both databases."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from plugin.db import metadata
from plugin.facts import OrderSnapshot
from plugin.journeys.tools import Tools
from plugin.rules import default_document, dump_document
from tests.cli.conftest import Run
from tests.factories import Shopfront, cancelled, credit_now, make_shop, paid_order, refunded
from tests.journeys.shop_floor import line as body_line
from tests.journeys.shop_floor import order as order_body
from tests.shopify.bodies import order as graphql_order

FIRST = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)
FIVE_OFF = {"kind": "fixed_amount", "id": "five_off", "points": 500, "amount": "5"}


def document(rate: str = "1", **earning: Any) -> dict[str, Any]:
    made = dump_document(default_document())
    made["earning"] |= {"rules": [{"kind": "spend", "id": "base", "points_per_unit": rate}], **earning}
    made["rewards"] = [FIVE_OFF]
    return made


def placed(shop: Shopfront, order_id: int, days: float, customer_id: int | None, amount: str) -> OrderSnapshot:
    at = FIRST + timedelta(days=days)
    return paid_order(shop, order_id, customer_id, amount, placed_at=at, updated_at=at)


@pytest.fixture
def shop(tools: Tools) -> Shopfront:
    """Two months: two members, a guest, a cancelled order and a refunded one."""
    shop = make_shop(tools, document=document())
    credit_now(
        tools,
        placed(shop, 1, 0, 7001, "100.00"),
        placed(shop, 2, 1, 7002, "40.50"),
        placed(shop, 3, 2, None, "10.00"),
        placed(shop, 4, 40, 7001, "60.00"),
        cancelled(placed(shop, 5, 41, 7001, "70.00")),
        refunded(placed(shop, 6, 42, 7002, "30.00"), "10.00"),
    )
    return shop


@pytest.fixture
def draft(tmp_path: Path) -> Path:
    """A point and a half for each unit, and points that last 30 days."""
    path = tmp_path / "draft.json"
    path.write_text(json.dumps(document("1.5", expiry={"kind": "after_days", "days": 30})))
    return path


def told(run: Run, *arguments: object) -> Any:
    result = run("programme", "backtest", *arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_it_tells_by_month_what_the_current_programme_gave(laurel: Run, shop: Shopfront):
    shown = told(laurel, shop.domain)
    october, november = shown["draft"]["months"]
    assert (october["month"], october["orders"], october["earning"], october["points"]) == ("2026-10", 3, 2, 140)
    assert (november["month"], november["orders"], november["earning"], november["points"]) == ("2026-11", 3, 2, 80)
    assert (october["spend"], october["cost"], october["cost_percent"]) == ("140.50", "1.40", "1.00")
    assert shown["draft"]["nothing"] == {"cancelled": 1, "guest": 1}
    assert shown["draft"]["total"]["points"] == 220
    assert (shown["orders"], shown["members"], shown["against"], shown["fare"]) == (6, 2, None, None)


def test_it_tells_cost_and_what_is_outstanding_under_expiry(laurel: Run, shop: Shopfront, draft: Path):
    """Half is redeemed at once; the other half of October's 210 points runs out after 30 days."""
    shown = told(laurel, shop.domain, draft, "--redemption-rate", "0.5")["draft"]
    october, november = shown["months"]
    assert (october["points"], october["expired"], october["outstanding"], october["liability"]) == (
        210,
        0,
        105,
        "1.05",
    )
    assert (november["points"], november["expired"], november["outstanding"]) == (120, 105, 60)
    assert (shown["total"]["cost"], shown["expected_cost"]) == ("3.30", "1.65")
    assert shown["reward"] == {"points": 500, "amount": "5"}


def test_it_tells_who_would_have_more_and_who_less(laurel: Run, shop: Shopfront, tmp_path: Path):
    """Points by the item alone: 7002's two small orders gain, 7001's large ones lose."""
    path = tmp_path / "items.json"
    rule = {"kind": "product_type", "id": "all", "match": {"products": [301]}, "points_per_item": "50"}
    made = document()
    made["earning"]["rules"] = [rule]
    path.write_text(json.dumps(made))
    shown = told(laurel, shop.domain, path, "--against", "current")
    assert shown["fare"]["winners"] == [{"who": "7002", "against": 60, "draft": 83, "difference": 23}]
    assert shown["fare"]["losers"] == [{"who": "7001", "against": 160, "draft": 100, "difference": -60}]
    assert shown["fare"]["distribution"] == [
        {"from": -99, "to": -10, "members": 1},
        {"from": 10, "to": 99, "members": 1},
    ]
    text = laurel("programme", "backtest", shop.domain, path, "--against", "1").stdout
    assert "1 members have more, 1 less, 0 the same" in text
    assert "Most less: customer 7001, 160 → 100 (-60)" in text


def test_a_table_for_people_says_what_it_assumes_and_why_orders_gave_nothing(laurel: Run, shop: Shopfront):
    text = laurel("programme", "backtest", shop.domain).stdout
    assert "6 orders of 2 members replayed. Nothing was written." in text
    assert "500 points buy €5; expected to be redeemed: €1.54." in text
    assert "nothing: 1 placed by guests" in text
    assert "Assumed: 70% of the points are redeemed" in text


def test_a_window_tells_only_its_own_orders(laurel: Run, shop: Shopfront):
    shown = told(laurel, shop.domain, "--since", "2026-11-01", "--until", "2026-11-15")
    assert [one["month"] for one in shown["draft"]["months"]] == ["2026-11"]
    assert shown["draft"]["total"]["points"] == 60


def test_several_processes_tell_the_same(laurel: Run, shop: Shopfront, draft: Path):
    alone = told(laurel, shop.domain, draft, "--against", "current", "--jobs", "1")
    assert told(laurel, shop.domain, draft, "--against", "current", "--jobs", "2") == alone


def test_nothing_is_written(laurel: Run, tools: Tools, shop: Shopfront, draft: Path, tmp_path: Path):
    """SQLite's file stays as it is, byte for byte; on Postgres no table has a row more or less."""
    before = _content(tools)
    told(laurel, shop.domain, draft, "--against", "current")
    told(laurel, shop.domain, draft, "--orders", _bodies(tmp_path))
    assert _content(tools) == before


def _content(tools: Tools) -> object:
    if not tools.database.is_sqlite:
        with tools.reading() as session:
            return {
                name: session.scalar(select(func.count()).select_from(one)) for name, one in metadata.tables.items()
            }
    file = Path(str(tools.database.url.database))
    wal = file.with_name(file.name + "-wal")
    with tools.database.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    return hashlib.sha256(file.read_bytes()).hexdigest(), not wal.exists() or wal.stat().st_size == 0


def test_bodies_of_a_file_are_replayed_instead_and_bad_lines_are_told_by_their_number(
    laurel: Run, shop: Shopfront, draft: Path, tmp_path: Path
):
    shown = told(laurel, shop.domain, draft, "--orders", _bodies(tmp_path))
    assert (shown["draft"]["total"]["orders"], shown["draft"]["total"]["points"]) == (2, 45)
    assert shown["rejected"] == 2
    assert [one["row"] for one in shown["rejects"]] == [3, 4]


def test_an_export_names_members_by_their_first_order(laurel: Run, shop: Shopfront, draft: Path, tmp_path: Path):
    path = tmp_path / "orders_export.csv"
    path.write_text(
        "Name,Email,Financial Status,Currency,Subtotal,Total,Created at,Lineitem quantity,Lineitem price\n"
        "#2,a@example.com,paid,EUR,20.00,20.00,2026-11-02 10:00:00 +0200,1,20.00\n"
        "#1,A@example.com,paid,EUR,100.00,100.00,2026-10-02 10:00:00 +0200,2,50.00\n"
        "#3,b@example.com,paid,EUR,100.00,100.00,yesterday,2,50.00\n"
    )
    shown = told(laurel, shop.domain, draft, "--against", "current", "--orders", path)
    assert shown["fare"]["winners"] == [{"who": "#1", "against": 120, "draft": 180, "difference": 60}]
    assert shown["rejects"] == [{"row": 4, "fault": "created at is not a date and time"}]
    assert "a@example.com" not in laurel("programme", "backtest", shop.domain, "--orders", path).output


def test_orders_as_graphql_answers_them_are_replayed(laurel: Run, shop: Shopfront, draft: Path, tmp_path: Path):
    path = tmp_path / "orders.jsonl"
    path.write_text("".join(json.dumps(one) + "\n" for one in (graphql_order(1), {"id": "gid://shopify/Order/2"})))
    shown = told(laurel, shop.domain, draft, "--against", "current", "--orders", path)
    assert shown["orders"] == 1
    assert [one["row"] for one in shown["rejects"]] == [2]
    assert "lacks processedAt" in shown["rejects"][0]["fault"]


def test_a_draft_that_is_none_is_refused_with_its_path(laurel: Run, shop: Shopfront, tmp_path: Path):
    path = tmp_path / "draft.json"
    path.write_text(json.dumps(document(expiry={"kind": "after_days", "days": 0})))
    refused = laurel("programme", "backtest", shop.domain, path)
    assert (refused.exit_code, "earning.expiry" in refused.stderr) == (1, True)
    path.write_text("{")
    assert "is not JSON" in laurel("programme", "backtest", shop.domain, path).stderr


def _bodies(folder: Path) -> Path:
    bodies = [order_body(1, body_line(1, "20.00")), {"order": order_body(2, body_line(1, "10.00"))}, {"id": 3}]
    path = folder / "orders.jsonl"
    path.write_text("\n".join(json.dumps(one) for one in bodies) + "\nnonsense\n")
    return path
