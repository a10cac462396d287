"""What gives points besides orders: awards for facts of today or long ago, some of them taken back, whole or in part."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from plugin.errors import LaurelError
from plugin.journeys.awarding import AwardWish, Recall, award_points, recall_award
from plugin.journeys.documents import version_in_force
from plugin.members import find_member
from tests.simulators.chapter import Chapter

KEPT_MAX = 60
AGES = (timedelta(0), timedelta(0), timedelta(seconds=1), timedelta(hours=5), timedelta(days=2), timedelta(days=9))


class Awarder:
    """Everything that gives awards in a chapter, and remembers some of them."""

    def __init__(self, chapter: Chapter) -> None:
        self.chapter, self.world, self.dice = chapter, chapter.world, chapter.dice
        self.given: list[str] = []

    def award(self) -> int:
        """Somebody is given points for something else than an order; often twice at once, and known late at times."""
        now, alias, reference = self.world.clock.now, self.chapter.alias(), f"action:{self.chapter.key()}"
        occurred_at = now - self.dice.choice(AGES)
        with suppress(LaurelError), self.world.tools.writing() as session:
            if member := find_member(session, *alias):
                wish = AwardWish(
                    programme_id=alias[0],
                    account_id=member.account_id,
                    reference=reference,
                    reason="action",
                    points=self.dice.choice((1, 25, 300)),
                    occurred_at=occurred_at,
                    document_version=version_in_force(session, alias[0], occurred_at),
                    maturity_days=self.dice.choice((None, None, 2, 8)),
                )
                award_points(session, self.dice.choice(([wish], [wish, wish])), now)
                self.given = [*self.given, reference][-KEPT_MAX:]
                self.world.ends["awarded"] += 1
        return 1

    def recall(self) -> int:
        """What an award was given for turns out not to count, in whole or in part."""
        if not self.given:
            return 0
        now = self.world.clock.now
        reference, points = self.dice.choice(self.given), self.dice.choice((None, 1, 10))
        at = now - self.dice.choice(AGES)
        recall = Recall(self.chapter.shop.programme_id, reference, f"{reference}:{self.chapter.key()}", at, points)
        with self.world.tools.writing() as session:
            taken = recall_award(session, recall, now)
        self.world.ends["awards taken back" if taken else "nothing left to take back"] += 1
        return 1
