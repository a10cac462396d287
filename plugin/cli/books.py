"""Commands about ledger."""

from __future__ import annotations

import click


@click.group()
def ledger() -> None:
    """Commands about ledger."""
