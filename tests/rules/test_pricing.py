"""What rewards cost and are worth while campaigns run."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from plugin.rules.pricing import Asker, priced
from tests.rules.making import campaign, with_campaigns

NOW = Asker(datetime(2026, 11, 27, 12, 0, tzinfo=UTC), "Europe/Sofia", tier="gold")
GOLD = {"tiers": ["gold"]}


def off(percent: int, campaign_id: str = "sale", **more):
    rewards = {"rewards": more.pop("rewards")} if "rewards" in more else {}
    return campaign(campaign_id, {"kind": "reward_price", "percent_off": percent, **rewards}, **more)


def more(percent: int, campaign_id: str = "richer", **others):
    return campaign(campaign_id, {"kind": "reward_value", "percent_more": percent}, **others)


def costs(*campaigns, asker=NOW):
    return [one.reward.points for one in priced(with_campaigns(*campaigns), asker)]


@pytest.mark.parametrize(
    ("campaigns", "expected"),
    [
        ([], [500, 1000, 2500]),
        ([off(20)], [400, 800, 2000]),
        ([off(33)], [335, 670, 1675]),
        ([off(20, rewards=["ten_off"])], [500, 800, 2500]),
        ([off(20), off(50, "half")], [250, 500, 1250]),
        ([off(20, priority=1), off(50, "half")], [400, 800, 2000]),
        ([off(20, stacking="add"), off(30, "more", stacking="add")], [250, 500, 1250]),
        ([off(50, stacking="multiply"), off(50, "more", stacking="multiply")], [125, 250, 625]),
        ([off(60, stacking="add"), off(60, "more", stacking="add")], [1, 1, 1]),
        ([off(20, ends="2026-11-26")], [500, 1000, 2500]),
        ([off(20, hours=[{"begins": "14:00", "ends": "15:00"}])], [400, 800, 2000]),
        ([off(20, is_active=False)], [500, 1000, 2500]),
    ],
)
def test_campaigns_make_rewards_cheaper(campaigns, expected):
    assert costs(*campaigns) == expected


@pytest.mark.parametrize(("decimals", "percent", "expected"), [(2, 15, "5.75"), (0, 15, "5"), (2, 33, "6.65")])
def test_what_comes_on_top_is_rounded_down_to_what_the_currency_can_pay(decimals, percent, expected):
    first = priced(with_campaigns(more(percent)), Asker(NOW.at, NOW.timezone, decimals))[0]
    assert (first.reward.amount, first.reward.points, first.campaigns) == (Decimal(expected), 500, ("richer",))
    assert first.usual.amount == 5
