"""What differs between two documents: one change per place, by the ids of parts, so that a part that moved is still the same part."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel

from plugin.rules.schema import ProgrammeDocument
from plugin.rules.walking import joined

Kind = Literal["added", "removed", "changed", "moved"]


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. `path` names parts by id: "earning.rules[spend].points_per_unit".

    `before` and `after` are values as the document holds them; None where there is none. What moved stands at another place of its
    list, and both are places counted from 1.
    """

    path: str
    kind: Kind
    before: Any = None
    after: Any = None


def compare(before: ProgrammeDocument, after: ProgrammeDocument) -> tuple[Change, ...]:
    """List what makes one document another, in the sequence of the schema; equal documents differ in nothing."""
    return tuple(_parts("", before, after))


def _values(path: str, before: Any, after: Any) -> Iterator[Change]:
    if before == after:
        return
    if before is None:
        yield Change(path, "added", None, after)
    elif after is None:
        yield Change(path, "removed", before, None)
    elif isinstance(before, BaseModel) and type(before) is type(after):
        yield from _parts(path, before, after)
    elif isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in [*before, *(name for name in after if name not in before)]:
            yield from _values(joined(path, name), before.get(name), after.get(name))
    elif _has_ids(before) and _has_ids(after) and (before or after):
        yield from _lists(path, before, after)
    else:
        yield Change(path, "changed", before, after)


def _parts(path: str, before: BaseModel, after: BaseModel) -> Iterator[Change]:
    for name in type(before).model_fields:
        yield from _values(joined(path, name), getattr(before, name), getattr(after, name))


def _has_ids(value: Any) -> bool:
    return isinstance(value, tuple) and all(isinstance(one, BaseModel) and hasattr(one, "id") for one in value)


def _lists(path: str, before: tuple[Any, ...], after: tuple[Any, ...]) -> Iterator[Change]:
    """Match parts by id: gone, changed, new; then those that overtook others."""
    old, new = {one.id: one for one in before}, {one.id: one for one in after}
    for name, part in old.items():
        yield from _values(f"{path}[{name}]", part, new.get(name))
    for name, part in new.items():
        if name not in old:
            yield Change(f"{path}[{name}]", "added", None, part)
    for name in _moved([one for one in old if one in new], [one for one in new if one in old]):
        yield Change(f"{path}[{name}]", "moved", [*old].index(name) + 1, [*new].index(name) + 1)


def _moved(before: list[str], after: list[str]) -> list[str]:
    """The fewest ids whose move alone makes one sequence the other: all but a longest run that both tell alike."""
    places = {name: place for place, name in enumerate(before)}
    runs: list[list[str]] = []
    for name in after:
        behind = [run for run in runs if places[run[-1]] < places[name]]
        runs.append([*_longest(behind), name])
    kept = set(_longest(runs))
    return [name for name in after if name not in kept]


def _longest(runs: list[list[str]]) -> list[str]:
    return max(runs, key=len) if runs else []
