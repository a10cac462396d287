"""What a batch of orders depends on: whose they are, which document holds, which product facts are known.

An order's context is frozen at its first evaluation; later facts never change another order's context.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from plugin.facts import Context, ProductFacts
from plugin.journeys.context_memberships import freeze_memberships
from plugin.journeys.context_orders import freeze_order_facts
from plugin.journeys.context_tiers import add_tiers, is_first
from plugin.journeys.documents import document_of, version_in_force
from plugin.journeys.noting_news import note_news
from plugin.journeys.segments import add_segments
from plugin.ledger import open_accounts
from plugin.ledger.merged import surviving_accounts
from plugin.members import Member
from plugin.members.stays import PastStay, list_past_stays
from plugin.members.store import AliasKey, add_members, draft_member, find_members
from plugin.orders import OrderState
from plugin.orders.products import ProductKey, find_products
from plugin.orders.queries import challenge_claims, find_rival_claims
from plugin.orders.states import OrderKey
from plugin.programme.store import get_programme
from plugin.rules import needs_products
from plugin.shops.store import Shop, get_shop

PRODUCTS_FRESH = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the orders of a batch depend on, looked up together."""

    members: dict[AliasKey, Member]
    shops: dict[UUID, Shop]
    timezones: dict[UUID, str]
    past_stays: dict[AliasKey, list[PastStay]]

    def member_of(self, state: OrderState) -> Member | None:
        """Return the member whose order it is; None for a guest."""
        key = _alias_key(state)
        return self.members.get(key) if key else None

    def account_of(self, state: OrderState) -> UUID | None:
        """Return the account an order gives to: the one its member had when it was placed."""
        key, snapshot = _alias_key(state), state.snapshot
        member = self.members.get(key) if key else None
        if key is None or member is None or snapshot is None:
            return None
        stays = self.past_stays.get(key, [])
        return next((stay.account_id for stay in stays if snapshot.placed_at < stay.until), member.account_id)

    def timezone_of(self, state: OrderState) -> str:
        """Return the programme's timezone, in which terms are counted."""
        return self.timezones[state.programme_id]

    def earners(self, states: Sequence[OrderState]) -> dict[OrderKey, UUID]:
        """Say whose those orders are that may earn, by order."""
        found = ((state, self.member_of(state)) for state in states if self.barred(state) is None)
        return {state.key: member.member_id for state, member in found if member}

    def barred(self, state: OrderState) -> str | None:
        """Say, in a machine word, why this order may not earn whatever it holds; None if it may."""
        snapshot = state.snapshot
        if snapshot is None or state.ownership in {"disputed", "foreign"}:
            return "disputed"
        if state.backfill_id is None and snapshot.placed_at < self.shops[state.shop_id].earning_starts_at:
            return "before_start"
        if snapshot.customer_standing == "unknown":
            return "customer_withheld"
        member = self.member_of(state)
        if member is None:
            return "guest"
        if member.standing == "waiting":
            return "not_joined"
        return "left" if member.left_at is not None and snapshot.placed_at >= member.left_at else None


def look_around(session: Session, states: Sequence[OrderState], now: datetime) -> Surroundings:
    """Look up what these orders depend on; make members of customers not seen before; freeze contexts."""
    if rivals := _dispute(session, states):
        challenge_claims(session, rivals, now)
    members, drafts = _members(session, states, now)
    open_accounts(session, [(one.programme_id, one.account_id) for one in drafts.values()], now)
    add_members(session, drafts, now)
    _freeze_contexts(session, states, members | drafts, now)
    return _surroundings(session, states, members | drafts)


def look_ahead(session: Session, states: Sequence[OrderState], now: datetime) -> Surroundings:
    """Look up the same for orders that are weighed but not credited, and write nothing: new members are drafts."""
    _dispute(session, states)
    members, drafts = _members(session, states, now)
    _freeze_contexts(session, states, members | drafts, now)
    return _surroundings(session, states, members | drafts)


def _surroundings(session: Session, states: Sequence[OrderState], members: dict[AliasKey, Member]) -> Surroundings:
    shops = {shop_id: get_shop(session, shop_id) for shop_id in {state.shop_id for state in states}}
    timezones = {one: get_programme(session, one).timezone for one in {state.programme_id for state in states}}
    return Surroundings(members, shops, timezones, _past_stays(session, members))


def _past_stays(session: Session, members: Mapping[AliasKey, Member]) -> dict[AliasKey, list[PastStay]]:
    """Look up where those who moved were before, as the accounts stand that survive today; few ever moved."""
    past = list_past_stays(session, [key for key, member in members.items() if member.moved_at is not None])
    left = {(key[0], stay.account_id) for key, stays in past.items() for stay in stays}
    now = surviving_accounts(session, left)
    return {
        key: [replace(stay, account_id=now[key[0], stay.account_id][1]) for stay in stays]
        for key, stays in past.items()
    }


