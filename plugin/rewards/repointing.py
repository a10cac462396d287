"""Redemptions follow their people: to the account their points are in, the member who stands for both, the customer who is kept."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import String, case, cast, select, update
from sqlalchemy.orm import Session

from plugin.db import among
from plugin.rewards.tables import redemption

NOBODY = 0
"""Whose a redemption is once its customer was forgotten."""


def move_redemptions(session: Session, programme_id: UUID, loser_id: UUID, winner_id: UUID) -> None:
    """Let every redemption of one account be of another from now on; both are locked, so no step is under way."""
    mine = (redemption.c.programme_id == programme_id, redemption.c.account_id == loser_id)
    session.execute(update(redemption).where(*mine).values(account_id=winner_id))


def give_redemptions(session: Session, programme_id: UUID, loser_id: UUID, winner_id: UUID) -> None:
    """Let every redemption of one member be another's. A wish id that both used stays with the winner's own redemption."""
    theirs = select(redemption.c.wish_id).where(
        redemption.c.programme_id == programme_id, redemption.c.member_id == winner_id
    )
    is_used_twice = redemption.c.wish_id.in_(theirs.scalar_subquery())
    wish_id = case((is_used_twice, cast(redemption.c.id, String)), else_=redemption.c.wish_id)
    mine = (redemption.c.programme_id == programme_id, redemption.c.member_id == loser_id)
    session.execute(update(redemption).where(*mine).values(member_id=winner_id, wish_id=wish_id))


def follow_customer(
    session: Session, programme_id: UUID, shop_id: UUID, customer_ids: tuple[int, int], now: datetime
) -> None:
    """Let the kept customer stand in for the deleted one: (deleted, kept).

    Shopify lets the kept customer use the codes that were made for the deleted one. One that is still being made has to be asked
    for again, for the kept customer: `attempts` fences off the call for the deleted one, should it be answered with a refusal.
    """
    deleted_id, kept_id = customer_ids
    mine = (
        redemption.c.programme_id == programme_id,
        redemption.c.shop_id == shop_id,
        redemption.c.customer_id == deleted_id,
    )
    again = {"attempts": redemption.c.attempts + 1, "next_try_at": now}
    session.execute(update(redemption).where(*mine, redemption.c.state == "held").values(again))
    session.execute(update(redemption).where(*mine).values(customer_id=kept_id))


def forget_customers(session: Session, customers: Collection[tuple[UUID, UUID, int]]) -> None:
    """Cut redemptions off from these (programme, shop, customer). A code that is still to be made is made for nobody: Shopify refuses."""
    mine = among((redemption.c.programme_id, redemption.c.shop_id, redemption.c.customer_id), customers)
    session.execute(update(redemption).where(mine).values(customer_id=NOBODY))


def forget_shop(session: Session, programme_id: UUID, shop_id: UUID) -> None:
    """Cut a shop's redemptions off from every customer."""
    mine = (redemption.c.programme_id == programme_id, redemption.c.shop_id == shop_id)
    session.execute(update(redemption).where(*mine).values(customer_id=NOBODY))
