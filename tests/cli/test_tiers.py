"""Tiers and segments from the command line, on both databases."""

from __future__ import annotations

import json

from plugin.facts import CustomerRef
from plugin.journeys.tools import Tools
from tests.cli.conftest import Run
from tests.factories import CUSTOMER, Clock
from tests.journeys.tier_stage import BRONZE, SILVER, TierStage, tiered

BIG = {"kind": "members", "id": "big", "facts": {"spend_min": "100"}}
VIPS = {"kind": "shopify", "id": "vips", "segment_id": 41}


def test_tiers_are_settled_shown_previewed_and_segments_counted(laurel: Run, tools: Tools, clock: Clock):
    stage = TierStage.open(tools, clock, tiered() | {"segments": [BIG, VIPS]})
    stage.buy(1, "120")
    stage.buy(2, "60", customer=CustomerRef(7002))
    assert "tier         1 settled" in laurel("run-due", "--at", clock.now.isoformat()).stdout
    shown = laurel("member", "show", stage.shop.domain, CUSTOMER).stdout
    assert "tier silver since 2026-11-21 until 2027-12-31 22:00 UTC, reached" in shown
    assert "next gold: spend 120 of 500, 380 missing" in shown
    told = json.loads(laurel("member", "show", stage.shop.domain, CUSTOMER, "--json").stdout)
    assert (told["tier"]["tier"], told["tier"]["why"]) == ("silver", "reached")
    assert [one["tier"] for one in told["tier_history"]] == ["silver", "bronze"]
    cheaper = json.dumps(tiered(BRONZE, SILVER | {"entry": {"kind": "spend", "at_least": "50"}}))
    preview = laurel("programme", "tiers", stage.shop.domain, "-", stdin=cheaper).stdout
    assert "1 rise at once, 1 stay, 0 fall" in preview
    assert laurel("segment", "count", stage.shop.domain, "big").stdout == "1 members\n"
    refused = laurel("segment", "count", stage.shop.domain, "vips")
    assert (refused.exit_code, "has not been read from Shopify yet" in refused.output + refused.stderr) == (1, True)
