"""The programme document: what it takes, what it refuses and how it says so."""

from __future__ import annotations

import copy
import json
from decimal import Decimal

import pytest
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from plugin.errors import BadInput
from plugin.rules import ProgrammeDocument, default_document, dump_document, json_schema, parse_document
from plugin.rules.schema_earning import Earning
from tests.rules.making import document, products, spend

WHOLE = {
    "schema_version": 1,
    "enrolment": "account_holders",
    "points_name": {"en": "stars", "bg": "звезди", "tr": "puan", "pt-BR": "estrelas"},
    "earning": {
        "rules": [
            spend("0.25", title={"en": "Every purchase"}),
            products("shoes", {"product_types": ["Shoes"], "vendors": ["Acme"]}, multiplier="2.5", points_per_item=10),
            products("sale", {"tags": ["sale"], "collections": [841564295]}, exclude=True, title={"en": "No points"}),
            products("one", {"products": [632910392], "skus": ["IPOD-342-N"]}, points_per_item="0.5", is_active=False),
        ],
        "base": {"taxes": True, "gift_cards": False, "tips": True},
        "rounding": "half_up",
        "maturity_days": 14,
        "expiry": {"kind": "after_months", "months": 12},
    },
    "rewards": [
        {
            "kind": "fixed_amount",
            "id": "five",
            "title": {"en": "Five off"},
            "points": 500,
            "amount": "5.00",
            "minimum_subtotal": "20",
            "code_prefix": "VIP-",
            "code_valid_days": 30,
            "is_active": False,
        },
        {"kind": "fixed_amount", "id": "ten", "title": {"en": "Ten off"}, "points": 1000, "amount": 10},
    ],
}


def changed(path, value):
    """The whole document with one place changed; `...` takes the key away."""
    data = copy.deepcopy(WHOLE)
    *way, last = path
    here = data
    for step in way:
        here = here[step]
    if value is ...:
        del here[last]
    elif isinstance(here, list) and last == len(here):
        here.append(value)
    else:
        here[last] = value
    return data


def refusal(data):
    with pytest.raises(BadInput) as caught:
        parse_document(data)
    return caught.value


@pytest.mark.parametrize("data", [WHOLE, dump_document(default_document())])
def test_a_document_survives_the_round_trip_through_json(data):
    parsed = parse_document(data)
    dumped = json.loads(json.dumps(dump_document(parsed)))
    assert parse_document(dumped) == parsed
    assert dump_document(parse_document(dumped)) == dumped


def test_numbers_are_read_exactly_and_written_as_they_were():
    parsed = parse_document(WHOLE)
    assert parsed.rewards[0].amount == Decimal("5.00")
    assert dump_document(parsed)["rewards"][0]["amount"] == "5.00"
    assert dump_document(parsed)["earning"]["rules"][1]["points_per_item"] == "10"


