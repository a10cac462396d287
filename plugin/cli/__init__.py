"""The `laurel` command."""

from __future__ import annotations

import click


@click.group()
def main() -> None:
    """Loyalty points for Shopify stores."""
