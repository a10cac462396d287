"""The catalogues: .po files whose msgids are keys, English among them, so that a sentence may change without its key.

`shopper.po` holds what a shopper may read, `merchant.po` what a merchant may read, and `programme.po` what a merchant may read about
the programme document; a key stands in one of them only.
"""

from __future__ import annotations

import gettext
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po

FOLDER = Path(__file__).parent / "locales"
DOMAINS = ("shopper", "merchant", "programme")


@dataclass(frozen=True, slots=True)
class Catalogue:
    """One language: each key with its forms, and the rule that picks a form for a count."""

    forms: Mapping[str, tuple[str, ...]]
    form_for: Callable[[int], int]

    def sentence(self, key: str, count: int | None) -> str:
        """Return the sentence with its placeholders; one with several forms needs a count.

        Raises:
            KeyError: no such key.
        """
        forms = self.forms[key]
        return forms[0] if len(forms) == 1 else forms[self.form_for(0 if count is None else count)]


@cache
def catalogue(language: str) -> Catalogue:
    """Read a language's catalogues, once."""
    forms: dict[str, tuple[str, ...]] = {}
    form_for: Callable[[int], int] = abs
    for domain in DOMAINS:
        with (FOLDER / language / f"{domain}.po").open("rb") as file:
            po = read_po(file, abort_invalid=True)
        form_for = _chooser(po.plural_expr)
        forms |= {str(_key(message.id)): _strings(message.string) for message in po if message.id}
    return Catalogue(forms, form_for)


def _chooser(plural_expr: str) -> Callable[[int], int]:
    choose: Callable[[int], int] = gettext.c2py(plural_expr)
    return choose


def _key(message_id: Any) -> str:
    return str(message_id[0] if isinstance(message_id, list | tuple) else message_id)


def _strings(string: Any) -> tuple[str, ...]:
    return tuple(string) if isinstance(string, list | tuple) else (str(string),)
