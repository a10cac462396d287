"""The shop's pages: home, product, cart, sign-in, account."""

from __future__ import annotations

import uuid
from dataclasses import replace
from urllib.parse import urlsplit

from flask import Blueprint, abort, jsonify, redirect, render_template, request, send_from_directory, session, url_for
from flask.typing import ResponseReturnValue

from plugin.devstore import theme
from plugin.devstore.bodies import consent_body, customer_body
from plugin.devstore.liquid_theme import ASSETS_URL, THEME
from plugin.devstore.parts import parts
from plugin.devstore.records import Consent
from plugin.devstore.till import Refused
from plugin.devstore.visit import (
    LOCALES,
    buyer_at_hand,
    cart_at_hand,
    code_at_hand,
    customer_at_hand,
    keep_code,
    locale_at_hand,
    put_in_cart,
)

bp = Blueprint("storefront", __name__)

CONSENT_TOPICS = {"email": "customers_email_marketing_consent/update", "sms": "customers_marketing_consent/update"}


@bp.app_context_processor
def shop_words() -> dict[str, object]:
    """What every page of the shop shows."""
    here = parts()
    customer, locale = customer_at_hand(), locale_at_hand()
    return {
        "shop": here.store.books.shop,
        "customer": customer,
        "locale": locale,
        "locales": LOCALES,
        "cart_count": sum(cart_at_hand().values()),
        "embeds": lambda: theme.embeds(here.store, customer, locale),
        "blocks": lambda template: theme.blocks(here.store, customer, locale, template),
        "now": here.store.clock(),
        "is_installed": here.store.books.installation is not None,
        "app_name": here.deployment.name,
    }


@bp.get("/")
def home() -> str:
    """What the shop sells."""
    return render_template("home.html", products=list(parts().store.books.products.values()))


@bp.get("/products/<handle>")
def product(handle: str) -> str:
    """One product."""
    found = parts().store.product_by_handle(handle)
    if found is None:
        abort(404)
    others = [each for each in parts().store.books.products.values() if each.product_type == found.product_type]
    return render_template("product.html", product=found, others=[each for each in others if each is not found])


@bp.get("/cart")
def cart() -> str:
    """The basket, with the code the visitor brought."""
    here = parts()
    try:
        quote, word = here.till.price(cart_at_hand(), buyer_at_hand(), code_at_hand()), None
    except Refused as refused:
        quote, word = here.till.price(cart_at_hand(), buyer_at_hand(), None), refused.word
    arts = {each.variant_id: each for each in here.store.books.products.values()}
    return render_template("cart.html", quote=quote, code=code_at_hand(), word=word, products=arts)


@bp.post("/cart/add")
def add_to_cart() -> ResponseReturnValue:
    """Put a product into the basket."""
    variant_id, count = _number("id"), _number("quantity", 1)
    if parts().store.product_by_variant(variant_id) is None:
        abort(404)
    put_in_cart(variant_id, cart_at_hand().get(variant_id, 0) + count)
    return redirect(url_for("storefront.cart"))


@bp.post("/cart/change")
def change_cart() -> ResponseReturnValue:
    """Set how many of a product are wanted."""
    put_in_cart(_number("id"), _number("quantity", 0))
    return redirect(url_for("storefront.cart"))


@bp.get("/cart.js")
def cart_json() -> ResponseReturnValue:
    """The basket for scripts, as far as the widget could want it."""
    quote = parts().till.price(cart_at_hand(), buyer_at_hand(), None)
    items = [{"variant_id": line.variant_id, "quantity": line.quantity} for line in quote.lines]
    return jsonify(
        items=items, item_count=sum(cart_at_hand().values()), total_price=int(quote.subtotal * 100), currency="EUR"
    )


@bp.get("/discount/<code>")
def bring_code(code: str) -> ResponseReturnValue:
    """Shopify's link that brings a discount code along."""
    keep_code(code)
    return redirect(_own_path(request.args.get("redirect", "/cart")))


@bp.get("/account/login")
@bp.get("/account/register")
@bp.get("/customer_authentication/redirect")
def sign_in() -> str:
    """Choose who to be."""
    return render_template("sign_in.html", people=list(parts().store.books.customers.values()))


