"""A shop installs the app, for the first time or again."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from plugin.errors import ShopifyUnavailable
from plugin.facts import TokenPair
from plugin.journeys.connecting import admin_for, find_open_tokens, token_desk
from plugin.journeys.documents import publish_document
from plugin.journeys.tools import Tools
from plugin.money import parse_currency
from plugin.programme.store import create_programme
from plugin.rules import default_document, dump_document
from plugin.shopify.client import AdminClient
from plugin.shopify.domains import parse_shop_domain
from plugin.shopify.id_tokens import IdToken
from plugin.shopify.installation import ShopDetails, fetch_shop, fetch_withheld, missing_scopes, parse_timezone
from plugin.shops.store import (
    NewShop,
    Shop,
    add_shop,
    describe_shop,
    find_shop,
    get_shop,
    grant_scopes,
    lock_shop,
    reinstall_shop,
    vouch_shop,
)
from plugin.shops.tokens import keep_tokens

log = logging.getLogger(__name__)

INSTALLER = "system:install"
DEFAULT_CURRENCY = "USD"
DEFAULT_TIMEZONE = "UTC"


@dataclass(frozen=True, slots=True)
class Access:
    """What a shop grants us now. `missing_scopes` and `withheld` (kinds of protected data) are empty when all is well."""

    scopes: tuple[str, ...]
    missing_scopes: tuple[str, ...]
    withheld: tuple[str, ...]

    @property
    def is_whole(self) -> bool:
        """Whether nothing is missing."""
        return not self.missing_scopes and not self.withheld


@dataclass(frozen=True, slots=True)
class Registration:
    """A shop added by hand. What is None comes from Shopify where a token is given, else from the defaults."""

    domain: str
    token: str | None = None
    currency: str | None = None
    timezone: str | None = None
    name: str | None = None
    earning_starts_at: datetime | None = None


def install_by_id_token(tools: Tools, id_token: IdToken) -> Shop:
    """Answer a page load of the embedded app: install what is new or came back, else only remember that the app is installed.

    A pair that still works is kept; one that does not is replaced by way of the ID token, the best proof there is.

    Raises:
        Forbidden: Shopify finds the ID token stale; the page has to bring another.
    """
    if (known := _connected(tools, id_token)) is not None:
        return known
    pair = token_desk(tools).exchange_id_token(id_token.shop_domain, id_token.raw)
    return install(tools, id_token.shop_domain, pair, vouched_at=id_token.issued_at)


def install(tools: Tools, domain: str, pair: TokenPair, *, vouched_at: datetime | None = None) -> Shop:
    """Install a shop with a fresh pair, or take it back as it was: programme, start line and sweep mark stay.

    `vouched_at` is Shopify's own word for when the app was installed (an ID token's issue, an OAuth query's timestamp); an uninstall
    from before it is a late copy. Without it our clock has to do.
    """
    details = fetch_shop(AdminClient(tools.http, domain, pair.access_token))
    at = vouched_at or tools.clock()
    try:
        with tools.writing() as session:
            shop = _settled(tools, session, details, pair, at)
    except IntegrityError:  # a twin of this request added the shop in between
        with tools.writing() as session:
            shop = _settled(tools, session, details, pair, at)
    log.info("installed", extra={"shop": domain, "missing_scopes": missing_scopes(shop.scopes)})
    tools.nudge("sweep", str(shop.shop_id))
    return shop


def register_shop(tools: Tools, registration: Registration) -> Shop:
    """Add a shop without a browser, or change how it is known; `laurel shop add` comes here.

    Raises:
        BadInput: the domain, currency or timezone is none.
        ShopDisconnected: Shopify does not take the token.
        ShopifyUnavailable: Shopify cannot be asked, and currency or timezone were not given.
    """
    domain = parse_shop_domain(registration.domain)
    details = _registered_details(tools, domain, registration)
    pair = None if registration.token is None else TokenPair(registration.token, scopes=details.scopes)
    with tools.writing() as session:
        return _settled(tools, session, details, pair, tools.clock(), registration.earning_starts_at)


def check_access(tools: Tools, shop_id: UUID) -> Access:
    """Ask Shopify what it grants and what it withholds, and remember the scopes.

    Raises:
        ShopDisconnected: there is no usable token.
        ShopifyUnavailable: no answer.
    """
    admin = admin_for(tools, shop_id)
    details, withheld = fetch_shop(admin), fetch_withheld(admin)
    with tools.writing() as session:
        grant_scopes(session, get_shop(session, shop_id), details.scopes)
    return Access(details.scopes, missing_scopes(details.scopes), withheld)


def _connected(tools: Tools, id_token: IdToken) -> Shop | None:
    """Return the shop if it is installed, grants all we need, and its pair works by its dates."""
    with tools.reading() as session:
        shop = find_shop(session, id_token.shop_domain)
        if shop is None or not shop.is_installed or missing_scopes(shop.scopes):
            return None
        held = find_open_tokens(tools, session, shop)
        if held is None or not held.is_fresh(tools.clock()):
            return None
    with tools.writing() as session:
        return vouch_shop(session, lock_shop(session, shop.shop_id), id_token.issued_at)


def _settled(
    tools: Tools,
    session: Session,
    details: ShopDetails,
    pair: TokenPair | None,
    at: datetime,
    earning_starts_at: datetime | None = None,
) -> Shop:
    """Bring the shop's rows to what we know now, in one transaction."""
    known = find_shop(session, details.domain)
    if known is None:
        shop = _opened(tools, session, details, at, earning_starts_at)
    else:
        locked = lock_shop(session, known.shop_id)
        shop = vouch_shop(session, locked, at) if locked.is_installed else reinstall_shop(session, locked, at)
    describe_shop(session, shop, name=details.name, currency=details.currency, timezone=details.timezone)
    if pair is not None:
        grant_scopes(session, shop, details.scopes)
        keep_tokens(session, tools.sealer, shop, pair)
    return get_shop(session, shop.shop_id)


def _opened(
    tools: Tools, session: Session, details: ShopDetails, at: datetime, earning_starts_at: datetime | None
) -> Shop:
    """Open a programme with the default document, and the shop in it; its points start now unless told otherwise."""
    programme_id = create_programme(
        session, name=details.name, timezone=details.timezone, currency=details.currency, now=tools.clock()
    )
    document = dump_document(default_document())
    publish_document(session, programme_id, document, actor=INSTALLER, now=tools.clock())
    return add_shop(
        session,
        NewShop(
            programme_id=programme_id,
            domain=details.domain,
            name=details.name,
            currency=details.currency,
            timezone=details.timezone,
            installed_at=at,
            scopes=details.scopes,
            origin=tools.settings.shop_origin,
            earning_starts_at=earning_starts_at,
        ),
    )


def _registered_details(tools: Tools, domain: str, registration: Registration) -> ShopDetails:
    """Take what was given; ask Shopify for the rest where a token allows it."""
    currency = None if registration.currency is None else parse_currency(registration.currency, path="currency")
    timezone = None if registration.timezone is None else parse_timezone(registration.timezone)
    asked = None
    if registration.token is not None:
        try:
            asked = fetch_shop(AdminClient(tools.http, domain, registration.token))
        except ShopifyUnavailable:
            if currency is None or timezone is None:
                raise
    return ShopDetails(
        name=registration.name or (asked.name if asked else domain.partition(".")[0]),
        currency=currency or (asked.currency if asked else DEFAULT_CURRENCY),
        timezone=timezone or (asked.timezone if asked else DEFAULT_TIMEZONE),
        domain=domain,
        scopes=asked.scopes if asked else (),
    )
