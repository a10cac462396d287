"""Commands about programme."""

from __future__ import annotations

import click


@click.group()
def programme() -> None:
    """Commands about programme."""
