"""Orders converge: the promises of DESIGN about targets, differences and claw-backs."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import func, select

from plugin.facts import CustomerRef
from plugin.journeys.proving import verify
from plugin.ledger.tables import posting
from tests.factories import balance_of, cancelled, credit_now, make_shop, paid_order, refunded


def test_an_order_gives_its_points_once_however_often_it_comes(tools, shop):
    order = paid_order(shop, amount="25.50")
    credit_now(tools, order)
    credit_now(tools, order, order)
    assert balance_of(tools, shop).available == 25
    assert count_postings(tools) == 1


def count_postings(tools):
    with tools.reading() as session:
        assert verify(session) == []
        return session.execute(select(func.count()).select_from(posting)).scalar_one()
