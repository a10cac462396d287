"""Renders the theme app extension as Shopify's storefront would: Liquid with the filters, tags and words our blocks use.

Where it differs from Shopify: no output cache, no theme around it, asset addresses are ours, and only the filters named here
exist beside Liquid's own, so that a block which starts to use another one fails loudly.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import liquid
from liquid import RenderContext, Tag, TokenStream
from liquid.ast import Node
from liquid.builtin.tags.comment_tag import CommentNode
from liquid.exceptions import LiquidSyntaxError
from liquid.filter import with_context
from liquid.token import TOKEN_EOF, TOKEN_TAG

THEME = Path(__file__).parents[2] / "storefront_widget" / "theme"
ASSETS_URL = "/cdn/laurel"
ROUTES = {
    "root_url": "/",
    "account_url": "/account",
    "account_login_url": "/account/login",
    "account_register_url": "/account/register",
    "storefront_login_url": "/customer_authentication/redirect",
    "cart_url": "/cart",
}
_SCHEMA = re.compile(r"{%-?\s*schema\s*-?%}(.*?){%-?\s*endschema\s*-?%}", re.DOTALL)
_PLACEHOLDER = re.compile(r"{{\s*(\w+)\s*}}")
_LOCALE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})?", re.ASCII)
_DEFAULT_LOCALE = "en"


def render_block(
    name: str,
    context: Mapping[str, Any],
    locale: str = _DEFAULT_LOCALE,
    *,
    settings: Mapping[str, Any] | None = None,
    assets_url: str = ASSETS_URL,
) -> str:
    """Render `blocks/<name>.liquid` to markup.

    `context` holds Liquid's globals, such as `customer` (None for a guest) and `shop`; `routes`, `request` and `block` have
    sensible values without it. `settings` are the merchant's, over the defaults of the block's schema.
    """
    own = {
        "routes": ROUTES,
        "request": {"locale": {"iso_code": locale}, "design_mode": False},
        "block": {"id": f"laurel-{name}", "shopify_attributes": "", "settings": _defaults(name) | dict(settings or {})},
    }
    template = _environment(locale, assets_url).get_template(f"blocks/{name}.liquid")
    return template.render(**(own | dict(context)))


def block_schema(name: str) -> dict[str, Any]:
    """Read the schema that stands in a block."""
    found = _SCHEMA.search((THEME / "blocks" / f"{name}.liquid").read_text())
    schema: dict[str, Any] = json.loads(found[1]) if found else {}
    return schema


def theme_words(locale: str) -> dict[str, Any]:
    """Read a locale file of the extension; a language it has not is English, as at Shopify."""
    locale = locale if _LOCALE.fullmatch(locale) else _DEFAULT_LOCALE
    language = locale.split("-", maxsplit=1)[0]
    for file in (f"{locale}.json", f"{language}.json", f"{language}.default.json", f"{_DEFAULT_LOCALE}.default.json"):
        if (path := THEME / "locales" / file).is_file():
            words: dict[str, Any] = json.loads(path.read_text())
            return words
    raise FileNotFoundError(THEME / "locales")


def colour_contrast(one: str, other: str) -> float:
    """Contrast ratio of two #rrggbb colours after WCAG 2, rounded to one decimal as Shopify does."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return round((lighter + 0.05) / (darker + 0.05), 1)


def _defaults(name: str) -> dict[str, Any]:
    settings = block_schema(name).get("settings", [])
    return {setting["id"]: setting.get("default", "") for setting in settings if "id" in setting}


@lru_cache(maxsize=32)
def _environment(locale: str, assets_url: str) -> liquid.Environment:
    environment = liquid.Environment(loader=_ThemeLoader(), undefined=liquid.Undefined)
    for tag in ("schema", "javascript", "stylesheet"):
        environment.add_tag(_dropped(tag))
    environment.add_filter("t", _translate(theme_words(locale), theme_words(_DEFAULT_LOCALE)))
    environment.add_filter("asset_url", lambda file: f"{assets_url}/{file}")
    environment.add_filter("color_contrast", colour_contrast)
    environment.add_filter("json", _as_json)
    environment.add_filter("money", _money)
    return environment


class _ThemeLoader(liquid.FileSystemLoader):
    """Finds `{% render 'name' %}` in snippets/, as Shopify does."""

    def __init__(self) -> None:
        super().__init__(THEME)

    def resolve_path(self, template_name: str) -> Path:
        """Turn a snippet's name into its file."""
        return super().resolve_path(template_name if "/" in template_name else f"snippets/{template_name}.liquid")


def _dropped(tag: str) -> type[Tag]:
    """Make a block tag whose whole content stays out of the page."""

    class Dropped(Tag):
        name = tag
        end = f"end{tag}"

        def parse(self, stream: TokenStream) -> Node:
            token = stream.eat(TOKEN_TAG)
            while stream.current.kind != TOKEN_TAG or stream.current.value != self.end:
                if stream.current.kind == TOKEN_EOF:
                    raise LiquidSyntaxError(f"{self.name} was never closed", token=token)
                next(stream)
            return CommentNode(token, "")

    return Dropped


def _translate(words: Mapping[str, Any], english: Mapping[str, Any]) -> Any:
    def translate(key: object, **values: object) -> str:
        text = _found(words, str(key)) or _found(english, str(key))
        if isinstance(text, Mapping):
            text = text["one" if values.get("count") == 1 and "one" in text else "other"]
        if text is None:
            return f"Translation missing: {key}"
        return _PLACEHOLDER.sub(lambda match: str(values.get(match[1], "")), str(text))

    return translate


def _found(words: Mapping[str, Any], key: str) -> Any:
    node: Any = words
    for part in key.split("."):
        node = node.get(part) if isinstance(node, Mapping) else None
    return node


def _as_json(value: object) -> str:
    """JSON that may stand inside a script element: nothing in it can close the element."""
    text = json.dumps(value, ensure_ascii=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


@with_context
def _money(cents: int, *, context: RenderContext) -> str:
    symbol = context.resolve("shop", default={}).get("money_symbol", "$")
    return f"{symbol}{int(cents) / 100:,.2f}"


def _luminance(colour: str) -> float:
    parts = [int(colour.lstrip("#")[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)  # noqa: PLR2004 - sRGB's own constants
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
