"""The parts fit together: every nudge names a kind of job, what is stored is drained, a lane survives a bad moment."""

from __future__ import annotations

import ast
import threading
from pathlib import Path

import pytest

from plugin.engine import Drainer
from plugin.journeys.tools import Tools
from plugin.wiring import Service, build_tools, job_kinds
from tests.factories import Clock, make_delivery, make_settings, make_shop

ROOT = Path(__file__).parents[1]
PATIENCE_SECONDS = 20


def _nudged_kinds() -> set[str]:
    """Every kind that some line of ours nudges."""
    found = set()
    for package in ("plugin", "webhooks", "storefront_widget"):
        for file in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "nudge":
                    kind = node.args[0]
                    found |= {str(kind.value)} if isinstance(kind, ast.Constant) else set()
    return found


def test_every_nudge_names_a_kind_of_job(tools: Tools):
    kinds = [kind.name for kind in job_kinds(tools)]
    assert len(kinds) == len(set(kinds))
    assert _nudged_kinds() <= set(kinds)
    assert _nudged_kinds(), "or this test looks at nothing"


def test_every_kind_of_job_finds_nothing_to_do_in_an_empty_house(tools: Tools):
    assert {kind.name: list(kind.due(tools.clock(), 10)) for kind in job_kinds(tools)} == {
        kind.name: [] for kind in job_kinds(tools)
    }


def test_tools_without_lanes_store_at_once_and_drop_nudges(tools: Tools, clock: Clock):
    built = build_tools(make_settings(tools.database), clock=clock)
    shop = make_shop(built)
    built.store([make_delivery(shop, "orders/paid", b"{}", clock.now)])
    built.nudge("anything", "at all")
    assert _states(built) == {"waiting"}
    built.database.dispose()


def test_a_running_service_works_off_what_is_stored_and_finishes_before_it_stops(tools: Tools, clock: Clock):
    service = Service(make_settings(tools.database), clock=clock)
    shop = make_shop(service.tools)
    drained = threading.Event()
    wake = service.drainer.wake
    service.start()
    service.tools.store([make_delivery(shop, "orders/paid", b"no json", clock.now)])
    for _ in range(PATIENCE_SECONDS * 10):
        if _states(tools) == {"dead_letter"}:
            break
        wake()
        drained.wait(0.1)
    service.stop()
    assert _states(tools) == {"dead_letter"}


def test_what_was_accepted_before_the_end_is_on_disk_after_it(tools: Tools, clock: Clock):
    service = Service(make_settings(tools.database), clock=clock)
    shop = make_shop(service.tools)
    service.tools.store([make_delivery(shop, "orders/paid", b"{}", clock.now, event_id=f"e{n}") for n in range(20)])
    service.stop()
    assert _states(tools) == {"waiting"}


@pytest.mark.parametrize("idle_seconds", [0.01, 60.0])
def test_a_drainer_goes_on_after_a_failure_and_looks_again_when_woken(idle_seconds: float):
    looks: list[int] = []
    done = threading.Event()

    def _drain() -> int:
        looks.append(len(looks))
        if len(looks) == 1:
            raise ValueError("a bad moment")
        if len(looks) == 3:
            done.set()
        return 1 if len(looks) == 2 else 0

    drainer = Drainer(_drain, idle_seconds)
    drainer.start()
    for _ in range(PATIENCE_SECONDS * 100):
        if done.wait(0.01):
            break
        drainer.wake()
    drainer.stop()
    assert done.is_set()


def test_a_drainer_that_was_stopped_looks_no_more():
    looks: list[int] = []
    drainer = Drainer(lambda: len(looks.append(1) or []), 0.001)  # type: ignore[func-returns-value]
    drainer.start()
    drainer.stop()
    seen = len(looks)
    drainer.wake()
    assert len(looks) == seen


def _states(tools: Tools) -> set[str]:
    from sqlalchemy import select

    from plugin.inbox.tables import delivery

    with tools.reading() as session:
        return set(session.execute(select(delivery.c.state)).scalars())
