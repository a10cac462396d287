"""Rewards that come by themselves: when their days of the year begin, who can have one and has the points is given it.

Of several it is the dearest that the member can have, and one for each opening, whoever runs this how often: the wish is named by
the opening. What a member took by hand counts towards the same limits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from plugin.errors import Conflict, InsufficientPoints, NotAllowed, NotFound
from plugin.journeys.documents import current_document
from plugin.journeys.pricing_rewards import offered_rewards
from plugin.journeys.redeeming import redeem
from plugin.journeys.tools import Tools
from plugin.ledger import balances
from plugin.ledger.tables import account
from plugin.members import get_member
from plugin.members.tables import alias, member
from plugin.programme.store import get_programme, list_programmes
from plugin.rewards import Wish
from plugin.rewards.tables import redemption
from plugin.rules import Reward
from plugin.rules.offering import opening
from plugin.shops.store import get_shop
from plugin.shops.tables import shop

_PAGE = 100
_OWNED = (member.c.programme_id == account.c.programme_id) & (member.c.account_id == account.c.id)
_KNOWN_AS = (alias.c.programme_id == member.c.programme_id) & (alias.c.member_id == member.c.id)
_IN_SHOP = (shop.c.programme_id == alias.c.programme_id) & (shop.c.id == alias.c.shop_id)


@dataclass(frozen=True, slots=True)
class Opened:
    """Rewards that come by themselves now, dearest first, and the day on which that began."""

    began_on: date
    rewards: tuple[Reward, ...]

    @property
    def wish_id(self) -> str:
        """What the one wish of each member is called; who sends a wish of this name themselves has had theirs."""
        return f"opening-{self.began_on}"


@dataclass(frozen=True, slots=True)
class Taker:
    """A member, and the customer of a shop that they are."""

    member_id: UUID
    shop_id: UUID
    customer_id: int


def due_openings(tools: Tools, now: datetime, limit: int) -> Sequence[str]:
    """List the programmes with members who wait for a reward that comes by itself."""
    with tools.reading() as session:
        found = (one.programme_id for one in list_programmes(session))
        waiting = (
            str(one) for one in found if any(_page(session, one, opened, None) for opened in _opened(session, one, now))
        )
        return [one for one, _ in zip(waiting, range(limit), strict=False)]


def settle_openings(tools: Tools, key: str, now: datetime) -> None:
    """Give a programme's members what waits for them, one after the other; where Shopify is silent the next sweep goes on."""
    programme_id = UUID(key)
    with tools.reading() as session:
        openings = _opened(session, programme_id, now)
    for opened in openings:
        behind: UUID | None = None
        while page := _read(tools, programme_id, opened, behind):
            for taker in page:
                if not _give(tools, programme_id, taker, opened):
                    return
            behind = page[-1].member_id


def _give(tools: Tools, programme_id: UUID, taker: Taker, opened: Opened) -> bool:
    """Give the dearest that they can have; say whether Shopify answered.

    It is looked at first without any lock: who can have none is looked at again by each sweep as long as the opening lasts.
    """
    for reward in _within_reach(tools, taker, opened, programme_id):
        wish = Wish(programme_id, taker.shop_id, taker.member_id, taker.customer_id, opened.wish_id, reward.id)
        try:
            return redeem(tools, wish).is_settled
        except (NotAllowed, InsufficientPoints):
            continue
        except Conflict:
            break  # somebody else was quicker, or the member moves just now
    return True


def _within_reach(tools: Tools, taker: Taker, opened: Opened, programme_id: UUID) -> list[Reward]:
    with tools.reading() as session:
        member = get_member(session, programme_id, taker.member_id)
        available = balances(session, programme_id, member.account_id).available
        _, document = current_document(session, programme_id)
        offers = offered_rewards(session, document, get_shop(session, taker.shop_id), member, tools.clock())
    payable = {one.reward.id for one in offers if one.locked is None and one.reward.points <= available}
    return [one for one in opened.rewards if one.id in payable]


def _opened(session: Session, programme_id: UUID, now: datetime) -> list[Opened]:
    try:
        _, document = current_document(session, programme_id)
    except NotFound:
        return []
    timezone = get_programme(session, programme_id).timezone
    by_day: dict[date, list[Reward]] = {}
    for one in document.rewards:
        if (
            one.is_active
            and one.available
            and one.available.by_itself
            and (day := opening(one.available, now, timezone))
        ):
            by_day.setdefault(day, []).append(one)
    return [Opened(day, tuple(sorted(found, key=lambda one: -one.points))) for day, found in sorted(by_day.items())]


def _read(tools: Tools, programme_id: UUID, opened: Opened, behind: UUID | None) -> list[Taker]:
    with tools.reading() as session:
        return _page(session, programme_id, opened, behind)


def _page(session: Session, programme_id: UUID, opened: Opened, behind: UUID | None) -> list[Taker]:
    """Read the next members with points enough for the cheapest who were given nothing at this opening."""
    same = (redemption.c.programme_id == member.c.programme_id) & (redemption.c.member_id == member.c.id)
    was_given = exists().where(same, redemption.c.wish_id == opened.wish_id)
    query = (
        select(member.c.id, func.min(alias.c.customer_id).label("customer_id"), alias.c.shop_id)
        .select_from(member)
        .join(account, _OWNED)
        .join(alias, _KNOWN_AS)
        .join(shop, _IN_SHOP)
        .where(
            member.c.programme_id == programme_id,
            member.c.standing == "joined",
            account.c.available >= opened.rewards[-1].points,
            shop.c.state == "installed",
            ~was_given,
        )
        .group_by(member.c.id, alias.c.shop_id)
        .order_by(member.c.id, alias.c.shop_id)
        .limit(_PAGE)
    )
    rows = session.execute(query if behind is None else query.where(member.c.id > behind))
    first: dict[UUID, Taker] = {}
    for row in rows:
        first.setdefault(row.id, Taker(row.id, row.shop_id, row.customer_id))
    return list(first.values())
