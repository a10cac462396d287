"""Drives the whole main job over HTTP, as the people in it would, and prints what happened."""

from __future__ import annotations

import logging
from collections.abc import Callable

import click

from plugin.cli import demo_merchant, demo_shopper
from plugin.cli.demo_scene import Scene, open_scene
from plugin.cli.demo_stage import Stage
from plugin.cli.demo_transcript import StepFailed, Transcript
from plugin.journeys.proving import verify

_STEPS: tuple[Callable[[Scene], None], ...] = (
    demo_merchant.install,
    demo_merchant.open_without_proof,
    demo_merchant.set_rate,
    demo_shopper.look_before_buying,
    demo_shopper.buy,
    demo_shopper.deliver_twice,
    demo_shopper.deliver_late_and_backwards,
    demo_shopper.see_balance_in_the_page,
    demo_shopper.redeem,
    demo_shopper.try_wrong_codes,
    demo_shopper.use_the_code,
    demo_shopper.use_it_again,
    demo_shopper.lose_an_answer,
    demo_shopper.take_back,
    demo_shopper.regret,
    demo_merchant.forge,
    demo_merchant.install_by_oauth,
    demo_merchant.leave_and_return,
    demo_merchant.comply,
    demo_merchant.ask_operations,
)


class _Errors(logging.Handler):
    """Remembers error lines; a good run has none."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one line."""
        self.lines.append(f"{record.name}: {record.getMessage()}")


def check(stage: Stage) -> bool:
    """Walk every step; return whether all of them worked."""
    errors = _Errors()
    logging.getLogger().addHandler(errors)
    transcript = Transcript()
    click.echo(f"Laurel at {stage.app_url}, the dev store (not Shopify) at {stage.store_url}.")
    scene = open_scene(stage, transcript)
    try:
        for step in _STEPS:
            step(scene)
        _prove(scene, errors)
    except (StepFailed, LookupError, OSError, ValueError) as fault:
        click.echo(f"      ✗ {fault}\n\nStep {transcript.steps} failed: {type(fault).__name__}.")
        for line in errors.lines[-5:]:
            click.echo(f"        log: {line}")
        return False
    finally:
        scene.close()
        logging.getLogger().removeHandler(errors)
    click.echo(f"\nAll {transcript.steps} steps worked.")
    return True


def _prove(scene: Scene, errors: _Errors) -> None:
    with scene.transcript.step("The books are proved: what `laurel ledger verify` does"):
        with scene.stage.tools.reading() as session:
            violations = [str(each) for each in verify(session, None)]
        scene.transcript.equal("violated invariants", violations, [])
        scene.transcript.equal("errors in the log of this run", errors.lines, [])
