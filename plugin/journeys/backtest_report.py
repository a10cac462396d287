"""What a back-test tells: by month, in points and in money, with what had to be assumed.

Cost is what the points buy at the document's own cheapest reward. Of the points that mature, the assumed share is taken to be redeemed
at once, and the rest to lie there until it runs out; what is outstanding at a month's end follows from that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction

from plugin.journeys.backfilling import Rate, reward_rate
from plugin.journeys.backtest_sums import DocumentSums, MemberSums, MonthSum, Sums
from plugin.rules import ProgrammeDocument
from plugin.rules.capping import limits_of
from plugin.rules.exact import MICROS

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
    """What one document would have given. `expected_cost` is what the assumed share of the points buys.

    `moves` are members who changed tiers: (month, from, to, how many). `exceeded` are limits that all members share and that more was
    asked of than they allow: (id, period, asked, allowed); they were not applied, since members were replayed one by one.
    """

    months: Sequence[Told]
    total: Told
    rate: Rate | None
    expected_cost: Decimal | None
    nothing: Mapping[str, int]
    unknown: int
    moves: Sequence[tuple[str, str | None, str | None, int]]
    exceeded: Sequence[tuple[str, str, int, int]]


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
        months.append(_told(_month_name(number), one, so_far, rate, assumed))
    total = _told("total", so_far, so_far, rate, assumed)
    redeemed = int(so_far.points * assumed.redemption_rate)
    expected = rate.worth(redeemed, assumed.currency) if rate else None
    return DocumentTold(
        months,
        total,
        rate,
        expected,
        _most_first(sums.nothing),
        sums.unknown,
        _moves(sums, document),
        _exceeded(sums, document),
    )


def _moves(sums: DocumentSums, document: ProgrammeDocument) -> list[tuple[str, str | None, str | None, int]]:
    """By month, then by the levels' own sequence."""
    if document.tiers is None:
        return []
    rank = document.tiers.rank
    found = sorted(sums.moves.items(), key=lambda one: (one[0][0], rank(one[0][1]), rank(one[0][2])))
    return [(_month_name(month), before, after, members) for (month, before, after), members in found]


def _exceeded(sums: DocumentSums, document: ProgrammeDocument) -> list[tuple[str, str, int, int]]:
    allowed = {one.limit_id: one.points for one in limits_of(document)}
    asked = sorted(sums.asked.items())
    return [(name, period, points, allowed[name]) for (name, period), points in asked if points > allowed[name]]


def _month_name(number: int) -> str:
    return f"{number // 12:04}-{number % 12 + 1:02}"


def _most_first(counted: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counted.items(), key=lambda one: (-one[1], one[0])))


def _told(name: str, one: MonthSum, so_far: MonthSum, rate: Rate | None, assumed: Assumed) -> Told:
    share = assumed.redemption_rate
    expired = int(one.expired * (1 - share))
    outstanding = int(so_far.points - so_far.matured * share - so_far.expired * (1 - share))
    cost = rate.worth(one.points, assumed.currency) if rate else None
    exact = Fraction(one.spend_micros) / MICROS
    spend = Decimal(exact.numerator) / exact.denominator
    percent = (cost / spend * 100).quantize(_PERCENT, ROUND_HALF_EVEN) if cost is not None and spend else None
    liability = rate.worth(outstanding, assumed.currency) if rate else None
    counted = (name, one.orders, one.earning, one.points, spend)
    return Told(*counted, cost, percent, expired, outstanding, liability)
