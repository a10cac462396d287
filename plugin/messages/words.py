"""Say things in the reader's language."""

from __future__ import annotations

import copy
import datetime as dt
import re
from collections.abc import Mapping
from datetime import datetime, time
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton, format_time, get_datetime_format
from babel.numbers import format_decimal, format_percent, get_currency_precision
from babel.units import format_unit

from plugin.messages.catalogues import catalogue

LANGUAGES = ("en", "bg", "tr")
_TAG = re.compile(r"[a-zA-Z]{2,3}([-_][a-zA-Z0-9]{2,8}){0,3}", re.ASCII)
_HEADER_LENGTH_MAX = 200
_LEAP_YEAR = 2024
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MASSES = {"g": "mass-gram", "kg": "mass-kilogram", "oz": "mass-ounce", "lb": "mass-pound"}


class Words:
    """The words of one language, with numbers and dates as the reader's region writes them.

    `Words("en-GB")` speaks English and writes British dates; a language we do not have gives English throughout.
    Cheap to make; holds nothing that changes.
    """

    def __init__(self, locale: str = "en") -> None:
        self.language = negotiate(locale)
        self.locale = _format_locale(locale, self.language)
        self._catalogue = catalogue(self.language)

    @property
    def is_right_to_left(self) -> bool:
        """Whether lines start at the right."""
        return self.locale.character_order == "right-to-left"

    def say(self, key: str, count: int | None = None, **values: object) -> str:
        """Return the sentence for a key, in the form that fits `count`, which it may show as `{count}`.

        Raises:
            KeyError: no such key, or a placeholder was not given; both are faults of ours that tests find.
        """
        if count is not None:
            values["count"] = self.number(count)
        return self._catalogue.sentence(key, count).format_map(values)

    def opening(self, text: str) -> str:
        """Write a piece of text as a line opens, with a capital of the language: in Turkish an i keeps its dot."""
        first = "İ" if self.language == "tr" and text.startswith("i") else text[:1].upper()
        return first + text[1:]

    def has(self, key: str) -> bool:
        """Whether there is a sentence for this key."""
        return key in self._catalogue.forms

    def number(self, value: int | Decimal) -> str:
        """Write a number with the reader's separators."""
        return format_decimal(value, locale=self.locale)

    def percent(self, share: Decimal) -> str:
        """Write a share (0.25) as a percentage (25%)."""
        return format_percent(share, locale=self.locale)

    def money(self, amount: Decimal, currency: str) -> str:
        """Write an amount in major units; a whole amount loses its empty decimals, as on a price tag."""
        pattern = copy.copy(self.locale.currency_formats["standard"])
        decimals = 0 if amount == amount.to_integral_value() else get_currency_precision(currency)
        pattern.frac_prec = (decimals, decimals)
        return str(pattern.apply(amount, self.locale, currency=currency, currency_digits=False))

    def date(self, instant: datetime, timezone: str = "UTC") -> str:
        """Write the day of an instant as it was, or will be, in a timezone (IANA name)."""
        return format_date(instant.astimezone(ZoneInfo(timezone)).date(), format="medium", locale=self.locale)

    def day_of_year(self, month: int, day: int) -> str:
        """Write a day that comes round every year."""
        return format_skeleton("MMMMd", datetime(_LEAP_YEAR, month, day, 12), locale=self.locale)  # noqa: DTZ001 - a day, no instant

    def moment(self, instant: datetime, timezone: str = "UTC") -> str:
        """Write the day and the time of day of an instant, to the minute."""
        zone = ZoneInfo(timezone)
        day = format_date(instant.astimezone(zone).date(), format="medium", locale=self.locale)
        time_of_day = format_time(instant, format="short", tzinfo=zone, locale=self.locale)
        return str(get_datetime_format("medium", locale=self.locale)).format(time_of_day, day)

    def time_of_day(self, instant: datetime, timezone: str = "UTC") -> str:
        """Write the time of day of an instant, to the minute."""
        return format_time(instant, format="short", tzinfo=ZoneInfo(timezone), locale=self.locale)

    def weekday(self, name: str) -> str:
        """Name a day of the week; `name` is "monday" and so on."""
        return str(self.locale.days["format"]["wide"][_WEEKDAYS.index(name)])

    def clock_time(self, at: time) -> str:
        """Write what a clock shows, to the minute."""
        return format_time(at, format="short", locale=self.locale)

    def plain_date(self, day: dt.date) -> str:
        """Write a day of the calendar."""
        return format_date(day, format="medium", locale=self.locale)

    def weight(self, number: Decimal, unit: str) -> str:
        """Write a weight in g, kg, oz or lb."""
        return str(format_unit(number, _MASSES[unit], length="short", locale=self.locale))

    def pick(self, texts: Mapping[str, str]) -> str:
        """Choose among a merchant's own translations: the reader's language, else English, else whatever is there first."""
        return texts.get(self.language) or texts.get("en") or next(iter(texts.values()), "")


def negotiate(locale: str | None) -> str:
    """Find our language for what a browser or Shopify calls a locale: "bg", "bg-BG", "pt-BR;q=0.8,tr;q=0.5"; else English."""
    for tag in (locale or "")[:_HEADER_LENGTH_MAX].split(","):
        language = re.split(r"[-_;]", tag.strip().lower(), maxsplit=1)[0]
        if language in LANGUAGES:
            return language
    return LANGUAGES[0]


@lru_cache(maxsize=256)
def _format_locale(locale: str, language: str) -> Locale:
    """The reader's region decides separators and dates, as long as it speaks the language we answer in."""
    tag = re.split("[,;]", locale, maxsplit=1)[0].strip()
    if _TAG.fullmatch(tag) and negotiate(tag) == language and tag.lower().startswith(language):
        try:
            return Locale.parse(tag.replace("-", "_"))
        except (UnknownLocaleError, ValueError):
            return Locale.parse(language)
    return Locale.parse(language)