def test_defaults_are_spelled_out_in_what_is_stored():
    """A later release with another default must not change what a published version means."""
    small = {"schema_version": 1, "enrolment": "opt_in", "points_name": {"en": "p"}, "earning": {"rules": []}}
    stored = dump_document(parse_document(small))
    assert stored.keys() == ProgrammeDocument.model_fields.keys()
    assert stored["earning"].keys() == Earning.model_fields.keys()
    assert stored["earning"]["base"].items() >= {"taxes": False, "gift_cards": False, "tips": False}.items()
    assert stored["earning"]["expiry_warnings"] == {"days": [30, 7, 1], "must_be_delivered": None}
    assert stored["adjusting"] == {"points_max": 100_000, "points_max_per_day": 1_000_000}


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        (["surprise"], 1, "surprise"),
        (["schema_version"], 2, "schema_version"),
        (["schema_version"], ..., "schema_version"),
        (["enrolment"], "everybody", "enrolment"),
        (["points_name"], {}, "points_name"),
        (["points_name", "en"], "", "points_name.en"),
        (["points_name", "en"], "two\nlines", "points_name.en"),
        (["points_name", "en"], "\ud800", "points_name.en"),
        (["points_name", "English"], "points", "points_name.English"),
        (["earning"], ..., "earning"),
        (["earning", "rules"], {}, "earning.rules"),
        (["earning", "rules", 0], "spend", "earning.rules[0]"),
        (["earning", "rules", 0, "kind"], "lottery", "earning.rules[0]"),
        (["earning", "rules", 0, "kind"], ..., "earning.rules[0]"),
        (["earning", "rules", 0, "id"], "No Spaces", "earning.rules[0].id"),
        (["earning", "rules", 0, "id"], ..., "earning.rules[0].id"),
        (["earning", "rules", 2, "id"], "shoes", "earning.rules[2].id"),
        (["earning", "rules", 0, "points_per_unit"], "0", "earning.rules[0].points_per_unit"),
        (["earning", "rules", 0, "points_per_unit"], "-1", "earning.rules[0].points_per_unit"),
        (["earning", "rules", 0, "points_per_unit"], 1.5, "earning.rules[0].points_per_unit"),
        (["earning", "rules", 0, "points_per_unit"], True, "earning.rules[0].points_per_unit"),
        (["earning", "rules", 0, "points_per_unit"], None, "earning.rules[0].points_per_unit"),
        (["earning", "rules", 1, "multiplier"], "NaN", "earning.rules[1].multiplier"),
        (["earning", "rules", 1, "multiplier"], "1e3", "earning.rules[1].multiplier"),
        (["earning", "rules", 1, "multiplier"], "1_0", "earning.rules[1].multiplier"),
        (["earning", "rules", 1, "multiplier"], " 2", "earning.rules[1].multiplier"),
        (["earning", "rules", 1, "multiplier"], "٢", "earning.rules[1].multiplier"),
        (["earning", "rules", 1, "multiplier"], "1000.1", "earning.rules[1].multiplier"),
        (["earning", "rules", 1, "multiplier"], "1.0000001", "earning.rules[1].multiplier"),
        (["earning", "rules", 1, "exclude"], True, "earning.rules[1]"),
        (["earning", "rules", 2, "exclude"], False, "earning.rules[2]"),
        (["earning", "rules", 2, "exclude"], "yes", "earning.rules[2].exclude"),
        (["earning", "rules", 1, "match"], {}, "earning.rules[1].match"),
        (["earning", "rules", 1, "match"], {"tags": []}, "earning.rules[1].match"),
        (["earning", "rules", 1, "match", "colour"], ["red"], "earning.rules[1].match.colour"),
        (["earning", "rules", 1, "match", "vendors"], "Acme", "earning.rules[1].match.vendors"),
        (["earning", "rules", 1, "match", "vendors", 1], 7, "earning.rules[1].match.vendors[1]"),
        (["earning", "rules", 2, "match", "collections", 0], "841564295", "earning.rules[2].match.collections[0]"),
        (["earning", "rules", 2, "match", "collections", 0], 2**63, "earning.rules[2].match.collections[0]"),
        (["earning", "base", "taxes"], "true", "earning.base.taxes"),
        (["earning", "base", "duties"], True, "earning.base.duties"),
        (["earning", "rounding"], "bankers", "earning.rounding"),
        (["earning", "maturity_days"], -1, "earning.maturity_days"),
        (["earning", "maturity_days"], 1.0, "earning.maturity_days"),
        (["earning", "maturity_days"], "14", "earning.maturity_days"),
        (["earning", "expiry", "kind"], "after_years", "earning.expiry"),
        (["earning", "expiry", "months"], 0, "earning.expiry.months"),
        (["earning", "expiry"], {"kind": "after_days"}, "earning.expiry.days"),
        (["earning", "expiry"], {"kind": "after_days", "days": 13}, "earning.expiry.days"),
        (["earning", "expiry"], {"kind": "never", "days": 13}, "earning.expiry.days"),
        (
            ["earning"],
            {"rules": [], "maturity_days": 29, "expiry": {"kind": "after_months", "months": 1}},
            "earning.expiry.months",
        ),
        (["earning", "expiry"], {"kind": "rolling", "days": 13}, "earning.expiry.days"),
        (
            ["earning", "expiry"],
            {"kind": "on_dates", "dates": ["12-31"], "least_days": 13},
            "earning.expiry.least_days",
        ),
        (["earning", "expiry"], {"kind": "on_dates", "dates": []}, "earning.expiry.dates"),
        (["earning", "expiry"], {"kind": "on_dates", "dates": ["02-30"]}, "earning.expiry.dates[0]"),
        (["earning", "expiry"], {"kind": "on_dates", "dates": ["31 December"]}, "earning.expiry.dates[0]"),
        (["earning", "expiry_grace_days"], 0, "earning.expiry_grace_days"),
        (["earning", "expiry_warnings"], {"days": [], "must_be_delivered": True}, "earning.expiry_warnings"),
        (["earning", "expiry_warnings"], {"days": [91]}, "earning.expiry_warnings.days[0]"),
        (["earning", "claw_back"], "forget", "earning.claw_back"),
        (["rewards", 0, "points"], 0, "rewards[0].limits"),
        (["rewards", 0, "points"], -1, "rewards[0].points"),
        (["rewards", 0, "points"], "500", "rewards[0].points"),
        (["rewards", 0, "amount"], "0.00", "rewards[0].amount"),
        (["rewards", 0, "amount"], ..., "rewards[0].amount"),
        (["rewards", 0, "kind"], "free_lunch", "rewards[0]"),
        (["rewards", 0, "title"], "Five off", "rewards[0].title"),
        (["rewards", 0, "title", "en"], None, "rewards[0].title.en"),
        (["rewards", 0, "minimum_subtotal"], "-1", "rewards[0].minimum_subtotal"),
        (["rewards", 0, "code_prefix"], "spring sale", "rewards[0].code_prefix"),
        (["rewards", 0, "code_valid_days"], 0, "rewards[0].code_valid_days"),
        (["rewards", 1, "id"], "five", "rewards[1].id"),
    ],
)
def test_a_fault_is_told_with_its_place(path, value, told):
    error = refusal(changed(path, value))
    assert error.path == told
    assert str(error).startswith(f"{told}: ")


