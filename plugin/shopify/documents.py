"""The GraphQL documents, one file each; the tests hold every one of them against Shopify's schema."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def document(name: str) -> str:
    """Return the text of `graphql/<name>.graphql`."""
    return files("plugin.shopify").joinpath("graphql", f"{name}.graphql").read_text(encoding="utf-8")
