"""Redemptions as they are kept: one wish each, the reward as it was then, and how far it has come."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Row, func, insert, select
from sqlalchemy.orm import Session

from plugin.db import unindexed
from plugin.errors import BadInput, NotFound
from plugin.rewards.tables import redemption

Standing = Literal["preparing", "ready", "used", "refused", "returning", "returned"]

GIVEN_BACK = frozenset({"released", "taken_back"})
"""The states in which a redemption's points are its member's again."""

_LIST_LIMIT = 50


@dataclass(frozen=True, slots=True)
class Redemption:
    """One row. `reward` is the reward as published when it was redeemed, with its `currency`.

    `attempts` counts the calls begun and fences off late answers; `unanswered_at` is when the last call began whose outcome nobody
    knows, None while there is none. `next_try_at` is when the slow lane should look again, and a lease while a call is under way.
    """

    programme_id: UUID
    redemption_id: UUID
    shop_id: UUID
    member_id: UUID
    account_id: UUID
    customer_id: int
    wish_id: str
    wish_hash: str
    reward_id: str
    reward: dict[str, Any]
    document_version: int
    points: int
    state: str
    code: str
    code_attempt: int
    attempts: int
    created_at: datetime
    expires_at: datetime | None = None
    discount_gid: str | None = None
    refusal: str | None = None
    unanswered_at: datetime | None = None
    next_try_at: datetime | None = None
    settled_at: datetime | None = None
    take_back_at: datetime | None = None
    deactivated_at: datetime | None = None
    used_at: datetime | None = None
    used_order_id: int | None = None

    @property
    def key(self) -> str:
        """The engine's key: programme and redemption."""
        return f"{self.programme_id}:{self.redemption_id}"

    @property
    def is_settled(self) -> bool:
        """Whether the points are spent or given back; False while they are held."""
        return self.state != "held"

    @property
    def has_given_back(self) -> bool:
        """Whether its points came back: refused, handed back, or run out."""
        return self.state in GIVEN_BACK

    @property
    def standing(self) -> Standing:
        """How far it has come, in one machine word for the shopper's panel."""
        if self.used_at is not None:
            return "used"
        if self.state == "captured":
            return "ready" if self.take_back_at is None else "returning"
        words: dict[str, Standing] = {"held": "preparing", "released": "refused", "taken_back": "returned"}
        return words[self.state]

    @property
    def shown_code(self) -> str | None:
        """The code, once it is known to work and until it is used or handed back."""
        return self.code if self.standing == "ready" else None


def parse_key(key: str) -> tuple[UUID, UUID]:
    """Read the engine's key.

    Raises:
        BadInput: it is none.
    """
    try:
        programme_id, redemption_id = key.split(":")
        return UUID(programme_id), UUID(redemption_id)
    except ValueError as fault:
        raise BadInput("not a redemption's key", path="key") from fault


def add_redemption(session: Session, fresh: Redemption) -> None:
    """Store a new redemption; its points must be held in the same transaction."""
    values = {field.name: getattr(fresh, field.name) for field in fields(fresh)}
    session.execute(insert(redemption).values(id=values.pop("redemption_id"), **values))


def find_wish(session: Session, programme_id: UUID, member_id: UUID, wish_id: str) -> Redemption | None:
    """Return the redemption an earlier click with this wish id made. Ask under the account's lock."""
    mine = (redemption.c.programme_id == programme_id, redemption.c.member_id == member_id)
    return _one(session.execute(select(redemption).where(*mine, redemption.c.wish_id == wish_id)).one_or_none())


def find_redemption(
    session: Session, programme_id: UUID, redemption_id: UUID, *, for_update: bool = False
) -> Redemption | None:
    """Return one redemption of the programme, whoever's it is; locked until the transaction ends if asked."""
    query = select(redemption).where(redemption.c.programme_id == programme_id, redemption.c.id == redemption_id)
    return _one(session.execute(query.with_for_update() if for_update else query).one_or_none())


def get_redemption(session: Session, programme_id: UUID, member_id: UUID, redemption_id: UUID) -> Redemption:
    """Return a member's own redemption.

    Raises:
        NotFound: there is none, or it is another member's.
    """
    found = find_redemption(session, programme_id, redemption_id)
    if found is None or found.member_id != member_id:
        raise NotFound("no such redemption")
    return found


def list_redemptions(session: Session, programme_id: UUID, member_id: UUID) -> list[Redemption]:
    """List a member's 50 newest redemptions, newest first."""
    rows = session.execute(
        select(redemption)
        .where(redemption.c.programme_id == programme_id, redemption.c.member_id == member_id)
        .order_by(redemption.c.created_at.desc(), redemption.c.id.desc())
        .limit(_LIST_LIMIT)
    )
    return [_from_row(row) for row in rows]


def list_by_codes(
    session: Session, programme_id: UUID, shop_id: UUID, codes: Collection[str], *, for_update: bool = False
) -> list[Redemption]:
    """List the shop's redemptions with any of these codes, by id; a code is the same in capitals and in small letters."""
    wanted = sorted({code.upper() for code in codes if code.isascii() and code.isprintable()})
    if not wanted:
        return []
    of_shop = (redemption.c.programme_id == programme_id, redemption.c.shop_id == shop_id)
    query = select(redemption).where(*of_shop, redemption.c.code.in_(wanted)).order_by(unindexed(redemption.c.id))
    return [_from_row(row) for row in session.execute(query.with_for_update() if for_update else query)]


def open_points_by_account(session: Session, programme_id: UUID | None = None) -> dict[tuple[UUID, UUID], int]:
    """Sum what open redemptions hold, by (programme, account): the ledger must hold exactly that."""
    query = select(redemption.c.programme_id, redemption.c.account_id, func.sum(redemption.c.points)).where(
        redemption.c.state == "held", *(() if programme_id is None else (redemption.c.programme_id == programme_id,))
    )
    rows = session.execute(query.group_by(redemption.c.programme_id, redemption.c.account_id))
    return {(row[0], row[1]): int(row[2]) for row in rows}


def _one(row: Row[Any] | None) -> Redemption | None:
    return None if row is None else _from_row(row)


def _from_row(row: Row[Any]) -> Redemption:
    values = row._asdict()
    return Redemption(redemption_id=values.pop("id"), **values)
