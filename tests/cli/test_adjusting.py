"""Changing one member's points from the command line, on both databases."""

from __future__ import annotations

from plugin.journeys.tools import Tools
from tests.cli.conftest import Run
from tests.factories import CUSTOMER, Shopfront, balance_of, make_member


def test_points_are_given_and_taken_once_for_each_key(laurel: Run, tools: Tools, shop: Shopfront):
    make_member(tools, shop)
    for start in ("Done", "Had been done already"):
        given = laurel("member", "adjust", shop.domain, CUSTOMER, 80, "--note", "Welcome back", "--key", "k1")
        assert given.stdout == f"{start}: available 80, pending 0, held 0, debt 0.\n"
    taken = laurel("member", "adjust", shop.domain, CUSTOMER, "--may-owe", "--", -100)
    assert taken.stdout == "Done: available 0, pending 0, held 0, debt 20.\n"
    assert (
        laurel("member", "write-off", shop.domain, CUSTOMER).stdout == "Done: available 0, pending 0, held 0, debt 0.\n"
    )
    assert balance_of(tools, shop).debt == 0


def test_what_is_refused_is_said_and_changes_nothing(laurel: Run, tools: Tools, shop: Shopfront):
    make_member(tools, shop, points=5)
    for arguments, said in (
        (["adjust", shop.domain, CUSTOMER, "--", -6], "insufficient_points"),
        (["adjust", shop.domain, CUSTOMER, 10**8], "limit_per_change"),
        (["adjust", shop.domain, 9999, 1], "not_found"),
        (["write-off", shop.domain, CUSTOMER], "no_such_debt"),
        (["adjust", shop.domain, CUSTOMER, 1, "--expires-at", "2020-01-01"], "later than now"),
    ):
        result = laurel("member", *arguments)
        assert (result.exit_code, said in result.stderr) == (1, True), result.stderr
    assert balance_of(tools, shop).available == 5
