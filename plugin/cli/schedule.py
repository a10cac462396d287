"""Settle what is due."""

from __future__ import annotations

import click


@click.command("run-due")
def run_due() -> None:
    """Settle what is due now."""
