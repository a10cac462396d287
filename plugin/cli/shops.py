"""Shops: named, and registered without a browser."""

from __future__ import annotations

from datetime import datetime

import click

from plugin.cli.start import Instant, Laurel
from plugin.journeys.installing import Registration, register_shop
from plugin.shops.store import list_shops


@click.group()
def shop() -> None:
    """Shops that installed the app."""


@shop.command()
@click.argument("domain")
@click.option("--currency", help="ISO 4217 code; Shopify's word where --token is given, else USD.")
@click.option("--timezone", help="IANA name; Shopify's word where --token is given, else UTC.")
@click.option("--name", help="What the merchant calls the shop.")
@click.option(
    "--token",
    envvar="LAUREL_SHOP_TOKEN",
    help="An Admin API access token of your own app in this shop; better given as LAUREL_SHOP_TOKEN.",
)
@click.option(
    "--earning-starts-at",
    metavar="INSTANT",
    type=Instant(),
    help="Orders placed before this earn nothing; by default now.",
)
@click.pass_obj
def add(laurel: Laurel, /, domain: str, earning_starts_at: datetime | None, **given: str | None) -> None:
    """Register the shop DOMAIN (its myshopify.com one) without a browser: for development, and for self-hosted single shops."""
    added = register_shop(laurel.tools, Registration(domain, earning_starts_at=earning_starts_at, **given))
    click.echo(
        f"{added.domain} is registered ({added.currency}, {added.timezone}); "
        f"orders placed from {added.earning_starts_at.isoformat()} on earn points."
    )
    if given["token"] is None:
        click.echo("Without a token Laurel cannot call Shopify: no codes, no balances there, no sweep.", err=True)


@shop.command("list")
@click.option("--all", "with_gone", is_flag=True, help="Those that uninstalled the app as well.")
@click.pass_obj
def list_(laurel: Laurel, with_gone: bool) -> None:
    """Name the shops, oldest first."""
    with laurel.tools.reading() as session:
        found = list_shops(session, installed_only=not with_gone)
    for one in found:
        click.echo(f"{one.domain:<40} {one.state:<12} {one.currency}  since {one.installed_at:%Y-%m-%d}  {one.name}")
    if not found:
        click.echo("No shop is registered; open the app in a shop's admin, or use `laurel shop add`.", err=True)
