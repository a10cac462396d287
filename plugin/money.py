"""Amounts of money: parsed strictly, kept as `Decimal` or minor units, never as float."""

from __future__ import annotations

import re
from decimal import Decimal

from babel.numbers import get_currency_precision

from plugin.errors import BadInput

_AMOUNT = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,6})?", re.ASCII)
_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)


def parse_amount(text: object, *, path: str = "") -> Decimal:
    """Read an amount in major units from a decimal string, an int or a `Decimal`.

    Stricter than `Decimal()`, which also takes "NaN", "1e9", "1_000", " 12 " and digits of other scripts.

    Raises:
        BadInput: anything else, floats included.
    """
    if isinstance(text, bool) or not isinstance(text, str | int | Decimal):
        raise BadInput(f"{path or 'amount'} is not an amount", path=path)
    if not _AMOUNT.fullmatch(plain := f"{text:f}" if isinstance(text, Decimal) else str(text)):
        raise BadInput(f"{path or 'amount'} is not an amount", path=path)
    return Decimal(plain)


def parse_currency(text: object, *, path: str = "") -> str:
    """Read an ISO 4217 code, upper case.

    Raises:
        BadInput: not three capital letters.
    """
    if not isinstance(text, str) or not _CURRENCY.fullmatch(text):
        raise BadInput(f"{path or 'currency'} is not a currency code", path=path)
    return text


def to_minor(amount: Decimal, currency: str) -> int:
    """Turn major into minor units, e.g. 12.34 USD → 1234, 12 JPY → 12, 1.234 KWD → 1234.

    Raises:
        BadInput: the amount has more decimals than the currency.
    """
    scaled = amount.scaleb(get_currency_precision(currency))
    if scaled != scaled.to_integral_value():
        raise BadInput(f"{amount} has more decimals than {currency}")
    return int(scaled)


def to_major(minor: int, currency: str) -> Decimal:
    """Turn minor units into a `Decimal` of major units with the currency's decimals."""
    return Decimal(minor).scaleb(-get_currency_precision(currency))


def decimals_of(currency: str) -> int:
    """How many decimals a currency's amounts have: 2 for EUR, 0 for JPY."""
    return int(get_currency_precision(currency))
