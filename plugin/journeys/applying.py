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
from plugin.journeys.joining import is_seen_already, see_customer
from plugin.journeys.merging import merge_customers
from plugin.journeys.tools import Tools
from plugin.journeys.tracing import trace_contacts
from plugin.journeys.uninstalling import uninstall
from plugin.journeys.updating import change_scopes, change_shop

_OF_ORDERS = (OrderSnapshot, OrderContact, OrderTouched)


def apply_facts(tools: Tools, session: Session, facts: Sequence[Fact], now: datetime) -> None:
    """Apply facts: orders and word of orders together, then everything else in the order it came."""
    trace_contacts(session, tools.sealer, [fact for fact in facts if isinstance(fact, OrderContact)])
    orders = [fact for fact in facts if isinstance(fact, OrderSnapshot)]
    touched = [(one.programme_id, one.shop_id, one.order_id) for one in facts if isinstance(one, OrderTouched)]
    credit(session, without_forgotten(session, tools.sealer, orders), now, touched=touched)
    for fact in facts:
        _apply(tools, session, fact, now)


def may_share(tools: Tools, session: Session, facts: Sequence[Fact]) -> bool:
    """Say whether a delivery's facts may be applied in one transaction with those of others.

    Orders may: they are locked together. What locks orders or accounts by itself may not, since it would do so after them.
    """
    return all(isinstance(one, _OF_ORDERS) or _tells_nothing(tools, session, one) for one in facts)


def _tells_nothing(tools: Tools, session: Session, fact: Fact) -> bool:
    """Most news of customers is none to us: it must not cost a transaction each."""
    return isinstance(fact, CustomerSeen) and is_seen_already(session, tools.sealer, fact, tools.clock())


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
