"""All that is kept about one person, table by table: what a data request is answered with.

Every table of the schema stands either among `ABOUT_PERSONS` or in `NOT_ABOUT_PERSONS` with the reason; a test walks the schema.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, Table, and_, false, or_, select
from sqlalchemy.orm import Session

from plugin.actions.tables import action_award
from plugin.ledger.adjustments import adjustment
from plugin.ledger.awards import award
from plugin.ledger.keeps import expiry_keep
from plugin.ledger.notices import expiry_warning
from plugin.ledger.tables import account, entry, extension, hold_part, lot, posting
from plugin.members.carried_over import carried_over
from plugin.members.profiles import member_profile
from plugin.members.store import list_aliases
from plugin.members.tables import alias, invitation, member, past_stay
from plugin.memberships.tables import membership_holding, membership_purchase
from plugin.orders.backfill_tables import backfill_order
from plugin.orders.tables import order_state, order_target
from plugin.programme.limit_tables import cap_charge, cap_use
from plugin.referrals.tables import referral, referral_event, referral_link, referral_trace
from plugin.rewards.tables import redemption
from plugin.sealing import Sealer
from plugin.sheets.about import opened, owner
from plugin.sheets.tables import sheet, sheet_row
from plugin.shops.tables import compliance_request
from plugin.standing.challenges import challenge_completion
from plugin.standing.shopify_segments import segment_customer
from plugin.standing.tables import tier_change, tier_holding

Sort = Literal["member", "account", "customer", "order", "posting", "referral"]


@dataclass(frozen=True, slots=True)
class About:
    """A table with rows about persons: those where one of `columns` holds an id of theirs of this sort. `unsaid` is not told."""

    table: Table
    sort: Sort
    columns: tuple[str, ...]
    unsaid: tuple[str, ...] = ()


_OF_FRIENDS = ("friend_key", "friend_email", "claimed_by", "friend_customer_id", "order_id")
"""Of a friend's order and name the member who brought them hears nothing."""
ABOUT_PERSONS: tuple[About, ...] = (
    About(member, "member", ("id", "merged_into_id")),
    About(alias, "member", ("member_id",)),
    About(past_stay, "customer", ("customer_id",)),
    About(member_profile, "member", ("member_id",)),
    About(carried_over, "member", ("member_id",)),
    About(invitation, "member", ("invited_by_id", "accepted_by_id"), unsaid=("token_hash",)),
    About(sheet_row, "customer", ("customer_id",)),
    About(account, "account", ("id",)),
    About(posting, "posting", ("id",)),
    About(entry, "account", ("account_id",)),
    About(lot, "account", ("account_id",)),
    About(hold_part, "account", ("account_id",)),
    About(extension, "account", ("account_id",)),
    About(expiry_keep, "member", ("member_id",)),
    About(expiry_warning, "account", ("account_id",)),
    About(award, "account", ("account_id",)),
    About(adjustment, "account", ("account_id",)),
    About(cap_use, "account", ("subject_id",)),
    About(cap_charge, "account", ("subject_id",)),
    About(order_state, "customer", ("customer_id",)),
    About(order_target, "order", ("order_id",)),
    About(backfill_order, "customer", ("customer_id",)),
    About(redemption, "member", ("member_id",), unsaid=("wish_hash",)),
    About(action_award, "member", ("member_id",)),
    About(tier_holding, "member", ("member_id",)),
    About(tier_change, "member", ("member_id",)),
    About(challenge_completion, "member", ("member_id",)),
    About(membership_purchase, "member", ("member_id", "first_member_id")),
    About(membership_holding, "member", ("member_id",)),
    About(segment_customer, "customer", ("customer_id",)),
    About(referral_link, "member", ("member_id",)),
    About(referral, "referral", ("id",), unsaid=_OF_FRIENDS),
    About(referral_event, "referral", ("referral_id",)),
    About(referral_trace, "customer", ("customer_id",)),
    About(compliance_request, "customer", ("customer_id",), unsaid=("answer",)),
)
NOT_ABOUT_PERSONS: Mapping[str, str] = {
    "adjusting_day": "how many points one of the merchant's own people moved in a day",
    "api_key": "a key of the merchant's",
    "api_request": "answers to calls of the merchant's own programs, dropped after some days",
    "backfill": "a run over a shop's past orders; each order is told by backfill_order",
    "delivery": "messages from Shopify, sealed and dropped after some weeks; what they told is in the other tables",
    "group_goal": "when all members together reached a goal",
    "notice_rule": "when the programme warns of the end of points",
    "oauth_state": "an install that is under way",
    "product_facts": "products",
    "programme": "the programme",
    "programme_document": "the programme's rules",
    "proof": "a day's check of the books: differences by account, no person's data",
    "seal": "counts and sums of closed days",
    "segment_reading": "when a segment was read, and how many customers were in it",
    "sheet": "a file of the merchant's; each row is told by sheet_row",
    "shop": "the shop",
    "shop_token": "the shop's access to Shopify",
    "standing_mark": "a note, gone within minutes, that a member's tier is to be looked at again",
    "standing_review": "how far a new version's tiers were looked at",
    "tombstone": "who asked to be forgotten, under a keyed name that nobody can be found by",
}


