"""What the API takes and gives, written once: the checks, and the schema that is published, come from the same words."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any

from flask import Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, Strict, StringConstraints, ValidationError
from pydantic_core import ErrorDetails
from werkzeug.exceptions import UnsupportedMediaType

from plugin.errors import BadInput, NotAllowed

BYTES_MAX = 16 * 1024

_IDEMPOTENCY_KEY = re.compile(r"[!-~]{8,128}", re.ASCII)
_Text = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=255, pattern=r"^[^\x00-\x1f\x7f]+$")]


class Event(BaseModel):
    """Something a customer did that the programme gives points for."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    action: Annotated[str, StringConstraints(strict=True, pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
    """The id of an action of the programme whose proof is `signed`."""
    customer_id: Annotated[int, Strict(), Field(ge=1, lt=2**63)]
    """Shopify's id of the customer."""
    subject: _Text | None = None
    """What it was about, such as the review's id: one subject counts once, whatever key it comes under."""
    occurred_at: Annotated[AwareDatetime, Strict()] | None = None
    """When it was done, with an offset; now unless said."""
    shop: _Text | None = None
    """The shop's myshopify.com domain. The key says whose it is; where this is given as well, both must agree."""


class Given(BaseModel):
    """What an event gave."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    action: str
    customer_id: int
    points: int
    """How many points it gave: the action's own, or what its limits left of them."""
    occurred_at: datetime
    limits: list[dict[str, Any]]
    """What each limit leaves after this."""


class Refusal(BaseModel):
    """Why a call did nothing."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    error: str
    """A word for programs; it does not change."""
    path: str | None = None
    """Where in the call the fault is."""


def parse_event(request: Request) -> Event:
    """Read an event.

    Raises:
        BadInput: not JSON at all.
        NotAllowed: JSON, and no event.
    """
    if request.mimetype != "application/json":
        raise UnsupportedMediaType
    request.max_content_length = BYTES_MAX
    try:
        return Event.model_validate_json(request.get_data())
    except ValidationError as fault:
        raise _refused(fault.errors(include_url=False, include_input=False, include_context=False)[0]) from None


def parse_idempotency_key(request: Request) -> str:
    """Read the key under which this call may be repeated.

    Raises:
        BadInput: there is none, or not 8 to 128 visible characters.
    """
    key = request.headers.get("Idempotency-Key", "")
    if not _IDEMPOTENCY_KEY.fullmatch(key):
        raise BadInput(
            "an idempotency key is 8 to 128 visible characters", path="Idempotency-Key", code="idempotency_key"
        )
    return key


class UnfitBody(NotAllowed):
    """The body is JSON and not what was asked for; `path` says where."""

    code = "unfit_body"

    def __init__(self, path: str) -> None:
        super().__init__("the body is not what was asked for")
        self.path = path


def _refused(fault: ErrorDetails) -> BadInput | UnfitBody:
    if fault["type"] == "json_invalid":
        return BadInput("the body is not JSON", path="body")
    return UnfitBody(".".join(str(step) for step in fault["loc"]) or "body")
