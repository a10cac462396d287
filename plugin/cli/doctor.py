"""Is this installation fit to go live: one line for each thing that matters, and what to do about it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Literal
from urllib.parse import urlsplit

import click
from sqlalchemy.exc import SQLAlchemyError

from plugin.cli.start import Laurel
from plugin.config import DEVELOPMENT_SECRET, LOCAL_HOSTS, Settings
from plugin.errors import ShopDisconnected, ShopifyRefused, ShopifyUnavailable
from plugin.journeys.installing import check_access
from plugin.journeys.overseeing import Standing, standing_of
from plugin.journeys.tools import Tools
from plugin.migrations import is_current
from plugin.sealing import Unsealable
from plugin.shopify.installation import missing_scopes
from plugin.shops.store import Shop, list_shops
from plugin.shops.tokens import HeldTokens, find_tokens

State = Literal["ok", "warning", "fault"]
_REFRESH_SOON = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. A fault keeps the product from working; a warning will, or should not stand in production."""

    state: State
    subject: str
    text: str


@click.command()
@click.option("--offline", is_flag=True, help="Do not ask Shopify.")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
@click.pass_context
def doctor(ctx: click.Context, offline: bool, as_json: bool) -> None:
    """Check whether this installation is fit to go live; exit 1 when something is at fault."""
    laurel: Laurel = ctx.obj
    findings = list(_examined(laurel, asks_shopify=not offline))
    if as_json:
        click.echo(json.dumps([asdict(one) for one in findings], indent=2))
    else:
        for one in findings:
            click.echo(f"{one.state:<8} {one.subject}: {one.text}")
        counts = Counter(one.state for one in findings)
        click.echo(f"{counts['fault']} at fault, {counts['warning']} to look at, {counts['ok']} well.")
    ctx.exit(1 if any(one.state == "fault" for one in findings) else 0)


def _examined(laurel: Laurel, *, asks_shopify: bool) -> Iterator[Finding]:
    yield from _configuration(laurel.settings)
    database = _database(laurel.tools)
    yield database
    if database.state == "fault":
        return
    with laurel.tools.reading() as session:
        shops = list_shops(session)
    if not shops:
        yield Finding(
            "warning", "shops", "none is installed yet; open the app in a shop's admin, or use `laurel shop add`"
        )
    for shop in shops:
        yield from _shop(laurel.tools, shop, asks_shopify=asks_shopify)


def _configuration(settings: Settings) -> Iterator[Finding]:
    if settings.is_production:
        yield Finding("ok", "configuration", "fit for production")
    else:
        yield Finding(
            "warning", "configuration", "LAUREL_ENV is development; set it to production before real shoppers come"
        )
        if DEVELOPMENT_SECRET in (*settings.secret_keys, *settings.shopify_api_secrets):
            yield Finding("warning", "secrets", "the development secrets are in use; anybody can forge what they sign")
    address = urlsplit(settings.public_url)
    if address.hostname in LOCAL_HOSTS or address.scheme != "https":
        yield Finding(
            "warning", "public URL", f"{settings.public_url} cannot be reached by Shopify; set LAUREL_PUBLIC_URL"
        )
    else:
        yield Finding("ok", "public URL", settings.public_url)


def _database(tools: Tools) -> Finding:
    kind = "SQLite" if tools.database.is_sqlite else "Postgres"
    try:
        is_head = is_current(tools.database)
    except SQLAlchemyError as fault:
        return Finding("fault", "database", f"{kind} does not answer ({type(fault).__name__}); look at DATABASE_URL")
    if not is_head:
        return Finding("fault", "database", f"the {kind} schema is not the newest; run `laurel migrate`")
    return Finding("ok", "database", f"{kind}, schema up to date")


def _shop(tools: Tools, shop: Shop, *, asks_shopify: bool) -> Iterator[Finding]:
    with tools.reading() as session:
        standing = standing_of(session, shop, tools.clock())
        try:
            held, token = find_tokens(session, tools.sealer, shop), None
        except Unsealable as fault:
            held, token = (
                None,
                Finding("fault", shop.domain, f"its token cannot be opened ({fault}); look at LAUREL_SECRET_KEY"),
            )
    token = token or _token(shop, held, tools.clock())
    yield token
    if asks_shopify and token.state != "fault":
        yield from _access(tools, shop)
    else:
        yield _scopes(shop, missing_scopes(shop.scopes))
    yield from _arrivals(shop, standing)


def _token(shop: Shop, held: HeldTokens | None, now: datetime) -> Finding:
    reopen = "its merchant has to open the app in the shop's admin"
    if held is None:
        return Finding("fault", shop.domain, f"there is no token; {reopen}")
    if not held.is_fresh(now) and not held.may_refresh(now):
        return Finding("fault", shop.domain, f"the token is dead; {reopen}")
    dies_at = held.pair.refresh_expires_at
    if dies_at is not None and dies_at < now + _REFRESH_SOON:
        return Finding("warning", shop.domain, f"the refresh token dies on {dies_at:%Y-%m-%d}; is the worker running?")
    return Finding("ok", shop.domain, "the token is good")


def _access(tools: Tools, shop: Shop) -> Iterator[Finding]:
    """Ask Shopify what it grants and what it withholds."""
    try:
        access = check_access(tools, shop.shop_id)
    except ShopDisconnected as fault:
        yield Finding(
            "fault", shop.domain, f"Shopify does not take the token ({fault}); its merchant has to open the app"
        )
    except (ShopifyUnavailable, ShopifyRefused) as fault:
        yield Finding("fault", shop.domain, f"Shopify could not be asked ({fault}); try again, or use --offline")
    else:
        yield _scopes(shop, access.missing_scopes)
        if access.withheld:
            yield Finding(
                "fault",
                shop.domain,
                f"Shopify withholds {', '.join(access.withheld)}: ask for protected customer data access in the Partner Dashboard",
            )
        else:
            yield Finding("ok", shop.domain, "no protected data is withheld")


def _scopes(shop: Shop, missing: tuple[str, ...]) -> Finding:
    if missing:
        return Finding(
            "fault",
            shop.domain,
            f"scopes are missing: {', '.join(missing)}; deploy shopify.app.toml, then reopen the app",
        )
    return Finding("ok", shop.domain, "all scopes are granted")


def _arrivals(shop: Shop, standing: Standing) -> Iterator[Finding]:
    if standing.last_arrival_at is None:
        yield Finding("warning", shop.domain, "no webhook has arrived yet; was shopify.app.toml deployed?")
    else:
        yield Finding("ok", shop.domain, f"the last webhook arrived at {standing.last_arrival_at.isoformat()}")
    if standing.withheld_orders:
        yield Finding(
            "warning", shop.domain, f"{standing.withheld_orders} orders of the last 7 days came without their customer"
        )
    if standing.dead_letters:
        yield Finding(
            "warning", shop.domain, f"{standing.dead_letters} dead letters; see `laurel deliveries list {shop.domain}`"
        )
