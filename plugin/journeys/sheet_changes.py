"""What the rows of a sheet do: adjustments, opening balances with all that came along, and taking both back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from plugin.errors import LaurelError, NotAllowed
from plugin.journeys.by_hand import Change, Outcome, make_changes
from plugin.journeys.contexts import new_member
from plugin.journeys.documents import current_document
from plugin.journeys.forgetting import is_forgotten
from plugin.journeys.joining import join_all
from plugin.journeys.noting_news import note_news
from plugin.ledger import Fact, Terms, list_balances, open_accounts
from plugin.ledger.adjustments import Notes
from plugin.ledger.by_hand import ByHand, Made, TakenBack, change_by_hand, find_made, take_back, told_terms
from plugin.ledger.merged import surviving_accounts
from plugin.ledger.shapes import AccountKey
from plugin.members import Member
from plugin.members.carried_over import CarriedOver, drop_of_sheet, keep_carried_over
from plugin.members.store import AliasKey, add_members, find_members
from plugin.programme.store import get_programme
from plugin.rules import lot_terms
from plugin.sealing import Sealer
from plugin.sheets.store import KeptRow, KeptSheet


@dataclass(frozen=True, slots=True)
class Maker:
    """What a batch of rows is worked on with: an open transaction in which the sheet is locked, and what holds for all of them.

    `zone` is the clock by which days begin and end; `today` are the terms of points given now.
    """

    session: Session
    sealer: Sealer
    sheet: KeptSheet
    now: datetime
    zone: ZoneInfo
    today: Terms
    points_max: int

    def customer(self, row: KeptRow) -> AliasKey:
        """Name the customer a row is about."""
        return self.sheet.programme_id, self.sheet.shop_id, row.customer_id or 0

    def reference(self, row: KeptRow, *more: str) -> str:
        """Name what a row does, so that it is done once."""
        return ":".join(("import", str(self.sheet.sheet_id), str(row.number), *more))


def maker_of(session: Session, sealer: Sealer, sheet: KeptSheet, now: datetime) -> Maker:
    """Look up what a batch of rows needs."""
    timezone = get_programme(session, sheet.programme_id).timezone
    _, document = current_document(session, sheet.programme_id)
    terms = lot_terms(document, now, timezone)
    rolling = (terms.rolling_days, terms.rolling_zone, terms.rolling_months)
    today = Terms(now, now, terms.expires_at, *rolling)
    return Maker(session, sealer, sheet, now, ZoneInfo(timezone), today, document.adjusting.points_max)


def check_rows(maker: Maker, rows: Sequence[KeptRow]) -> list[Outcome]:
    """Say of each row, without changing anything, what would stand against it."""
    members = find_members(maker.session, {maker.customer(row) for row in rows})
    if maker.sheet.kind == "opening":
        return [_against_opening(maker, row, members) for row in rows]
    keys = {(maker.sheet.programme_id, one.account_id) for one in members.values()}
    available = {one.account_id: one.available for one in list_balances(maker.session, keys)} if keys else {}
    return [_against_adjusting(maker, row, members, available) for row in rows]


def welcome(maker: Maker, rows: Sequence[KeptRow]) -> None:
    """Make members of customers we never saw; whoever was a member elsewhere joins here, and orders that waited for them count."""
    session, now = maker.session, maker.now
    joins = {maker.customer(row): _was_member(row) for row in rows}
    members = find_members(session, joins)
    drafts = {
        key: new_member(session, key, now, has_account=None)
        for key in sorted(joins)
        if key not in members and not is_forgotten(session, maker.sealer, key)
    }
    open_accounts(session, [(one.programme_id, one.account_id) for one in drafts.values()], now)
    add_members(session, drafts, now)
    waiting = [one for key, one in (members | drafts).items() if joins[key] and one.standing == "waiting"]
    join_all(session, waiting, now)


def make_rows(maker: Maker, rows: Sequence[KeptRow]) -> list[Outcome]:
    """Do what the rows say, each once."""
    return _open(maker, rows) if maker.sheet.kind == "opening" else _adjust(maker, rows)


def undo_rows(maker: Maker, rows: Sequence[KeptRow]) -> list[Outcome]:
    """Take back what the rows did: points that were given, wherever they are now; points that were taken are given anew."""
    programme_id = maker.sheet.programme_id
    made = find_made(maker.session, programme_id, [row.posting_id for row in rows if row.posting_id])
    survivors = surviving_accounts(maker.session, {(programme_id, one.account_id) for one in made.values()})
    doing = {
        row.number: _undoing(maker, row, made[row.posting_id], survivors) if row.posting_id else None for row in rows
    }
    return _outcomes(maker, rows, doing)


def drop_carried_over(session: Session, sheet: KeptSheet, now: datetime) -> None:
    """Forget what an undone import told of its members besides points."""
    left = drop_of_sheet(session, sheet.programme_id, sheet.sheet_id)
    note_news(session, [(sheet.programme_id, one) for one in left], now)


def _against_adjusting(
    maker: Maker, row: KeptRow, members: Mapping[AliasKey, Member], available: Mapping[UUID, int]
) -> Outcome:
    member = members.get(maker.customer(row))
    if member is None:
        return _refused("no_member")
    if abs(row.points) > maker.points_max:
        return _refused("limit_per_change")
    lacks = row.points < 0 and available.get(member.account_id, 0) < -row.points
    return _refused("insufficient_points") if lacks and not maker.sheet.options["may_owe"] else Outcome(None)


def _against_opening(maker: Maker, row: KeptRow, members: Mapping[AliasKey, Member]) -> Outcome:
    expires_at = _end(row.data.get("expires_at"), maker.zone)
    earned_at = _start(row.data.get("earned_at"), maker.zone)
    if expires_at is not None and expires_at <= maker.now and row.points:
        return _refused("already_over")
    if earned_at is not None and earned_at > maker.now:
        return _refused("not_earned_yet")
    is_gone = maker.customer(row) not in members and is_forgotten(maker.session, maker.sealer, maker.customer(row))
    return _refused("forgotten") if is_gone else Outcome(None)


def _refused(code: str) -> Outcome:
    return Outcome(None, NotAllowed("the row is not taken", code=code))


def _adjust(maker: Maker, rows: Sequence[KeptRow]) -> list[Outcome]:
    members = find_members(maker.session, {maker.customer(row) for row in rows})
    doing = {row.number: _adjustment(maker, row, members) for row in rows}
    return _outcomes(maker, rows, doing)


def _adjustment(maker: Maker, row: KeptRow, members: Mapping[AliasKey, Member]) -> Change | LaurelError:
    member = members.get(maker.customer(row))
    if member is None:
        return NotAllowed("not a member any more", code="no_member")
    options = maker.sheet.options
    terms = maker.today if row.points > 0 else None
    explanation = {"why": options["why"], **_told(row.points, terms)}
    fact = _fact(maker, row, "adjustment", explanation)
    by_hand = ByHand(fact, member.account_id, row.points, terms, may_owe=options["may_owe"])
    notes = Notes(row.personal.get("public_note") or options["public_note"], row.personal.get("internal_note"))
    return Change(maker.customer(row), member.account_id, fact, partial(change_by_hand, change=by_hand), notes)


def _open(maker: Maker, rows: Sequence[KeptRow]) -> list[Outcome]:
    members = find_members(maker.session, {maker.customer(row) for row in rows})
    doing: dict[int, Change | LaurelError | None] = {}
    for row in rows:
        member = members.get(maker.customer(row))
        if member is None:
            doing[row.number] = NotAllowed("forgotten on their own wish", code="forgotten")
        else:
            doing[row.number] = _opening(maker, row, member) if row.points else None
    outcomes = _outcomes(maker, rows, doing)
    taken = [row for row, one in zip(rows, outcomes, strict=True) if one.fault is None]
    brought = [_brought(maker, row, members[maker.customer(row)]) for row in taken]
    keep_carried_over(maker.session, maker.sheet.programme_id, brought)
    note_news(maker.session, [(maker.sheet.programme_id, one.member_id) for one in brought], maker.now)
    return outcomes


def _opening(maker: Maker, row: KeptRow, member: Member) -> Change | LaurelError:
    terms = _opening_terms(maker, row)
    if terms.expires_at is not None and terms.expires_at <= maker.now:
        return NotAllowed("these points ended meanwhile", code="already_over")
    explanation = {"source": maker.sheet.shape, "earned_at": terms.earned_at.isoformat(), **_told(row.points, terms)}
    fact = _fact(maker, row, "import", explanation)
    by_hand = ByHand(fact, member.account_id, row.points, terms)
    return Change(maker.customer(row), member.account_id, fact, partial(change_by_hand, change=by_hand))


def _opening_terms(maker: Maker, row: KeptRow) -> Terms:
    """The file's own dates; where it names no end, the programme's for points given today, or none."""
    earned_at = _start(row.data.get("earned_at"), maker.zone) or maker.now
    if expires_at := _end(row.data.get("expires_at"), maker.zone):
        return Terms(earned_at, earned_at, expires_at)
    if maker.sheet.options["expiry"] == "never":
        return Terms(earned_at, earned_at)
    return replace(maker.today, earned_at=earned_at, matures_at=earned_at)


def _undoing(maker: Maker, row: KeptRow, made: Made, survivors: Mapping[AccountKey, AccountKey]) -> Change:
    """The account that was given pays back, also where its owner left it, was merged or forgotten since."""
    _, account_id = survivors[maker.sheet.programme_id, made.account_id]
    if made.lot_id is None:
        fact = _fact(maker, row, "adjustment", {"why": "correction", **_told(-row.points, maker.today)}, "undone")
        back = ByHand(fact, account_id, -row.points, maker.today)
        return Change(None, account_id, fact, partial(change_by_hand, change=back))
    reason = "import" if maker.sheet.kind == "opening" else "adjustment"
    told = {"why": "correction", "undoes_lot": str(made.lot_id), "points": -made.points, "asked": -made.points}
    fact = _fact(maker, row, reason, told, "undone")
    taken = TakenBack(fact, account_id, made.lot_id, made.points)
    return Change(None, account_id, fact, partial(take_back, change=taken))


def _outcomes(maker: Maker, rows: Sequence[KeptRow], doing: Mapping[int, Change | LaurelError | None]) -> list[Outcome]:
    """Make the changes together, and put their outcomes beside those of rows that needed none."""
    changes = {number: one for number, one in doing.items() if isinstance(one, Change)}
    made = dict(zip(changes, make_changes(maker.session, list(changes.values()), maker.now), strict=True))
    return [made.get(row.number) or Outcome(None, _fault(doing[row.number])) for row in rows]


def _fault(one: object) -> LaurelError | None:
    return one if isinstance(one, LaurelError) else None


def _fact(maker: Maker, row: KeptRow, reason: str, explanation: dict[str, Any], *more: str) -> Fact:
    return Fact(
        programme_id=maker.sheet.programme_id,
        reference=maker.reference(row, *more),
        reason=reason,
        actor=maker.sheet.actor,
        explanation=explanation,
        occurred_at=maker.now,
        shop_id=maker.sheet.shop_id,
    )


def _told(points: int, terms: Terms | None) -> dict[str, Any]:
    return {"points": points, "asked": points, **told_terms(terms)}


def _was_member(row: KeptRow) -> bool:
    return row.data.get("standing", "member") == "member" and bool(row.data.get("is_enrolled", True))


def _brought(maker: Maker, row: KeptRow, member: Member) -> CarriedOver:
    zone, used = maker.zone, row.personal.get("birthday_used")
    return CarriedOver(
        member_id=member.member_id,
        sheet_id=maker.sheet.sheet_id,
        source=maker.sheet.shape,
        joined_at=_start(row.data.get("joined_at"), zone),
        tier=row.data.get("tier"),
        tier_since=_start(row.data.get("tier_since"), zone),
        tier_until=_end(row.data.get("tier_until"), zone),
        referral_code=row.personal.get("referral_code"),
        birthday=row.personal.get("birthday"),
        birthday_used_in=maker.now.astimezone(zone).year if used == 0 else used,
    )


def _start(text: str | None, zone: ZoneInfo) -> datetime | None:
    """The instant a file names, or the first one of the day it names, by the programme's clock."""
    return None if text is None else _instant(text, zone, timedelta(0))


def _end(text: str | None, zone: ZoneInfo) -> datetime | None:
    """The instant a file names, or the first one after the day it names: points are good through their last day."""
    return None if text is None else _instant(text, zone, timedelta(days=1))


def _instant(text: str, zone: ZoneInfo, more: timedelta) -> datetime:
    if "T" in text:
        return datetime.fromisoformat(text)
    day = date.fromisoformat(text) + more
    return datetime(day.year, day.month, day.day, tzinfo=zone)
