"""Late facts: an account is told anew, and what the books hold otherwise is re-attributed by balancing entries.

A webhook that comes late must leave the balances it would have left in time, also when points were spent or expired in between.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from plugin.journeys.documents import document_of
from plugin.ledger import Account, Books, Fact, Lot, Move, Terms
from plugin.ledger.histories import facts_kept
from plugin.ledger.holds_kept import drop_parts, keep_parts
from plugin.ledger.merged import tellers
from plugin.ledger.notices import postpone_unwarned
from plugin.ledger.reconcile import differs, reconcile_debt, reconcile_lot
from plugin.ledger.replay import State, replay
from plugin.ledger.timeline import ClawBack, Dated, Extended, Grant
from plugin.orders.queries import Told, orders_told_on
from plugin.programme.store import get_programme
from plugin.rules import ProgrammeDocument, Step, dated_targets, lot_terms

BARRED = frozenset({"guest", "customer_withheld", "before_start", "not_joined", "left", "disputed"})
"""Words with which a journey, not the rules, keeps an order from earning: such an order has no history to tell."""

AccountKey = tuple[UUID, UUID]


def retell(session: Session, books: Books, keys: Collection[AccountKey], cause: str, now: datetime) -> None:
    """Tell these locked accounts anew up to `now` and post what differs; `cause` names the posting that made it necessary."""
    books.load_all(keys)
    facts = facts_of_all(session, [key for key in keys if books.accounts[key].merged_into_id is None])
    for key in sorted(keys):
        _retell(session, books, books.accounts[key], facts.get(key, []), (cause, now))


def facts_of(session: Session, programme_id: UUID, account_id: UUID) -> list[Dated]:
    """List every dated fact of an account, those of accounts merged into it among them."""
    return facts_of_all(session, [(programme_id, account_id)])[programme_id, account_id]


def facts_of_all(session: Session, keys: Collection[AccountKey]) -> dict[AccountKey, list[Dated]]:
    """List every dated fact of several accounts, none of which was merged into another."""
    if not keys:
        return {}
    told = tellers(session, keys)
    facts = facts_kept(session, told)
    timezones = {one: get_programme(session, one).timezone for one in sorted({key[0] for key in keys})}
    for order in orders_told_on(session, told):
        mine = facts[told[order.key[0], order.account_id]]
        graces = [fact for fact in mine if isinstance(fact, Extended) and fact.is_grace]
        mine += _facts_of_order(session, order, timezones[order.key[0]], graces)
    return facts


def _retell(
    session: Session, books: Books, account: Account, facts: Sequence[Dated], why: tuple[str, datetime]
) -> None:
    cause, now = why
    state = _told(books, account, facts, now)
    fact = Fact(
        programme_id=account.programme_id,
        reference=f"re_attributed:{account.account_id}:v{account.version}",
        reason="re_attributed",
        actor="laurel",
        explanation={"because": cause},
        occurred_at=now,
    )
    moved = books.move(fact, _differences(books, account, state, fact))
    if moved:
        books.post(fact)
    _retell_dates(books, account, state)
    _retell_holds(session, books, account, state)
    _note_latest(account, facts)


def _note_latest(account: Account, facts: Sequence[Dated]) -> None:
    """Remember the newest fact told: one posting may tell several, and is dated by the first of them."""
    latest_at = max((fact.at for fact in facts), default=None)
    if latest_at is not None and (account.latest_at is None or latest_at > account.latest_at):
        account.latest_at, account.is_changed = latest_at, True


def _told(books: Books, account: Account, facts: Sequence[Dated], now: datetime) -> State:
    """Tell an account anew; what would expire by this telling, and may not before its holder was warned, gets a later end.

    Points that come back after their end go at the same instant once more; that is one end.
    """
    if account.merged_into_id:
        return replay([], now)
    while True:
        state = replay([*facts, *books.extended(account)], now)
        by_key = {lot.key: lot for lot in books.lots_of(account)}
        lots = [(by_key[key], at) for key, at in dict.fromkeys(state.expiries) if key in by_key]
        if not [lot for lot, at in lots if postpone_unwarned(books, account, lot, at, now)]:
            return state


def _differences(books: Books, account: Account, state: State, fact: Fact) -> Iterator[Move]:
    actual = {lot.key: lot for lot in books.lots_of(account)}
    for key, target in state.lots.items():
        lot = actual.pop(key, None) or _new_lot(books, fact, account, key, state)
        if differs(lot, target):
            yield from reconcile_lot(account, lot, target, is_overdraft=lot.redemption_id is not None)
    for lot in actual.values():
        nothing = Lot(
            lot.programme_id, lot.lot_id, lot.account_id, lot.posting_id, lot.occurred_at, lot.matures_at, None
        )
        yield from reconcile_lot(account, lot, nothing, is_overdraft=lot.redemption_id is not None)
    yield from reconcile_debt(account, state.account)


def _new_lot(books: Books, fact: Fact, account: Account, key: Hashable, state: State) -> Lot:
    target, rolling = state.lots[key], state.rolling.get(key)
    days = rolling.rolling.days if rolling and rolling.rolling else None
    zone, months = (rolling.rolling_zone, rolling.rolling_months) if rolling else (None, None)
    dates = Terms(target.occurred_at, target.matures_at, target.expires_at, days, zone, months)
    fresh = books.new_lot(fact, account, dates)
    fresh.expires_at = target.expires_at
    fresh.shop_id, fresh.order_id = target.shop_id, target.order_id
    if isinstance(key, tuple) and key[0] == "overdraft":
        fresh.redemption_id = key[1]
    elif isinstance(key, UUID):
        fresh.origin_lot_id = key
    return fresh


def _retell_dates(books: Books, account: Account, state: State) -> None:
    """A lot's dates are projections too: when it was earned and matures, its term, extensions, latest activity."""
    for lot in books.lots_of(account):
        if target := state.lots.get(lot.key):
            told = (target.occurred_at, target.matures_at, target.expires_at)
            lot.is_changed |= told != (lot.occurred_at, lot.matures_at, lot.expires_at)
            lot.occurred_at, lot.matures_at, lot.expires_at = told


