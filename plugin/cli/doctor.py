"""Is this installation fit to go live."""

from __future__ import annotations

import click


@click.command()
def doctor() -> None:
    """Check whether this installation is fit to go live."""