@bp.post("/account/login")
def sign_in_as() -> ResponseReturnValue:
    """Be a sample customer; no password, nobody real is behind it."""
    wanted = parts().store.books.customers.get(_number("customer_id"))
    if wanted is None or not wanted.has_account:
        abort(404)
    session["customer_id"] = wanted.customer_id
    return redirect(_own_path(request.form.get("return_to", "/")))


@bp.post("/account/register")
def register() -> ResponseReturnValue:
    """Make one more sample customer and be that one; the app hears of it by customers/create."""
    here = parts()
    with here.store.lock:
        now, number = here.store.clock(), len(here.store.books.customers) + 1
        pattern = next(iter(here.store.books.customers.values()))
        fresh = replace(
            pattern,
            customer_id=here.store.new_id(),
            first_name=f"Newcomer {number}",
            email=f"newcomer{number}@example.com",
            has_account=True,
            created_at=now,
            updated_at=now,
            consents={"email": Consent("subscribed", now)} if request.form.get("newsletter") else {},
        )
        here.store.books.customers[fresh.customer_id] = fresh
        if here.store.books.installation:
            shop = here.store.books.shop
            here.courier.send("customers/create", customer_body(shop, fresh), str(uuid.uuid4()))
            for channel in fresh.consents:
                here.courier.send(CONSENT_TOPICS[channel], consent_body(shop, fresh, channel), str(uuid.uuid4()))
    session["customer_id"] = fresh.customer_id
    return redirect("/account")


@bp.post("/account/consent")
def consent() -> ResponseReturnValue:
    """Say whether to hear from the shop by e-mail or SMS; the app hears of it by the topic of that consent."""
    here, customer = parts(), customer_at_hand()
    channel, wanted = request.form.get("channel", ""), request.form.get("state", "")
    if customer is None or channel not in CONSENT_TOPICS or wanted not in {"subscribed", "unsubscribed"}:
        abort(400)
    with here.store.lock:
        now, shop = here.store.clock(), here.store.books.shop
        consents = customer.consents | {channel: Consent(wanted, now)}
        told = replace(customer, consents=consents, updated_at=now)
        here.store.books.customers[customer.customer_id] = told
        if here.store.books.installation:
            here.courier.send(CONSENT_TOPICS[channel], consent_body(shop, told, channel), str(uuid.uuid4()))
            here.courier.send("customers/update", customer_body(shop, told), str(uuid.uuid4()))
    return redirect("/account")


@bp.post("/account/logout")
def sign_out() -> ResponseReturnValue:
    """Be a guest again."""
    session.pop("customer_id", None)
    return redirect("/")


@bp.get("/account")
def account() -> ResponseReturnValue:
    """The signed-in customer's orders."""
    customer = customer_at_hand()
    if customer is None:
        return redirect(url_for("storefront.sign_in"))
    orders = [order for order in parts().store.orders_newest_first() if order.customer_id == customer.customer_id]
    return render_template("account.html", orders=orders)


@bp.post("/locale")
def choose_locale() -> ResponseReturnValue:
    """Speak another language; the rewards panel follows, the sample shop itself is English."""
    session["locale"] = request.form.get("locale", "en")
    return redirect(_own_path(request.form.get("return_to", "/")))


@bp.get("/differences")
def differences() -> str:
    """Where this stand-in differs from Shopify."""
    return render_template("differences.html")


@bp.get(f"{ASSETS_URL}/<path:file>")
def asset(file: str) -> ResponseReturnValue:
    """A file of the theme extension, as Shopify's CDN would serve it."""
    return send_from_directory(THEME / "assets", file, max_age=0)


def _number(name: str, default: int | None = None) -> int:
    """Read a whole number from the form; what is none is a bad request."""
    text = request.form.get(name, "" if default is None else str(default))
    if not text.isascii() or not text.isdigit():
        abort(400)
    return int(text)


def _own_path(wanted: str) -> str:
    """A way back that stays in this shop."""
    where = urlsplit(wanted)
    is_ours = not where.scheme and not where.netloc and wanted.startswith("/") and not wanted.startswith(("//", "/\\"))
    return wanted if is_ours else "/"
