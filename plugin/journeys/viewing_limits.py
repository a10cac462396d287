"""What caps and budgets have left in the periods that run now: for the merchant with what it is worth, for a shopper their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from plugin.journeys.backfilling import Rate, reward_rate
from plugin.journeys.counting_limits import rows_of
from plugin.journeys.documents import current_document
from plugin.journeys.phrasing import Phrases
from plugin.ledger.shapes import AccountKey
from plugin.programme.limit_uses import find_uses
from plugin.programme.store import get_programme
from plugin.rules import ProgrammeDocument
from plugin.rules.capping import Limit, limits_of


@dataclass(frozen=True, slots=True)
class Benchmark:
    """What the trade says of points given: which share of them is redeemed, in percent. Vendors' figures, not audited."""

    redeemed_average: int
    redeemed_best_quarter: int
    source: str


BENCHMARK = Benchmark(13, 32, 'vendor data: "Examining eCommerce reward redemption rates" (pdfslide.us)')


@dataclass(frozen=True, slots=True)
class LimitView:
    """A limit in the period that runs now. What was given under an older version of the document counts too."""

    limit: Limit
    period: str
    used: int

    @property
    def left(self) -> int:
        """How many points may still be given."""
        return max(self.limit.points - self.used, 0)


@dataclass(frozen=True, slots=True)
class LimitsView:
    """A programme's own limits, and what its points buy (None: it has no reward)."""

    limits: tuple[LimitView, ...]
    per_member: tuple[Limit, ...]
    rate: Rate | None
    currency: str
    version: int

    def worth(self, points: int) -> Decimal | None:
        """What so many points take off orders when they are redeemed."""
        return self.rate.worth(points, self.currency) if self.rate else None

    def expected(self, points: int) -> Decimal | None:
        """What of them the trade's average redeems."""
        return self.worth(points * BENCHMARK.redeemed_average // 100)


def programme_limits(session: Session, programme_id: UUID, now: datetime) -> LimitsView:
    """Look at the limits of the newest document: those of the whole programme with what is used, a member's by name."""
    version, document = current_document(session, programme_id)
    programme = get_programme(session, programme_id)
    limits = limits_of(document)
    shared = [one for one in limits if not one.is_per_member]
    return LimitsView(
        _used(session, (programme_id, programme_id), shared, now, programme.timezone),
        tuple(one for one in limits if one.is_per_member),
        reward_rate(document),
        programme.currency,
        version,
    )


def shown(view: LimitsView) -> dict[str, Any]:
    """Turn a view into JSON-ready data."""
    return {
        "document_version": view.version,
        "currency": view.currency,
        "limits": [_shown(view, one) for one in view.limits],
        "per_member": [{"id": one.limit_id, "period": one.period, "points": one.points} for one in view.per_member],
        "benchmark": {
            "redeemed_percent_average": BENCHMARK.redeemed_average,
            "redeemed_percent_best_quarter": BENCHMARK.redeemed_best_quarter,
            "source": BENCHMARK.source,
        },
    }


def shown_member_limits(
    session: Session, document: ProgrammeDocument, account: AccountKey, phrases: Phrases, now: datetime
) -> list[dict[str, Any]]:
    """List what a member has used up of their own limits, and what is left; a limit not touched in its period is not worth telling."""
    mine = [one for one in limits_of(document) if one.is_per_member] if document.caps else []
    return [
        {
            "id": one.limit.limit_id,
            "period": one.limit.period,
            "points": one.limit.points,
            "used": one.used,
            "left": one.left,
            "sentence": phrases.words.say(
                f"limit.{one.limit.period}",
                used=phrases.words.number(one.used),
                points=phrases.points(one.limit.points),
            ),
        }
        for one in _used(session, account, mine, now, phrases.timezone)
        if one.used
    ]


def _used(
    session: Session, account: AccountKey, limits: Sequence[Limit], now: datetime, timezone: str
) -> tuple[LimitView, ...]:
    rows = rows_of(account, limits, now, timezone)
    uses = find_uses(session, set(rows.values()))
    return tuple(LimitView(one, rows[one.limit_id][3], uses[rows[one.limit_id]]) for one in limits)


def _shown(view: LimitsView, one: LimitView) -> dict[str, Any]:
    return {
        "id": one.limit.limit_id,
        "kind": one.limit.kind,
        "purpose": one.limit.purpose,
        "period": one.period,
        "points": one.limit.points,
        "used": one.used,
        "left": one.left,
        "worth_used": _text(view.worth(one.used)),
        "worth_left": _text(view.worth(one.left)),
        "expected_cost": _text(view.expected(one.used)),
    }


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:f}"
