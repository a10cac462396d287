"""A merchant tries a draft of the programme on the past: what would it have given, to whom, at what cost? Nothing is written.

Orders are replayed member by member, each member's in the order in which they were placed, so that memory does not grow with their
number and parts of the past can be replayed by several processes at once. Start line and join dates are left aside where the draft's
enrolment would have let the customer in: the question is what the programme would have given had it run all along.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from plugin.facts import OrderSnapshot, ProductFacts
from plugin.journeys.backtest_members import Products, Trial, Window, name_of
from plugin.journeys.backtest_sums import Sums
from plugin.members import Member
from plugin.members.store import AliasKey, find_members
from plugin.orders.pasts import Past, Span, count_past, read_pasts, read_unowned, split_past
from plugin.orders.products import find_products
from plugin.orders.scratch import ScratchSpan, count_scratch, read_scratch, read_scratch_unowned, split_scratch
from plugin.rules import ProgrammeDocument, needs_products

Progress = Callable[[int], object]
Members = dict[AliasKey, Member] | None
Owner = tuple[UUID, UUID]
"""The programme and the shop that products are of."""

_AT_ONCE = 1_000
_PRODUCTS_KEPT = 100_000
_EVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Backtest:
    """What is tried: a draft, perhaps beside another document, on stored orders or on those of an export laid down in a scratch file.

    `has_no_ids` is set for an export that does not tell Shopify's customer ids.
    """

    programme_id: UUID
    window: Window
    draft: ProgrammeDocument
    against: ProgrammeDocument | None = None
    scratch: str | None = None
    has_no_ids: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the past that can be replayed by itself: some accounts, some persons of a scratch file, or all that nobody owns."""

    accounts: Span | None = None
    persons: ScratchSpan | None = None


def count_orders(session: Session, one: Backtest) -> int:
    """Count the orders that a back-test replays."""
    return count_scratch(one.scratch) if one.scratch else count_past(session, one.programme_id)


def parts_of(session: Session, one: Backtest, size: int) -> list[Part]:
    """Part the past into about so many orders each; the orders that nobody owns are a part of their own."""
    if one.scratch:
        return [Part(), *(Part(persons=span) for span in split_scratch(one.scratch, size))]
    return [Part(), *(Part(accounts=span) for span in split_past(session, one.programme_id, size))]


def replay_part(
    session: Session,
    one: Backtest,
    part: Part,
    progress: Progress = lambda _: None,
    products: KnownProducts | None = None,
) -> Sums:
    """Replay a part and add it up; `progress` is told how many orders more are done.

    Who replays several parts passes the same `products`, so that each is looked up once.
    """
    trials = [Trial(document, one.window) for document in (one.draft, one.against) if document is not None]
    sums = Sums(draft=trials[0].sums, against=trials[1].sums if one.against else None)
    if part == Part():
        _count_unowned(session, one, trials, sums)
        return sums
    products = products or KnownProducts()
    documents = [trial.document for trial in trials]
    for pasts in _batches(_pasts(session, one, part)):
        products.learn(session, pasts, documents)
        members = None if one.scratch else _members(session, pasts)
        for past in pasts:
            _replay(one, past, trials, members, products.of, sums)
        progress(sum(len(past.orders) for past in pasts))
    return sums


def _replay(
    one: Backtest,
    past: Past,
    trials: Sequence[Trial],
    members: Members,
    products: Products,
    sums: Sums,
) -> None:
    """Replay one member under each document."""
    given = [trial.replay(past, members, products) for trial in trials]
    sums.orders += len(past.orders)
    sums.members += 1
    if one.against is not None:
        sums.fare.note(name_of(past, by_order=one.has_no_ids), given[1], given[0])


def _pasts(session: Session, one: Backtest, part: Part) -> Iterator[Past]:
    if one.scratch and part.persons:
        return read_scratch(one.scratch, part.persons)
    return read_pasts(session, one.programme_id, part.accounts or (None, None))


def _batches(stream: Iterable[Past]) -> Iterator[list[Past]]:
    """Some members at a time, whose products and memberships are looked up together; not many orders, whoever has them."""
    batch: list[Past] = []
    orders = 0
    for past in stream:
        batch.append(past)
        orders += len(past.orders)
        if orders >= _AT_ONCE:
            yield batch
            batch, orders = [], 0
    if batch:
        yield batch


def _count_unowned(session: Session, one: Backtest, trials: Sequence[Trial], sums: Sums) -> None:
    unowned = read_scratch_unowned(one.scratch) if one.scratch else read_unowned(session, one.programme_id)
    for placed_at, why in unowned:
        sums.orders += 1
        for trial in trials:
            trial.tell_unowned(placed_at, why)


def _members(session: Session, pasts: Iterable[Past]) -> dict[AliasKey, Member]:
    orders = (one.snapshot for past in pasts for one in past.orders)
    keys = {(one.programme_id, one.shop_id, one.customer.customer_id) for one in orders if one.customer}
    return find_members(session, keys)


class KnownProducts:
    """What is known of products that documents ask about, looked up once each; a very large catalogue is looked up again."""

    def __init__(self) -> None:
        self._asked: dict[Owner, set[int]] = {}
        self._known: dict[Owner, dict[int, ProductFacts]] = {}

    def of(self, order: OrderSnapshot) -> Mapping[int, ProductFacts]:
        """The known products of an order's shop, by id."""
        return self._known.get((order.programme_id, order.shop_id), {})

    def learn(self, session: Session, pasts: Iterable[Past], documents: Sequence[ProgrammeDocument]) -> None:
        """Look up what these orders ask about and nobody asked before."""
        if sum(map(len, self._asked.values())) > _PRODUCTS_KEPT:
            self._asked.clear()
            self._known.clear()
        asked: dict[Owner, set[int]] = {}
        for past in pasts:
            for order in (one.snapshot for one in past.orders):
                ids = asked.setdefault((order.programme_id, order.shop_id), set())
                ids.update(*(needs_products(document, order) for document in documents))
        for owner, ids in asked.items():
            fresh = ids - self._asked.setdefault(owner, set())
            self._asked[owner] |= fresh
            found = find_products(session, {(*owner, product_id) for product_id in fresh}, fetched_since=_EVER)
            self._known.setdefault(owner, {}).update({facts.product_id: facts for facts in found.values()})
