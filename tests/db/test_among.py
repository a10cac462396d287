"""Rows by several keys: exactly these, and by an index."""

from __future__ import annotations

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, create_engine, insert, select, text
from sqlalchemy.dialects import sqlite

from plugin.db import among, new_id
from plugin.ledger.tables import account, entry, lot
from plugin.orders.tables import order_state

pair = Table("pair", MetaData(), Column("a", Integer), Column("b", Integer))


@pytest.mark.parametrize("keys", [[], [(1, 1)], [(1, 1), (1, 2)], [(1, 2), (2, 1)], [(1, 1), (2, 2), (1, 1)]])
def test_exactly_the_keys_are_found_and_no_mixtures_of_them(keys):
    engine = create_engine("sqlite://")
    pair.metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(insert(pair), [{"a": a, "b": b} for a in (1, 2, 3) for b in (1, 2, 3)])
        found = connection.execute(select(pair).where(among((pair.c.a, pair.c.b), keys)))
        assert sorted(tuple(row) for row in found) == sorted(set(keys))
    engine.dispose()


@pytest.mark.parametrize(
    "columns",
    [
        (account.c.programme_id, account.c.id),
        (account.c.programme_id, account.c.merged_into_id),
        (lot.c.programme_id, lot.c.account_id),
        (entry.c.programme_id, entry.c.account_id),
        (order_state.c.programme_id, order_state.c.account_id),
    ],
    ids=lambda columns: str(columns[1]),
)
@pytest.mark.parametrize("programmes", [1, 2])
def test_sqlite_looks_several_keys_up_by_an_index(sqlite_template, columns, programmes):
    """Batches lock and load by lists of keys: reading whole tables for that would slow every batch as the ledger grows."""
    owners = [new_id() for _ in range(programmes)]
    keys = [(owners[place % programmes], new_id()) for place in range(6)]
    question = select(columns[0].table).where(among(columns, keys))
    compiled = question.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})
    engine = create_engine(f"sqlite:///{sqlite_template}")
    with engine.connect() as connection:
        steps = [row.detail for row in connection.execute(text(f"EXPLAIN QUERY PLAN {compiled}"))]
    engine.dispose()
    assert [step for step in steps if f"{columns[1].name}=?" in step], steps
