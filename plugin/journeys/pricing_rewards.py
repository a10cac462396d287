"""The catalogue as somebody is offered it now: what rewards cost and are worth, as campaigns run, and which of them they cannot have.

All is as of the instant of the wish. No more is looked up than the catalogue and its campaigns ask.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from plugin.journeys.holding_memberships import memberships_at
from plugin.journeys.segments import segments_of_member
from plugin.journeys.viewing_tiers import tier_standing
from plugin.members import Member
from plugin.members.birthdays import known_profile
from plugin.money import decimals_of
from plugin.programme.store import get_programme
from plugin.rewards.had import Had, had_by_all, had_by_member
from plugin.rules import Given, ProgrammeDocument, Reward
from plugin.rules.actions import limit_window
from plugin.rules.offering import Birthday, Taker, locked
from plugin.rules.pricing import Asker, Priced, priced
from plugin.rules.schema_rewards import RewardWhen
from plugin.rules.schema_segments import Segment
from plugin.rules.schema_when import When
from plugin.shops.store import Shop


def offered_rewards(
    session: Session, document: ProgrammeDocument, shop: Shop, member: Member | None, now: datetime
) -> list[Priced]:
    """Price the catalogue for a member, or for somebody who is none yet and is told no more than the prices."""
    if not _asks_anything(document):
        return [Priced(one, one) for one in document.rewards]
    timezone = get_programme(session, shop.programme_id).timezone
    taker = _taker(session, document, member, now, timezone)
    asker = Asker(now, timezone, decimals_of(shop.currency), taker.tier, taker.segments)
    offers = priced(document, asker)
    if member is None:
        return offers
    return [replace(one, locked=locked(document, one.usual, taker)) for one in offers]


def _asks_anything(document: ProgrammeDocument) -> bool:
    """Whether anything but points decides; if not, nothing has to be looked up."""
    rewards = any(one.when or one.available or one.limits or one.stock for one in document.rewards if one.is_active)
    return rewards or bool(document.reward_groups) or any(one.is_for_rewards for one in document.campaigns)


def _taker(session: Session, document: ProgrammeDocument, member: Member | None, now: datetime, timezone: str) -> Taker:
    rewards = [one for one in document.rewards if one.is_active]
    if member is None:
        return Taker(now, timezone)
    whens = [one.when for one in rewards if one.when]
    campaigns = [one.when for one in document.campaigns if one.is_active and one.is_for_rewards and one.when]
    asked: list[RewardWhen | When] = [*whens, *campaigns]
    segments = _segments(document, {name for one in asked for name in one.segments})
    needs_tier = any(one.tiers for one in asked) or any(_asks_tier(one) for one in segments)
    standing = tier_standing(session, member, now) if needs_tier else None
    tier = standing.holding.tier if standing else None
    return Taker(
        now,
        timezone,
        tier,
        segments_of_member(session, member, segments, tier, now) if segments else frozenset(),
        memberships_at(session, member, document, now) if any(one.memberships for one in whens) else frozenset(),
        _birthday(session, member, timezone) if any(_asks_birthday(one) for one in rewards) else None,
        _given(had_by_member(session, member.programme_id, member.member_id))
        if document.reward_groups or any(one.limits for one in rewards)
        else (),
        _sold(session, member, rewards, now, timezone),
    )


def _segments(document: ProgrammeDocument, names: set[str]) -> Sequence[Segment]:
    return [one for one in document.segments if one.id in names]


def _asks_tier(segment: Segment) -> bool:
    return segment.kind == "members" and bool(segment.facts.tiers)


def _asks_birthday(reward: Reward) -> bool:
    return reward.available is not None and reward.available.birthday is not None


def _birthday(session: Session, member: Member, timezone: str) -> Birthday | None:
    profile = known_profile(session, member.programme_id, member.member_id)
    if profile.birthday is None or profile.birthday_set_at is None:
        return None
    return Birthday(*profile.birthday, profile.birthday_set_at, profile.timezone or timezone)


def _sold(
    session: Session, member: Member, rewards: Sequence[Reward], now: datetime, timezone: str
) -> Mapping[str, Sequence[Given]]:
    """What is gone of each stock; of one that comes again, what is gone since it last did."""
    since = {
        one.id: limit_window(one.stock, None, None, now, timezone).since for one in rewards if one.stock is not None
    }
    return {name: _given(had_by_all(session, member.programme_id, name, at)) for name, at in since.items()}


def _given(had: Sequence[Had]) -> list[Given]:
    return [Given(one.reward_id, one.points, one.at) for one in had]
