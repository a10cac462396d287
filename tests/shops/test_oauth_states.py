"""A state is used once, by one of all who try."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import select

from plugin.journeys.tools import Tools
from plugin.shops.oauth_states import use_state
from plugin.shops.tables import oauth_state
from tests.factories import Clock


def use(tools: Tools, nonce: str) -> bool:
    with tools.writing() as session:
        return use_state(session, nonce, "nice-shop.myshopify.com", tools.clock())


def test_a_state_is_used_once(tools: Tools):
    assert use(tools, "nonce")
    assert not use(tools, "nonce")
    assert use(tools, "another")


def test_of_many_at_once_one_may_use_it(tools: Tools):
    start = threading.Barrier(4)

    def race(_: int) -> bool:
        start.wait()
        return use(tools, "nonce")

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(race, range(4))) == [False, False, False, True]


def test_the_nonce_itself_is_not_kept_and_old_states_are_forgotten(tools: Tools, clock: Clock):
    use(tools, "first-nonce")
    clock.advance(minutes=21)
    use(tools, "second-nonce")
    with tools.reading() as session:
        (row,) = session.execute(select(oauth_state)).all()
    assert "nonce" not in row.nonce_hash
    assert row.created_at == clock.now
