"""Programmes to start from: inspired by published ones, or fit for a trade. Each is a whole document, with notes beside it.

The notes say where the terms were read and when, and what becomes of every published benefit: a part of the document enforces it, the
shop's people do it, or no shop on Shopify can.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from json import loads
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, TypeAdapter

from plugin.errors import NotFound
from plugin.rules.schema import ProgrammeDocument, parse_document
from plugin.rules.schema_values import Locale, Name, Part

_FOLDER = resources.files("plugin.rules").joinpath("documents/templates")
_DOCUMENT, _NOTES = ".json", ".notes.json"

Sentence = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=600)]
Sentences = Mapping[Locale, Sentence]
Standing = Literal["enforced", "staff", "impossible"]
"""What becomes of a benefit: parts of the document enforce it, the shop's people do it or set it up once, or Shopify leaves no way."""


class Source(Part):
    """Where terms were read. Copies were read, not the live pages; `dated` is the page's own date, where it shows one."""

    id: Annotated[str, StringConstraints(strict=True, pattern=r"^[A-Z][0-9]{1,2}$")]
    where: Sentence
    dated: Sentence | None = None


class Benefit(Part):
    """One published benefit, and what becomes of it. `parts` are paths into the document: what enforces it."""

    id: Name
    what: Sentences
    standing: Standing
    parts: tuple[str, ...] = ()
    note: Sentences | None = None
    """How it is enforced or done, or why it is not."""
    sources: tuple[str, ...] = ()


class Notes(Part):
    """What a merchant should know of a template before publishing it."""

    title: Sentences
    kind: Literal["inspired_by", "trade"]
    about: Sentences
    read_on: Annotated[str, StringConstraints(strict=True, pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
    """The day on which the sources were read."""
    sources: tuple[Source, ...]
    benefits: tuple[Benefit, ...] = ()
    assumptions: tuple[Sentences, ...] = ()
    """What the published terms leave open, and how the document decides it."""
    before_you_publish: Annotated[tuple[Sentences, ...], Field(min_length=1)]
    """What to change in the document first, such as the tags and products that only the shop knows."""


@dataclass(frozen=True, slots=True)
class Template:
    """A programme to start from. `text` is the document as it was written, defaults left out, for people to read and edit."""

    name: str
    text: str
    document: ProgrammeDocument
    notes: Notes


@cache
def template_names() -> tuple[str, ...]:
    """List the names of all templates, in the sequence of the alphabet."""
    names = (file.name for file in _FOLDER.iterdir())
    return tuple(
        sorted(name.removesuffix(_NOTES).removesuffix(_DOCUMENT) for name in names if not name.endswith(_NOTES))
    )


@cache
def get_template(name: str) -> Template:
    """Return a template by its name.

    Raises:
        NotFound: there is no such template.
    """
    if name not in template_names():
        raise NotFound(f"there is no template {name!r}; there are {', '.join(template_names())}")
    text = _FOLDER.joinpath(name + _DOCUMENT).read_text(encoding="utf-8")
    notes = _FOLDER.joinpath(name + _NOTES).read_text(encoding="utf-8")
    return Template(name, text, parse_document(loads(text)), _notes(loads(notes)))


def _notes(data: Any) -> Notes:
    return TypeAdapter(Notes).validate_python(data)
