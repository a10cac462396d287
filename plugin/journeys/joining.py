"""Members come and go: customers seen, joining by their own wish, leaving, merging."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from plugin.errors import NotAllowed
from plugin.facts import CustomerSeen, CustomersMerged
from plugin.journeys.contexts import new_member
from plugin.journeys.crediting import credit_again
from plugin.journeys.documents import current_document
from plugin.journeys.forgetting import is_forgotten
from plugin.ledger import open_accounts
from plugin.members import Member, find_member, get_member
from plugin.members.store import AliasKey, add_members, list_aliases, move_aliases, set_has_account, set_standing
from plugin.orders.queries import list_orders_of_customers
from plugin.sealing import Sealer


def see_customer(session: Session, sealer: Sealer, fact: CustomerSeen, now: datetime) -> None:
    """Remember a customer; one who may join by the programme's setting joins now, and their waiting orders count."""
    key = (fact.programme_id, fact.shop_id, fact.customer_id)
    if is_forgotten(session, sealer, key):
        return
    member = find_member(session, *key)
    if member is None:
        _add(session, key, now, has_account=fact.has_account)
        return
    if fact.has_account is not None and fact.has_account != member.has_account:
        set_has_account(session, member, has_account=fact.has_account)
        if fact.has_account and member.standing == "waiting" and _enrolment(session, member) == "account_holders":
            _join(session, member, now)


def join(session: Session, sealer: Sealer, key: AliasKey, now: datetime) -> Member:
    """Let a signed-in shopper join; orders that waited for them count now. Joining twice changes nothing.

    Raises:
        NotAllowed: the person was forgotten on their own wish and has to write to the shop.
    """
    if is_forgotten(session, sealer, key):
        raise NotAllowed("forgotten customers do not rejoin by themselves", code="forgotten")
    member = find_member(session, *key) or _add(session, key, now, has_account=True)
    if member.standing in {"waiting", "left"}:
        _join(session, member, now)
    return get_member(session, member.programme_id, member.member_id)


def leave(session: Session, member: Member, now: datetime) -> None:
    """Let a member leave: what they have stays theirs, new orders give nothing."""
    set_standing(session, member, "left", now)


def merge_customers(session: Session, fact: CustomersMerged, now: datetime) -> None:
    """Let the deleted customer stand for the kept one; the orders of both are evaluated anew, which moves their points."""
    deleted = find_member(session, fact.programme_id, fact.shop_id, fact.deleted_id)
    kept = find_member(session, fact.programme_id, fact.shop_id, fact.kept_id)
    if deleted is None or (kept and kept.member_id == deleted.member_id):
        return
    if kept is None:
        kept = _add(session, (fact.programme_id, fact.shop_id, fact.kept_id), now, has_account=deleted.has_account)
    if deleted.standing == "joined" and kept.standing == "waiting":
        set_standing(session, kept, "joined", now)
    aliases = [(fact.programme_id, *one) for one in list_aliases(session, fact.programme_id, deleted.member_id)]
    move_aliases(session, fact.programme_id, deleted.member_id, kept.member_id)
    set_standing(session, deleted, "merged", now)
    credit_again(session, list_orders_of_customers(session, aliases), now)


def _add(session: Session, key: AliasKey, now: datetime, *, has_account: bool | None) -> Member:
    draft = new_member(session, key, now, has_account=has_account)
    open_accounts(session, [(draft.programme_id, draft.account_id)], now)
    add_members(session, {key: draft}, now)
    return draft


def _join(session: Session, member: Member, now: datetime) -> None:
    set_standing(session, member, "joined", now)
    aliases = [(member.programme_id, *one) for one in list_aliases(session, member.programme_id, member.member_id)]
    credit_again(session, list_orders_of_customers(session, aliases), now)


def _enrolment(session: Session, member: Member) -> str:
    programme_id: UUID = member.programme_id
    _, document = current_document(session, programme_id)
    return str(document.enrolment)
