"""Friends whom members brought: how they stand, and decisions about those that wait for one."""

from __future__ import annotations

import json
from typing import get_args
from uuid import UUID

import click

from plugin.cli.start import SHOP, Laurel, shop_of
from plugin.journeys.reviewing_referrals import NOTE_LENGTH_MAX, Looked, decide, list_referrals
from plugin.rules.referral_checks import Decision, ReferralState

_ACTOR = "cli"
_NOTE = click.option("--note", default="", metavar="TEXT", help=f"Why; at most {NOTE_LENGTH_MAX} letters.")
_ID = click.argument("referral_id", metavar="REFERRAL_ID", type=click.UUID)


@click.group()
def referrals() -> None:
    """Friends whom members brought."""


@referrals.command("list")
@SHOP
@click.option("--state", type=click.Choice(get_args(ReferralState)), help="Only those in this state.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="For machines.")
@click.pass_obj
def list_(laurel: Laurel, shop_domain: str, state: str | None, limit: int, as_json: bool) -> None:
    """List a shop's referrals, newest first, with what made us stop."""
    with laurel.tools.reading() as session:
        shop = shop_of(session, shop_domain)
    found = list_referrals(laurel.tools, shop, state, limit)
    if as_json:
        click.echo(json.dumps([_told(one) for one in found], indent=2))
        return
    for looked in found:
        one = looked.one
        who = f"{looked.referrer_customer_id or '-'} -> {one.friend_customer_id or one.claimed_by or '-'}"
        words = ", ".join([*one.reasons, *(f"{what} not checked" for what in one.unchecked)])
        click.echo(f"{one.referral_id}  {one.claimed_at:%Y-%m-%d %H:%M}  {one.state:<10}  {who}  {words}".rstrip())
    if not found:
        click.echo("No referrals." if state is None else f"None is in state {state}.", err=True)


@referrals.command()
@SHOP
@_ID
@_NOTE
@click.pass_obj
def approve(laurel: Laurel, shop_domain: str, referral_id: UUID, note: str) -> None:
    """Let a referral be rewarded that waits for a decision, or that a check blocked."""
    _decide(laurel, shop_domain, referral_id, "approve", note)


@referrals.command()
@SHOP
@_ID
@_NOTE
@click.pass_obj
def block(laurel: Laurel, shop_domain: str, referral_id: UUID, note: str) -> None:
    """Let a referral give the member nothing."""
    _decide(laurel, shop_domain, referral_id, "block", note)


def _decide(laurel: Laurel, shop_domain: str, referral_id: UUID, decision: Decision, note: str) -> None:
    tools = laurel.tools
    with tools.reading() as session:
        shop = shop_of(session, shop_domain)
    one = decide(tools, shop, referral_id, decision, actor=_ACTOR, note=note)
    click.echo(f"{one.referral_id} is {one.state}; {one.referrer_points} points stand given to the member.")


def _told(looked: Looked) -> dict[str, object]:
    one = looked.one
    return {
        "id": str(one.referral_id),
        "state": one.state,
        "reasons": one.reasons,
        "unchecked": one.unchecked,
        "referrer_customer_id": looked.referrer_customer_id,
        "friend_customer_id": one.friend_customer_id or one.claimed_by,
        "order_id": one.order_id,
        "code": one.code,
        "claimed_at": one.claimed_at.isoformat(),
        "matures_at": one.matures_at.isoformat() if one.matures_at else None,
        "points": looked.points,
        "points_given": one.referrer_points,
        "decision": one.decision,
        "decided_by": one.decided_by,
        "note": one.note,
    }
