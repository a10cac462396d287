"""Walk a document's parts by their paths: "earning.rules[0].points_per_unit" by place, "earning.rules[spend].points_per_unit" by id."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from plugin.errors import NotFound
from plugin.rules.schema import ProgrammeDocument

_STEP = re.compile(r"\.?([a-z_]+)|\[([a-z0-9][a-z0-9_-]*)\]", re.ASCII)


def walk(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """List every value of a document with its path by place: parts before what they hold, in the sequence of the schema."""
    yield path, value
    for step, inner in _inside(value):
        yield from walk(inner, joined(path, step) if isinstance(step, str) else f"{path}[{step}]")


def value_at(document: ProgrammeDocument, path: str) -> Any:
    """Return what stands at a path; a step in brackets is an id, or else a place counted from 0.

    Raises:
        NotFound: the document has no such place.
    """
    here: Any = document
    reached = 0
    for step in _STEP.finditer(path):
        if step.start() != reached:
            break
        here, reached = _step(here, step, path), step.end()
    if reached != len(path):
        raise NotFound(f"{path!r} is not a path such as earning.rules[spend].points_per_unit")
    return here


def joined(path: str, name: str) -> str:
    """Write the path of a named value inside another."""
    return f"{path}.{name}" if path else name


def _inside(value: Any) -> Iterator[tuple[str | int, Any]]:
    if isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield name, getattr(value, name)
    elif isinstance(value, Mapping):
        yield from value.items()
    elif isinstance(value, tuple):
        yield from enumerate(value)


def _step(here: Any, step: re.Match[str], path: str) -> Any:
    name, bracket = step.groups()
    if name is not None:
        found = dict(_inside(here)).get(name)
    else:
        found = next((one for index, one in _inside(here) if bracket in {getattr(one, "id", None), str(index)}), None)
    if found is None:
        raise NotFound(f"the document has no {path[: step.end()]}")
    return found
