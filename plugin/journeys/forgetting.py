"""Forgetting: a person's traces are erased, the sums stay, and a late copy of an old order cannot bring the person back."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from plugin.facts import CustomerRedaction, OrderSnapshot
from plugin.ledger.adjustments import erase_notes
from plugin.members import find_member
from plugin.members.carried_over import drop_of_members
from plugin.members.forgetting import bury, find_tombstones, forget_member
from plugin.members.profiles import drop_profiles
from plugin.members.store import AliasKey, list_aliases
from plugin.memberships import store as memberships
from plugin.orders import backfills
from plugin.orders.queries import freeze_orders, list_orders_of_customers
from plugin.referrals.links import drop_links
from plugin.referrals.store import list_of_friend
from plugin.referrals.traces import drop_traces
from plugin.referrals.transitions import forget_friend, forget_referrer
from plugin.rewards import repointing
from plugin.sealing import Sealer
from plugin.sheets.store import forget_rows_of
from plugin.shops.requests import forget_requests
from plugin.standing import shopify_segments
from plugin.standing.store import drop_holdings


def forget_customer(session: Session, sealer: Sealer, fact: CustomerRedaction, now: datetime) -> None:
    """Erase a customer: aliases cut, orders frozen without their customer, a keyed tombstone left. Repeatable."""
    keys = {(fact.programme_id, fact.shop_id, fact.customer_id)}
    found = find_member(session, fact.programme_id, fact.shop_id, fact.customer_id)
    if found:
        keys |= {(fact.programme_id, *one) for one in list_aliases(session, fact.programme_id, found.member_id)}
    named = {(fact.programme_id, fact.shop_id, order_id) for order_id in fact.order_ids}
    freeze_orders(session, named | set(list_orders_of_customers(session, keys)))  # orders are locked before all else
    if found:
        forget_member(session, fact.programme_id, found.member_id)
        drop_of_members(session, fact.programme_id, [found.member_id])
        drop_holdings(session, fact.programme_id, [found.member_id])
        memberships.drop_of_members(session, fact.programme_id, [found.member_id])
        drop_profiles(session, fact.programme_id, [found.member_id])
        erase_notes(session, fact.programme_id, [found.account_id])
        drop_links(session, fact.programme_id, found.member_id)
        forget_referrer(session, fact.programme_id, found.member_id, now)
    _forget_as_friend(session, keys)
    shopify_segments.forget_customers(session, keys)
    repointing.forget_customers(session, keys)
    for _, shop_id, customer_id in keys:
        forget_requests(session, fact.programme_id, shop_id, customer_id)
    forget_rows_of(session, fact.programme_id, [(shop_id, customer_id) for _, shop_id, customer_id in keys])
    backfills.forget_customers(session, fact.programme_id, [(shop_id, customer_id) for _, shop_id, customer_id in keys])
    for key in sorted(keys):
        bury(session, fact.programme_id, sealer.tags(_name(key))[0], now)


def _forget_as_friend(session: Session, keys: Collection[AliasKey]) -> None:
    """Erase who was brought, and the traces that were kept to compare them; what others have for it stays theirs."""
    drop_traces(session, keys)
    for programme_id in {key[0] for key in keys}:
        for one in list_of_friend(session, programme_id, [key[1:] for key in keys]):
            forget_friend(session, one)


def without_forgotten(session: Session, sealer: Sealer, snapshots: Sequence[OrderSnapshot]) -> list[OrderSnapshot]:
    """Take the customer off every order whose customer was forgotten."""
    names: dict[tuple[UUID, str], AliasKey] = {}
    for one in snapshots:
        if one.customer is not None:
            key = (one.programme_id, one.shop_id, one.customer.customer_id)
            names.update({(one.programme_id, tag): key for tag in sealer.tags(_name(key))})
    gone = {names[found] for found in find_tombstones(session, names)}
    return [_anonymous(one) if _key(one) in gone else one for one in snapshots]


def forgotten_among(session: Session, sealer: Sealer, keys: Collection[AliasKey]) -> set[AliasKey]:
    """Say which of these customers were forgotten."""
    names = {(key[0], tag): key for key in keys for tag in sealer.tags(_name(key))}
    return {names[found] for found in find_tombstones(session, names)}


def is_forgotten(session: Session, sealer: Sealer, key: AliasKey) -> bool:
    """Say whether this customer was forgotten."""
    return bool(find_tombstones(session, [(key[0], tag) for tag in sealer.tags(_name(key))]))


def _key(snapshot: OrderSnapshot) -> AliasKey | None:
    if snapshot.customer is None:
        return None
    return snapshot.programme_id, snapshot.shop_id, snapshot.customer.customer_id


def _anonymous(snapshot: OrderSnapshot) -> OrderSnapshot:
    return replace(snapshot, customer=None, customer_standing="unknown")


def _name(key: AliasKey) -> str:
    return "customer|" + "|".join(str(part) for part in key)
