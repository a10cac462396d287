"""Facts read from deliveries, each handed to the journey that tells its story."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from plugin.facts import (
    ConsentChanged,
    CustomerRedaction,
    CustomerSeen,
    CustomersMerged,
    DataRequest,
    Fact,
    OrderContact,
    OrderSnapshot,
    OrderTouched,
    ScopesChanged,
    ShopChanged,
    ShopRedaction,
    ShopUninstalled,
)
from plugin.journeys.complying import note_request, redact_customer
from plugin.journeys.consenting import note_consent
from plugin.journeys.crediting import credit
from plugin.journeys.forgetting import without_forgotten
from plugin.journeys.joining import see_customer
from plugin.journeys.merging import merge_customers
from plugin.journeys.tools import Tools
from plugin.journeys.tracing import trace_contacts
from plugin.journeys.uninstalling import uninstall
from plugin.journeys.updating import change_scopes, change_shop
from plugin.orders import lock_states
from plugin.orders.queries import mark_touched


def apply_facts(tools: Tools, session: Session, facts: Sequence[Fact], now: datetime) -> None:
    """Apply a batch: the orders together, then touched orders, then everything else in the order it came."""
    trace_contacts(session, tools.sealer, [fact for fact in facts if isinstance(fact, OrderContact)])
    orders = [fact for fact in facts if isinstance(fact, OrderSnapshot)]
    credit(session, without_forgotten(session, tools.sealer, orders), now)
    _touch(session, [fact for fact in facts if isinstance(fact, OrderTouched)], now)
    for fact in facts:
        _apply(tools, session, fact, now)


def _touch(session: Session, touched: Sequence[OrderTouched], now: datetime) -> None:
    keys = {(one.programme_id, one.shop_id, one.order_id) for one in touched}
    lock_states(session, keys, now)
    mark_touched(session, keys, now)


def _apply(tools: Tools, session: Session, fact: Fact, now: datetime) -> None:
    match fact:
        case CustomerSeen():
            see_customer(session, tools.sealer, fact, now)
        case ConsentChanged():
            note_consent(session, tools.sealer, fact, now)
        case CustomersMerged():
            merge_customers(session, tools.sealer, fact, now)
        case ShopUninstalled():
            uninstall(session, fact)
        case ShopChanged():
            change_shop(session, fact)
        case ScopesChanged():
            change_scopes(session, fact)
        case CustomerRedaction():
            redact_customer(session, tools.sealer, fact, now)
        case DataRequest() | ShopRedaction():
            note_request(session, fact, now)
        case _:
            return
