"""Keeps the stand-in away from real shops: whoever mixes the two would hand real points to sample people."""

from __future__ import annotations

from sqlalchemy import inspect, select

from plugin.config import Settings
from plugin.db import Database
from plugin.errors import Misconfigured
from plugin.shops.tables import shop

ORIGIN = "devstore"


def refuse_real_shops(settings: Settings, database: Database) -> None:
    """Return if the stand-in may run here.

    Raises:
        Misconfigured: this is a production installation, or its database holds a shop of Shopify's.
    """
    faults = {}
    if settings.is_production:
        faults["LAUREL_ENV"] = "is production; the dev store never runs there"
    if domains := _real_shops(database):
        faults["DATABASE_URL"] = f"holds real shops ({', '.join(domains)}); the dev store never runs beside them"
    if faults:
        raise Misconfigured(faults)


def refuse_leftovers(database: Database) -> None:
    """Return if no sample shop is there yet: the app's database and the stand-in's books belong together.

    Raises:
        Misconfigured: the database holds the shop of an earlier demo, whose books are gone.
    """
    with database.reading() as session:
        if session.execute(select(shop.c.domain).limit(1)).first() is not None:
            raise Misconfigured({"DATABASE_URL": "holds the shop of an earlier demo; name an empty database"})


def _real_shops(database: Database) -> list[str]:
    if not inspect(database.engine).has_table(shop.name):
        return []
    with database.reading() as session:
        return list(
            session.execute(select(shop.c.domain).where(shop.c.origin != ORIGIN).order_by(shop.c.domain)).scalars()
        )
