"""Past orders: a range is chosen and counted, its points and their worth are seen, then it is started, or not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from plugin.admin.framing import page, words_of_request
from plugin.admin.identity import Merchant, signed_in_merchant, tools_at_hand
from plugin.admin.past_orders_view import BackfillCard, RangeForm, backfill_card, range_form
from plugin.admin.routes import entered, failed
from plugin.errors import BadInput, LaurelError
from plugin.journeys.backfilling import (
    Ask,
    backfill_view,
    cancel_backfill,
    count_past,
    newest_backfills,
    reach_of,
    start_backfill,
)
from plugin.messages import Words
from plugin.programme.store import list_publications

bp = Blueprint("admin_past", __name__, url_prefix="/app/past-orders")
bp.register_error_handler(LaurelError, failed)
bp.register_error_handler(HTTPException, failed)

_FIELDS = frozenset({"since", "until", "version"})
_NUMBER_LENGTH_MAX = 9


@bp.get("")
def open_page() -> ResponseReturnValue:
    """The page."""
    merchant = entered()
    if isinstance(merchant, Response):
        return merchant
    return page("past_orders", merchant.shop.domain, form=_form(merchant), backfills=_cards(merchant))


@bp.post("")
def count() -> ResponseReturnValue:
    """Begin to count a range; the list shows how far it is."""
    merchant = signed_in_merchant(request)
    typed = {name: text.strip() for name, text in request.form.items()}
    form, status = replace(_form(merchant), typed=typed), 200
    try:
        count_past(tools_at_hand(), merchant.shop.shop_id, _ask(merchant, typed))
        form = replace(form, is_fresh_list=True)
    except LaurelError as fault:
        form, status = _faulty(merchant, form, fault), fault.status
    return page("past_answer", merchant.shop.domain, status, form=form, backfills=_cards(merchant))


@bp.get("/<uuid:backfill_id>")
def show(backfill_id: UUID) -> ResponseReturnValue:
    """One of them as it stands; asked for every second while it is worked on."""
    merchant = signed_in_merchant(request)
    return page("backfill", merchant.shop.domain, backfill=_card(merchant, backfill_id))


@bp.post("/<uuid:backfill_id>/start")
def start(backfill_id: UUID) -> ResponseReturnValue:
    """Let counted orders give their points."""
    return _changed(backfill_id, start_backfill)


@bp.post("/<uuid:backfill_id>/cancel")
def cancel(backfill_id: UUID) -> ResponseReturnValue:
    """End it where it is."""
    return _changed(backfill_id, cancel_backfill)


def _changed(backfill_id: UUID, change: Callable[..., None]) -> Response:
    merchant = signed_in_merchant(request)
    note, status = "", 200
    try:
        change(tools_at_hand(), merchant.shop.programme_id, backfill_id)
    except LaurelError as fault:
        note, status = _said(merchant, fault, words_of_request()), fault.status
    return page("backfill", merchant.shop.domain, status, backfill=_card(merchant, backfill_id, note))


def _ask(merchant: Merchant, typed: dict[str, str]) -> Ask:
    """Days are whole days by the shop's clock."""
    version = typed.get("version", "")
    if not (version.isascii() and version.isdigit() and len(version) <= _NUMBER_LENGTH_MAX):
        raise BadInput("no version", path="version", code="no_such_version")
    since, until = _midnight(merchant, typed, "since", 0), _midnight(merchant, typed, "until", 1)
    return Ask(since, merchant.actor, until, int(version))


def _midnight(merchant: Merchant, typed: dict[str, str], name: str, days_later: int) -> datetime:
    try:
        day = date.fromisoformat(typed.get(name, "")) + timedelta(days=days_later)
    except (ValueError, OverflowError) as fault:
        raise BadInput("no day", path=name, code="no_day") from fault
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(merchant.shop.timezone))


def _faulty(merchant: Merchant, form: RangeForm, fault: LaurelError) -> RangeForm:
    told = _said(merchant, fault, words_of_request())
    path = fault.path if isinstance(fault, BadInput) else ""
    return replace(form, faults={path: told}) if path in _FIELDS else replace(form, note=told)


def _said(merchant: Merchant, fault: LaurelError, words: Words) -> str:
    key = f"admin.past.fault.{fault.code}"
    if fault.code == "range_after_start":
        return words.say(key, start=words.date(merchant.shop.earning_starts_at, merchant.shop.timezone))
    return words.say(key if words.has(key) else "admin.past.fault.other")


def _form(merchant: Merchant) -> RangeForm:
    tools = tools_at_hand()
    now = tools.clock()
    with tools.reading() as session:
        publications = list_publications(session, merchant.shop.programme_id)
    return range_form(merchant.shop, reach_of(merchant.shop, now), publications, words_of_request(), now)


def _cards(merchant: Merchant) -> list[BackfillCard]:
    with tools_at_hand().reading() as session:
        views = newest_backfills(session, merchant.shop)
    return [backfill_card(view, words_of_request(), merchant.shop.timezone) for view in views]


def _card(merchant: Merchant, backfill_id: UUID, note: str = "") -> BackfillCard:
    with tools_at_hand().reading() as session:
        view = backfill_view(session, merchant.shop.programme_id, backfill_id)
    return backfill_card(view, words_of_request(), merchant.shop.timezone, note)
