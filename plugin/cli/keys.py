"""Keys for the API: made, listed, revoked, each for one shop."""

from __future__ import annotations

from uuid import UUID

import click

from plugin.cli.start import SHOP, Laurel, shop_of
from plugin.shops.api_keys import add_api_key, list_api_keys, revoke_api_key


@click.group()
def key() -> None:
    """Keys with which programs call /api/v1 for a shop."""


@key.command()
@SHOP
@click.option("--name", required=True, help="Who gets it, such as the reviews app.")
@click.pass_obj
def add(laurel: Laurel, shop_domain: str, name: str) -> None:
    """Make a key and print it, once: only its hash is kept."""
    tools = laurel.tools
    with tools.writing() as session:
        shop = shop_of(session, shop_domain)
        made, secret = add_api_key(session, shop.programme_id, shop.shop_id, name, tools.clock())
    click.echo(secret)
    click.echo(f"Key {made.key_id} of {shop.domain}. Keep it: it cannot be shown again.", err=True)


@key.command("list")
@SHOP
@click.pass_obj
def list_(laurel: Laurel, shop_domain: str) -> None:
    """Name a shop's keys, oldest first."""
    with laurel.tools.reading() as session:
        shop = shop_of(session, shop_domain)
        found = list_api_keys(session, shop.programme_id, shop.shop_id)
    for one in found:
        state = f"revoked {one.revoked_at:%Y-%m-%d}" if one.revoked_at else f"since {one.created_at:%Y-%m-%d}"
        click.echo(f"{one.key_id}  {one.starts_with}…  {state}  {one.name}")
    if not found:
        click.echo("The shop has no keys; make one with `laurel key add`.", err=True)


@key.command()
@SHOP
@click.argument("key_id", type=click.UUID)
@click.pass_obj
def revoke(laurel: Laurel, shop_domain: str, key_id: UUID) -> None:
    """End a key for good."""
    tools = laurel.tools
    with tools.writing() as session:
        shop = shop_of(session, shop_domain)
        ended = revoke_api_key(session, shop.programme_id, shop.shop_id, key_id, tools.clock())
    click.echo(f"Key {ended.key_id} ({ended.name}) is revoked.")