def _dispute(session: Session, states: Sequence[OrderState]) -> set[OrderKey]:
    """An order id claimed by two shops is credited to neither until Shopify confirms it under that shop's token.

    Returns the claims of others.
    """
    claims = find_rival_claims(session, {state.order_id for state in states})
    here = {state.key for state in states}
    rivals: set[OrderKey] = set()
    for state in states:
        claimants = claims.get(state.order_id, set()) | {(state.programme_id, state.shop_id)}
        if state.ownership == "unchallenged" and len(claimants) > 1:
            state.ownership, state.needs = "disputed", "order"
            rivals |= {(*claimant, state.order_id) for claimant in claimants}
    return rivals - here


def _members(
    session: Session, states: Sequence[OrderState], now: datetime
) -> tuple[dict[AliasKey, Member], dict[AliasKey, Member]]:
    """Find the members of these orders, and draft those not seen before."""
    keys = {key: state for state in states if (key := _alias_key(state)) and state.ownership != "disputed"}
    members = find_members(session, keys)
    missing = [key for key in keys if key not in members]
    return members, {key: _drafted(session, key, keys[key], now) for key in sorted(missing)}


def _drafted(session: Session, key: AliasKey, state: OrderState, now: datetime) -> Member:
    has_account = state.snapshot.customer.has_account if state.snapshot and state.snapshot.customer else None
    return new_member(session, key, now, has_account=has_account)


def add_member(session: Session, key: AliasKey, now: datetime, *, has_account: bool | None) -> Member:
    """Make a member of a customer not seen before, with an account of their own."""
    draft = new_member(session, key, now, has_account=has_account)
    open_accounts(session, [(draft.programme_id, draft.account_id)], now)
    add_members(session, {key: draft}, now)
    note_news(session, [(draft.programme_id, draft.member_id)], now)
    return draft


def new_member(session: Session, key: AliasKey, now: datetime, *, has_account: bool | None) -> Member:
    """Draft a member as the programme's enrolment setting says: at once, with an account, or by asking."""
    joins = may_join(session, key[0], now, has_account=has_account)
    return draft_member(key, now, has_account=has_account, joins=joins)


def may_join(session: Session, programme_id: UUID, now: datetime, *, has_account: bool | None) -> bool:
    """Say whether a customer who did not ask is a member by the programme's setting."""
    enrolment = document_of(session, programme_id, version_in_force(session, programme_id, now)).enrolment
    return enrolment == "every_customer" or (enrolment == "account_holders" and has_account is True)


def _freeze_contexts(
    session: Session, states: Sequence[OrderState], members: Mapping[AliasKey, Member], now: datetime
) -> None:
    fresh = [state for state in states if state.context is None and state.snapshot is not None]
    wanted: dict[ProductKey, OrderState] = {}
    first = [state for state in states if state.snapshot is not None and is_first(state)]
    for state in states:
        if state.snapshot is None:
            continue
        if state.context is None:
            state.context = Context(version_in_force(session, state.programme_id, state.snapshot.placed_at))
        document = document_of(session, state.programme_id, state.context.document_version)
        known = {one.product_id for one in state.context.products}
        for product_id in needs_products(document, state.snapshot):
            if product_id not in known:
                wanted[state.programme_id, state.shop_id, product_id] = state
    found = find_products(session, wanted, fetched_since=now - PRODUCTS_FRESH)
    for state in states:
        _add_products(session, state, found)
    known_members = {state.key: members[key] for state in fresh if (key := _alias_key(state)) and key in members}
    freeze_order_facts(session, states)
    freeze_memberships(session, fresh, known_members)
    add_tiers(session, first, now)
    theirs = {one.key: members[key] for one in first if (key := _alias_key(one)) and key in members}
    add_segments(session, first, theirs, now)


def _add_products(session: Session, state: OrderState, found: dict[ProductKey, ProductFacts]) -> None:
    """Freeze the facts at hand into the context; ask for a fetch where one is missing."""
    if state.snapshot is None or state.context is None:
        return
    document = document_of(session, state.programme_id, state.context.document_version)
    known = {one.product_id: one for one in state.context.products}
    for product_id in needs_products(document, state.snapshot):
        if product_id in known:
            continue
        if facts := found.get((state.programme_id, state.shop_id, product_id)):
            known[product_id] = facts
        elif state.needs is None:
            state.needs = "products"
    if state.needs == "products" and all(one in known for one in needs_products(document, state.snapshot)):
        state.needs = None
    state.context = replace(state.context, products=tuple(known[one] for one in sorted(known)))


def _alias_key(state: OrderState) -> AliasKey | None:
    if state.snapshot is None or state.snapshot.customer is None:
        return None
    return state.programme_id, state.shop_id, state.snapshot.customer.customer_id
