"""Likely mistakes in what members are promised: tiers and memberships that give nothing, actions and limits that miss their aim."""

from __future__ import annotations

from collections.abc import Iterator

from plugin.rules.cautions import Bounds, Caution
from plugin.rules.linting_earning import life_days
from plugin.rules.schema import ProgrammeDocument
from plugin.rules.schema_actions import ONCE, YEARLY
from plugin.rules.schema_caps import Cap
from plugin.rules.schema_memberships import Membership
from plugin.rules.schema_tiers import Tier
from plugin.rules.walking import walk

_PERIOD_DAYS = {"day": 1, "week": 7, "month": 30, "year": 365}


def member_cautions(document: ProgrammeDocument, bounds: Bounds) -> Iterator[Caution]:
    """Look at tiers, memberships, actions, limits and segments."""
    for index, tier in enumerate(document.tiers.levels if document.tiers else ()):
        if tier.entry is not None and not _tier_gives(tier, document):
            yield Caution(f"tiers.levels[{index}]", "tier_gives_nothing", {"tier": tier.id})
    for index, membership in enumerate(document.memberships):
        if membership.is_active and not _membership_gives(membership):
            yield Caution(f"memberships[{index}]", "membership_gives_nothing", {"membership": membership.id})
    for index, challenge in enumerate(document.challenges):
        if challenge.is_active and bounds.today and challenge.ends_on and challenge.ends_on < bounds.today:
            detail = {"challenge": challenge.id, "day": challenge.ends_on}
            yield Caution(f"challenges[{index}].ends_on", "challenge_is_over", detail)
    yield from _actions(document)
    yield from _caps(document)
    yield from _segments(document)


def _tier_gives(tier: Tier, document: ProgrammeDocument) -> bool:
    """Whether it brings anything: points, perks, a longer life of points, rewards of its own."""
    lives = any(one.tier == tier.id for one in document.earning.expiry_by_tier)
    rewards = any(one.when and tier.id in one.when.tiers for one in document.rewards if one.is_active)
    return tier.multiplier != 1 or bool(tier.perks) or tier.entry_reward is not None or lives or rewards


def _membership_gives(one: Membership) -> bool:
    given = (one.points_at_start, one.points_at_renewal, one.points_monthly, one.perks)
    return any(given) or one.multiplier not in {None, 1}


def _actions(document: ProgrammeDocument) -> Iterator[Caution]:
    """An action that can be done again and again should have an end somewhere: of its own, of a group, or of a cap."""
    grouped = {name for group in document.action_groups for name in group.actions}
    capped = {name for cap in document.caps if cap.is_active for name in cap.named}
    if any(not group.actions for group in document.action_groups) or any(
        cap.over == "everything" for cap in document.caps
    ):
        return
    for index, action in enumerate(document.actions):
        is_bounded = action.limits or action.id in grouped | capped or action.kind in ONCE | YEARLY
        if action.is_active and not is_bounded:
            yield Caution(f"actions[{index}].limits", "action_without_limit", {"action": action.id})


def _caps(document: ProgrammeDocument) -> Iterator[Caution]:
    """A reward that costs more than a member may ever hold under a cap on everything is out of reach."""
    for cap in document.caps:
        most = _most_held(cap, life_days(document.earning))
        for index, reward in enumerate(document.rewards):
            if most is not None and reward.is_active and reward.points > most:
                yield Caution(
                    f"rewards[{index}].points", "reward_above_cap", {"reward": reward.id, "cap": cap.id, "most": most}
                )


def _most_held(cap: Cap, life: int | None) -> int | None:
    """The most points one member can hold under a cap before the first of them lapse; None is without end."""
    if not cap.is_active or cap.per != "member" or cap.over != "everything":
        return None
    if cap.period == "life":
        return cap.points
    return None if life is None else cap.points * (life // _PERIOD_DAYS[cap.period] + 2)


def _segments(document: ProgrammeDocument) -> Iterator[Caution]:
    named = {
        name
        for path, value in walk(document)
        if path.endswith("segments") and path != "segments" and isinstance(value, tuple)
        for name in value
    }
    for index, segment in enumerate(document.segments):
        if segment.id not in named:
            yield Caution(f"segments[{index}]", "segment_unused", {"segment": segment.id})
