"""Who is asking: proved by the app proxy's signature over the query, and by nothing else."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qsl

from flask import Request

from plugin.errors import Forbidden, NotAllowed
from plugin.journeys.viewing import Visit
from plugin.members import Member
from plugin.shopify.signatures import is_proxy_signed

_CUSTOMER_ID = re.compile(r"[1-9][0-9]{0,18}", re.ASCII)
_ID_MAX = 2**63 - 1
_LOCALE_LENGTH_MAX = 35


@dataclass(frozen=True, slots=True)
class Shopper:
    """A person at a storefront. `customer_id` is None for a guest; `asked` is the signed query, first value of each name."""

    shop_domain: str
    customer_id: int | None
    locale: str
    asked: Mapping[str, str]


def verified_shopper(request: Request, secrets: Sequence[str], now: datetime) -> Shopper:
    """Read the shopper out of a signed request.

    The very text that was signed is read, by the same rules: a second reader could find another customer in it.

    Raises:
        Forbidden: the query is not signed, not lately, or names a customer that cannot be.
    """
    query = request.query_string.decode("utf-8", "replace")
    if not is_proxy_signed(query, secrets, now):
        raise Forbidden("the app proxy did not sign this", code="bad_signature")
    asked: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        asked.setdefault(name, value)
    customer = asked.get("logged_in_customer_id", "")
    if customer and not (_CUSTOMER_ID.fullmatch(customer) and int(customer) <= _ID_MAX):
        raise Forbidden("not a customer id", code="bad_signature")
    return Shopper(asked["shop"], int(customer) if customer else None, asked_locale(request), asked)


def asked_locale(request: Request) -> str:
    """Tell which language the shopper reads; asked before anything is proved, so that a refusal speaks it too."""
    return (request.args.get("locale") or request.headers.get("Accept-Language") or "en")[:_LOCALE_LENGTH_MAX]


def signed_in_member(visit: Visit) -> Member:
    """Return the member who may act.

    Raises:
        Forbidden: a guest.
        NotAllowed: signed in, and not in the programme.
    """
    if visit.customer_id is None:
        raise Forbidden("a guest cannot do this")
    if visit.member is None or visit.may_join:
        raise NotAllowed("only members can do this", code="not_a_member")
    return visit.member