@pytest.mark.parametrize("expiry", [{"kind": "after_days", "days": 28}, {"kind": "after_months", "months": 1}])
def test_points_may_mature_on_their_last_day(expiry):
    earning = {"rules": [], "maturity_days": 28, "expiry": expiry}
    assert parse_document(changed(["earning"], earning)).earning.maturity_days == 28


@pytest.mark.parametrize("data", [None, [], "{}", 1, True, b"{}", [WHOLE]])
def test_what_is_no_document_at_all_is_refused(data):
    error = refusal(data)
    assert error.path == ""
    assert str(error).startswith("document: ")


def test_several_faults_are_told_together_and_many_are_counted():
    data = changed(["enrolment"], "everybody")
    data["rewards"] = [{"kind": "fixed_amount", "id": f"r{n}"} for n in range(9)]
    error = refusal(data)
    assert error.path == "enrolment"
    assert "rewards[0].points: " in str(error)
    assert str(error).endswith("and 9 more")


def test_a_key_that_is_named_like_its_kind_is_still_found():
    assert refusal(changed(["earning", "rules", 0, "spend"], 1)).path == "earning.rules[0].spend"


def test_nothing_of_a_document_can_be_changed():
    """Documents are shared by every order of a process."""
    parsed = parse_document(WHOLE)
    with pytest.raises(ValidationError):
        parsed.enrolment = "opt_in"
    with pytest.raises(TypeError):
        parsed.points_name["en"] = "coins"
    assert isinstance(parsed.earning.rules, tuple)
    assert isinstance(parsed.earning.rules[1].match.vendors, tuple)


def test_the_data_a_document_was_read_from_can_change_without_it():
    data = copy.deepcopy(WHOLE)
    parsed = parse_document(data)
    data["points_name"]["en"] = "coins"
    data["rewards"].clear()
    assert parsed == parse_document(WHOLE)


def test_equal_documents_are_one_key():
    assert len({parse_document(WHOLE), parse_document(copy.deepcopy(WHOLE)), default_document()}) == 2


@pytest.mark.parametrize("data", [WHOLE, dump_document(default_document()), dump_document(parse_document(WHOLE))])
def test_the_json_schema_accepts_what_the_parser_accepts(data):
    Draft202012Validator(json_schema()).validate(data)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["surprise"], 1),
        (["earning", "rules", 0, "kind"], "lottery"),
        (["earning", "rules", 0, "points_per_unit"], 1.5),
        (["earning", "rules", 1, "multiplier"], "NaN"),
        (["rewards", 0, "points"], 0),
        (["points_name"], {}),
        (["points_name", "English"], "points"),
        (["enrolment"], "everybody"),
        (["earning", "rules", 0, "points_per_unit"], "0"),
        (["earning", "rules", 0, "points_per_unit"], "0.000"),
        (["earning", "rules", 0, "points_per_unit"], 0),
        (["earning", "rules", 1, "multiplier"], 1001),
        (["earning", "rules", 1, "match"], {}),
        (["rewards", 0, "amount"], "0"),
        (["rewards", 0, "minimum_subtotal"], "-1"),
    ],
)
def test_the_json_schema_refuses_what_the_parser_refuses(path, value):
    assert not Draft202012Validator(json_schema()).is_valid(changed(path, value))


def test_the_json_schema_is_sound_and_tells_what_fields_mean():
    schema = json_schema()
    Draft202012Validator.check_schema(schema)
    assert json.loads(json.dumps(schema)) == schema
    assert schema["$defs"]["SpendRule"]["properties"]["points_per_unit"]["description"]
    assert schema["$defs"]["Earning"]["properties"]["rounding"]["description"]


def test_the_default_programme_is_one_point_per_unit_and_speaks_three_languages():
    default = default_document()
    assert [(rule.kind, rule.points_per_unit) for rule in default.earning.rules] == [("spend", 1)]
    assert (default.enrolment, default.earning.rounding) == ("every_customer", "floor")
    assert [(reward.points, reward.amount) for reward in default.rewards] == [(500, 5), (1000, 10), (2500, 25)]
    assert set(default.points_name) == {"en", "bg", "tr"}


def test_points_of_several_spend_rules_are_told_together():
    by = document(spend("1", "one"), spend("0.5", "two"), spend("9", "three", is_active=False))
    assert by.earning.points_per_unit == Decimal("1.5")
