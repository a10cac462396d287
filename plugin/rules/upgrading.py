"""Bring a document of an older schema to the newest, one step at a time; versions once published stay readable for ever.

A change of the schema that is more than a new field with a default gets a new number, and a step here that rewrites what the
number before it wrote. Version 1 is the first ever published, so that there is no step yet.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from plugin.errors import BadInput

Upgrade = Callable[[Mapping[str, Any]], dict[str, Any]]

NEWEST = 1
UPGRADES: Mapping[int, Upgrade] = {}
"""From each older schema version to the next one. A step takes plain data that it must not change, and answers new data."""


def upgraded(data: object, upgrades: Mapping[int, Upgrade] = UPGRADES, newest: int = NEWEST) -> object:
    """Return the data as the newest schema writes it. What is no document at all comes back as it is, for the schema to refuse.

    Raises:
        BadInput: it was written for a newer schema than this one.
    """
    if not isinstance(data, Mapping):
        return data
    version = data.get("schema_version")
    if isinstance(version, int) and version > newest:
        raise BadInput(
            f"schema_version: {version} is newer than {newest}, the newest this Laurel knows; update Laurel first",
            path="schema_version",
        )
    while isinstance(version, int) and version < newest and version in upgrades:
        data = {**upgrades[version](data), "schema_version": version + 1}
        version += 1
    return data
