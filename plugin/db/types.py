"""What every table is made of."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

import uuid_utils.compat
from sqlalchemy import Column, DateTime, ForeignKeyConstraint, MetaData, Uuid
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Instant(TypeDecorator[datetime]):
    """An aware UTC instant. SQLite keeps no zone, so it is taken off on the way in and put back on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive times: nobody could say later what they meant."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime; instants are aware")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give back an aware UTC datetime from either database."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def new_id() -> uuid.UUID:
    """Make a UUIDv7: unique across hosts, and rows made together lie together."""
    return uuid_utils.compat.uuid7()


def tenant_key(*more: Column[Any]) -> tuple[Column[Any], ...]:
    """Make the columns that lead every tenant table: the programme, then the row's own key (by default an id)."""
    own = more or (Column("id", Uuid, primary_key=True),)
    return (Column("programme_id", Uuid, primary_key=True), *own)


def tenant_fk(table: str, column: str, target: str = "id") -> ForeignKeyConstraint:
    """Point at a row of the same programme; a row can never point into another tenant."""
    return ForeignKeyConstraint(["programme_id", column], [f"{table}.programme_id", f"{table}.{target}"])


class database_now(FunctionElement[datetime]):  # noqa: N801 - reads as the SQL function it is
    """The database's own clock, with microseconds, in the form `Instant` stores."""

    type = Instant()
    inherit_cache = True


@compiles(database_now, "postgresql")
def _now_on_postgres(_element: database_now, _compiler: Any, **_: Any) -> str:
    return "clock_timestamp()"


@compiles(database_now, "sqlite")
def _now_on_sqlite(_element: database_now, _compiler: Any, **_: Any) -> str:
    return "(strftime('%Y-%m-%d %H:%M:%f', 'now') || '000')"
