"""The first page, ready to be drawn: which steps are done, what needs attention, what the figures say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from urllib.parse import quote

from plugin.admin.limits_view import LimitsCard, limits_card
from plugin.admin.proof_view import ProofCard, proof_card
from plugin.admin.sentences import Told, told
from plugin.config import Settings
from plugin.journeys.overseeing import Overview, PostingLine
from plugin.journeys.phrasing import Phrases
from plugin.journeys.setting_rate import single_rate
from plugin.messages import Words
from plugin.rules import ProgrammeDocument

EMBED_BLOCK = "rewards-panel"
"""The theme extension's app embed, by its file's name: what Shopify's theme editor knows it by."""
_EXAMPLE_AMOUNT = 50
_TONES = {"done": "success", "missing": "critical", "open": "", "unknown": "info"}


@dataclass(frozen=True, slots=True)
class Step:
    """One step of setting up. `state` is done, open, missing, or unknown: only the merchant's browser can tell."""

    name: str
    state: str
    title: str
    text: str
    badge: str
    tone: str
    link: str = ""
    link_text: str = ""
    block: str = ""


@dataclass(frozen=True, slots=True)
class Rate:
    """The rate's form. `points_per_unit` is None where several rules set it."""

    points_per_unit: str | None
    version: int
    unit: str
    example: str
    note: str = ""
    note_tone: str = ""
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Home:
    """Everything the first page shows."""

    overview: Overview
    steps: tuple[Step, ...]
    postings: tuple[tuple[PostingLine, Told], ...]
    rate: Rate
    proof: ProofCard
    limits: LimitsCard | None
    badge: str
    badge_tone: str
    words: Words

    @property
    def steps_done(self) -> int:
        """How many steps are done as far as we know."""
        return sum(step.state == "done" for step in self.steps)

    @property
    def has_open_steps(self) -> bool:
        """Whether something is left to do, as far as we know."""
        return any(step.state in {"open", "missing"} for step in self.steps)

    def progress(self, done: int) -> str:
        """Say how many steps are done."""
        return self.words.say(
            "admin.setup.progress", done=self.words.number(done), all=self.words.number(len(self.steps))
        )


def home_of(overview: Overview, settings: Settings, words: Words, now: datetime) -> Home:
    """Prepare the first page as at `now`."""
    steps = _steps(overview, settings, words)
    badge, tone = _standing(overview, steps, words)
    phrases = Phrases(words, overview.shop.currency, overview.shop.timezone)
    return Home(
        overview=overview,
        steps=steps,
        postings=tuple((line, told(line, phrases)) for line in overview.postings),
        rate=rate_of(overview.document, overview.version, overview.shop.currency, words),
        limits=limits_card(overview.limits, overview.document, words),
        proof=proof_card(overview.proofs, overview.shop, now, words),
        badge=badge,
        badge_tone=tone,
        words=words,
    )


def rate_of(
    document: ProgrammeDocument, version: int, currency: str, words: Words, *, typed: str | None = None
) -> Rate:
    """Prepare the rate's form; `typed` keeps what the merchant wrote where it was refused."""
    rate = single_rate(document)
    points = int(document.earning.points_per_unit * _EXAMPLE_AMOUNT)
    example = words.say(
        "admin.rate.example",
        amount=words.money(Decimal(_EXAMPLE_AMOUNT), currency),
        points=words.say("points.amount", points),
    )
    return Rate(
        points_per_unit=None if rate is None else typed if typed is not None else rate,
        version=version,
        unit=words.money(Decimal(1), currency),
        example=example,
    )


def _standing(overview: Overview, steps: tuple[Step, ...], words: Words) -> tuple[str, str]:
    standing, newest = overview.standing, overview.proofs.newest
    differs = newest is not None and not newest.is_sound
    if any(
        (standing.missing_scopes, standing.withheld_orders, standing.dead_letters, standing.postponed.lots, differs)
    ):
        return words.say("admin.home.attention"), "attention"
    if any(step.state == "open" for step in steps):
        return words.say("admin.home.setting_up"), "info"
    return words.say("admin.home.live"), "success"


def _steps(overview: Overview, settings: Settings, words: Words) -> tuple[Step, ...]:
    shop = overview.shop
    zone = shop.timezone
    arrived = overview.standing.last_arrival_at
    scopes = ", ".join(overview.standing.missing_scopes)
    return (
        _step(
            words,
            "installed",
            "done",
            words.say(
                "admin.step.installed.text",
                installed=words.date(shop.installed_at, zone),
                start=words.date(shop.earning_starts_at, zone),
            ),
        ),
        _step(words, "scopes", "missing", words.say("admin.step.scopes.missing", scopes=scopes))
        if scopes
        else _step(words, "scopes", "done", words.say("admin.step.scopes.done")),
        _step(words, "webhooks", "done", words.say("admin.step.webhooks.done", at=words.moment(arrived, zone)))
        if arrived
        else _step(words, "webhooks", "open", words.say("admin.step.webhooks.open")),
        _step(
            words,
            "embed",
            "unknown",
            words.say("admin.step.embed.text"),
            link=embed_link(shop.domain, settings.shopify_api_key),
            block=EMBED_BLOCK,
        ),
        _step(words, "order", "done", words.say("admin.step.order.done"))
        if overview.has_credited
        else _step(words, "order", "open", words.say("admin.step.order.open")),
    )


def embed_link(shop_domain: str, api_key: str) -> str:
    """Link to the theme editor with our app embed switched on; the merchant still has to press Save."""
    embed = quote(f"{api_key}/{EMBED_BLOCK}", safe="/")
    return f"https://{shop_domain}/admin/themes/current/editor?context=apps&template=index&activateAppId={embed}"


def _step(words: Words, name: str, state: str, text: str, **more: str) -> Step:
    return Step(
        name=name,
        state=state,
        title=words.say(f"admin.step.{name}.title"),
        text=text,
        badge=words.say(f"admin.step.{state}"),
        tone=_TONES[state],
        link_text=words.say(f"admin.step.{name}.link") if "link" in more else "",
        **more,
    )
