"""The `laurel` command: one file per group of commands.

Exit codes: 0 done, 1 refused or something was found, 2 wrong use or unfit configuration.
"""

from __future__ import annotations

from plugin.cli.backfills import backfill
from plugin.cli.books import ledger
from plugin.cli.budgets import budget
from plugin.cli.comparing import diff
from plugin.cli.deliveries import deliveries
from plugin.cli.doctor import doctor
from plugin.cli.imports import imports
from plugin.cli.keys import key
from plugin.cli.members import member
from plugin.cli.programmes import programme
from plugin.cli.referrals import referrals
from plugin.cli.running import migrate, serve, worker
from plugin.cli.schedule import run_due
from plugin.cli.segments import segment
from plugin.cli.shops import shop
from plugin.cli.start import Laurel, main
from plugin.cli.templates import template, templates

COMMANDS = (
    serve,
    worker,
    migrate,
    doctor,
    shop,
    programme,
    member,
    segment,
    key,
    imports,
    backfill,
    budget,
    ledger,
    run_due,
    deliveries,
    referrals,
)

for command in (diff, template, templates):
    programme.add_command(command)
for command in COMMANDS:
    main.add_command(command)

__all__ = ["COMMANDS", "Laurel", "main"]
