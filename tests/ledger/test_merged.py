"""Accounts that were merged are found on the one that survives, over any number of steps, and no others with them."""

from __future__ import annotations

import pytest

from plugin.ledger.merged import absorbed_accounts, accounts_told_on, mark_merged, surviving_accounts, tellers


@pytest.fixture
def merged(tools, keeper, stranger):
    """a into b into c, d into c; e by itself; strangers x into y."""
    ids = {name: keeper.open()[1] for name in "abcde"} | {name: stranger.open()[1] for name in "xy"}
    with tools.writing() as session:
        for loser, winner in ("ab", "bc", "dc"):
            mark_merged(session, keeper.programme_id, ids[loser], ids[winner])
        mark_merged(session, stranger.programme_id, ids["x"], ids["y"])
    return ids


def test_every_account_leads_to_the_one_that_survives(tools, keeper, stranger, merged):
    keys = {name: ((keeper if name in "abcde" else stranger).programme_id, merged[name]) for name in merged}
    with tools.reading() as session:
        found = surviving_accounts(session, keys.values())
        assert found == {keys[one]: keys[last] for one, last in ("ac", "bc", "cc", "dc", "ee", "xy", "yy")}
        assert surviving_accounts(session, [keys["e"]]) == {keys["e"]: keys["e"]}
        assert surviving_accounts(session, []) == {}


def test_an_account_tells_of_all_that_became_part_of_it(tools, keeper, stranger, merged):
    keys = {name: ((keeper if name in "abcde" else stranger).programme_id, merged[name]) for name in merged}
    with tools.reading() as session:
        assert tellers(session, [keys["c"], keys["e"], keys["y"]]) == {
            keys[one]: keys[last] for one, last in ("ac", "bc", "cc", "dc", "ee", "xy", "yy")
        }
        assert set(accounts_told_on(session, *keys["c"])) == {merged[name] for name in "abcd"}
        assert absorbed_accounts(session, keeper.programme_id, [merged["c"], merged["e"]]) == {
            merged[one]: merged[last] for one, last in ("ac", "bc", "cc", "dc", "ee")
        }
        assert absorbed_accounts(session, keeper.programme_id, [merged["y"]]) == {merged["y"]: merged["y"]}
