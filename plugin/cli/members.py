"""One member: what they hold, and why."""

from __future__ import annotations

import json

import click

from plugin.cli.adjusting import adjust_, write_off_
from plugin.cli.programmes import LANGUAGE
from plugin.cli.start import SHOP, Laurel, shop_of
from plugin.journeys.handing_over import data_of
from plugin.journeys.showing import MemberView, member_view, shown
from plugin.journeys.viewing_tiers import deciding
from plugin.shops.requests import ComplianceRequest, list_requests


@click.group()
def member() -> None:
    """A shopper in a programme."""


@member.command()
@SHOP
@click.argument("customer_id", type=click.IntRange(1))
@click.option("--json", "as_json", is_flag=True, help="For machines: everything, explanations included.")
@LANGUAGE
@click.pass_obj
def show(laurel: Laurel, shop_domain: str, customer_id: int, as_json: bool, language: str) -> None:
    """Show a customer's buckets, lots and postings with their explanations."""
    with laurel.tools.reading() as session:
        view = member_view(session, shop_of(session, shop_domain), customer_id, laurel.tools.clock(), language)
    click.echo(json.dumps(shown(view), indent=2, ensure_ascii=False) if as_json else _page(view))


@member.command()
@SHOP
@click.argument("customer_id", type=click.IntRange(1))
@click.pass_obj
def export(laurel: Laurel, shop_domain: str, customer_id: int) -> None:
    """Write all that is kept about a customer as JSON, to be handed over to them: a summary, and every row of every table."""
    with laurel.tools.reading() as session:
        shop = shop_of(session, shop_domain)
        data = data_of(session, laurel.tools.sealer, (shop.programme_id, shop.shop_id, customer_id))
    click.echo(json.dumps(data, indent=2, ensure_ascii=False))


@member.command()
@SHOP
@click.pass_obj
def requests(laurel: Laurel, shop_domain: str) -> None:
    """Write, as JSON, what customers asked of the shop through Shopify (their data, to be forgotten), newest first, with the answers."""
    with laurel.tools.reading() as session:
        shop = shop_of(session, shop_domain)
        found = [one for one in list_requests(session, shop.programme_id) if one.shop_id == shop.shop_id]
    click.echo(json.dumps([_request(one) for one in found], indent=2, ensure_ascii=False))


def _request(one: ComplianceRequest) -> dict[str, object]:
    return {
        "topic": one.topic,
        "reference": one.reference,
        "customer_id": one.customer_id,
        "requested_at": one.requested_at.isoformat(),
        "finished_at": one.finished_at.isoformat() if one.finished_at else None,
        "answer": one.answer,
    }


member.add_command(adjust_)
member.add_command(write_off_)


def _tier_lines(view: MemberView) -> list[str]:
    if view.tier is None:
        return []
    held, following = view.tier.holding, view.tier.outlook["next"]
    until = f" until {held.until:%Y-%m-%d %H:%M} UTC" if held.until else ""
    lines = [f"tier {held.tier or '-'} since {held.since:%Y-%m-%d}{until}, {held.why}"]
    if following:
        goal = deciding(following["goals"])
        lines.append(
            f"next {following['tier']}: {goal['kind']} {goal['have']} of {goal['need']}, {goal['missing']} missing"
        )
    return lines


def _page(view: MemberView) -> str:
    account = view.account
    lines = [
        f"Member {view.member.member_id}, {view.member.standing}, card {view.member.card_number}",
        f"available {account.available}, pending {account.pending}, held {account.held}, debt {-account.debt}",
        *_tier_lines(view),
        *(
            f"membership {one.membership_id}: {one.starts_at:%Y-%m-%d} to {one.ends_at:%Y-%m-%d}"
            for one in view.memberships
        ),
        *_actions(view),
        "",
        f"{len(view.lots)} lots, {len(view.postings)} postings, newest first:",
    ]
    for posting in view.postings:
        moves = ", ".join(f"{one.points} {one.source} > {one.destination}" for one in posting.entries)
        lines.append(f"  {posting.occurred_at:%Y-%m-%d %H:%M} {posting.reason:<15} {moves}  [{posting.reference}]")
        lines += [f"      {said}" for said in (posting.title, *posting.explained)]
    return "\n".join(lines)


def _actions(view: MemberView) -> list[str]:
    """What the member told of themselves, and what their actions gave or why not, newest first."""
    told = [f"{name} {value}" for name, value in view.profile.items()]
    lines = [f"told us: {', '.join(told)}"] if told else []
    for one in reversed(view.actions):
        outcome = f"{one['points']} points" if one["points"] else one["why"]
        lines.append(f"  {one['occurred_at'][:16]} {one['action_id']:<20} {outcome}  [{one['source']}]")
    return lines