def _retell_holds(session: Session, books: Books, account: Account, state: State) -> None:
    """Say anew whose points each redemption took."""
    by_key = {lot.key: lot.lot_id for lot in books.lots_of(account)}
    parts = {
        redemption_id: {by_key[lot_key]: points for lot_key, points in taken}
        for redemption_id, taken in state.holds.items()
        if isinstance(redemption_id, UUID)
    }
    books.after_writing(lambda: _replace_parts(session, account, parts))


def _replace_parts(session: Session, account: Account, parts: dict[UUID, dict[UUID, int]]) -> None:
    drop_parts(session, account.programme_id, parts)
    keep_parts(session, account.programme_id, account.account_id, parts)


def _facts_of_order(session: Session, order: Told, timezone: str, graces: Sequence[Extended]) -> Iterator[Dated]:
    programme_id, shop_id, order_id = order.key
    document = document_of(session, programme_id, order.context.document_version)
    terms = lot_terms(document, order.placed_at, timezone, order.context.tier)
    is_forgiven = document.earning.claw_back == "write_off"
    key, given = (shop_id, order_id), 0
    for step in _steps(order, document):
        if step.points > given:
            yield Grant(
                step.at,
                key,
                step.points - given,
                terms.matures_at,
                terms.expires_at or _grace_before(order, step.at, graces),
                rolling=timedelta(days=terms.rolling_days) if terms.rolling_days else None,
                rolling_zone=terms.rolling_zone,
                rolling_months=terms.rolling_months,
                is_activity=not given,
            )
        else:
            yield ClawBack(step.at, key, given - step.points, is_forgiven=is_forgiven)
        given = step.points


def _steps(order: Told, document: ProgrammeDocument) -> Sequence[Step]:
    """Say what the order should have given, and when; of a forgotten person's order, or one that waits, what it has given is all."""
    if order.snapshot is None:
        return [Step(order.placed_at, order.points)] if order.points else []
    barred = order.why_nothing if order.why_nothing in BARRED else None
    return dated_targets(order.snapshot, document, order.context, barred=barred)


def _grace_before(order: Told, at: datetime, graces: Sequence[Extended]) -> datetime | None:
    """Points without an end of an order placed before expiry was switched on, and first given after: they end with the others."""
    return next((one.expires_at for one in graces if order.placed_at < one.at <= at), None)
