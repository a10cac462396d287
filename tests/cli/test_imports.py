"""Imports from the command line, on both databases."""

from __future__ import annotations

import json
from pathlib import Path

from plugin.journeys.tools import Tools
from tests.cli.conftest import Run
from tests.factories import Shopfront, balance_of, make_member

FILES = Path(__file__).parents[1] / "sheets" / "files"


def test_balances_are_checked_run_listed_and_undone(laurel: Run, tools: Tools, shop: Shopfront, tmp_path: Path):
    report = tmp_path / "rejected.csv"
    checked = laurel("import", "check", shop.domain, FILES / "loyaltylion.csv", "--rejected", report, "--json")
    view = json.loads(checked.stdout)
    assert (checked.exit_code, view["state"], view["shape"]) == (1, "checked", "loyaltylion")
    assert (view["rows"], view["points_given"]) == ({"ready": 2, "rejected": 3}, 620)
    assert report.read_text(encoding="utf-8-sig").splitlines() == [
        "Row,Customer,Points,Column,Why not",
        "4,7003,60,standing,was shut out of the old programme",
        "5,7004,-20,points,a balance below zero is not brought over",
        "6,7001,10,,the customer stands in the file already",
    ]
    run = laurel("import", "run", shop.domain, view["id"])
    assert "done" in run.stdout
    assert "refused: 1 was shut out of the old programme" in run.stdout
    assert balance_of(tools, shop).available == 500
    again = laurel("import", "check", shop.domain, FILES / "loyaltylion.csv", "--json")
    refused = laurel("import", "run", shop.domain, json.loads(again.stdout)["id"])
    assert (refused.exit_code, "same_sheet" in refused.stderr) == (1, True)
    assert laurel("import", "list", shop.domain).stdout.count("loyaltylion.csv") == 2
    assert "undone" in laurel("import", "undo", shop.domain, view["id"]).stdout
    assert balance_of(tools, shop).available == 0


def test_a_clean_file_runs_at_once_where_that_is_asked_for(laurel: Run, tools: Tools, shop: Shopfront, tmp_path: Path):
    make_member(tools, shop, points=10)
    file = tmp_path / "gifts.csv"
    file.write_text("customer_id,points\n7001,90\n", encoding="utf-8")
    result = laurel("import", "check", shop.domain, file, "--kind", "adjustment", "--run", "--note", "Happy birthday")
    assert (result.exit_code, " done " in result.stdout) == (0, True)
    assert balance_of(tools, shop).available == 100


def test_what_is_no_sheet_is_refused(laurel: Run, shop: Shopfront, tmp_path: Path):
    file = tmp_path / "people.csv"
    file.write_text("name,points\nAda,90\n", encoding="utf-8")
    result = laurel("import", "check", shop.domain, file)
    assert (result.exit_code, "customer_id: no column names the customer" in result.stderr) == (1, True)
    assert "Nothing was imported" in laurel("import", "list", shop.domain).stderr
