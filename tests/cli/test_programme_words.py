"""A programme document told in words: its likely mistakes, and what differs between two."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from plugin import rules
from plugin.journeys.tools import Tools
from plugin.messages.catalogues import catalogue
from plugin.rules import default_document, dump_document
from plugin.rules.templates import get_template, template_names
from tests.cli.conftest import Run
from tests.factories import Shopfront, credit_now, make_shop, paid_order


def draft(**changes):
    data = dump_document(default_document())
    data["earning"]["rules"][0]["points_per_unit"] = changes.get("rate", "1")
    data["rewards"] = data["rewards"][: changes.get("rewards", 3)]
    return json.dumps(data)


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "gives back 25% of the spend"), ("bg", "връща 25% от похарченото"), ("tr", "%1 ile %5")],
)
def test_likely_mistakes_are_told_with_their_place_and_hinder_nothing(
    laurel: Run, shop: Shopfront, language: str, said: str
):
    for command, done in (("check", "would become version 2"), ("apply", "Published version 2")):
        result = laurel("programme", command, shop.domain, "-", "--language", language, stdin=draft(rate="25"))
        assert result.exit_code == 0
        assert done in result.stdout
        assert said in result.stderr
        assert "rewards[0]: " in result.stderr
        assert "[give_back_high]" in result.stderr


def test_rewards_nobody_reaches_are_told_when_the_spend_is_known(laurel: Run, shop: Shopfront):
    result = laurel("programme", "check", shop.domain, "-", "--spend", "60", stdin=draft())
    assert "[expires_before_first_reward]" in result.stderr
    assert "[reward_out_of_reach]" in result.stderr
    assert laurel("programme", "check", shop.domain, "-", stdin=draft()).stderr == ""


def test_what_members_spend_is_taken_from_the_orders_where_they_tell(laurel: Run, tools: Tools):
    """Thirty members who spend some 20 in half a year need more than the year that points last for the second reward."""
    start = tools.clock() - timedelta(days=200)
    shop = make_shop(tools, earning_starts_at=start)
    data = json.loads(draft())
    data["earning"]["expiry"] = {"kind": "after_months", "months": 12}
    for members, said in ((29, False), (30, True)):
        orders = [
            paid_order(shop, 5_000 + one, 7_000 + one, amount="20.00", placed_at=start, updated_at=start)
            for one in range(members)
        ]
        credit_now(tools, *orders)
        result = laurel("programme", "check", shop.domain, "-", stdin=json.dumps(data))
        assert ("[expires_before_first_reward]" in result.stderr) == said
    assert "needs 5,069 days to earn the first reward" in result.stderr


def test_versions_and_files_are_compared_in_words(laurel: Run, shop: Shopfront, tmp_path):
    laurel("programme", "apply", shop.domain, "-", stdin=draft(rate="2"))
    laurel("programme", "apply", shop.domain, "-", stdin=draft(rate="2", rewards=2))
    rate = "Changed: points for 1 unit of currency (earning.rules[spend].points_per_unit): 1 becomes 2"
    gone = "Removed: reward (rewards[twenty_five_off])"
    whole = laurel("programme", "diff", shop.domain, 1).stdout
    assert rate in whole
    assert gone in whole
    assert laurel("programme", "diff", shop.domain, 1, 2).stdout.strip() == rate
    assert gone in laurel("programme", "diff", shop.domain).stdout
    assert "points: 2,500, amount off: 25, smallest order: 50, beginning of the code: “LAUREL-”" in whole
    assert "“LAUREL-”" not in laurel("programme", "diff", shop.domain, 2, 2).stdout
    assert "differ in nothing" in laurel("programme", "diff", shop.domain, 2, 2).stderr
    file = tmp_path / "draft.json"
    file.write_text(draft(rate="1.5", rewards=2), encoding="utf-8")
    assert "2 becomes 1.5" in laurel("programme", "diff", shop.domain, file).stdout
    assert "2 става 1,5" in laurel("programme", "diff", shop.domain, file, "--language", "bg").stdout


@pytest.mark.parametrize("sides", [("1", "2", "3"), ("1", "draft.json"), ("9",)])
def test_a_comparison_that_makes_no_sense_is_refused(laurel: Run, shop: Shopfront, sides: tuple[str, ...]):
    assert laurel("programme", "diff", shop.domain, *sides).exit_code == 1


def test_the_schema_of_a_part_is_a_schema_of_its_own(laurel: Run):
    schema = json.loads(laurel("programme", "schema", "SpendRule").stdout)
    check = Draft202012Validator(schema)
    assert check.is_valid({"kind": "spend", "id": "spend", "points_per_unit": "1"})
    assert not check.is_valid({"kind": "spend", "id": "spend"})
    refused = laurel("programme", "schema", "Lottery")
    assert (refused.exit_code, "SpendRule" in refused.stderr) == (1, True)


def test_every_sentence_about_a_likely_mistake_is_one_that_the_rules_utter():
    source = "".join(file.read_text(encoding="utf-8") for file in Path(rules.__file__).parent.glob("linting*.py"))
    uttered = set(re.findall(r'"([a-z_]+)"', source))
    told = {key.rpartition(".")[2] for key in catalogue("en").forms if key.startswith("programme.caution.")}
    assert told <= uttered


def test_templates_are_listed_and_printed_with_what_becomes_of_their_benefits(laurel: Run):
    listed = laurel("programme", "templates").stdout
    assert "inspired-by-ikea-family " in listed
    assert "По примера на IKEA Family" in laurel("programme", "templates", "--language", "bg").stdout
    printed = laurel("programme", "template", "trade-books")
    assert printed.stdout == get_template("trade-books").text
    notes = laurel("programme", "template", "inspired-by-ikea-family", "--notes").stdout
    assert "- Enforced: 175 points are $5 off. [rewards[five_off]]" in notes
    assert "- Done by staff: Free coffee or tea." in notes
    assert "- Enforced: 65 points are a meal." in notes
    assert "- Not possible on Shopify: Several codes of different kinds in one purchase in the shop." in notes
    assert "I1: ikea.com/us/" in notes
    assert "2026-11-21" in notes


def test_a_template_is_published_by_its_name(laurel: Run, shop: Shopfront):
    assert "Published version 2" in laurel("programme", "apply", shop.domain, "--template", "trade-books").stdout
    assert json.loads(laurel("programme", "show", shop.domain).stdout) == dump_document(
        get_template("trade-books").document
    )
    told = laurel("programme", "apply", shop.domain, "--template", "inspired-by-sephora-beauty-insider").stderr
    assert "What is yours to set:\n- " in told
    assert "\n- Put the number of your collection of samples in the place of 1" in told
    assert laurel("programme", "apply", shop.domain, "-", "--template", "trade-books", stdin="{}").exit_code == 2
    assert laurel("programme", "apply", shop.domain).exit_code == 2
    assert laurel("programme", "template", "trade-lottery").exit_code == 1


def test_every_template_can_be_published(laurel: Run, shop: Shopfront):
    for version, name in enumerate(template_names(), start=2):
        assert f"Published version {version}" in laurel("programme", "apply", shop.domain, "--template", name).stdout
