"""Looking at other tiers before they are published: who moves, and nothing written."""

from __future__ import annotations

from sqlalchemy import select

from plugin.facts import CustomerRef
from plugin.journeys.tier_preview import preview_tiers
from plugin.standing.tables import tier_change, tier_holding
from tests.journeys.tier_stage import BRONZE, GOLD, SILVER, TierStage, tiered


def _moves(preview):
    return {one.tier: (one.members, one.up, one.stay, one.down, one.members_after) for one in preview.moves}


def test_the_preview_counts_who_rises_stays_and_falls(tools, clock):
    stage = TierStage.open(tools, clock)
    for customer_id, amount in ((1, "20"), (2, "60"), (3, "120"), (4, "600"), (5, "1200")):
        stage.buy(customer_id, amount, customer=CustomerRef(customer_id))
    stage.settle()
    with tools.reading() as session:
        before = session.execute(select(tier_holding)).all(), session.execute(select(tier_change)).all()
    cheaper_dearer = tiered(
        BRONZE,
        SILVER | {"entry": {"kind": "spend", "at_least": "50"}},
        GOLD | {"entry": {"kind": "spend", "at_least": "1000"}},
    )
    found = preview_tiers(tools, stage.shop.programme_id, cheaper_dearer, clock())
    assert _moves(found) == {"bronze": (2, 1, 1, 0, 1), "silver": (1, 0, 1, 0, 2), "gold": (2, 0, 1, 1, 2)}
    assert (found.up, found.stay, found.down) == (1, 3, 1)
    with tools.reading() as session:
        assert (session.execute(select(tier_holding)).all(), session.execute(select(tier_change)).all()) == before
    stage.publish(cheaper_dearer)
    assert [stage.tier(one) for one in (1, 2, 3, 4, 5)] == ["bronze", "silver", "silver", "gold", "gold"]


def test_the_same_terms_move_nobody(tools, clock):
    stage = TierStage.open(tools, clock)
    stage.buy(1, "120")
    assert _moves(preview_tiers(tools, stage.shop.programme_id, tiered(), clock()))["silver"] == (1, 0, 1, 0, 1)
