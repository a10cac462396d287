"""Check-out: judges the code, takes pretended money, and shows the order."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from plugin.devstore.parts import parts
from plugin.devstore.till import Refused
from plugin.devstore.visit import buyer_at_hand, cart_at_hand, code_at_hand, empty_cart, keep_code

bp = Blueprint("checkout", __name__)


@bp.get("/checkout")
def checkout() -> ResponseReturnValue:
    """What is to be paid; a code that does not apply is named with its reason."""
    return _page(None)


@bp.post("/checkout/discount")
def apply_code() -> ResponseReturnValue:
    """Try a discount code; a wrong one is refused and not kept. An empty one takes the present code off."""
    code = request.form.get("code", "").strip()
    if code:
        try:
            parts().till.price(cart_at_hand(), buyer_at_hand(), code)
        except Refused as refused:
            return _page(refused.word, tried=code)
    keep_code(code)
    return redirect(url_for("checkout.checkout"))


@bp.post("/checkout/pay")
def pay() -> ResponseReturnValue:
    """Place the order, unless the code stopped being good in the meantime."""
    try:
        order = parts().till.place_order(cart_at_hand(), buyer_at_hand(), code_at_hand())
    except Refused as refused:
        tried = code_at_hand()
        keep_code(None)
        return _page(refused.word, tried=tried)
    empty_cart()
    return redirect(url_for("checkout.order", token=order.token))


@bp.get("/orders/<token>")
def order(token: str) -> str:
    """Thank you, and what was bought."""
    found = parts().store.order_by_token(token)
    if found is None:
        abort(404)
    products = {each.product_id: each for each in parts().store.books.products.values()}
    return render_template("order.html", order=found, products=products)


def _page(word: str | None, tried: str | None = None) -> ResponseReturnValue:
    till, code = parts().till, code_at_hand()
    if not till.cart_lines(cart_at_hand()):
        return redirect(url_for("storefront.cart"))
    try:
        quote = till.price(cart_at_hand(), buyer_at_hand(), code)
    except Refused as refused:
        word, tried, code = refused.word, code, None
        keep_code(None)
        quote = till.price(cart_at_hand(), buyer_at_hand(), None)
    products = {each.variant_id: each for each in parts().store.books.products.values()}
    body = render_template("checkout.html", quote=quote, code=code, word=word, tried=tried, products=products)
    return body, 422 if word else 200
