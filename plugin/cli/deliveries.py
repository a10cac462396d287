"""Commands about deliveries."""

from __future__ import annotations

import click


@click.group()
def deliveries() -> None:
    """Commands about deliveries."""
