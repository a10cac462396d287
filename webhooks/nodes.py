"""Reads fields out of parsed JSON. What is missing is told from what is twisted: the first may be fetched, the second never heals."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeVar

from plugin.errors import BadInput
from plugin.money import parse_amount

_T = TypeVar("_T")
_ID_MAX = 2**63 - 1
_COUNT_MAX = 2**31 - 1
_TEXT_LENGTH_MAX = 255
_DATE, _TIME = r"\d{4}-\d{2}-\d{2}", r"\d{2}:\d{2}:\d{2}(\.\d{1,9})?"
_INSTANT = re.compile(rf"{_DATE}T{_TIME}(Z|[+-]\d{{2}}:\d{{2}})", re.ASCII)


class FactMissing(BadInput):
    """A body does not say what its topic has to say; another copy might."""


@dataclass(frozen=True, slots=True)
class Node:
    """One JSON object and where it stands in its body.

    `find_` gives None where the field is missing or null, `get_` raises FactMissing then; both raise BadInput for a wrong shape.
    """

    data: Mapping[str, Any]
    path: str = ""

    def find_id(self, name: str) -> int | None:
        """Read one of Shopify's ids: above zero, 64-bit."""
        return self._int(name, 1, _ID_MAX)

    def get_id(self, name: str) -> int:
        """Read an id that must be there."""
        return self._present(name, self.find_id(name))

    def get_count(self, name: str) -> int:
        """Read a whole number from zero up that must be there."""
        return self._present(name, self._int(name, 0, _COUNT_MAX))

    def find_count(self, name: str) -> int | None:
        """Read a whole number from zero up."""
        return self._int(name, 0, _COUNT_MAX)

    def find_text(self, name: str) -> str:
        """Read a text that decides nothing: empty where missing, cut at 255 characters, without NUL (Postgres takes none)."""
        value = self.data.get(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise self._twisted(name, "a text")
        return value.replace("\0", "")[:_TEXT_LENGTH_MAX]

    def get_text(self, name: str) -> str:
        """Read a text that must be there and not be empty."""
        return self._present(name, self.find_text(name) or None)

    def known_text(self, name: str) -> str:
        """Read a text that may be null or empty but has to be told."""
        if name not in self.data:
            raise FactMissing(f"{self.at(name)} is missing", path=self.at(name))
        return self.find_text(name)

    def find_flag(self, name: str) -> bool:
        """Read a yes or no; missing is no."""
        value = self.data.get(name)
        if value is None:
            return False
        if not isinstance(value, bool):
            raise self._twisted(name, "true or false")
        return value

    def find_money(self, name: str) -> Decimal | None:
        """Read an amount in the shop's currency: `<name>_set` where it is given, else `<name>`, which is shop currency too."""
        if (both := self.find_node(f"{name}_set")) and (shop_money := both.find_node("shop_money")):
            return shop_money.get_money("amount")
        amount = self.data.get(name)
        return None if amount is None else parse_amount(amount, path=self.at(name))

    def get_money(self, name: str) -> Decimal:
        """Read an amount that must be there."""
        return self._present(name, self.find_money(name))

    def find_cost(self, name: str) -> Decimal | None:
        """Read an amount that cannot be below zero."""
        amount = self.find_money(name)
        if amount is not None and amount < 0:
            raise self._twisted(name, "zero or more")
        return amount

    def get_cost(self, name: str) -> Decimal:
        """Read an amount from zero up that must be there."""
        return self._present(name, self.find_cost(name))

    def find_instant(self, name: str) -> datetime | None:
        """Read an instant as aware UTC."""
        value = self.data.get(name)
        return None if value is None else parse_instant(value, path=self.at(name))

    def get_instant(self, name: str) -> datetime:
        """Read an instant that must be there."""
        return self._present(name, self.find_instant(name))

    def find_node(self, name: str) -> Node | None:
        """Read an object."""
        value = self.data.get(name)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise self._twisted(name, "an object")
        return Node(value, self.at(name))

    def get_node(self, name: str) -> Node:
        """Read an object that must be there."""
        return self._present(name, self.find_node(name))

    def list_nodes(self, name: str) -> list[Node]:
        """Read a list of objects; missing is empty."""
        return [Node(item, f"{self.at(name)}[{place}]") for place, item in enumerate(self._objects(name))]

    def get_nodes(self, name: str) -> list[Node]:
        """Read a list of objects that must be there, empty or not."""
        self._present(name, self.data.get(name))
        return self.list_nodes(name)

    def list_ids(self, name: str) -> tuple[int, ...]:
        """Read a list of ids; missing is empty."""
        ids = self._list(name)
        if not all(type(one) is int and 0 < one <= _ID_MAX for one in ids):
            raise self._twisted(name, "a list of ids")
        return tuple(ids)

    def get_texts(self, name: str) -> tuple[str, ...]:
        """Read a list of texts that must be there, empty or not."""
        self._present(name, self.data.get(name))
        texts = self._list(name)
        if not all(isinstance(one, str) for one in texts):
            raise self._twisted(name, "a list of texts")
        return tuple(one.replace("\0", "") for one in texts)

    def at(self, name: str) -> str:
        """Say where a field of this object stands, e.g. `line_items[2].price`."""
        return f"{self.path}.{name}" if self.path else name

    def _objects(self, name: str) -> list[dict[str, Any]]:
        items = self._list(name)
        if not all(isinstance(item, dict) for item in items):
            raise self._twisted(name, "a list of objects")
        return items

    def _list(self, name: str) -> list[Any]:
        value = self.data.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            raise self._twisted(name, "a list")
        return value

    def _int(self, name: str, low: int, high: int) -> int | None:
        value = self.data.get(name)
        if value is None:
            return None
        if type(value) is not int or not low <= value <= high:
            raise self._twisted(name, f"a whole number from {low}")
        return value

    def _present(self, name: str, value: _T | None) -> _T:
        if value is None:
            raise FactMissing(f"{self.at(name)} is missing", path=self.at(name))
        return value

    def _twisted(self, name: str, expected: str) -> BadInput:
        return BadInput(f"{self.at(name)} is not {expected}", path=self.at(name))


def parse_instant(text: object, *, path: str) -> datetime:
    """Read an ISO 8601 instant with its offset, e.g. `2026-11-21T10:00:00-05:00`, as aware UTC; beyond microseconds is cut.

    Raises:
        BadInput: anything else, naive times and impossible dates included.
    """
    if not isinstance(text, str) or not _INSTANT.fullmatch(text):
        raise BadInput(f"{path} is not an instant", path=path)
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError) as fault:
        raise BadInput(f"{path} is not an instant", path=path) from fault


def parse_gid(gid: str, kind: str, *, path: str) -> int:
    """Read the number out of `gid://shopify/<kind>/<number>`.

    Raises:
        BadInput: anything else.
    """
    number = re.fullmatch(rf"gid://shopify/{kind}/([1-9][0-9]{{0,18}})", gid, re.ASCII)
    if number is None or int(number[1]) > _ID_MAX:
        raise BadInput(f"{path} is not the id of a {kind}", path=path)
    return int(number[1])
