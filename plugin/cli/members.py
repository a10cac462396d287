"""Commands about member."""

from __future__ import annotations

import click


@click.group()
def member() -> None:
    """Commands about member."""
