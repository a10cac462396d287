"""Households: several members, one account. Who comes brings everything, who goes starts at nothing.

The rules, as a shopper may be told them:

- Any member may invite; the household begins when the first invitation is accepted. Six people at most, each in one household only.
- Who joins brings everything: points with their dates, pending ones, codes still being made, and what refunds of earlier orders take
  back. Nobody joins while they owe points: a household does not pay older debts.
- Everybody in it earns into the account and spends from it. A code belongs to the one who asked for it, its points to the household.
- Who leaves leaves the points behind and starts at nothing. Orders placed before stay with the household, their refunds too; codes in
  hand remain theirs, and points of codes handed back return to the household. The last one left simply keeps the account.
- Two customers whom the shop merges are one person: if one of them is in a household, both are; if each is in another one, the
  customer who is kept stays in theirs, and the seat in the other is given up (`merging`).
- Who leaves the programme, or is forgotten, leaves the points where they are.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from plugin.db import new_id
from plugin.errors import NotAllowed
from plugin.journeys.merging import Seen, aliases_of, lock_together, merge_accounts, others_with
from plugin.journeys.noting_news import note_news
from plugin.journeys.republishing import publish_again
from plugin.ledger import balances, open_accounts
from plugin.members import Member, get_member
from plugin.members.invitations import (
    Invitation,
    add_invitation,
    get_invitation,
    settle_invitation,
    withdraw_invitations,
)
from plugin.members.stays import end_stays
from plugin.members.store import list_members_of_account, set_account
from plugin.orders.queries import list_orders_of_account

MEMBERS_MAX = 6


def invite(session: Session, member: Member, now: datetime) -> str:
    """Invite somebody to share the member's account; return the token to hand on. It is good for one person.

    Raises:
        NotAllowed: not in the programme, or the household is full; `code` says which.
    """
    _check_joined(member)
    _check_room(session, member)
    return add_invitation(session, member, now)


def withdraw(session: Session, member: Member, now: datetime) -> None:
    """Take back every open invitation of the member's."""
    withdraw_invitations(session, member, now)


def accept(session: Session, programme_id: UUID, member_id: UUID, token: str, now: datetime) -> Member:
    """Let a member join the household of the one who invited them, with everything they have. The same twice changes nothing.

    Raises:
        NotFound: no such invitation.
        NotAllowed: the invitation is over, or one of the rules forbids it; `code` says which.
    """
    seen = lock_together(session, lambda: _look(session, programme_id, member_id, token), now)
    newcomer, inviter = seen.people
    invitation = get_invitation(session, programme_id, token)
    if invitation.accepted_by_id == newcomer.member_id and newcomer.account_id == inviter.account_id:
        return newcomer
    _check_invitation(invitation, inviter, now)
    _check_newcomer(session, newcomer, inviter)
    _check_room(session, inviter)
    _move_in(session, newcomer, inviter, seen, now)
    settle_invitation(session, programme_id, invitation, newcomer, now)
    note_news(session, [(programme_id, one.member_id) for one in seen.people], now)
    return get_member(session, programme_id, member_id)


def leave_household(session: Session, programme_id: UUID, member_id: UUID, now: datetime) -> Member:
    """Let a member go: the points stay, they start at nothing.

    Raises:
        NotAllowed: nobody else is in it.
    """
    (member,) = lock_together(
        session, lambda: Seen((get_member(session, programme_id, member_id),), frozenset()), now
    ).people
    if not others_with(session, (programme_id, member.account_id), member):
        raise NotAllowed("nobody shares this account", code="no_household")
    account_id = new_id()
    open_accounts(session, [(programme_id, account_id)], now)
    end_stays(session, aliases_of(session, member), member.account_id, now)
    set_account(session, member, account_id, moved_at=now)
    withdraw_invitations(session, member, now)
    publish_again(session, programme_id, {account_id})
    note_news(session, [(programme_id, member_id)], now)
    return get_member(session, programme_id, member_id)


def list_household(session: Session, member: Member) -> list[Member]:
    """List who shares the member's account, themselves among them."""
    return list_members_of_account(session, member.programme_id, member.account_id)


def _look(session: Session, programme_id: UUID, member_id: UUID, token: str) -> Seen:
    newcomer = get_member(session, programme_id, member_id)
    inviter = get_member(session, programme_id, get_invitation(session, programme_id, token).invited_by_id)
    moving = [newcomer] if others_with(session, (programme_id, inviter.account_id), inviter) else [newcomer, inviter]
    told = [key for one in moving for key in list_orders_of_account(session, programme_id, one.account_id)]
    return Seen((newcomer, inviter), frozenset(told))


def _move_in(session: Session, newcomer: Member, inviter: Member, seen: Seen, now: datetime) -> None:
    programme_id, household_id = inviter.programme_id, inviter.account_id
    losers = [newcomer.account_id]
    if not others_with(session, (programme_id, inviter.account_id), inviter):
        household_id = new_id()
        open_accounts(session, [(programme_id, household_id)], now, kind="household")
        losers.append(inviter.account_id)
    merge_accounts(session, losers, (programme_id, household_id), seen.orders, now)
    publish_again(session, programme_id, {household_id})


def _check_joined(member: Member) -> None:
    if member.standing != "joined":
        raise NotAllowed("only members share points", code="not_a_member")


def _check_invitation(invitation: Invitation, inviter: Member, now: datetime) -> None:
    is_open = invitation.settled_at is None and now < invitation.expires_at
    if not is_open or inviter.standing != "joined":
        raise NotAllowed("the invitation is over", code="invitation_over")


def _check_newcomer(session: Session, newcomer: Member, inviter: Member) -> None:
    _check_joined(newcomer)
    if newcomer.account_id == inviter.account_id:
        raise NotAllowed("they share an account already", code="in_household")
    if others_with(session, (newcomer.programme_id, newcomer.account_id), newcomer):
        raise NotAllowed("a member is in one household only", code="in_household")
    for one in (newcomer, inviter):
        if balances(session, one.programme_id, one.account_id).debt:
            raise NotAllowed("points are owed", code="in_debt")


def _check_room(session: Session, member: Member) -> None:
    if len(list_household(session, member)) >= MEMBERS_MAX:
        raise NotAllowed(f"a household has {MEMBERS_MAX} members at most", code="household_full")