@dataclass(frozen=True, slots=True)
class Person:
    """A customer by every id that our tables know them by; orders and customers are (shop, id)."""

    programme_id: UUID
    members: frozenset[UUID]
    accounts: frozenset[UUID]
    customers: frozenset[tuple[UUID, int]]
    orders: frozenset[tuple[UUID, int]]
    postings: frozenset[UUID]
    referrals: frozenset[UUID]


def kept_about(session: Session, sealer: Sealer, customer: tuple[UUID, UUID, int]) -> dict[str, list[dict[str, Any]]]:
    """Return every row about the person behind a (programme, shop, customer), by table; tables without one are left out.

    Of an account that several share, everything is told: each of them sees it. Of friends who were brought only how it went.
    """
    person = find_person(session, customer)
    found = {}
    for about in ABOUT_PERSONS:
        if rows := list(_rows(session, sealer, about, person)):
            found[about.table.name] = rows
    return found


def find_person(session: Session, customer: tuple[UUID, UUID, int]) -> Person:
    """Gather the ids of a person: those of the members who were merged into theirs count too."""
    programme_id, shop_id, customer_id = customer
    members, accounts = _members(session, customer)
    customers = {(shop_id, customer_id)}
    for one in members:
        customers |= set(list_aliases(session, programme_id, one))
    orders = select(order_state.c.shop_id, order_state.c.order_id).where(
        order_state.c.programme_id == programme_id, _pairs(order_state, "customer_id", customers)
    )
    postings = select(entry.c.posting_id).where(
        entry.c.programme_id == programme_id, entry.c.account_id.in_(sorted(accounts))
    )
    mine = referral.c.referrer_id.in_(sorted(members))
    names = (referral.c.claimed_by, referral.c.friend_customer_id)
    theirs = or_(mine, *(_pairs(referral, name.name, customers) for name in names))
    query = select(referral.c.id).where(referral.c.programme_id == programme_id, theirs)
    return Person(
        programme_id,
        frozenset(members),
        frozenset(accounts),
        frozenset(customers),
        frozenset((row.shop_id, row.order_id) for row in session.execute(orders)),
        frozenset(session.execute(postings).scalars()),
        frozenset(session.execute(query).scalars()),
    )


def _members(session: Session, customer: tuple[UUID, UUID, int]) -> tuple[set[UUID], set[UUID]]:
    """The member behind a customer and all who were merged into them, and their accounts."""
    programme_id, shop_id, customer_id = customer
    known = (alias.c.programme_id == programme_id, alias.c.shop_id == shop_id, alias.c.customer_id == customer_id)
    found = set(session.execute(select(alias.c.member_id).where(*known)).scalars())
    fresh = found
    while fresh:
        absorbed = (member.c.programme_id == programme_id, member.c.merged_into_id.in_(sorted(fresh)))
        fresh = set(session.execute(select(member.c.id).where(*absorbed)).scalars()) - found
        found |= fresh
    of_these = (member.c.programme_id == programme_id, member.c.id.in_(sorted(found)))
    return found, set(session.execute(select(member.c.account_id).where(*of_these)).scalars())


def _rows(session: Session, sealer: Sealer, about: About, person: Person) -> Iterator[dict[str, Any]]:
    table = about.table
    mine = or_(*(_is_of(table, name, about.sort, person) for name in about.columns))
    query = select(table).where(table.c.programme_id == person.programme_id, mine)
    unsaid = {"programme_id", *about.unsaid}
    for row in session.execute(query.order_by(*table.primary_key.columns)).mappings():
        values = dict(row)
        if table is sheet_row:
            values["sealed"] = opened(sealer, row["sealed"], owner(row["sheet_id"], row["number"]))
        yield {name: _plain(value) for name, value in values.items() if name not in unsaid}


def _is_of(table: Table, name: str, sort: Sort, person: Person) -> ColumnElement[bool]:
    if sort == "customer":
        return _pairs(table, name, person.customers)
    if sort == "order":
        return _pairs(table, name, person.orders)
    ids: Mapping[str, Collection[UUID]] = {
        "member": person.members,
        "account": person.accounts,
        "posting": person.postings,
        "referral": person.referrals,
    }
    return table.c[name].in_(sorted(ids[sort]))


def _pairs(table: Table, name: str, pairs: Collection[tuple[UUID, int]]) -> ColumnElement[bool]:
    """Rows whose shop and id are one of these; a table without a shop of its own tells customers by what its parent says."""
    by_shop: dict[UUID, list[int]] = {}
    for shop_id, one in pairs:
        by_shop.setdefault(shop_id, []).append(one)
    parts = [and_(_shop_is(table, shop_id), table.c[name].in_(sorted(ids))) for shop_id, ids in by_shop.items()]
    return or_(false(), *parts)


def _shop_is(table: Table, shop_id: UUID) -> ColumnElement[bool]:
    if "shop_id" in table.c:
        return table.c.shop_id == shop_id
    return table.c.sheet_id.in_(select(sheet.c.id).where(sheet.c.shop_id == shop_id))


def _plain(value: Any) -> Any:
    """JSON-ready; what is stored as a text of JSON is told as what it says."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, str) and value.startswith(("{", "[")):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value
