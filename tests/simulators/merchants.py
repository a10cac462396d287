"""What a merchant may do to a ledger: give and take by hand and by sheet, write off, extend, restore, change the terms; and time itself."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from plugin.errors import LaurelError
from plugin.journeys.adjusting import Adjustment, WriteOff, adjust, write_off
from plugin.journeys.documents import publish_document
from plugin.journeys.extending import Extending, extend
from plugin.journeys.importing import Upload, job_key, receive_sheet, start_sheet, undo_sheet
from plugin.journeys.passing_time import due_graces, due_lots, settle_graces, settle_lots
from plugin.journeys.sealing_days import seal_days
from plugin.journeys.warning import due_warnings, note_sent, settle_warnings, waiting_warnings
from plugin.journeys.working_sheets import settle_sheet
from plugin.members import find_member
from plugin.shops.store import get_shop
from tests.simulators.chapter import Chapter
from tests.simulators.lives import make_document


class Merchant:
    """The merchant of a chapter."""

    def __init__(self, chapter: Chapter) -> None:
        self.chapter, self.world, self.dice = chapter, chapter.world, chapter.dice

    def adjust(self) -> int:
        """The merchant gives or takes."""
        points = self.dice.choice((1, 50, 300, -1, -40, -500))
        wish = Adjustment(
            self.chapter.alias(), points, "other", self.chapter.key(), "merchant", may_owe=self.dice.random() < 0.5
        )
        with suppress(LaurelError), self.world.tools.writing() as session:
            adjust(session, wish, self.world.clock.now)
            self.world.ends["given" if points > 0 else "taken"] += 1
            return 1
        self.world.ends["adjusting refused"] += 1
        return 1

    def forgive(self) -> int:
        """The merchant writes debt off, if there is any."""
        with suppress(LaurelError), self.world.tools.writing() as session:
            write_off(session, WriteOff(self.chapter.alias(), self.chapter.key(), "merchant"), self.world.clock.now)
            self.world.ends["written off"] += 1
            return 1
        self.world.ends["write-off refused"] += 1
        return 1

    def extend(self) -> int:
        """The merchant gives points more time, and brings expired ones back at times."""
        days = self.dice.choice((1, 10, 100, None))
        last_day = None if days is None else (self.world.clock.now + timedelta(days=days)).date()
        is_restoring = self.dice.random() < 0.3
        with suppress(LaurelError), self.world.tools.writing() as session:
            member = find_member(session, *self.chapter.alias())
            if member is not None:
                asked = Extending(
                    member.programme_id,
                    member.account_id,
                    last_day,
                    "merchant",
                    "sorry",
                    self.chapter.key(),
                    is_restoring,
                )
                done = extend(session, asked, self.world.clock.now)
                self.world.ends["restored" if done.restored else "extended"] += 1
        return 1

    def bring_sheet(self) -> int:
        """A sheet of adjustments or of opening balances is worked through, and at times taken back whole, at once or later."""
        tools, shop = self.world.tools, self.chapter.shop
        kind = self.dice.choice(("adjustment", "opening"))
        people = self.dice.sample(self.chapter.people, self.dice.choice((1, 5, 20)))
        rows = "".join(f"{one},{self._points(kind)}\n" for one in people)
        upload = Upload(kind, "points.csv", f"customer_id,points\n{rows}".encode(), "merchant")
        with tools.reading() as session:
            kept_shop = get_shop(session, shop.shop_id)
        sheet = receive_sheet(tools, kept_shop, upload)
        settle_sheet(tools, job_key(sheet), self.world.clock.now)
        start_sheet(tools, shop.programme_id, sheet.sheet_id, "merchant", may_repeat=True)
        settle_sheet(tools, job_key(sheet), self.world.clock.now)
        self.world.ends[f"{kind} rows"] += len(people)
        if self.dice.random() < 0.4:
            self.world.clock.now += timedelta(seconds=self.dice.choice((0, 60, 86_400)))
            undo_sheet(tools, shop.programme_id, sheet.sheet_id)
            settle_sheet(tools, job_key(sheet), self.world.clock.now)
            self.world.ends["rows undone"] += len(people)
            return 2 * len(people)
        return len(people)

    def publish(self) -> int:
        """The merchant changes the terms: expiry may be switched on, with a grace or without, and wait for warnings or not."""
        now = max(self.world.clock.now, self.chapter.latest)
        with self.world.tools.writing() as session:
            document = self._document()
            publish_document(session, self.chapter.shop.programme_id, document, actor="merchant", now=now)
        self.world.ends["terms changed"] += 1
        return 1

    def elapse(self) -> int:
        """The sweeps for graces, warnings, maturities and expiries come by; some warnings reach their member."""
        tools, now = self.world.tools, self.world.clock.now
        programme_id = self.chapter.shop.programme_id
        for key in due_graces(tools, now, 10):
            settle_graces(tools, key, now)
            self.world.ends["graces given"] += 1
        for key in due_warnings(tools, now, 10):
            settle_warnings(tools, key, now)
        if self.dice.random() < 0.5:
            with tools.reading() as session:
                waiting = waiting_warnings(session, programme_id, now, 1_000)
            sent = [one for one in waiting if self.dice.random() < 0.7]
            note_sent(tools, sent, now)
            self.world.ends["warned"] += len(sent)
        for key in due_lots(tools, now, 10):
            settle_lots(tools, key, now)
        self.world.ends["elapsed"] += 1
        return 1

    def seal(self) -> None:
        """All days are over and sealed. Postings are dated by the database's own clock, so nothing may be posted afterwards."""
        made = seal_days(self.world.tools, self.chapter.shop.programme_id, datetime.now(UTC) + timedelta(days=2))
        self.world.ends["days sealed"] += len(made)

    def _points(self, kind: str) -> int:
        return self.dice.choice((5, 120, 700) if kind == "opening" else (5, 120, -3, -60))

    def _document(self) -> dict[str, Any]:
        document = make_document(self.dice)
        document["earning"]["expiry_grace_days"] = self.dice.choice((None, 1, 10, 30))
        if self.dice.random() < 0.3:
            document["earning"]["expiry_warnings"] = {"days": [5, 1], "must_be_delivered": True}
        return document
