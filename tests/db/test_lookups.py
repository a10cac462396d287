"""What is asked for one member, account or day is found by an index: SQLite is fond of reading a whole programme in the wanted order."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import event

from plugin.db import Database, new_id
from plugin.ledger.adjustments import list_public_notes
from plugin.ledger.due import list_accounts_due
from plugin.members.birthdays import list_brought_birthdays
from plugin.members.profiles import list_birthdays, list_joined_on
from plugin.members.store import list_aliases, list_members_of_account, list_members_of_accounts, list_merged_into
from plugin.orders.counted import total_counted
from plugin.referrals.store import find_by_friend, list_by_codes
from plugin.rewards.had import had_by_all
from plugin.rewards.redemptions import list_by_codes as list_redemptions_by_codes
from plugin.rewards.repointing import move_redemptions
from plugin.standing.store import list_changes

A, B, NOW = new_id(), new_id(), datetime(2026, 11, 21, tzinfo=UTC)
DAYS = {(11, 20), (11, 21), (11, 22)}

# what is asked → the column beside the programme by which it is found
LOOKUPS = {
    "aliases of a member": (lambda session: list_aliases(session, A, B), "member_id=?"),
    "members of an account": (lambda session: list_members_of_account(session, A, B), "account_id=?"),
    "members of accounts": (lambda session: list_members_of_accounts(session, A, [A, B]), "account_id=?"),
    "who was merged into members": (lambda session: list_merged_into(session, A, [A, B]), "merged_into_id=?"),
    "birthdays": (lambda session: list_birthdays(session, A, DAYS, None, 200), "birthday_day=?"),
    "more birthdays": (lambda session: list_birthdays(session, A, DAYS, B, 200), "birthday_day=?"),
    "birthdays from elsewhere": (lambda session: list_brought_birthdays(session, A, DAYS, B, 200), "birthday=?"),
    "anniversaries": (lambda session: list_joined_on(session, A, [NOW.date()], B, 200), "joined_at>?"),
    "histories of tiers": (lambda session: list_changes(session, A, [A, B]), "member_id=?"),
    "referrals by codes": (lambda session: list_by_codes(session, A, A, ["X", "Y"]), "code=?"),
    "a friend's referral": (lambda session: find_by_friend(session, A, ["x", "y"]), "friend_key=?"),
    "redemptions by codes": (lambda session: list_redemptions_by_codes(session, A, A, ["X", "Y"]), "code=?"),
    "redemptions of an account": (lambda session: move_redemptions(session, A, A, B), "account_id=?"),
    "what is gone of a stock": (lambda session: had_by_all(session, A, "x", NOW), "reward_id=? AND created_at>?"),
    "public notes": (lambda session: list_public_notes(session, A, B), "account_id=?"),
    "accounts with points due": (lambda session: list_accounts_due(session, A, NOW, 200), "matures_at<?"),
    "what all did together": (lambda session: total_counted(session, A, (NOW, NOW)), "placed_at>? AND placed_at<?"),
}


@pytest.mark.parametrize("name", LOOKUPS)
def test_sqlite_finds_it_by_an_index(sqlite_template, name):
    ask, found_by = LOOKUPS[name]
    plans = plans_of(f"sqlite:///{sqlite_template}", ask)
    assert plans
    assert all(any(found_by in step for step in steps) for steps in plans), plans


def test_what_all_did_together_is_summed_from_the_index_alone(sqlite_template):
    """A group's goal is summed whenever anybody is looked at; it must not read orders for that."""
    ((step,),) = plans_of(f"sqlite:///{sqlite_template}", LOOKUPS["what all did together"][0])
    assert "COVERING INDEX ix_order_state_together" in step


def plans_of(url, ask):
    """How SQLite would answer each statement of a question; nothing is kept of what it changes."""
    database, asked = Database(url), []
    event.listen(database.engine, "before_cursor_execute", lambda *told: asked.append(told[2:4]))
    event.listen(database._read_engine, "before_cursor_execute", lambda *told: asked.append(told[2:4]))
    with database.reading() as session:
        session.connection().exec_driver_sql("PRAGMA query_only=OFF")
        asked.clear()
        ask(session)
        cursor = session.connection().connection.cursor()
        plans = [
            [row[-1] for row in cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)]
            for statement, parameters in list(asked)
        ]
        session.rollback()
    database.dispose()
    return plans
