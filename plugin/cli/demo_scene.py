"""Who takes part in the check, and what they should have by now."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from decimal import Decimal

from plugin.cli.demo_stage import Stage
from plugin.cli.demo_transcript import Transcript
from plugin.devstore.samples import DEMO_DOMAIN
from plugin.devstore.visitor import Visitor
from plugin.engine import Engine
from plugin.wiring import job_kinds

RATE = 10
_TAX = Decimal("1.20")


@dataclass
class Scene:
    """Ada buys, Boris envies, a guest passes by, the merchant looks after the shop. `earned` maps Ada's orders to their points."""

    stage: Stage
    transcript: Transcript
    merchant: Visitor
    ada: Visitor
    boris: Visitor
    guest: Visitor
    domain: str = DEMO_DOMAIN
    earned: dict[int, int] = field(default_factory=dict)
    spent: int = 0
    code: str = ""
    first_order: int = 0
    code_order: int = 0

    def points_wanted(self) -> int:
        """What Ada should be able to spend now."""
        return sum(self.earned.values()) - self.spent

    def run_due(self) -> int:
        """Settle what is due by the stage's clock, as an operator would; return how many jobs failed."""
        tools = self.stage.tools
        settled = Engine(job_kinds(tools), tools.clock).run_due(tools.clock())
        return sum(failed for _, failed in settled.values())

    def close(self) -> None:
        """Close every browser."""
        for browser in (self.merchant, self.ada, self.boris, self.guest):
            browser.close()


def open_scene(stage: Stage, transcript: Transcript) -> Scene:
    """Open everybody's browser."""
    merchant, ada, boris, guest = (Visitor(stage.store_url, stage.app_url) for _ in range(4))
    return Scene(stage, transcript, merchant, ada, boris, guest)


def points_for(subtotal: Decimal) -> int:
    """What a subtotal earns: ten points for each euro before tax, rounded down once, tax rounded to the cent as on the order."""
    tax = (subtotal - subtotal / _TAX).quantize(Decimal("0.01"))
    return math.floor((subtotal - tax) * RATE)


def arrived(scene: Scene, topic: str, count: int = 1) -> None:
    """Wait until the newest webhooks of a topic were answered with 200."""
    wanted = " ".join(["200"] * count)
    scene.transcript.becomes(f"{topic}, answered", lambda: " ".join(scene.merchant.arrivals(topic)[:count]), wanted)


def points_become(scene: Scene) -> None:
    """Wait until the panel shows Ada what she should have."""
    scene.transcript.becomes("points in Ada's panel, by the app proxy", scene.ada.points, scene.points_wanted())
