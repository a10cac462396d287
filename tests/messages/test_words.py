"""Sentences, plurals, money and dates in the three languages."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from plugin.messages import LANGUAGES, Words, negotiate


@pytest.mark.parametrize(
    ("asked", "language"),
    [
        ("bg", "bg"),
        ("bg-BG", "bg"),
        ("tr_TR", "tr"),
        ("pt-BR;q=0.8, tr;q=0.5", "tr"),
        ("de", "en"),
        ("", "en"),
        (None, "en"),
        ("'; DROP TABLE", "en"),
        ("x" * 10_000 + ",bg", "en"),
    ],
)
def test_any_locale_finds_a_language_we_have(asked: str | None, language: str):
    assert negotiate(asked) == language


def test_each_language_counts_in_its_own_way():
    said = {language: [Words(language).say("points.amount", n) for n in (0, 1, 2, 21)] for language in LANGUAGES}
    assert said["en"] == ["0 points", "1 point", "2 points", "21 points"]
    assert said["bg"] == ["0 точки", "1 точка", "2 точки", "21 точки"]
    assert said["tr"] == ["0 puan", "1 puan", "2 puan", "21 puan"]


def test_a_line_opens_with_a_capital_of_its_language():
    assert Words("tr").opening("için olan") == "İçin olan"
    assert Words("en").opening("until May") == "Until May"
    assert Words("bg").opening("за избрани") == "За избрани"  # noqa: RUF001 - Bulgarian
    assert Words("en").opening("") == ""


def test_big_numbers_carry_the_readers_separators():
    assert Words("en").say("points.amount", 12_345) == "12,345 points"
    assert Words("bg").say("points.amount", 12_345) == "12\N{NO-BREAK SPACE}345 точки"
    assert Words("tr").say("points.amount", 12_345) == "12.345 puan"


def test_a_round_price_loses_its_empty_decimals():
    five, odd = Decimal("5.00"), Decimal("1234.50")
    assert Words("en").money(five, "EUR") == "€5"
    assert Words("en").money(odd, "EUR") == "€1,234.50"
    assert Words("bg").money(five, "EUR") == "5\N{NO-BREAK SPACE}€"
    assert Words("tr").money(odd, "TRY") == "₺1.234,50"
    assert Words("en").money(Decimal(1200), "JPY") == "¥1,200"
    assert Words("en").money(Decimal("1.250"), "KWD").endswith("1.250")


def test_the_region_writes_the_date_and_the_shop_decides_the_day():
    late = datetime(2026, 5, 11, 22, 30, tzinfo=UTC)
    assert Words("en").date(late, "Europe/Sofia") == "May 12, 2026"
    assert Words("en-GB").date(late, "UTC") == "11 May 2026"
    assert Words("bg").date(late, "Europe/Sofia").startswith("12.05.2026")
    assert Words("tr-TR").date(late, "Europe/Istanbul") == "12 May 2026"


@pytest.mark.parametrize(
    "hostile", ["en-XX-YY-ZZ", "en-", "en_US.UTF-8", "bg-" + "A" * 500, "en-GB-oxendict", "../../etc"]
)
def test_a_strange_locale_is_never_an_error(hostile: str):
    assert Words(hostile).say("points.amount", 2)


def test_a_language_we_do_not_have_is_english_throughout():
    assert Words("de-DE").money(Decimal("1.50"), "EUR") == "€1.50"


def test_values_are_never_read_as_templates():
    assert Words("en").say("history.order", points="{0.__class__}", order="{x}") == "{0.__class__} for order {x}"


def test_a_merchants_own_translations_fall_back_to_what_there_is():
    assert Words("bg").pick({"en": "Off", "bg": "Отстъпка"}) == "Отстъпка"
    assert Words("tr").pick({"en": "Off"}) == "Off"
    assert Words("tr").pick({"de": "Rabatt"}) == "Rabatt"
    assert Words("tr").pick({}) == ""


def test_an_unknown_key_is_a_loud_fault_of_ours():
    assert not Words("en").has("no.such.key")
    with pytest.raises(KeyError):
        Words("en").say("no.such.key")
