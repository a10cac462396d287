"""What the stand-in's pages share: one shop's books, its till, the courier, the API's fields."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

import requests
from flask import current_app

from plugin.devstore.clock import StoreClock
from plugin.devstore.courier import Courier
from plugin.devstore.deployment import Deployment
from plugin.devstore.graph_answers import AdminGraph
from plugin.devstore.graph_cost import Bucket
from plugin.devstore.store import Store
from plugin.devstore.till import Till

EXTENSION = "devstore"


@dataclass(slots=True)
class Grant:
    """A code of the OAuth fallback, until it is traded."""

    redirect_uri: str
    scopes: tuple[str, ...]
    issued_at: datetime


@dataclass(slots=True)
class Parts:
    """Made once for an app of the stand-in. `grants` maps authorization codes to what they stand for."""

    store: Store
    clock: StoreClock
    deployment: Deployment
    courier: Courier
    till: Till
    graph: AdminGraph
    bucket: Bucket
    http: requests.Session
    grants: dict[str, Grant] = field(default_factory=dict)


def make_parts(store: Store, clock: StoreClock, deployment: Deployment) -> Parts:
    """Put the parts together around a store."""
    courier = Courier(deployment, store.books.shop.domain, store.faults, clock)
    return Parts(
        store=store,
        clock=clock,
        deployment=deployment,
        courier=courier,
        till=Till(store, courier),
        graph=AdminGraph(store, deployment),
        bucket=Bucket(clock),
        http=requests.Session(),
    )


def parts() -> Parts:
    """The parts behind the request at hand."""
    found: Parts = current_app.extensions[EXTENSION]
    return found
