"""Commands about shop."""

from __future__ import annotations

import click


@click.group()
def shop() -> None:
    """Commands about shop."""
