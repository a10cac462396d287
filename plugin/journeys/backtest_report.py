"""What a back-test tells: by month, in points and in money, with what had to be assumed.

Cost is what the points buy at the document's own cheapest reward. Of the points that mature, the assumed share is taken to be redeemed
at once, and the rest to lie there until it runs out; what is outstanding at a month's end follows from that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from plugin.journeys.backfilling import Rate, reward_rate
from plugin.journeys.backtest_sums import DocumentSums, MemberSums, MonthSum, Sums
from plugin.rules import ProgrammeDocument

_PERCENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Assumed:
    """What the merchant's past does not tell: which share of the points will be redeemed. The currency is the programme's."""

    currency: str
    redemption_rate: Decimal


@dataclass(frozen=True, slots=True)
class Told:
    """A month, or all of them: orders, those that gave points, points, the spend that counted, and what the points buy.

    `expired` ran out in it, `outstanding` is left at its end, `liability` is what that buys. Without a reward there is no money to tell.
    """

    name: str
    orders: int
    earning: int
    points: int
    spend: Decimal
    cost: Decimal | None
    cost_percent: Decimal | None
    expired: int
    outstanding: int
    liability: Decimal | None


@dataclass(frozen=True, slots=True)
class DocumentTold:
    """What one document would have given. `expected_cost` is what the assumed share of the points buys."""

    months: Sequence[Told]
    total: Told
    rate: Rate | None
    expected_cost: Decimal | None
    nothing: Mapping[str, int]
    unknown: int


@dataclass(frozen=True, slots=True)
class Report:
    """A whole back-test; `against` and `fare` are there where the draft was held against another document."""

    orders: int
    members: int
    assumed: Assumed
    draft: DocumentTold
    against: DocumentTold | None
    fare: MemberSums | None


def report_of(sums: Sums, assumed: Assumed, draft: ProgrammeDocument, against: ProgrammeDocument | None) -> Report:
    """Turn sums into what a merchant reads."""
    months = sorted({*_placed_in(sums.draft), *(_placed_in(sums.against) if sums.against else ())})
    span = range(months[0], months[-1] + 1) if months else range(0)
    held = None
    if against is not None:
        held = _told_document(sums.against or DocumentSums(), span, against, assumed)
    told = _told_document(sums.draft, span, draft, assumed)
    return Report(sums.orders, sums.members, assumed, told, held, sums.fare if against is not None else None)


def _placed_in(sums: DocumentSums) -> list[int]:
    return [number for number, one in sums.months.items() if one.orders]


def _told_document(sums: DocumentSums, span: range, document: ProgrammeDocument, assumed: Assumed) -> DocumentTold:
    rate = reward_rate(document)
    months: list[Told] = []
    so_far = MonthSum()
    for number in span:
        one = sums.months.get(number, MonthSum())
        so_far.add(one)
        months.append(_told(f"{number // 12:04}-{number % 12 + 1:02}", one, so_far, rate, assumed))
    total = _told("total", so_far, so_far, rate, assumed)
    redeemed = int(so_far.points * assumed.redemption_rate)
    expected = rate.worth(redeemed, assumed.currency) if rate else None
    return DocumentTold(months, total, rate, expected, _most_first(sums.nothing), sums.unknown)


def _most_first(counted: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counted.items(), key=lambda one: (-one[1], one[0])))


def _told(name: str, one: MonthSum, so_far: MonthSum, rate: Rate | None, assumed: Assumed) -> Told:
    share = assumed.redemption_rate
    expired = int(one.expired * (1 - share))
    outstanding = int(so_far.points - so_far.matured * share - so_far.expired * (1 - share))
    cost = rate.worth(one.points, assumed.currency) if rate else None
    percent = (cost / one.spend * 100).quantize(_PERCENT, ROUND_HALF_EVEN) if cost is not None and one.spend else None
    liability = rate.worth(outstanding, assumed.currency) if rate else None
    counted = (name, one.orders, one.earning, one.points, one.spend)
    return Told(*counted, cost, percent, expired, outstanding, liability)
