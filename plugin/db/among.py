"""Rows by keys, asked so that both databases find them by an index."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, and_, bindparam, func, null, tuple_


def among(columns: tuple[ColumnElement[Any], ...], keys: Collection[tuple[Any, ...]]) -> ColumnElement[bool]:
    """Say that the columns together are one of these keys.

    SQLite looks up `a IN (…) AND b IN (…)` by an index, but reads the whole table for `(a, b) IN (…)` of more than one row. So each
    column is asked by itself, and all together only where that alone would let in mixtures of two keys.
    """
    values = [sorted({key[place] for key in keys}) for place in range(len(columns))]
    each = and_(*(column.in_(_listed(column, found)) for column, found in zip(columns, values, strict=True)))
    is_exact = sum(len(found) > 1 for found in values) <= 1
    return each if is_exact else and_(each, tuple_(*columns).in_(sorted(keys)))


def unindexed(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """A column by which few rows are sorted or sifted, once an index of others found them.

    SQLite would rather read a whole programme in the order of this column, and so find and sort at once.
    """
    return func.coalesce(column, null())


def _listed(column: ColumnElement[Any], found: list[Any]) -> BindParameter[Any]:
    """One parameter that holds a list is cheaper to make than a parameter of each."""
    return bindparam(None, found, type_=column.type, expanding=True, unique=True)
