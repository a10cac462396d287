"""Changing one member's points by hand."""

from __future__ import annotations

import getpass
from collections.abc import Callable
from datetime import datetime
from typing import Any

import click

from plugin.cli.start import SHOP, Instant, Laurel, shop_of
from plugin.db import new_id
from plugin.journeys.adjusting import WHYS, Adjusted, Adjustment, Notes, WriteOff, adjust, write_off

CUSTOMER = click.argument("customer_id", type=click.IntRange(1))
Command = Callable[..., Any]


def _told(command: Command) -> Command:
    """The options of every change by hand: its notes, and the key that makes a repetition harmless."""
    for option in (
        click.option("--key", help="The same key twice is one change; by default this one is new."),
        click.option("--internal-note", help="For the merchant's eyes only."),
        click.option("--note", help="What the shopper reads beside it."),
    ):
        command = option(command)
    return command


@click.command("adjust")
@SHOP
@CUSTOMER
@click.argument("points", type=int)
@click.option("--why", type=click.Choice(WHYS), default="correction", show_default=True)
@click.option("--may-owe", is_flag=True, help="What is taken away and not there becomes debt.")
@click.option(
    "--expires-at", type=Instant(), metavar="INSTANT", help="Instead of what the programme says of new points."
)
@click.option("--never-expires", is_flag=True)
@_told
@click.pass_obj
def adjust_(laurel: Laurel, /, shop_domain: str, customer_id: int, **given: Any) -> None:
    """Give a customer POINTS, or take some away: `laurel member adjust SHOP CUSTOMER_ID -- -50`."""
    expires_at: datetime | None = given["expires_at"]
    tools = laurel.tools
    with tools.writing() as session:
        shop = shop_of(session, shop_domain)
        wish = Adjustment(
            customer=(shop.programme_id, shop.shop_id, customer_id),
            points=given["points"],
            why=given["why"],
            key=given["key"] or str(new_id()),
            actor=_actor(),
            notes=Notes(given["note"], given["internal_note"]),
            may_owe=given["may_owe"],
            expiry="never" if given["never_expires"] else expires_at or "programme",
        )
        done = adjust(session, wish, tools.clock())
    click.echo(_sentence(done))


@click.command("write-off")
@SHOP
@CUSTOMER
@click.option("--points", type=click.IntRange(1), help="Only so many; by default all the debt there is.")
@_told
@click.pass_obj
def write_off_(laurel: Laurel, /, shop_domain: str, customer_id: int, **given: Any) -> None:
    """Forgive a customer's debt."""
    tools = laurel.tools
    with tools.writing() as session:
        shop = shop_of(session, shop_domain)
        wish = WriteOff(
            customer=(shop.programme_id, shop.shop_id, customer_id),
            key=given["key"] or str(new_id()),
            actor=_actor(),
            points=given["points"],
            notes=Notes(given["note"], given["internal_note"]),
        )
        done = write_off(session, wish, tools.clock())
    click.echo(_sentence(done))


def _actor() -> str:
    return f"command:{getpass.getuser()}"


def _sentence(done: Adjusted) -> str:
    account = done.account
    start = "Done" if done.is_new else "Had been done already"
    return (
        f"{start}: available {account.available}, pending {account.pending}, held {account.held}, debt {-account.debt}."
    )
