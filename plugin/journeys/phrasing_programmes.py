"""Sentences a merchant reads about a programme document: what differs between two, and what looks like a mistake."""

from __future__ import annotations

import json
from collections.abc import Mapping
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
        return json.dumps(value.model_dump(mode="json", exclude_defaults=True), ensure_ascii=False)
    return ", ".join(_each(words, value)) or words.say("programme.value.nothing")


def _each(words: Words, value: Any) -> list[str]:
    if isinstance(value, Mapping):
        return [f"{name}: {told(words, one)}" for name, one in value.items()]
    return [told(words, one) for one in value or ()]


def _detail(words: Words, name: str, value: int | Decimal | str) -> str:
    if isinstance(value, str):
        return value
    return words.percent(Decimal(value)) if name in _SHARES else words.number(value)
