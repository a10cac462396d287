"""Customers who sign up, and who say whether they want to hear from the shop: facts of Shopify's that actions may pay for."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from plugin.facts import ConsentChanged
from plugin.journeys.acting import IN_A_LIFE, Deed, act_on_kind, locked_member
from plugin.journeys.forgetting import is_forgotten
from plugin.members import find_member
from plugin.members.profiles import Profile, get_profile, keep_profile
from plugin.members.store import AliasKey
from plugin.rules.schema_actions import Kind
from plugin.sealing import Sealer

SUBSCRIBED = "subscribed"
_KINDS: dict[str, Kind] = {"email": "newsletter", "sms": "sms_consent"}


def note_sign_up(session: Session, customer: AliasKey, occurred_at: datetime, now: datetime) -> None:
    """Let signing up count for a customer who is a member; it does so once in a life."""
    programme_id, shop_id, _ = customer
    member = find_member(session, *customer)
    if member is not None and member.standing == "joined":
        deed = Deed(programme_id, member.member_id, "", IN_A_LIFE, occurred_at, "customers", shop_id)
        act_on_kind(session, "sign_up", deed, now)


def note_consent(session: Session, sealer: Sealer, fact: ConsentChanged, now: datetime) -> None:
    """Remember a consent; a change to subscribed counts, once in a life, in whatever order changes are told.

    A body that only repeats how things stand is no change, unless we knew them to stand otherwise.
    """
    customer = (fact.programme_id, fact.shop_id, fact.customer_id)
    member = find_member(session, *customer)
    if member is None or is_forgotten(session, sealer, customer):
        return
    fact = replace(fact, occurred_at=min(fact.occurred_at, now))
    member = locked_member(session, fact.programme_id, member.member_id)
    profile = get_profile(session, fact.programme_id, member.member_id)
    known, known_at = profile.consent(fact.channel)
    if known_at is None or fact.occurred_at > known_at:
        keep_profile(session, _told(profile, fact))
    is_change = fact.is_change or known not in {None, SUBSCRIBED}
    if fact.state == SUBSCRIBED and is_change:
        deed = Deed(fact.programme_id, member.member_id, "", IN_A_LIFE, fact.occurred_at, "consent", fact.shop_id)
        act_on_kind(session, _KINDS[fact.channel], deed, now)


def _told(profile: Profile, fact: ConsentChanged) -> Profile:
    if fact.channel == "email":
        return replace(profile, email_consent=fact.state, email_consent_at=fact.occurred_at)
    return replace(profile, sms_consent=fact.state, sms_consent_at=fact.occurred_at)
