"""The app embed as the storefront renders it, before any script runs."""

from __future__ import annotations

import json
import re

import pytest

from plugin.devstore.liquid_theme import block_schema, colour_contrast, render_block

BLOCK = "rewards-panel"


def _member(points: object) -> dict[str, object]:
    return {"customer": {"metafields": {"$app": {"balance": {"value": points}}}}}


def _launcher(html: str) -> str:
    inside = re.search(r"<button.*?</button>", html, re.DOTALL)
    assert inside is not None
    text = re.sub(r"<[^>]*>", " ", inside[0])
    return " ".join(text.split())


def test_a_member_sees_the_balance_without_any_request():
    html = render_block(BLOCK, _member(120))
    assert _launcher(html) == "Rewards: 120 points"
    assert "<link" not in html
    assert "src=" not in html.split("<script>")[0]


@pytest.mark.parametrize(
    ("locale", "points", "said"),
    [
        ("en", 1, "Rewards: 1 point"),
        ("bg", 21, "Награди: 21 точки"),
        ("tr-TR", 5, "Ödüller: 5 puan"),
        ("de", 0, "Rewards: 0 points"),
    ],
)
def test_the_launcher_counts_in_the_shoppers_language(locale: str, points: int, said: str):
    assert _launcher(render_block(BLOCK, _member(points), locale)) == said


def test_a_customer_whose_balance_was_never_written_has_none():
    assert _launcher(render_block(BLOCK, {"customer": {"metafields": {}}})) == "Rewards: 0 points"


def test_a_guest_sees_the_programme_and_no_number():
    assert _launcher(render_block(BLOCK, {"customer": None})) == "Rewards"
    assert _launcher(render_block(BLOCK, {"customer": None}, "bg")) == "Награди"


def test_the_balance_can_be_left_off_the_page():
    assert _launcher(render_block(BLOCK, _member(120), settings={"show_balance": False})) == "Rewards"


HOSTILE = "<Gold> \"x\" onload='y' </script><img src=x onerror=alert(1)> & co"


@pytest.mark.parametrize("name", ["label", "proxy_path", "accent", "scheme", "corners", "side"])
def test_what_a_merchant_types_is_never_markup(name: str):
    settings = {name: HOSTILE} if name != "accent" else {}
    html = render_block(BLOCK, _member(5) | {"customer": None}, settings=settings)
    assert "<img" not in html
    assert "<Gold>" not in html
    assert html.count("</script>") == 2


def test_words_for_the_script_are_valid_json_and_cannot_leave_their_element():
    html = render_block(BLOCK, _member(5), "tr")
    (text,) = re.findall(r'<script type="application/json">(.*?)</script>', html, re.DOTALL)
    words = json.loads(text)
    assert words["title"] == "Ödüller"
    assert words["copy_named"] == "[code] kodunu kopyala"
    assert not [word for word in words.values() if "Translation missing" in word or not word.strip()]


@pytest.mark.parametrize(
    ("accent", "text"),
    [
        ("#1f5a48", "#ffffff"),
        ("#ffd84d", "#000000"),
        ("#000000", "#ffffff"),
        ("#ffffff", "#000000"),
        ("#e07a5f", "#000000"),
        ("#808080", "#000000"),
        ("#767676", "#000000"),
        ("#6f6f6f", "#ffffff"),
    ],
)
def test_text_on_the_merchants_colour_stays_readable(accent: str, text: str):
    html = render_block(BLOCK, _member(5), settings={"accent": accent})
    assert f"--accent:{accent};--on-accent:{text};" in html
    assert colour_contrast(accent, text) >= 4.5


def test_the_schema_is_what_the_theme_editor_takes():
    schema = block_schema(BLOCK)
    assert schema["target"] == "body"
    ids = [setting["id"] for setting in schema["settings"] if "id" in setting]
    assert ids == ["accent", "scheme", "corners", "side", "distance", "show_balance", "label", "proxy_path"]
    for setting in schema["settings"]:
        if setting["type"] == "select":
            assert setting["default"] in [option["value"] for option in setting["options"]]
        if setting["type"] == "range":
            assert (setting["default"] - setting["min"]) % setting["step"] == 0
            assert (setting["max"] - setting["min"]) / setting["step"] <= 100


@pytest.mark.parametrize(
    ("points", "locale", "figure"),
    [
        (0, "en", "0"),
        (999, "en", "999"),
        (1000, "en", "1,000"),
        (1234567, "tr", "1.234.567"),
        (98765, "bg", "98\N{NO-BREAK SPACE}765"),
    ],
)
def test_big_balances_are_written_as_the_panel_will_write_them(points: int, locale: str, figure: str):
    html = render_block(BLOCK, _member(points), locale)
    assert f">{figure} " in html
