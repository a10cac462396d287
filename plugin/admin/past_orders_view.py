"""Past orders, ready to be drawn: the form for a range, and each back-fill as it stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from markupsafe import Markup

from plugin.admin.fields import marks
from plugin.journeys.backfilling import BackfillView, Reach
from plugin.messages import Words
from plugin.shops.store import Shop

_TONES = {"counting": "info", "counted": "attention", "running": "info", "done": "success"}
_LOOK_BACK = timedelta(days=365)
_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class RangeForm:
    """The form for a range, as it was sent or empty: `versions` to choose from, newest first, and what can be reached."""

    typed: Mapping[str, str]
    versions: Sequence[tuple[str, str]]
    first_day: str
    last_day: str
    start_text: str
    reach_text: str
    is_empty: bool
    faults: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    is_fresh_list: bool = False

    def marks(self, name: str) -> Markup:
        """The attributes that tie a control to its help and to what is wrong with it."""
        return marks(self.faults, name)


@dataclass(frozen=True, slots=True)
class BackfillCard:
    """One back-fill: what it would give, gives, or gave."""

    backfill_id: UUID
    state: str
    range_text: str
    state_text: str
    tone: str
    about_text: str
    created_at: datetime
    created_text: str
    progress_max: int
    progress: int
    progress_text: str
    figures: tuple[tuple[str, str], ...]
    remarks: tuple[str, ...]
    cost_text: str
    whys: tuple[tuple[str, str], ...]
    nothing_text: str
    held_up_text: str
    is_working: bool
    may_start: bool
    note: str = ""


def range_form(
    shop: Shop, reach: Reach, publications: Sequence[tuple[int, datetime]], words: Words, now: datetime
) -> RangeForm:
    """Prepare the form: all that can be reached, under today's rules, unless the merchant chooses otherwise."""
    zone = ZoneInfo(shop.timezone)
    last = (reach.start_line - _INSTANT).astimezone(zone).date()
    first = (reach.earliest or min(reach.start_line, now) - _LOOK_BACK).astimezone(zone).date()
    newest = max((version for version, _ in publications), default=0)
    start_text = words.moment(reach.start_line, shop.timezone)
    earliest = words.date(reach.earliest, shop.timezone) if reach.earliest else ""
    return RangeForm(
        typed={"since": first.isoformat(), "until": last.isoformat(), "version": str(newest)},
        versions=[_version(version, at, newest, shop.timezone, words) for version, at in reversed(publications)],
        first_day=first.isoformat() if reach.earliest else "",
        last_day=last.isoformat(),
        start_text=start_text,
        reach_text=words.say("admin.past.reach", earliest=earliest) if earliest else "",
        is_empty=reach.is_empty,
    )


def backfill_card(view: BackfillView, words: Words, timezone: str, note: str = "") -> BackfillCard:
    """Prepare one back-fill to be drawn."""
    one, count = view.backfill, view.count
    asked, since = words.date(one.asked_since, timezone), words.date(one.since, timezone)
    remarks = [words.say("admin.past.lapsed", count.lapsed)] if count.lapsed else []
    if view.is_clamped and asked != since:
        remarks.append(words.say("admin.past.clamped", asked=asked, since=since))
    nothing = sum(count.whys.values())
    done, whole, progress_text = _progress(view, words)
    return BackfillCard(
        backfill_id=one.backfill_id,
        state=one.state,
        range_text=words.say("admin.past.range", since=since, until=words.date(one.until - _INSTANT, timezone)),
        state_text=words.say(f"admin.past.state.{one.state}"),
        tone=_TONES.get(one.state, ""),
        about_text=words.say("admin.past.by_version", version=words.number(one.document_version)),
        created_at=one.created_at,
        created_text=words.moment(one.created_at, timezone),
        progress_max=whole,
        progress=done,
        progress_text=progress_text,
        figures=_figures(view, words),
        remarks=tuple(remarks),
        cost_text=_cost(view, words) if view.points else "",
        whys=tuple((words.say(f"admin.past.why.{why}"), words.number(number)) for why, number in count.whys.items()),
        nothing_text=words.say("admin.past.nothing", nothing) if nothing else "",
        held_up_text=words.say(f"admin.past.held_up.{one.fault}") if one.fault else "",
        is_working=one.is_working,
        may_start=one.state == "counted" and count.expected.points > 0,
        note=note,
    )


def _version(version: int, at: datetime, newest: int, timezone: str, words: Words) -> tuple[str, str]:
    number = words.number(version)
    if version == newest:
        return str(version), words.say("admin.past.version.current", version=number)
    return str(version), words.say("admin.past.version.older", version=number, at=words.date(at, timezone))


def _progress(view: BackfillView, words: Words) -> tuple[int, int, str]:
    """How far it is: (done, of how much, in words). How many orders there are is known once they are counted; days are known before."""
    one, count = view.backfill, view.count
    if one.state == "running":
        done, whole = count.given.orders, max(count.expected.orders, count.given.orders)
        said = words.say("admin.past.progress.running", done=words.number(done), all=words.number(whole))
        return done, max(whole, 1), said
    days, whole = ((at - one.since).days for at in (one.reached_at or one.since, one.until))
    so_far = words.say("admin.past.orders", count.expected.orders)
    return days, max(whole, 1), words.say("admin.past.progress.counting", orders=so_far)


def _figures(view: BackfillView, words: Words) -> tuple[tuple[str, str], ...]:
    is_begun = view.backfill.started_at is not None
    summed = view.count.given if is_begun else view.count.expected
    found = max(view.count.expected.orders, summed.orders)
    return (
        (words.say("admin.past.figure.orders"), words.number(found)),
        (words.say("admin.past.figure.giving"), words.number(summed.giving)),
        (words.say("admin.past.figure.customers"), words.number(summed.customers)),
        (words.say(f"admin.past.figure.{'given' if is_begun else 'points'}"), words.number(summed.points)),
    )


def _cost(view: BackfillView, words: Words) -> str:
    if view.rate is None:
        return words.say("admin.past.cost.none")
    return words.say(
        "admin.past.cost",
        worth=words.money(view.rate.worth(view.points, view.currency), view.currency),
        points=words.number(view.points),
        amount=words.money(view.rate.amount, view.currency),
        price=words.number(view.rate.points),
    )
