"""How a programme document says what earns points besides buying: each action with its points, its limits and its proof."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Literal

from pydantic import Field, Strict, StringConstraints

from plugin.rules.schema_values import Days, Name, Part, Points, Switch, Words

Kind = Literal[
    "sign_up",
    "birthday",
    "anniversary",
    "newsletter",
    "sms_consent",
    "review",
    "photo",
    "social_follow",
    "visit",
    "read_content",
    "watch_content",
    "survey",
    "profile_completion",
    "custom",
]
Proof = Literal["verified", "signed", "honour"]
Source = Literal["customers", "consent", "schedule", "proxy", "api"]

KNOWN_DAYS = 30
"""So many days before it a birthday has to be known, unless the action says otherwise."""
ONCE: frozenset[str] = frozenset({"sign_up", "newsletter", "sms_consent", "social_follow", "profile_completion"})
"""What nobody does twice: these give once in a life, whatever their limits say."""
YEARLY: frozenset[str] = frozenset({"birthday", "anniversary"})
"""What comes round by the calendar and gives once a year."""

_WITH_AN_ADDRESS = frozenset({"social_follow", "read_content", "watch_content"})
_RESERVED = {"join": None, "birthday": "birthday"}

SOURCES: Mapping[tuple[Kind, Proof], Source] = {
    ("sign_up", "verified"): "customers",
    ("newsletter", "verified"): "consent",
    ("sms_consent", "verified"): "consent",
    ("anniversary", "verified"): "schedule",
    ("birthday", "honour"): "schedule",
    ("social_follow", "honour"): "proxy",
    ("visit", "honour"): "proxy",
    ("read_content", "honour"): "proxy",
    ("watch_content", "honour"): "proxy",
    ("profile_completion", "honour"): "proxy",
    ("social_follow", "signed"): "api",
    ("visit", "signed"): "api",
    ("read_content", "signed"): "api",
    ("watch_content", "signed"): "api",
    ("profile_completion", "signed"): "api",
    ("review", "signed"): "api",
    ("photo", "signed"): "api",
    ("survey", "signed"): "api",
    ("custom", "signed"): "api",
}
"""Where each kind comes from under each proof. What is not here has no source: nothing would ever tell us of it."""

Times = Annotated[int, Strict(), Field(ge=1, le=1_000_000)]
Url = Annotated[str, StringConstraints(strict=True, max_length=2000, pattern=r"^https://[!-~]+$")]


class Limit(Part):
    """How often, or for how many points, something counts in a stretch of time by the programme's own calendar."""

    per: Literal["day", "week", "month", "year", "life", "days"]
    """`week` starts on Monday; `days` is a stretch of so many days, wherever it begins."""
    days: Days | None = None
    """How many days, for `per: days` alone."""
    times: Times | None = None
    points: Points | None = None


class Action(Part):
    """Something a member does besides buying. Points are given once for each time it is proved, within its limits."""

    id: Name
    kind: Kind
    proof: Proof
    """`verified` by Shopify or by our own books, `signed` by a call with an API key, or a shopper's word of `honour`."""
    title: Words | None = None
    """What it is called; without a title its kind says it, in the reader's language."""
    points: Points
    """What it gives each time."""
    limits: Annotated[tuple[Limit, ...], Field(max_length=10)] = ()
    url: Url | None = None
    """Where the panel sends the shopper who wants to do it."""
    known_days: Annotated[int, Strict(), Field(ge=0, le=365)] | None = None
    """For a birthday: how many days before it must have been entered, and not changed since; 30 unless said."""
    is_active: Switch = True

    @property
    def source(self) -> Source | None:
        """Where news of it comes from; None where there is no such place."""
        return SOURCES.get((self.kind, self.proof))


class ActionGroup(Part):
    """Limits that several actions share, such as "all of them together 100 points a year"."""

    id: Name
    actions: tuple[Name, ...] = ()
    """Which actions; none named is all of them."""
    limits: Annotated[tuple[Limit, ...], Field(min_length=1, max_length=10)]


def action_faults(actions: Sequence[Action], groups: Sequence[ActionGroup]) -> Iterator[tuple[str, str]]:
    """Faults of actions that each part alone does not show: (path, what is wrong)."""
    for place, action in enumerate(actions):
        path = f"actions[{place}]"
        yield from _proof_faults(path, action)
        yield from limit_faults(path, action.limits)
        yield from _detail_faults(path, action)
    names = {action.id for action in actions}
    for place, group in enumerate(groups):
        path = f"action_groups[{place}]"
        yield from limit_faults(path, group.limits)
        for step, name in enumerate(group.actions):
            if name not in names:
                yield f"{path}.actions[{step}]", f"{name!r} is the id of no action"


def _proof_faults(path: str, action: Action) -> Iterator[tuple[str, str]]:
    if not action.is_active or action.source is not None:
        return
    sound = " or ".join(repr(proof) for kind, proof in SOURCES if kind == action.kind)
    fault = f"nothing tells us of {action.kind!r} that is {action.proof!r}, so it cannot be switched on; use {sound}"
    yield f"{path}.proof", fault


def limit_faults(path: str, limits: Sequence[Limit]) -> Iterator[tuple[str, str]]:
    """Faults of limits: (path, what is wrong)."""
    for place, limit in enumerate(limits):
        here = f"{path}.limits[{place}]"
        if limit.times is None and limit.points is None:
            yield here, "says neither how many times nor for how many points"
        if (limit.per == "days") != (limit.days is not None):
            yield f"{here}.days", "belongs to a limit per 'days', and to no other"


def _detail_faults(path: str, action: Action) -> Iterator[tuple[str, str]]:
    if action.id in _RESERVED and _RESERVED[action.id] != action.kind:
        yield f"{path}.id", f"{action.id!r} is what the storefront calls something else"
    if action.known_days is not None and action.kind != "birthday":
        yield f"{path}.known_days", "belongs to a birthday, and to no other kind"
    if action.proof != "honour" or action.kind in YEARLY or not action.is_active:
        return
    if action.kind in _WITH_AN_ADDRESS and action.url is None:
        yield f"{path}.url", f"is missing: where does the shopper go for {action.kind!r}"
    if action.kind not in ONCE and not action.limits:
        yield f"{path}.limits", "must not be empty: nothing else keeps a shopper from pressing the button all day"
