"""Orders converge: whatever arrives, in whatever order, each order ends having given exactly its target.

A webhook is a hint. The newest snapshot of each order, its frozen context and the document version make the target; only the
difference to what was posted is posted. One order is a batch of one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from plugin.facts import Context, Evaluation, OrderSnapshot
from plugin.journeys.contexts import Surroundings, look_around
from plugin.journeys.counting import counted_micros
from plugin.journeys.documents import document_of, ever_rolling
from plugin.journeys.following_orders import Converged, freeze_under_lock, note_what_follows
from plugin.journeys.order_changes import Change, must, order_posting
from plugin.journeys.retelling import retell
from plugin.ledger import Books, Fact, Terms
from plugin.ledger.moves import claw_back, grant
from plugin.ledger.passing import let_time_pass, pass_time
from plugin.orders import OrderState, lock_states
from plugin.orders.queries import mark_touched
from plugin.orders.states import OrderKey, save_states, save_targets
from plugin.rules import PAID, ProgrammeDocument, dated_targets, evaluate, lot_terms


def credit(
    session: Session, snapshots: Sequence[OrderSnapshot], now: datetime, *, touched: Collection[OrderKey] = ()
) -> None:
    """Bring every order to its target; what is already right posts nothing.

    `touched` are orders of which something was heard without being told whole: they are locked with the others, and fetched later.
    """
    states = {state.key: state for state in lock_states(session, {*touched, *map(_key, snapshots)}, now)}
    newer: dict[OrderKey, OrderState] = {}
    for snapshot in snapshots:
        if states[_key(snapshot)].absorb(snapshot):
            newer[_key(snapshot)] = states[_key(snapshot)]
    converge(session, list(newer.values()), now)
    mark_touched(session, touched, now)


def credit_again(session: Session, keys: Collection[OrderKey], now: datetime) -> None:
    """Evaluate orders anew whose surroundings changed: facts fetched, customer joined, claim confirmed."""
    converge(session, [state for state in lock_states(session, keys, now) if state.snapshot], now)


def credit_past(
    session: Session, snapshots: Sequence[OrderSnapshot], backfill_id: UUID, document_version: int, now: datetime
) -> list[tuple[OrderState, int]]:
    """Credit orders from before the start line that the merchant lets count; returns each with what it gave more than before."""
    newest = {_key(one): one for one in snapshots}
    states = lock_states(session, newest, now)
    before = {state.key: sum(state.targets.values()) for state in states}
    for state in states:
        state.absorb(newest[state.key])
        state.admit(backfill_id, document_version)
    converge(session, states, now)
    return [(state, sum(state.targets.values()) - before[state.key]) for state in states]


def credit_fetched(
    session: Session, snapshots: Sequence[OrderSnapshot], answered: Mapping[OrderKey, datetime | None], now: datetime
) -> None:
    """Credit orders as the shop itself answered for them, which also settles who owns a disputed one.

    `answered` are the orders asked for, each with the touch the fetch answers: one touched again meanwhile goes on waiting. An
    order the shop does not have was never its own if disputed; another was deleted and stays as it is.
    """
    by_key = {_key(one): one for one in snapshots}
    states = lock_states(session, answered.keys(), now)
    for state in states:
        if found := by_key.get(state.key):
            state.absorb(found)
        if state.ownership == "disputed":
            state.ownership = "confirmed" if found else "foreign"
        if not found or state.is_whole:
            state.needs = None
            state.touched_at = None if state.touched_at == answered[state.key] else state.touched_at
        if state.needs is None and state.touched_at is None:
            state.next_try_at = None
    converge(session, states, now)


def converge(session: Session, states: Sequence[OrderState], now: datetime) -> None:
    """Evaluate locked orders, post what differs, and tell accounts anew for which a fact came late."""
    movable = [state for state in states if not state.is_frozen and state.snapshot is not None]
    books, changes = _locked_changes(session, movable, now)
    pass_time(books, list(books.accounts), now)
    late = {key for change in changes if _is_late(change, books, now) for key in change.touched}
    books.load_all(late)
    _post(books, [change for change in changes if change.differences], now)
    for key in sorted(books.accounts.keys() - late):
        let_time_pass(books, books.accounts[key], now)
    save_targets(session, [(change.state, change.targets) for change in changes if change.differences])
    save_states(session, [state for state in states if not state.is_frozen])
    retell(session, books, late, "late", now)
    books.write()
    members = frozenset((change.state.programme_id, one) for change in changes for one in change.members)
    note_what_follows(session, Converged(movable, members, now))


def _locked_changes(session: Session, movable: Sequence[OrderState], now: datetime) -> tuple[Books, list[Change]]:
    """Work out what the orders change and lock the accounts; look again where one was merged or left while we waited for its lock."""
    seen = None
    while True:
        around = look_around(session, movable, now)
        changes = [_change(session, state, around) for state in movable if state.needs is None]
        books, attempt = Books(session), session.begin_nested()
        books.lock({key for change in changes for key in change.touched})
        accounts = [change.account_id for change in changes]
        steady = all(books.accounts[key].is_steady for change in changes for key in change.touched)
        if steady or accounts == seen:
            attempt.commit()
            break
        attempt.rollback()
        seen = accounts
    for change in changes:
        change.state.account_id = change.account_id
    changes.sort(key=lambda change: change.state.place)
    states = [change.state for change in changes]
    again = freeze_under_lock(session, states, around)
    return books, [_change(session, one.state, around) if one.state.key in again else one for one in changes]


def _is_late(change: Change, books: Books, now: datetime) -> bool:
    """Say whether an order's accounts have to be told anew.

    So it is where the order gave and took back, now or as it was told before, or changed after it gave, where anything on the
    account happened since it was placed or in the same instant, and where a term of its points is over already.
    """
    snapshot, before, terms = must(change.state.snapshot), change.state.previous, change.terms
    if _took_back(snapshot) or (before is not None and _took_back(before)):
        return True
    if not change.differences:
        return change.state.has_moved or _has_turned(change.state)
    latest = [books.accounts[key].latest_at for key in change.touched]
    if change.state.revision > 0 or any(at is not None and snapshot.placed_at <= at for at in latest):
        return True
    return snapshot.placed_at < terms.matures_at <= now or (terms.expires_at is not None and terms.expires_at <= now)


def _took_back(order: OrderSnapshot) -> bool:
    return bool(order.refunds) or order.cancelled_at is not None or order.financial_status == "refunded"


def _has_turned(state: OrderState) -> bool:
    """Say whether an order counts now that did not, or the other way: what it gives may be the same, what it gave when is not."""
    now, before = must(state.snapshot), state.previous
    return before is not None and (before.financial_status in PAID) != (now.financial_status in PAID)


def _key(snapshot: OrderSnapshot) -> OrderKey:
    return snapshot.programme_id, snapshot.shop_id, snapshot.order_id


def _change(session: Session, state: OrderState, around: Surroundings) -> Change:
    snapshot, context = must(state.snapshot), must(state.context)
    member = around.member_of(state)
    document = document_of(session, state.programme_id, context.document_version)
    was, state.member_id = state.member_id, member.member_id if member else None
    evaluation, account_id = weigh(session, state, around), around.account_of(state)
    targets = {account_id: evaluation.points} if account_id and evaluation.points else {}
    state.why_nothing, state.explanation = evaluation.why_nothing, evaluation.explanation
    state.spend_micros = counted_micros(evaluation)
    accounts = [*state.targets, *(one for one in targets if one not in state.targets)]
    differences = {one: targets.get(one, 0) - state.targets.get(one, 0) for one in accounts}
    return Change(
        state,
        evaluation,
        targets,
        {one: points for one, points in differences.items() if points},
        lot_terms(document, snapshot.placed_at, around.timezone_of(state), context.tier),
        _granted_first(snapshot, document, context) if targets and snapshot.refunds else evaluation.points,
        account_id,
        frozenset(one for one in (state.account_id, account_id) if one is not None),
        frozenset(one for one in (was, state.member_id) if one is not None),
        is_forgiving=document.earning.claw_back == "write_off",
    )


def weigh(session: Session, state: OrderState, around: Surroundings) -> Evaluation:
    """Say what an order should have given as it stands, and why."""
    snapshot, context = must(state.snapshot), must(state.context)
    document = document_of(session, state.programme_id, context.document_version)
    return evaluate(snapshot, document, context, barred=around.barred(state))


def _granted_first(snapshot: OrderSnapshot, document: ProgrammeDocument, context: Context) -> int:
    """What the order gave before anything of it came back."""
    steps = dated_targets(snapshot, document, context)
    return steps[0].points if steps else 0


def _post(books: Books, changes: Sequence[Change], now: datetime) -> None:
    rolling = [change for change in changes if ever_rolling(books.session, change.state.programme_id)]
    if rolling:
        soonest = min(must(change.state.snapshot).placed_at for change in rolling)
        books.load_rolling({key for change in rolling for key in change.touched}, soonest)
    for change in changes:
        change.state.revision += 1
        fact = order_posting(change)
        books.post(fact)
        for account_id in sorted(change.differences, key=lambda one: (change.differences[one] > 0, one)):
            _move(books, fact, change, account_id, now)


def _move(books: Books, fact: Fact, change: Change, account_id: UUID, now: datetime) -> None:
    state, points = change.state, change.differences[account_id]
    owner = books.accounts[state.programme_id, account_id]
    lots = books.lots_of(owner)
    own = [lot for lot in lots if lot.key == (state.shop_id, state.order_id)]
    if points < 0:
        others = [lot for lot in lots if lot not in own]
        books.move(fact, claw_back(owner, own, others, -points, is_forgiven=change.is_forgiving))
        return
    placed_at, terms = must(state.snapshot).placed_at, change.terms
    rolling = (terms.rolling_days, terms.rolling_zone, terms.rolling_months)
    dates = Terms(placed_at, terms.matures_at, terms.expires_at, *rolling)
    lot = own[0] if own else books.new_lot(fact, owner, dates)
    lost = 0 if own else max(change.granted_first - points, 0)
    books.move(fact, grant(owner, lot, points + lost, is_pending=terms.matures_at > now))
    books.keep_alive(owner, placed_at)
    if lost:
        books.move(fact, claw_back(owner, [lot], [], lost))
