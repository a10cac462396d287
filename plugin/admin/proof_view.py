"""The daily proof, ready to be drawn: one sentence, a strip of days, and the first rows that differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from plugin.days import day_of
from plugin.facts.proofs import Proof
from plugin.journeys.overseeing import PROOF_DAYS, Proofs
from plugin.messages import Words
from plugin.shops.store import Shop

ROWS_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the strip: sound, differs, running or none; `text` says it to who cannot see colours."""

    state: str
    date: str
    text: str


@dataclass(frozen=True, slots=True)
class Difference:
    """One row that differs. `link` leads to Shopify's own page about it, where there is one; `trace` is for whoever looks into it."""

    where: str
    link: str
    what: str
    booked: str
    expected: str
    trace: str


@dataclass(frozen=True, slots=True)
class ProofCard:
    """The card, and the warning where the newest proof found something."""

    sentence: str
    badge: str
    tone: str
    days: tuple[Day, ...]
    warning: str
    differences: tuple[Difference, ...]


def proof_card(proofs: Proofs, shop: Shop, now: datetime, words: Words) -> ProofCard:
    """Prepare the card as at `now`."""
    newest = proofs.newest
    has_fault = newest is not None and not newest.is_sound
    badge = "" if newest is None else words.say("admin.proof.differences", newest.differences)
    return ProofCard(
        sentence=_sentence(newest, shop, now, words),
        badge=words.say("admin.proof.sound") if newest and newest.is_sound else badge,
        tone="critical" if has_fault else "success" if newest else "",
        days=tuple(_days(proofs, now, shop, words)),
        warning=words.say("admin.proof.differs.text", newest.differences, day=_day(newest.day, words))
        if newest and has_fault
        else "",
        differences=tuple(_rows(newest, proofs.customers, shop, words))[:ROWS_SHOWN] if newest and has_fault else (),
    )


def _sentence(newest: Proof | None, shop: Shop, now: datetime, words: Words) -> str:
    if newest is None or newest.finished_at is None:
        return words.say("admin.proof.never")
    at, zone = newest.finished_at, shop.timezone
    is_today = day_of(at, zone) == day_of(now, zone)
    return words.say(
        "admin.proof.today" if is_today else "admin.proof.on",
        at=words.time_of_day(at, zone) if is_today else words.moment(at, zone),
        accounts=words.say("admin.proof.accounts", newest.accounts),
        orders=words.say("admin.proof.orders", newest.orders),
        differences=words.say("admin.proof.differences", newest.differences),
    )


def _days(proofs: Proofs, now: datetime, shop: Shop, words: Words) -> Iterator[Day]:
    by_day = {one.day: one for one in proofs.days}
    today = day_of(now, shop.timezone)
    for back in range(PROOF_DAYS - 1, -1, -1):
        day = today - timedelta(days=back)
        state, named = _state(by_day.get(day)), _day(day, words)
        yield Day(state, named, words.say(f"admin.proof.day.{state}", day=named))


def _state(proof: Proof | None) -> str:
    if proof is None:
        return "none"
    if proof.differences:
        return "differs"
    return "sound" if proof.finished_at else "running"


def _day(day: date, words: Words) -> str:
    return words.date(datetime.combine(day, time(12), tzinfo=UTC))


def _rows(proof: Proof, customers: Mapping[str, int], shop: Shop, words: Words) -> Iterator[Difference]:
    for one in proof.details:
        if one["kind"] == "promise":
            yield Difference(words.say(f"admin.proof.promise.{one['number']}"), "", "", "", "", one["row"])
        elif one["kind"] == "order":
            yield _order_row(one, shop, words)
        else:
            yield from _account_rows(one, customers.get(one["account_id"]), shop, words)


def _order_row(one: Mapping[str, Any], shop: Shop, words: Words) -> Difference:
    is_here = one["shop_id"] == str(shop.shop_id)
    return Difference(
        words.say("admin.proof.order", order=one["order_id"]),
        f"https://{shop.domain}/admin/orders/{one['order_id']}" if is_here else "",
        words.say("admin.proof.order.points"),
        words.number(one["booked"]),
        words.number(one["expected"]),
        "",
    )


def _account_rows(one: Mapping[str, Any], customer: int | None, shop: Shop, words: Words) -> Iterator[Difference]:
    """One row for each bucket that differs; what a member owes is shown as it is said: above zero."""
    where = words.say("admin.proof.customer", customer=customer) if customer else words.say("admin.proof.account")
    for bucket, booked in one["booked"].items():
        expected = one["expected"][bucket]
        if booked != expected:
            sign = -1 if bucket == "debt" else 1
            yield Difference(
                where,
                f"https://{shop.domain}/admin/customers/{customer}" if customer else "",
                words.say(f"admin.proof.{bucket}"),
                words.number(sign * booked),
                words.number(sign * expected),
                "" if customer else one["account_id"],
            )
