"""Members who asked to be forgotten: what remains is a keyed name under which nobody can be found who is not known already."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from plugin.db import among
from plugin.members.store import list_aliases
from plugin.members.tables import alias, member, past_stay, tombstone


def forget_member(session: Session, programme_id: UUID, member_id: UUID) -> None:
    """Cut a member off from every customer id; the account and its sums stay."""
    for shop_id, customer_id in list_aliases(session, programme_id, member_id):
        of_customer = (past_stay.c.shop_id == shop_id, past_stay.c.customer_id == customer_id)
        session.execute(delete(past_stay).where(past_stay.c.programme_id == programme_id, *of_customer))
    session.execute(delete(alias).where(alias.c.programme_id == programme_id, alias.c.member_id == member_id))
    same = (member.c.programme_id == programme_id, member.c.id == member_id)
    session.execute(update(member).where(*same).values(standing="forgotten", has_account=None))


def forget_all(session: Session, programme_id: UUID, shop_id: UUID) -> list[tuple[UUID, UUID]]:
    """Cut every member off from their customer ids at one shop; forget those without another id: (member, account)."""
    for table in (past_stay, alias):
        session.execute(delete(table).where(table.c.programme_id == programme_id, table.c.shop_id == shop_id))
    known = select(alias.c.member_id).where(alias.c.programme_id == programme_id)
    gone = (member.c.programme_id == programme_id, member.c.id.not_in(known), member.c.standing != "merged")
    forgotten = update(member).where(*gone).values(standing="forgotten", has_account=None)
    return [(row.id, row.account_id) for row in session.execute(forgotten.returning(member.c.id, member.c.account_id))]


def bury(session: Session, programme_id: UUID, customer_key: str, now: datetime) -> None:
    """Leave a tombstone, so that a later back-fill cannot bring the member back."""
    if not find_tombstones(session, [(programme_id, customer_key)]):
        session.execute(
            insert(tombstone).values(programme_id=programme_id, customer_key=customer_key, forgotten_at=now)
        )


def find_tombstones(session: Session, keys: Collection[tuple[UUID, str]]) -> set[tuple[UUID, str]]:
    """Say which of these (programme, keyed name) were forgotten."""
    if not keys:
        return set()
    mine = among((tombstone.c.programme_id, tombstone.c.customer_key), keys)
    rows = session.execute(select(tombstone.c.programme_id, tombstone.c.customer_key).where(mine))
    return {(programme_id, key) for programme_id, key in rows}
