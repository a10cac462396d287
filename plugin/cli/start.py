"""The root command: reads the configuration once, opens the tools when a command asks, turns errors into messages."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import click
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlalchemy.orm import Session

from plugin import wiring
from plugin.config import Settings, from_env
from plugin.errors import BadInput, LaurelError, Misconfigured, NotFound
from plugin.journeys.tools import Tools
from plugin.shopify.domains import parse_shop_domain
from plugin.shops.store import Shop, find_shop
from plugin.wsgi.logs import log_to_stderr

_TO_LOOK_AT = "Look at DATABASE_URL, or run `laurel migrate`; `laurel doctor` tells more."
_LATE = {"demo": ("plugin.cli.demo", "demo")}


@dataclass
class Laurel:
    """What commands are handed: settings and tools, made on first use and closed at the end."""

    clock: Callable[[], datetime] = wiring.utc_now
    closing: list[Callable[[], None]] = field(default_factory=list)

    @cached_property
    def settings(self) -> Settings:
        """The configuration in the environment.

        Raises:
            Misconfigured: one sentence for each fault.
        """
        return from_env(os.environ)

    @cached_property
    def tools(self) -> Tools:
        """Tools without lanes: a nudge is left to the sweeps of the running service."""
        tools = wiring.build_tools(self.settings, clock=self.clock)
        self.closing.append(tools.database.dispose)
        return tools

    def close(self) -> None:
        """Close what was opened, last first."""
        while self.closing:
            self.closing.pop()()


SHOP = click.argument("shop_domain", metavar="SHOP")


def shop_of(session: Session, shop_domain: str) -> Shop:
    """Find the shop a command names.

    Raises:
        BadInput: not a shop's domain.
        NotFound: no such shop here.
    """
    if shop := find_shop(session, parse_shop_domain(shop_domain)):
        return shop
    raise NotFound(f"{shop_domain} is not registered here; `laurel shop list` names those that are")


class Instant(click.ParamType[datetime]):
    """An instant as ISO 8601 writes it; without an offset it is UTC."""

    name = "instant"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Read it, or say what one looks like."""
        try:
            instant = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is not an instant such as 2026-12-24T18:00+02:00", param, ctx)
        return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


class _Root(click.Group):
    """Turns our errors into messages, and loads the demo, which drags in the dev store, only when asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name all commands, the late ones included."""
        return sorted(
            {*super().list_commands(ctx), *(name for name, (module, _) in _LATE.items() if find_spec(module))}
        )

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Find a command, loading it where it is a late one."""
        if name in _LATE and name in self.list_commands(ctx):
            module, attribute = _LATE[name]
            loaded: Any = getattr(import_module(module), attribute)
            return loaded if isinstance(loaded, click.Command) else None
        return super().get_command(ctx, name)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; an error of ours becomes a message a person can act on."""
        try:
            return super().invoke(ctx)
        except Misconfigured as fault:
            raise _Unfit(_lines("This installation must not start:", fault.faults.items())) from fault
        except BadInput as fault:
            raise click.ClickException(
                f"{fault.path}: {fault}" if fault.path and fault.path not in str(fault) else str(fault)
            ) from fault
        except (OperationalError, ProgrammingError) as fault:
            raise click.ClickException(f"The database refused: {fault.orig}\n{_TO_LOOK_AT}") from fault
        except LaurelError as fault:
            raise click.ClickException(f"{fault} ({fault.code})") from fault


@click.group(cls=_Root, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="laurel")
@click.pass_context
def main(ctx: click.Context) -> None:
    """Loyalty points for Shopify stores."""
    laurel = ctx.ensure_object(Laurel)
    ctx.call_on_close(laurel.close)
    log_to_stderr()


class _Unfit(click.ClickException):
    """Wrong configuration: nothing was tried."""

    exit_code = 2


def _lines(head: str, faults: Iterable[tuple[str, str]]) -> str:
    return "\n".join([head, *(f"  {name} {fault}" for name, fault in faults)])
