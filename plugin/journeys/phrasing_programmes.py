"""Sentences a merchant reads about a programme document: what differs between two, and what looks like a mistake."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from pydantic import BaseModel

from plugin.messages import Words
from plugin.rules.cautions import Caution
from plugin.rules.comparing import Change

_SHARES = frozenset({"share", "highest"})


def caution_sentence(words: Words, caution: Caution) -> str:
    """Say what looks like a mistake, and what follows from it; the path is not in the sentence."""
    values: dict[str, Any] = {name: _detail(words, name, value) for name, value in caution.detail.items()}
    return words.say(f"programme.caution.{caution.word}", **values)


def change_sentence(words: Words, change: Change) -> str:
    """Say one difference in words, the place among them."""
    field = field_words(words, change.path)
    if change.kind == "moved":
        return words.say(
            "programme.change.moved", field=field, before=words.number(change.before), after=words.number(change.after)
        )
    before, after = told(words, change.before), told(words, change.after)
    return words.say(f"programme.change.{change.kind}", field=field, before=before, after=after)


def field_words(words: Words, path: str) -> str:
    """Name a place: its own words where the catalogue has some, with the path in brackets, else the path alone."""
    name = path.rpartition(".")[2].partition("[")[0]
    key = f"programme.field.{name}"
    return f"{words.say(key)} ({path})" if words.has(key) else path


def told(words: Words, value: Any) -> str:
    """Write a value as a merchant would say it; nothing, and no entry in a list, is said to be so."""
    if isinstance(value, bool):
        return words.say("programme.value.yes" if value else "programme.value.no")
    if isinstance(value, int | Decimal):
        return words.number(value)
    if isinstance(value, str):
        return f"“{value}”"
    if isinstance(value, BaseModel):
        return ", ".join(f"{name}: {_held(words, one)}" for name, one in _said(words, value))
    return ", ".join(_each(words, value)) or words.say("programme.value.nothing")


def _said(words: Words, part: BaseModel) -> Iterator[tuple[str, Any]]:
    """What a part says besides its defaults, each under its field's own words."""
    for name, field in type(part).model_fields.items():
        value = getattr(part, name)
        if field.is_required() or value != field.get_default():
            key = f"programme.field.{name}"
            yield words.say(key) if words.has(key) else name, value


def _held(words: Words, value: Any) -> str:
    """What a part holds: texts in the reader's language alone, and parts in brackets."""
    if isinstance(value, Mapping):
        return told(words, words.pick(value))
    is_nested = isinstance(value, BaseModel) or (
        isinstance(value, tuple) and any(isinstance(one, BaseModel) for one in value)
    )
    return f"({told(words, value)})" if is_nested else told(words, value)


def _each(words: Words, value: Any) -> list[str]:
    if isinstance(value, Mapping):
        return [f"{name}: {told(words, one)}" for name, one in value.items()]
    return [_held(words, one) for one in value or ()]


def _detail(words: Words, name: str, value: int | Decimal | str) -> str:
    if isinstance(value, str):
        return value
    return words.percent(Decimal(value)) if name in _SHARES else words.number(value)
