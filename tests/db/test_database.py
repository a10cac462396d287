"""What the database raises ends in logs: it must not carry what was written."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from plugin.db import Database

SECRET = "shpat_do_not_tell"


def test_a_failing_statement_does_not_repeat_its_parameters(database: Database):
    statement = text("INSERT INTO nowhere (token) VALUES (:token)")
    with pytest.raises(SQLAlchemyError) as raised, database.writing() as session:
        session.execute(statement, {"token": SECRET})
    assert SECRET not in str(raised.value)
    with pytest.raises(SQLAlchemyError) as raised, database.reading() as session:
        session.execute(statement, {"token": SECRET})
    assert SECRET not in str(raised.value)
