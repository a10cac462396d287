"""Members come and go: customers seen, joining by their own wish, leaving."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from plugin.errors import NotAllowed
from plugin.facts import CustomerSeen
from plugin.journeys.consenting import note_sign_up
from plugin.journeys.contexts import add_member, may_join
from plugin.journeys.crediting import credit_again
from plugin.journeys.forgetting import is_forgotten
from plugin.journeys.noting_news import note_news
from plugin.journeys.tools import Tools
from plugin.members import Member, find_member, get_member
from plugin.members.store import AliasKey, list_aliases, set_has_account, set_standing
from plugin.orders.queries import list_orders_of_customers
from plugin.sealing import Sealer


def see_customer(session: Session, sealer: Sealer, fact: CustomerSeen, now: datetime) -> None:
    """Remember a customer; one who may join by the programme's setting joins now, and their waiting orders count.

    Who came into being just now, or waited until now, has signed up; who was only never seen before has not.
    """
    key = (fact.programme_id, fact.shop_id, fact.customer_id)
    if is_forgotten(session, sealer, key):
        return
    before = find_member(session, *key)
    _see(session, fact, now)
    if fact.is_new or (before is not None and before.standing == "waiting"):
        note_sign_up(session, key, min(fact.occurred_at, now), now)


def is_seen_already(session: Session, sealer: Sealer, fact: CustomerSeen, now: datetime) -> bool:
    """Say whether `see_customer` would change nothing now."""
    key = (fact.programme_id, fact.shop_id, fact.customer_id)
    if is_forgotten(session, sealer, key):
        return True
    member = find_member(session, *key)
    if member is None or fact.is_new or fact.has_account not in {None, member.has_account}:
        return False
    has_account = member.has_account
    return member.standing != "waiting" or not may_join(session, fact.programme_id, now, has_account=has_account)


def _see(session: Session, fact: CustomerSeen, now: datetime) -> None:
    key = (fact.programme_id, fact.shop_id, fact.customer_id)
    member = find_member(session, *key)
    if member is None:
        add_member(session, key, now, has_account=fact.has_account)
        return
    has_account = member.has_account if fact.has_account is None else fact.has_account
    if has_account is not None and has_account != member.has_account:
        set_has_account(session, member, has_account=has_account)
    if member.standing == "waiting" and may_join(session, fact.programme_id, now, has_account=has_account):
        join_all(session, [member], now)


def join(session: Session, sealer: Sealer, key: AliasKey, now: datetime) -> Member:
    """Let a signed-in shopper join; orders that waited for them count now. Joining twice changes nothing.

    Raises:
        NotAllowed: the person was forgotten on their own wish and has to write to the shop.
    """
    if is_forgotten(session, sealer, key):
        raise NotAllowed("forgotten customers do not rejoin by themselves", code="forgotten")
    member = find_member(session, *key) or add_member(session, key, now, has_account=True)
    if member.standing in {"waiting", "left"}:
        join_all(session, [member], now)
        if member.joined_at is None:
            note_sign_up(session, key, now, now)
    return get_member(session, member.programme_id, member.member_id)


def join_by_click(tools: Tools, key: AliasKey) -> Member:
    """Let a signed-in shopper join, in a transaction of its own: a twin of the click, or a webhook, may bring them in meanwhile.

    Raises:
        NotAllowed: the person was forgotten on their own wish and has to write to the shop.
    """
    try:
        with tools.writing() as session:
            return join(session, tools.sealer, key, tools.clock())
    except IntegrityError:
        with tools.writing() as session:
            return join(session, tools.sealer, key, tools.clock())


def join_all(session: Session, members: Sequence[Member], now: datetime) -> None:
    """Let several members join at once; orders that waited for any of them count now."""
    aliases: list[AliasKey] = []
    for member in members:
        set_standing(session, member, "joined", now)
        note_news(session, [(member.programme_id, member.member_id)], now)
        aliases += [(member.programme_id, *one) for one in list_aliases(session, member.programme_id, member.member_id)]
    if aliases:
        credit_again(session, list_orders_of_customers(session, aliases), now)


def leave(session: Session, member: Member, now: datetime) -> None:
    """Let a member leave: what they have stays theirs, new orders give nothing."""
    set_standing(session, member, "left", now)
