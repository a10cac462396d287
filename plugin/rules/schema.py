"""The programme document: everything a merchant configures, read once, checked whole, never changed in place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache, cached_property
from importlib import resources
from itertools import chain
from json import loads
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from plugin.errors import BadInput, NotFound
from plugin.rules.schema_actions import Action, ActionGroup, action_faults
from plugin.rules.schema_adjusting import Adjusting
from plugin.rules.schema_campaigns import Campaign, campaign_faults
from plugin.rules.schema_caps import Budget, Cap, Purposes, caps_faults
from plugin.rules.schema_challenges import Challenge, challenge_faults
from plugin.rules.schema_earning import Earning, expiry_faults
from plugin.rules.schema_faults import first_fault
from plugin.rules.schema_memberships import Membership, membership_faults
from plugin.rules.schema_referral import REFERRAL_IDS, Referral, referral_faults
from plugin.rules.schema_rewards import AnyReward, Reward, RewardGroup, reward_faults
from plugin.rules.schema_segments import Segment, segments_faults
from plugin.rules.schema_tiers import Tiers, tiers_faults
from plugin.rules.schema_values import Part, Words
from plugin.rules.schema_when import When, when_faults
from plugin.rules.upgrading import upgraded

__all__ = [
    "Enrolment",
    "ProgrammeDocument",
    "Reward",
    "default_document",
    "dump_document",
    "json_schema",
    "parse_document",
]

Enrolment = Literal["every_customer", "account_holders", "opt_in"]


class ProgrammeDocument(Part):
    """A loyalty programme as data. Published versions are immutable, and every award names the version that gave it."""

    schema_version: Literal[1]
    enrolment: Enrolment
    """Who becomes a member: every customer who orders, only those with a shop account, or only who joins."""
    points_name: Words
    """What shoppers call the points, in the plural."""
    earning: Earning
    rewards: Annotated[tuple[AnyReward, ...], Field(max_length=200)] = ()
    reward_groups: Annotated[tuple[RewardGroup, ...], Field(max_length=50)] = ()
    """Limits that rewards share."""
    challenges: Annotated[tuple[Challenge, ...], Field(max_length=100)] = ()
    memberships: Annotated[tuple[Membership, ...], Field(max_length=20)] = ()
    actions: Annotated[tuple[Action, ...], Field(max_length=100)] = ()
    """What earns points besides buying."""
    action_groups: Annotated[tuple[ActionGroup, ...], Field(max_length=50)] = ()
    """Limits that actions share."""
    campaigns: Annotated[tuple[Campaign, ...], Field(max_length=200)] = ()
    adjusting: Adjusting = Adjusting()
    tiers: Tiers | None = None
    """The levels members rise to; not given: there are none."""
    segments: Annotated[tuple[Segment, ...], Field(max_length=100)] = ()
    """Groups of members that other parts of the document name."""
    caps: Annotated[tuple[Cap, ...], Field(max_length=50)] = ()
    budgets: Annotated[tuple[Budget, ...], Field(max_length=50)] = ()
    purposes: Purposes = Purposes()
    referral: Referral | None = None
    """What members get for bringing friends; without it nobody is asked to."""

    @cached_property
    def _text(self) -> str:
        return self.model_dump_json()

    def __hash__(self) -> int:
        """Equal documents share what is made of them, and a text remembers its own hash."""
        return hash(self._text)


def parse_document(data: object) -> ProgrammeDocument:
    """Read a document from plain data.

    Raises:
        BadInput: it is not one; `path` names the first fault, such as "earning.rules[1].multiplier", and the message every fault.
    """
    try:
        document = ProgrammeDocument.model_validate(data := upgraded(data))
    except ValidationError as failure:
        raise first_fault(failure.errors(include_url=False), data) from None
    for path, fault in _contradictions(document):
        raise BadInput(f"{path}: {fault}", path=path)
    return document


def dump_document(document: ProgrammeDocument) -> dict[str, Any]:
    """Turn a document into JSON-ready data, defaults spelled out; `parse_document` reads it back as the same document."""
    return document.model_dump(mode="json")


def json_schema(part: str | None = None) -> dict[str, Any]:
    """Describe the document, or one named part of it, as a JSON Schema (draft 2020-12), for editors and for other programs.

    Raises:
        NotFound: no part has this name.
    """
    whole = {"$schema": "https://json-schema.org/draft/2020-12/schema", **ProgrammeDocument.model_json_schema()}
    if part is None:
        return whole
    if part not in whole["$defs"]:
        raise NotFound(f"the document has no part {part!r}; it has {', '.join(sorted(whole['$defs']))}")
    return {"$schema": whole["$schema"], "$ref": f"#/$defs/{part}", "$defs": whole["$defs"]}


@cache
def default_document() -> ProgrammeDocument:
    """Return the programme a new shop starts with: 1 point for each unit of currency, about one percent back."""
    text = resources.files("plugin.rules").joinpath("documents/default.json").read_text(encoding="utf-8")
    return parse_document(loads(text))


def _contradictions(document: ProgrammeDocument) -> Iterator[tuple[str, str]]:
    """Faults between parts that are sound by themselves: (path, what is wrong)."""
    yield from _used_twice("earning.rules", (rule.id for rule in document.earning.rules))
    yield from _used_twice("rewards", (reward.id for reward in document.rewards))
    yield from _used_twice("reward_groups", (group.id for group in document.reward_groups))
    yield from reward_faults(document.rewards, document.reward_groups, _named(document))
    yield from _used_twice("challenges", (one.id for one in document.challenges))
    yield from challenge_faults(document.challenges, (one.id for one in document.actions))
    yield from _used_twice("memberships", (one.id for one in document.memberships))
    yield from membership_faults(document.memberships)
    yield from tiers_faults(document.tiers)
    yield from segments_faults(document.segments, document.tiers)
    yield from caps_faults(document.caps, document.budgets, _giving(document))
    yield from _used_twice("actions", (action.id for action in document.actions))
    yield from _used_twice("action_groups", (group.id for group in document.action_groups))
    yield from action_faults(document.actions, document.action_groups)
    yield from referral_faults(document.referral)
    yield from _used_twice("campaigns", (one.id for one in document.campaigns))
    yield from campaign_faults(document.campaigns, {reward.id for reward in document.rewards})
    yield from when_faults(_asked(document), _named(document))
    yield from expiry_faults(document.earning, _groups(document)[0])


def _giving(document: ProgrammeDocument) -> set[str]:
    """The ids of all parts that give points; bringing friends goes by the name of its part."""
    areas = (getattr(document, area, ()) for area in ("campaigns", "actions", "challenges", "memberships"))
    friends = REFERRAL_IDS if document.referral else ()
    return {*friends, *(part.id for part in chain(document.earning.rules, *areas))}


def _asked(document: ProgrammeDocument) -> Iterator[tuple[str, When | None]]:
    """Every set of conditions, and where it stands."""
    yield from ((f"earning.rules[{place}]", rule.when) for place, rule in enumerate(document.earning.rules))
    yield from ((f"campaigns[{place}]", one.when) for place, one in enumerate(document.campaigns))


def _groups(document: ProgrammeDocument) -> tuple[set[str], set[str]]:
    """The ids of the document's tiers and segments."""
    levels = {one.id for one in document.tiers.levels} if document.tiers else set()
    return levels, {one.id for one in document.segments}


def _named(document: ProgrammeDocument) -> dict[str, set[str]]:
    """The ids of what conditions may ask for, by the field that names them."""
    tiers, segments = _groups(document)
    return {"tiers": tiers, "segments": segments, "memberships": {one.id for one in document.memberships}}


def _used_twice(path: str, ids: Iterable[str]) -> Iterator[tuple[str, str]]:
    first: dict[str, int] = {}
    for index, name in enumerate(ids):
        if name in first:
            yield f"{path}[{index}].id", f"{name!r} is the id of {path}[{first[name]}] already"
        first.setdefault(name, index)
