"""Points by hand: one customer's, or many by a file. Each action answers with the part of the page it changed."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import HTTPException

from plugin.admin.framing import page, words_of_request
from plugin.admin.identity import Merchant, signed_in_merchant, tools_at_hand
from plugin.admin.points_view import REFUSED_SHOWN, Form, SheetCard, UploadForm, empty_form, empty_upload, sheet_card
from plugin.admin.routes import entered, failed
from plugin.errors import BadInput, LaurelError
from plugin.journeys.adjusting import Adjustment, Expiry, Notes, WriteOff, adjust, write_off
from plugin.journeys.importing import (
    SheetView,
    Upload,
    newest_sheets,
    receive_sheet,
    rejected,
    rejected_file,
    sheet_view,
    start_sheet,
    undo_sheet,
)
from plugin.journeys.standing_of import MemberStanding, member_standing
from plugin.members.store import AliasKey
from plugin.messages import Words
from plugin.sheets.reading import BYTES_MAX

bp = Blueprint("admin_points", __name__, url_prefix="/app/points")
bp.register_error_handler(LaurelError, failed)
bp.register_error_handler(HTTPException, failed)

_CUSTOMER = re.compile(r"(?:.*/)?([1-9][0-9]{0,18})/?", re.ASCII | re.DOTALL)
_POINTS = re.compile(r"[1-9][0-9]{0,9}", re.ASCII)
_ENVELOPE_BYTES = 64 * 1024
_FIELD_OF_PATH = {"public_note": "public_note", "internal_note": "internal_note", "expires_at": "last_day"}
_FIELD_OF_CODE = {
    "not_found": "customer",
    "insufficient_points": "points",
    "limit_per_change": "points",
    "limit_per_day": "points",
}


@bp.get("")
def open_page() -> ResponseReturnValue:
    """The page."""
    merchant = entered()
    if isinstance(merchant, Response):
        return merchant
    words = words_of_request()
    shop = merchant.shop.domain
    return page("points", shop, form=empty_form(words), upload=empty_upload(words), sheets=_sheets(merchant, words))


@bp.get("/member")
def show_member() -> ResponseReturnValue:
    """What the customer in the form has now."""
    merchant = signed_in_merchant(request)
    typed = request.args.get("customer", "").strip()
    return page("member", merchant.shop.domain, member=_standing(_customer(merchant, typed)))


@bp.post("/adjust")
def change_points() -> ResponseReturnValue:
    """Give one customer points, or take some away; the form's own key makes a second click harmless."""
    merchant = signed_in_merchant(request)

    def change(customer: AliasKey, form: Form) -> Form:
        wish = _wish(merchant, customer, form)
        with tools_at_hand().writing() as session:
            done = adjust(session, wish, tools_at_hand().clock())
        said = _said(form.words, customer, done.account.available, -done.account.debt)
        return _fresh(form, said if done.is_new else form.words.say("admin.adjust.repeated"))

    return _answered(merchant, change)


@bp.post("/write-off")
def forgive() -> ResponseReturnValue:
    """Write off all that one customer owes."""
    merchant = signed_in_merchant(request)

    def change(customer: AliasKey, form: Form) -> Form:
        wish = WriteOff(customer, form.key, merchant.actor, notes=_notes(form))
        with tools_at_hand().writing() as session:
            write_off(session, wish, tools_at_hand().clock())
        return _fresh(form, form.words.say("admin.write_off.done"))

    return _answered(merchant, change)


@bp.post("/sheets")
def upload() -> ResponseReturnValue:
    """Take a file in; it is checked in the background, and the list of files shows how far."""
    request.max_content_length = BYTES_MAX + _ENVELOPE_BYTES
    merchant = signed_in_merchant(request)
    words, file = words_of_request(), request.files.get("file")
    form = UploadForm(words, dict(request.form))
    status = 200
    try:
        receive_sheet(tools_at_hand(), merchant.shop, _file(merchant, form, file))
        form = empty_upload(words, is_fresh_list=True)
    except BadInput as fault:
        key = f"admin.sheet.fault.{fault.code}"
        told = words.say(key if words.has(key) else "admin.sheet.fault.other")
        form, status = replace(form, faults={"file": told}), fault.status
    return page("upload_answer", merchant.shop.domain, status, upload=form, sheets=_sheets(merchant, words))


@bp.get("/sheets/<uuid:sheet_id>")
def show_sheet(sheet_id: UUID) -> ResponseReturnValue:
    """One file as it stands; asked for every second while it is worked on."""
    merchant = signed_in_merchant(request)
    return page("sheet", merchant.shop.domain, sheet=_sheet(merchant, sheet_id))


@bp.post("/sheets/<uuid:sheet_id>/start")
def start(sheet_id: UUID) -> ResponseReturnValue:
    """Let a checked file change points."""
    merchant = signed_in_merchant(request)
    may_repeat = request.form.get("repeat") == "1"
    programme_id = merchant.shop.programme_id
    return _worked(
        merchant,
        sheet_id,
        lambda: start_sheet(tools_at_hand(), programme_id, sheet_id, merchant.actor, may_repeat=may_repeat),
    )


@bp.post("/sheets/<uuid:sheet_id>/undo")
def undo(sheet_id: UUID) -> ResponseReturnValue:
    """Take back all that a file changed."""
    merchant = signed_in_merchant(request)
    return _worked(merchant, sheet_id, lambda: undo_sheet(tools_at_hand(), merchant.shop.programme_id, sheet_id))


