"""A small store admin: orders with refund and cancel, webhooks and their fate, discounts, the weather, the clock."""

from __future__ import annotations

import uuid
from datetime import timedelta
from decimal import Decimal, InvalidOperation

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from plugin.devstore.parts import parts
from plugin.devstore.records import Order
from plugin.devstore.till import Refused

bp = Blueprint("store_admin", __name__)
_ARRIVALS_SHOWN = 100
_FAULTS_MAX = 50


@bp.get("/admin")
@bp.get("/admin/orders")
def orders() -> str:
    """All orders, newest first."""
    books = parts().store.books
    return render_template("admin_orders.html", orders=parts().store.orders_newest_first(), customers=books.customers)


@bp.get("/admin/orders/<int:order_id>")
def order(order_id: int) -> str:
    """One order with what may be done to it."""
    return _order_page(_order(order_id), None)


@bp.post("/admin/orders/<int:order_id>/refund")
def refund(order_id: int) -> ResponseReturnValue:
    """Give goods back (`line_<id>` = how many) or an amount."""
    found = _order(order_id)
    try:
        if amount := request.form.get("amount", "").strip():
            parts().till.refund_amount(order_id, _amount(amount))
        else:
            counts = {line.line_id: _count(f"line_{line.line_id}") for line in found.lines}
            parts().till.refund_lines(order_id, counts)
    except Refused as refused:
        return _order_page(found, refused.word), 422
    return redirect(url_for("store_admin.order", order_id=order_id))


@bp.post("/admin/orders/<int:order_id>/cancel")
def cancel(order_id: int) -> ResponseReturnValue:
    """Cancel an order and give back what was paid."""
    found = _order(order_id)
    try:
        parts().till.cancel(order_id)
    except Refused as refused:
        return _order_page(found, refused.word), 422
    return redirect(url_for("store_admin.order", order_id=order_id))


@bp.get("/admin/webhooks")
def webhooks() -> str:
    """What was sent to the app, how it answered, and what is held back."""
    courier = parts().courier
    arrivals = list(reversed(courier.journal))[:_ARRIVALS_SHOWN]
    return render_template("admin_webhooks.html", arrivals=arrivals, held=courier.held)


@bp.post("/admin/webhooks/again")
def send_again() -> ResponseReturnValue:
    """Deliver a copy of an earlier webhook, as Shopify does when it is not sure."""
    if not parts().courier.send_again(request.form.get("webhook_id", "")):
        abort(404)
    return redirect(url_for("store_admin.webhooks"))


@bp.post("/admin/webhooks/release")
def release() -> ResponseReturnValue:
    """Let held webhooks go, in order or backwards."""
    here = parts()
    here.store.faults.is_holding = False
    here.courier.release(is_reversed=request.form.get("order") == "backwards")
    return redirect(url_for("store_admin.webhooks"))


@bp.post("/admin/webhooks/compliance")
def comply() -> ResponseReturnValue:
    """Send one of the three compliance topics for a sample customer."""
    here = parts()
    shop = here.store.books.shop
    body: dict[str, object] = {"shop_id": shop.shop_id, "shop_domain": shop.domain}
    topic = request.form.get("topic", "")
    if topic not in {"customers/data_request", "customers/redact", "shop/redact"}:
        abort(400)
    if topic != "shop/redact":
        customer = here.store.books.customers.get(_count("customer_id")) or abort(400)
        ids = [each.order_id for each in here.store.orders_newest_first() if each.customer_id == customer.customer_id]
        body["customer"] = {"id": customer.customer_id, "email": customer.email, "phone": None}
        body["orders_requested" if topic == "customers/data_request" else "orders_to_redact"] = ids
    if topic == "customers/data_request":
        body["data_request"] = {"id": here.store.new_id()}
    here.courier.send(topic, body, str(uuid.uuid4()))
    return redirect(url_for("store_admin.webhooks"))


@bp.get("/admin/discounts")
def discounts() -> str:
    """Every code the app made."""
    store = parts().store
    found = sorted(store.books.discounts.values(), key=lambda each: each.created_at, reverse=True)
    return render_template("admin_discounts.html", discounts=found, customers=store.books.customers)


@bp.get("/admin/weather")
def weather() -> str:
    """What may go wrong on purpose, and what time it is here."""
    here = parts()
    return render_template("admin_weather.html", faults=here.store.faults, offset=here.clock.offset)


@bp.post("/admin/weather")
def change_weather() -> ResponseReturnValue:
    """Order some bad weather; a number that is not given stays."""
    faults = parts().store.faults
    for name in ("throttled_next", "lost_next", "failing_next", "duplicated_next"):
        if name in request.form:
            setattr(faults, name, min(_count(name), _FAULTS_MAX))
    for name in ("is_holding", "is_withholding"):
        if name in request.form:
            setattr(faults, name, request.form[name] == "1")
    return redirect(url_for("store_admin.weather"))


@bp.post("/admin/clock")
def turn_clock() -> ResponseReturnValue:
    """Go some hours on, or back to the machine's time. The app of a demo lives by the same clock."""
    clock = parts().clock
    if hours := _count("hours"):
        clock.advance(timedelta(hours=hours))
    else:
        clock.return_to_now()
    return redirect(url_for("store_admin.weather"))


def _order(order_id: int) -> Order:
    return parts().store.books.orders.get(order_id) or abort(404)


def _order_page(found: Order, word: str | None) -> str:
    customer = parts().store.books.customers.get(found.customer_id or 0)
    return render_template("admin_order.html", order=found, buyer=customer, word=word)


def _count(name: str) -> int:
    text = request.form.get(name, "0") or "0"
    if not text.isascii() or not text.isdigit():
        abort(400)
    return int(text)


def _amount(text: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        abort(400)
    return amount if amount.is_finite() else abort(400)
