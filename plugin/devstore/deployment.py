"""What `shopify.app.toml` tells Shopify about the app, read as a deploy would; its addresses become the local ones."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from plugin.errors import Misconfigured

APP_TOML = Path(__file__).parents[2] / "shopify.app.toml"


@dataclass(frozen=True, slots=True)
class Deployment:
    """The app as this store knows it. `app_url` is where the app listens; paths are the deployed file's own.

    `metafield_kinds` maps (owner type, key) of the app's own namespace to the declared type.
    """

    name: str
    api_key: str
    secret: str
    app_url: str
    home_path: str
    redirect_paths: tuple[str, ...]
    webhook_path: str
    topics: frozenset[str]
    scopes: tuple[str, ...]
    proxy_prefix: str
    proxy_path: str
    metafield_kinds: dict[tuple[str, str], str]


def deploy(app_url: str, api_key: str, secret: str, file: Path = APP_TOML) -> Deployment:
    """Read the file and put the app at `app_url`.

    Raises:
        Misconfigured: the file is not there; it stands in the checkout, not in the installed package.
    """
    if not file.is_file():
        raise Misconfigured({"shopify.app.toml": "is not at hand; run the demo from a checkout"})
    toml = tomllib.loads(file.read_text())
    subscriptions = toml["webhooks"]["subscriptions"]
    return Deployment(
        name=toml["name"],
        api_key=api_key,
        secret=secret,
        app_url=app_url.rstrip("/"),
        home_path=urlsplit(toml["application_url"]).path or "/",
        redirect_paths=tuple(urlsplit(url).path for url in toml["auth"]["redirect_urls"]),
        webhook_path=urlsplit(subscriptions[0]["uri"]).path,
        topics=frozenset(_topics(subscriptions)),
        scopes=tuple(scope.strip() for scope in toml["access_scopes"]["scopes"].split(",")),
        proxy_prefix=f"/{toml['app_proxy']['prefix']}/{toml['app_proxy']['subpath']}",
        proxy_path=urlsplit(toml["app_proxy"]["url"]).path.rstrip("/"),
        metafield_kinds=_metafield_kinds(toml),
    )


def _topics(subscriptions: list[dict[str, Any]]) -> list[str]:
    return [topic for each in subscriptions for key in ("topics", "compliance_topics") for topic in each.get(key, ())]


def _metafield_kinds(toml: dict[str, Any]) -> dict[tuple[str, str], str]:
    return {
        (owner.upper(), key): definition["type"]
        for owner, section in toml.items()
        if isinstance(section, dict)
        for key, definition in section.get("metafields", {}).get("app", {}).items()
    }