@bp.get("/sheets/<uuid:sheet_id>/rejected.csv")
def report(sheet_id: UUID) -> ResponseReturnValue:
    """The rows that were not taken, as a file."""
    merchant = signed_in_merchant(request)
    tools = tools_at_hand()
    with tools.reading() as session:
        view = sheet_view(session, merchant.shop.programme_id, sheet_id)
        text = rejected_file(session, tools.sealer, view.sheet, words_of_request())
    return Response(text, mimetype="text/csv")


def _file(merchant: Merchant, form: Form, file: FileStorage | None) -> Upload:
    if file is None or not file.filename:
        raise BadInput("no file", code="missing")
    return Upload(form.typed.get("kind", ""), file.filename, file.read(), merchant.actor, options=form.typed)


def _answered(merchant: Merchant, change: Callable[[AliasKey, Form], Form]) -> Response:
    """Do a change as the form says and draw the form again, with what came of it."""
    words = words_of_request()
    form = Form(words, {name: text.strip() for name, text in request.form.items()})
    form = replace(form, key=form.typed.get("key", form.key))
    customer = _customer(merchant, form.typed.get("customer", ""))
    status = 200
    try:
        if customer is None:
            raise BadInput("no customer", path="customer")
        form = change(customer, form)
    except LaurelError as fault:
        form, status = _faulty(form, fault), fault.status
    return page("adjust", merchant.shop.domain, status, form=replace(form, member=_standing(customer)))


def _faulty(form: Form, fault: LaurelError) -> Form:
    path = fault.path if isinstance(fault, BadInput) else ""
    name = _FIELD_OF_PATH.get(path) or _FIELD_OF_CODE.get(fault.code) or path
    key = f"admin.adjust.fault.{'note' if 'note' in path else path or fault.code}"
    told = form.words.say(key if form.words.has(key) else "admin.adjust.fault.other")
    if name in {"customer", "points", "last_day", "public_note", "internal_note"}:
        return replace(form, faults={name: told})
    return replace(form, note=told, note_tone="critical")


def _wish(merchant: Merchant, customer: AliasKey, form: Form) -> Adjustment:
    typed = form.typed
    if not _POINTS.fullmatch(typed.get("points", "")):
        raise BadInput("no points", path="points")
    is_taking = typed.get("direction") == "take"
    points = int(typed["points"])
    return Adjustment(
        customer=customer,
        points=-points if is_taking else points,
        why=typed.get("why", ""),
        key=form.key,
        actor=merchant.actor,
        notes=_notes(form),
        may_owe=is_taking and "may_owe" in typed,
        expiry="programme" if is_taking else _expiry(merchant, form),
    )


def _expiry(merchant: Merchant, form: Form) -> Expiry:
    """Points are good through the last day the merchant chose, by the shop's clock."""
    chosen = form.typed.get("expiry")
    if chosen != "day":
        return "never" if chosen == "never" else "programme"
    try:
        after = date.fromisoformat(form.typed.get("last_day", "")) + timedelta(days=1)
    except (ValueError, OverflowError) as fault:
        raise BadInput("no day", path="expires_at") from fault
    return datetime(after.year, after.month, after.day, tzinfo=ZoneInfo(merchant.shop.timezone))


def _notes(form: Form) -> Notes:
    return Notes(form.typed.get("public_note") or None, form.typed.get("internal_note") or None)


def _said(words: Words, customer: AliasKey, available: int, owed: int) -> str:
    key, points = ("admin.adjust.owes", owed) if owed else ("admin.adjust.done", available)
    return words.say(key, customer=customer[2], points=words.say("points.amount", points))


def _fresh(form: Form, note: str) -> Form:
    """An empty form for the next change of the same customer."""
    typed = {"customer": form.typed["customer"], "direction": "give", "why": "goodwill", "expiry": "programme"}
    return Form(form.words, typed, note=note, note_tone="success")


def _customer(merchant: Merchant, typed: str) -> AliasKey | None:
    """Read a customer's number, or the address of their page in the admin."""
    found = _CUSTOMER.fullmatch(typed)
    if found is None or int(found[1]) >= 2**63:
        return None
    return merchant.shop.programme_id, merchant.shop.shop_id, int(found[1])


def _standing(customer: AliasKey | None) -> MemberStanding | None:
    if customer is None:
        return None
    with tools_at_hand().reading() as session:
        return member_standing(session, customer, tools_at_hand().clock())


def _worked(merchant: Merchant, sheet_id: UUID, work: Callable[[], None]) -> Response:
    words, note, status = words_of_request(), "", 200
    try:
        work()
    except LaurelError as fault:
        key = f"admin.adjust.fault.{fault.code}"
        same = f"admin.sheet.fault.{fault.code}"
        note = words.say(key if words.has(key) else same if words.has(same) else "admin.sheet.fault.other")
        status = fault.status
    return page("sheet", merchant.shop.domain, status, sheet=_sheet(merchant, sheet_id, note))


def _sheet(merchant: Merchant, sheet_id: UUID, note: str = "") -> SheetCard:
    with tools_at_hand().reading() as session:
        view = sheet_view(session, merchant.shop.programme_id, sheet_id)
    return _card(merchant, view, words_of_request(), note)


def _sheets(merchant: Merchant, words: Words) -> list[SheetCard]:
    with tools_at_hand().reading() as session:
        views = newest_sheets(session, merchant.shop.programme_id)
    return [_card(merchant, view, words) for view in views]


def _card(merchant: Merchant, view: SheetView, words: Words, note: str = "") -> SheetCard:
    tools = tools_at_hand()
    with tools.reading() as session:
        refused = rejected(session, tools.sealer, view.sheet, REFUSED_SHOWN)
    return sheet_card(view, refused, words, merchant.shop.timezone, note)
