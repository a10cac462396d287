"""Two customers become one, two accounts become one: their facts are told on the account that survives, the other stays empty.

Everything moves: orders (the old account to zero, the new one to the target), redemptions and open holds, changes made by hand, debt.
Only what a person is given once goes back where both had it (`undoubling`).
What the surviving account then holds is what it would hold had it been one account from the start, so the order of merges, their
repetition and late facts make no difference.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from plugin.actions.store import hand_over
from plugin.facts import CustomersMerged
from plugin.journeys.contexts import add_member
from plugin.journeys.crediting import credit_again
from plugin.journeys.forgetting import is_forgotten
from plugin.journeys.noting_news import note_news
from plugin.journeys.republishing import publish_again
from plugin.journeys.retelling import retell
from plugin.journeys.undoubling import take_back_doubles
from plugin.ledger import Books
from plugin.ledger.merged import mark_merged
from plugin.members import Member, get_member
from plugin.members.invitations import give_invitations
from plugin.members.profiles import merge_profiles
from plugin.members.stays import end_stays
from plugin.members.store import (
    AliasKey,
    absorb_member,
    add_alias,
    find_members,
    list_aliases,
    list_members_of_account,
    move_members,
    set_account,
)
from plugin.memberships.store import follow_member
from plugin.orders import lock_states
from plugin.orders.queries import list_orders_of_account, list_orders_of_customers
from plugin.orders.states import OrderKey
from plugin.programme.limit_uses import lock_shared_uses, move_uses
from plugin.referrals.links import give_links
from plugin.referrals.transitions import give_referrals
from plugin.rewards.repointing import follow_customer, give_redemptions, move_redemptions
from plugin.sealing import Sealer


@dataclass(frozen=True, slots=True)
class Seen:
    """People, and the orders their change touches, as a look found them."""

    people: tuple[Member, ...]
    orders: frozenset[OrderKey]


def merge_customers(session: Session, sealer: Sealer, fact: CustomersMerged, now: datetime) -> None:
    """Let the kept customer stand for the deleted one, for ever. Repeatable; a forgotten customer is neither."""
    deleted_key = (fact.programme_id, fact.shop_id, fact.deleted_id)
    kept_key = (fact.programme_id, fact.shop_id, fact.kept_id)
    if is_forgotten(session, sealer, deleted_key) or is_forgotten(session, sealer, kept_key):
        return
    _know_both(session, deleted_key, kept_key, now)
    seen = lock_together(session, lambda: _look(session, deleted_key, kept_key), now)
    loser, winner = seen.people
    if loser.member_id != winner.member_id:
        _merge_members(session, loser, winner, seen.orders, now)
        give_links(session, fact.programme_id, loser.member_id, winner.member_id)
        give_referrals(session, fact.programme_id, loser.member_id, winner.member_id, now)
        take_back_doubles(session, fact.programme_id, winner.member_id, fact.occurred_at, now)
    note_news(session, [(winner.programme_id, winner.member_id)], now)
    follow_customer(session, fact.programme_id, fact.shop_id, (fact.deleted_id, fact.kept_id), now)
    publish_again(session, fact.programme_id, {get_member(session, winner.programme_id, winner.member_id).account_id})


def lock_together(session: Session, look: Callable[[], Seen], now: datetime) -> Seen:
    """Lock what a look finds, orders first, then accounts, then the programme's limits; return what holds then.

    Where something changed while we waited, every lock is given back and taken anew: adding one to those we hold would be out of order.
    """
    while True:
        attempt = session.begin_nested()
        found = look()
        states = lock_states(session, found.orders, now)
        accounts = {(one.programme_id, one.account_id) for one in found.people}
        accounts |= {(one.programme_id, one.account_id) for one in states if one.account_id is not None}
        Books(session).lock(accounts)
        for programme_id in sorted({one.programme_id for one in found.people}):
            lock_shared_uses(session, programme_id)
        if look() == found:
            attempt.commit()
            return found
        attempt.rollback()


def merge_accounts(
    session: Session, losers: Collection[UUID], winner: tuple[UUID, UUID], orders: Collection[OrderKey], now: datetime
) -> None:
    """Let accounts be part of another: (programme, account). All are locked, and so are `orders`, those told on the losers."""
    programme_id, winner_id = winner
    for loser_id in losers:
        mark_merged(session, programme_id, loser_id, winner_id)
        move_members(session, programme_id, loser_id, winner_id)
        move_uses(session, programme_id, loser_id, winner_id)
        move_redemptions(session, programme_id, loser_id, winner_id)
    credit_again(session, orders, now)
    books = Books(session)
    keys = [(programme_id, account_id) for account_id in (*losers, winner_id)]
    books.lock(keys)
    retell(session, books, keys, "merge", now)
    books.write()


def aliases_of(session: Session, member: Member) -> list[AliasKey]:
    """List the customers a member stands for: (programme, shop, customer)."""
    return [(member.programme_id, *one) for one in list_aliases(session, member.programme_id, member.member_id)]


def others_with(session: Session, account: tuple[UUID, UUID], *people: Member) -> list[Member]:
    """List who else has this account: a household's."""
    known = {one.member_id for one in people}
    return [one for one in list_members_of_account(session, *account) if one.member_id not in known]


def _know_both(session: Session, deleted: AliasKey, kept: AliasKey, now: datetime) -> None:
    """Somebody seen under one id only gets the other as well; the merge may be the first we hear of either."""
    known = find_members(session, [deleted, kept])
    if not known:
        known[kept] = add_member(session, kept, now, has_account=None)
    for key, other in ((deleted, kept), (kept, deleted)):
        if key not in known:
            add_alias(session, key, known[other].member_id, now)


def _look(session: Session, deleted: AliasKey, kept: AliasKey) -> Seen:
    known = find_members(session, [deleted, kept])
    people = (known[deleted], known[kept])
    if people[0].member_id == people[1].member_id:
        return Seen(people, frozenset())
    named = list_orders_of_customers(session, [key for one in people for key in aliases_of(session, one)])
    told = [key for one in people for key in list_orders_of_account(session, one.programme_id, one.account_id)]
    return Seen(people, frozenset({*named, *told}))


def _merge_members(
    session: Session, loser: Member, winner: Member, orders: Collection[OrderKey], now: datetime
) -> None:
    """One person has one account: a household's before a personal one; of two households, the kept customer's.

    Of two personal ones the younger survives, whoever is kept: those who wait for the other go on to a lock of a higher id.
    """
    programme_id = winner.programme_id
    aliases = aliases_of(session, loser)
    absorb_member(session, loser, winner)
    follow_member(session, winner.programme_id, loser.member_id, winner.member_id)
    give_redemptions(session, programme_id, loser.member_id, winner.member_id)
    give_invitations(session, programme_id, loser.member_id, winner.member_id)
    hand_over(session, programme_id, loser.member_id, winner.member_id)
    merge_profiles(session, programme_id, loser.member_id, winner.member_id)
    theirs, ours = loser.account_id, winner.account_id
    if theirs == ours:
        return credit_again(session, orders, now)
    is_theirs_shared = bool(others_with(session, (programme_id, theirs), loser, winner))
    is_ours_shared = bool(others_with(session, (programme_id, ours), loser, winner))
    if is_theirs_shared and is_ours_shared:
        end_stays(session, aliases, theirs, now)
        set_account(session, winner, ours, moved_at=now)
        return credit_again(session, orders, now)
    kept = theirs if is_theirs_shared else ours if is_ours_shared else max(theirs, ours)
    gone = ours if kept == theirs else theirs
    return merge_accounts(session, [gone], (programme_id, kept), orders, now)
