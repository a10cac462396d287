"""One cell into a value, or a word that says what is wrong with it. Nothing is guessed: a date that can be read two ways is none."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from urllib.parse import parse_qsl, urlsplit

POINTS_MAX = 1_000_000_000
_POINTS = re.compile(r"([+-]?)([0-9]{1,10})(?:\.0{1,6})?", re.ASCII)
_CUSTOMER = re.compile(r"(?:gid://shopify/Customer/|')?([1-9][0-9]{0,18})", re.ASCII)
_EMAIL = re.compile(r"[^@\s,;<>\"]{1,64}@[^@\s,;<>\"]{1,189}\.[^@\s,;<>\".]{2,63}")
_DOTTED = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})", re.ASCII)
_MONTH_DAY = re.compile(r"(?:--)?([0-9]{2})-([0-9]{2})", re.ASCII)
_CODE = re.compile(r"[A-Za-z0-9_.~-]{1,100}", re.ASCII)
_YES = frozenset({"true", "yes", "y", "1", "t"})
_NO = frozenset({"false", "no", "n", "0", "f"})
_LEAP_YEAR = 2024


class BadCell(ValueError):
    """The cell holds no such thing; the message is the machine word."""


def points(cell: str) -> int:
    """Read whole points, perhaps below zero."""
    found = _POINTS.fullmatch(cell)
    if found is None or int(found[2]) > POINTS_MAX:
        raise BadCell("bad_points")
    return -int(found[2]) if found[1] == "-" else int(found[2])


def customer_id(cell: str) -> int:
    """Read Shopify's number of a customer. A spreadsheet that made 7.01E+12 of it has lost it."""
    found = _CUSTOMER.fullmatch(cell)
    if found is None or int(found[1]) >= 2**63:
        raise BadCell("bad_customer")
    return int(found[1])


def email(cell: str) -> str:
    """Read an e-mail address, as far as one can be told from other text."""
    if not _EMAIL.fullmatch(cell):
        raise BadCell("bad_email")
    return cell.casefold()


def day_or_instant(cell: str) -> str:
    """Read a day, or an instant with its offset, into ISO 8601. 03/04/2026 is neither: nobody can say which day it is."""
    told = _dated(cell)
    if not isinstance(told, datetime):
        return told.isoformat()
    try:
        return (told if told.tzinfo else told.replace(tzinfo=UTC)).astimezone(UTC).isoformat()
    except OverflowError as fault:
        raise BadCell("bad_date") from fault


def birthday(cell: str) -> str:
    """Read the month and the day of a birthday as they are written, whatever hour and offset follow; the year is nobody's business here."""
    if short := _MONTH_DAY.fullmatch(cell):
        month, day = int(short[1]), int(short[2])
    else:
        found = _dated(cell)
        month, day = found.month, found.day
    _day(_LEAP_YEAR, month, day)
    return f"{month:02}-{day:02}"


def year_used(cell: str) -> int | None:
    """Read in which year something yearly was last used: a year, a day, or yes and no, where 0 stands for "this year"."""
    text = cell.casefold()
    if text in _YES:
        return 0
    if text in _NO:
        return None
    return int(cell) if re.fullmatch(r"[12][0-9]{3}", cell, re.ASCII) else _dated(cell).year


def is_yes(cell: str) -> bool:
    """Read yes or no."""
    text = cell.casefold()
    if text not in _YES | _NO:
        raise BadCell("bad_yes_or_no")
    return text in _YES


def referral_code(cell: str) -> str:
    """Read a referral code, or the end of a referral link, which is one."""
    code = cell
    if cell.startswith(("http://", "https://")):
        parts = urlsplit(cell)
        query = dict(parse_qsl(parts.query))
        code = (
            next((query[one] for one in ("ref", "referral_code", "ll_ref_id") if one in query), "")
            or (parts.path.rstrip("/").rpartition("/")[2])
        )
    if not _CODE.fullmatch(code):
        raise BadCell("bad_referral_code")
    return code


def _dated(cell: str) -> date | datetime:
    """Read a day, or an instant as it is written: by the clock of its own offset, if it has one."""
    if dotted := _DOTTED.fullmatch(cell):
        return _day(int(dotted[3]), int(dotted[2]), int(dotted[1]))
    text = cell.removesuffix(" UTC") + ("+00:00" if cell.endswith(" UTC") else "")
    try:
        return date.fromisoformat(text) if len(text) == len("2026-01-31") else datetime.fromisoformat(text)
    except ValueError as fault:
        raise BadCell("bad_date") from fault


def _day(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError as fault:
        raise BadCell("bad_date") from fault
