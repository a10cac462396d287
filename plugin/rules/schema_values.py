"""The small values a programme document is made of. Numbers with decimals are written as text, so that no float ever rounds one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    Strict,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

_DECIMAL = re.compile(r"[0-9]{1,12}(\.[0-9]{1,6})?", re.ASCII)


class Part(BaseModel):
    """A part of the document: unknown keys are faults, and nothing changes once read."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


def _decimal(value: object) -> Decimal:
    """Read "1.5", or a whole number; floats, signs, exponents and blanks are faults."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise PydanticCustomError("decimal_text", 'write the number as text, such as "1.5"')
    if not _DECIMAL.fullmatch(text := f"{value:f}" if isinstance(value, Decimal) else str(value)):
        raise PydanticCustomError("decimal_text", 'this is not a plain number such as "1.5", with at most 6 decimals')
    return Decimal(text)


def _decimal_schema(*, least: int = 0, most: int = 10**12 - 1) -> WithJsonSchema:
    above_zero = "(?=.*[1-9])" if least else ""
    text = {"type": "string", "pattern": rf"^{above_zero}[0-9]{{1,12}}(\.[0-9]{{1,6}})?$"}
    return WithJsonSchema({"anyOf": [text, {"type": "integer", "minimum": least, "maximum": most}]})


_READ = BeforeValidator(_decimal)
_WRITE = PlainSerializer(lambda value: f"{value:f}", return_type=str)

Number = Annotated[Decimal, _READ, _WRITE, _decimal_schema()]
"""A decimal ≥ 0, written as text."""
PositiveNumber = Annotated[Decimal, _READ, Field(gt=0), _WRITE, _decimal_schema(least=1)]
"""A decimal above 0, written as text."""
Factor = Annotated[Decimal, _READ, Field(le=1000), _WRITE, _decimal_schema(most=1000)]
"""A decimal from 0 to 1000."""

Points = Annotated[int, Strict(), Field(ge=1, le=1_000_000_000)]
Days = Annotated[int, Strict(), Field(ge=1, le=3650)]
Switch = Annotated[bool, Strict()]
ShopifyId = Annotated[int, Strict(), Field(ge=1, lt=2**63)]

Name = Annotated[str, StringConstraints(strict=True, pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
"""What other data calls a part of the document by: it stays when titles change."""
Text = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=255, pattern=r"^[^\x00-\x1f\x7f]+$")]

_LOCALE = r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$"
Locale = Annotated[str, StringConstraints(strict=True, pattern=_LOCALE)]


def _frozen(words: Mapping[str, str]) -> Mapping[str, str]:
    return MappingProxyType(dict(words))


Words = Annotated[
    Mapping[Locale, Text],
    Field(min_length=1),
    AfterValidator(_frozen),
    PlainSerializer(dict, return_type=dict[str, str]),
    WithJsonSchema(
        {
            "type": "object",
            "minProperties": 1,
            "propertyNames": {"pattern": _LOCALE},
            "additionalProperties": {"type": "string", "minLength": 1, "maxLength": 255},
        }
    ),
]
"""The same words in several languages, by locale: {"en": "Five off", "bg": "…"}."""
