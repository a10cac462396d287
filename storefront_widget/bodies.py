"""What a shopper's browser sends: small flat JSON objects, read strictly."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, NoReturn

from flask import Request
from werkzeug.exceptions import UnsupportedMediaType

from plugin.errors import BadInput
from plugin.journeys.clicking import Birthday

BYTES_MAX = 2048

_REWARD_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}", re.ASCII)
_WISH_ID = re.compile(r"[A-Za-z0-9_-]{8,64}", re.ASCII)
_TIMEZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,2}", re.ASCII)
_LINK = re.compile(r"[A-Za-z0-9]{1,32}", re.ASCII)
_EMAIL_LENGTH_MAX = 254
_DIGITS_MAX = 12
_YEAR_MAX = 9999


@dataclass(frozen=True, slots=True)
class AskedReward:
    """Which reward, under which wish. `points` only where the shopper may choose how many."""

    reward_id: str
    wish_id: str
    points: int | None


@dataclass(frozen=True, slots=True)
class AskedAction:
    """What a shopper did, under which wish; `birthday` where that is to tell us theirs."""

    action: str
    wish_id: str
    birthday: Birthday | None


def parse_asked_reward(request: Request) -> AskedReward:
    """Read `{reward_id, points?, wish_id}`.

    Raises:
        BadInput: anything else; `path` names the fault.
    """
    body = _object(request, {"reward_id", "wish_id"}, {"points"})
    points = body.get("points")
    if points is not None and (isinstance(points, bool) or not isinstance(points, int) or points < 1):
        raise BadInput("points is a whole number above zero", path="points")
    return AskedReward(_word(body, "reward_id", _REWARD_ID), _word(body, "wish_id", _WISH_ID), points)


def parse_action(request: Request) -> AskedAction:
    """Read `{action, wish_id}`, and for a birthday `{month, day, year?, timezone?}` as well.

    Raises:
        BadInput: anything else; `path` names the fault.
    """
    body = _object(request, {"action", "wish_id"}, {"month", "day", "year", "timezone"})
    action = _word(body, "action", _REWARD_ID)
    wish_id = _word(body, "wish_id", _WISH_ID)
    more = body.keys() - {"action", "wish_id"}
    if action != "birthday":
        if more:
            raise BadInput("the body holds a name that does not belong there")
        return AskedAction(action, wish_id, None)
    timezone = _word(body, "timezone", _TIMEZONE) if body.get("timezone") is not None else None
    year = _count(body, "year") if body.get("year") is not None else None
    return AskedAction(action, wish_id, Birthday(_count(body, "month"), _count(body, "day"), year, timezone))


def parse_claim(request: Request) -> tuple[str, str | None]:
    """Read `{link, email?}`; a signed-in friend needs no e-mail address.

    Raises:
        BadInput: anything else.
    """
    body = _object(request, {"link"}, {"email", "wish_id"})
    email = body.get("email")
    if email is not None and (not isinstance(email, str) or len(email) > _EMAIL_LENGTH_MAX):
        raise BadInput("email has not the shape it must have", path="email", code="bad_email")
    return _word(body, "link", _LINK), email


def _object(request: Request, needed: set[str], allowed: set[str]) -> dict[str, Any]:
    """Read the body. A form on another site cannot send this type without the browser asking us first, and we never agree."""
    if request.mimetype != "application/json":
        raise UnsupportedMediaType
    request.max_content_length = BYTES_MAX
    try:
        body = _DECODER.decode(request.get_data().decode())
    except (ValueError, RecursionError) as fault:
        raise BadInput("the body is not the JSON it should be") from fault
    if not isinstance(body, dict):
        raise BadInput("the body is not a JSON object")
    if missing := sorted(needed - body.keys()):
        raise BadInput(f"{missing[0]} is missing", path=missing[0])
    if body.keys() - needed - allowed:
        raise BadInput("the body holds a name that does not belong there")
    return body


def _word(body: dict[str, Any], name: str, pattern: re.Pattern[str]) -> str:
    value = body[name]
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise BadInput(f"{name} has not the shape it must have", path=name)
    return value


def _count(body: dict[str, Any], name: str) -> int:
    value = body.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= _YEAR_MAX:
        raise BadInput(f"{name} is not a number of the calendar", path=name)
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _ in pairs}) < len(pairs):
        raise ValueError("a name stands there twice")
    return dict(pairs)


def _whole(digits: str) -> int:
    if len(digits) > _DIGITS_MAX:
        raise ValueError("a number out of range")
    return int(digits)


def _refused(_: str) -> NoReturn:
    raise ValueError("a number that is not whole")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_unique, parse_int=_whole, parse_float=_refused, parse_constant=_refused, strict=True
)
