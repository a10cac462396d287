"""The `laurel` command, run in the test's process against the test's database."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator

import pytest
from click.testing import CliRunner, Result

from plugin.cli import main
from plugin.cli.start import Laurel
from tests.factories import Clock

Run = Callable[..., Result]


@pytest.fixture
def laurel(database_url: str, clock: Clock) -> Iterator[Run]:
    """Run a command: `laurel("shop", "list", LAUREL_ENV="production")`."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level

    def _run(*arguments: object, stdin: str | None = None, **environment: str | None) -> Result:
        result = CliRunner().invoke(
            main,
            [str(one) for one in arguments],
            input=stdin,
            env={"DATABASE_URL": database_url, **environment},
            obj=Laurel(clock=clock),
        )
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    yield _run
    root.handlers[:] = handlers
    root.setLevel(level)
