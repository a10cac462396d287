"""What the widget may cost a page, and that it speaks every language whole."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import pytest

from plugin.devstore.liquid_theme import THEME, block_schema, render_block
from plugin.messages import LANGUAGES

ENGLISH = {"": "en.default.json", "schema": "en.default.schema.json"}


def _gzipped(*texts: str) -> int:
    return sum(len(gzip.compress(text.encode(), 9)) for text in texts)


def _asset(name: str) -> str:
    return (THEME / "assets" / name).read_text()


def _inline_style() -> str:
    (style,) = re.findall(r"<style>(.*?)</style>", render_block("rewards-panel", {"customer": None}), re.DOTALL)
    return style


def _words(file: str) -> dict[str, str]:
    def flat(node: object, path: str) -> dict[str, str]:
        if isinstance(node, dict):
            return {key: text for name, child in node.items() for key, text in flat(child, f"{path}.{name}").items()}
        return {path: str(node)}

    return flat(json.loads((THEME / "locales" / file).read_text()), "")


def test_the_script_stays_under_eight_kilobytes():
    html = render_block("rewards-panel", {"customer": None})
    (inline,) = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    assert _gzipped(_asset("laurel-panel.js"), inline) <= 8 * 1024


def test_the_style_stays_under_four_kilobytes():
    assert _gzipped(_asset("laurel-panel.css"), _inline_style()) <= 4 * 1024


def test_what_every_page_carries_stays_small():
    """The launcher, its style, the words and the few lines that wait for the first press; the rest comes when pressed."""
    assert _gzipped(render_block("rewards-panel", {"customer": None})) <= 3 * 1024


def test_nothing_comes_from_another_origin():
    for file in THEME.rglob("*"):
        if file.suffix in {".js", ".css", ".liquid"}:
            addresses = set(re.findall(r"(?:https?:)?//[\w.-]+\.\w+", file.read_text()))
            assert addresses <= {"http://www.w3.org"}, file


def test_the_script_never_writes_markup():
    forbidden = r"innerHTML|outerHTML|insertAdjacent|document\.write|DOMParser|\beval\b|new Function|setHTML|createContextualFragment"
    assert not re.findall(forbidden, _asset("laurel-panel.js"))


@pytest.mark.parametrize("kind", ["", "schema"])
def test_every_language_is_whole_and_says_the_same_things(kind: str):
    english = _words(ENGLISH[kind])
    for language in LANGUAGES[1:]:
        other = _words(f"{language}.{kind}.json" if kind else f"{language}.json")
        assert list(other) == list(english), language
        assert _placeholders(other) == _placeholders(english), language
        assert not [key for key, text in other.items() if text == english[key]], language
    for file in (THEME / "locales").iterdir():
        assert file.stat().st_size <= 15 * 1024


def _placeholders(words: dict[str, str]) -> dict[str, list[str]]:
    return {key: sorted(re.findall(r"{{ (\w+) }}", text)) for key, text in words.items()}


def test_every_word_the_theme_asks_for_exists_and_none_is_left_over():
    english, schema = _words(ENGLISH[""]), _words(ENGLISH["schema"])
    liquid = "".join(file.read_text() for file in THEME.rglob("*.liquid"))
    asked = {f".{key}" for key in re.findall(r"'([\w.]+)' \| t\b", liquid)}
    assert asked == {re.sub(r"\.(one|other)$", "", key) for key in english}
    assert {f".{key}" for key in re.findall(r'"t:([\w.]+)"', liquid)} == set(schema)


def test_the_script_uses_exactly_the_words_it_is_given():
    given = {key.removeprefix(".panel.") for key in _words(ENGLISH[""]) if key.startswith(".panel.")}
    script = _asset("laurel-panel.js")
    quoted = set(re.findall(r"'(\w+)'", script))
    states = {"preparing", "returning", "offline", "failed"}
    assert given - quoted - states - {"offline_text", "failed_text"} == set()


def test_a_package_for_shopify_holds_only_what_shopify_takes():
    folders = {path.name for path in THEME.iterdir() if path.is_dir()}
    assert folders == {"assets", "blocks", "snippets", "locales"}
    assert (THEME / "shopify.extension.toml").read_text().count('type = "theme"') == 1
    liquid = [Path(file) for file in THEME.rglob("*.liquid")]
    assert sum(file.stat().st_size for file in liquid) <= 100_000
    assert len(block_schema("rewards-panel")["name"]) <= 25
