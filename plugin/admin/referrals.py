"""Referrals that wait for a decision: looked at, approved or blocked by the merchant."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from plugin.admin.framing import page, words_of_request
from plugin.admin.identity import Merchant, signed_in_merchant, tools_at_hand
from plugin.admin.referrals_view import Lists, lists_of
from plugin.admin.routes import entered, failed
from plugin.errors import Conflict, LaurelError
from plugin.journeys.reviewing_referrals import decide, queue_of
from plugin.rules.referral_checks import Decision

bp = Blueprint("admin_referrals", __name__, url_prefix="/app/referrals")
bp.register_error_handler(LaurelError, failed)
bp.register_error_handler(HTTPException, failed)


@bp.get("")
def open_page() -> ResponseReturnValue:
    """The page."""
    merchant = entered()
    if isinstance(merchant, Response):
        return merchant
    return page("referrals", merchant.shop.domain, lists=_lists(merchant))


@bp.post("/<uuid:referral_id>/approve")
def approve(referral_id: UUID) -> ResponseReturnValue:
    """Let a referral be rewarded."""
    return _decided(referral_id, "approve", "admin.referral.approved")


@bp.post("/<uuid:referral_id>/block")
def block(referral_id: UUID) -> ResponseReturnValue:
    """Let a referral give the member nothing."""
    return _decided(referral_id, "block", "admin.referral.blocked_note")


def _decided(referral_id: UUID, decision: Decision, said: str) -> Response:
    merchant, words = signed_in_merchant(request), words_of_request()
    note, tone, status = request.form.get("note", ""), "success", 200
    try:
        decide(tools_at_hand(), merchant.shop, referral_id, decision, actor=merchant.actor, note=note)
    except Conflict as fault:
        said, tone, status = "admin.referral.decided", "critical", fault.status
    return page(
        "referral_answer", merchant.shop.domain, status, lists=_lists(merchant), note=words.say(said), tone=tone
    )


def _lists(merchant: Merchant) -> Lists:
    return lists_of(queue_of(tools_at_hand(), merchant.shop), merchant.shop, words_of_request())
