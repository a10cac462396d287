"""Documents of older schemas are read as the newest one writes them."""

from __future__ import annotations

import pytest

from plugin.errors import BadInput
from plugin.rules import default_document, dump_document, parse_document
from plugin.rules.upgrading import NEWEST, UPGRADES, upgraded

RENAMES = {
    1: lambda data: {("name" if key == "points_name" else key): value for key, value in data.items()},
    2: lambda data: {**data, "name": [data["name"]]},
}


def test_each_step_takes_a_document_one_version_on_and_leaves_the_old_one_alone():
    old = {"schema_version": 1, "points_name": "stars"}
    assert upgraded(old, RENAMES, newest=3) == {"schema_version": 3, "name": ["stars"]}
    assert upgraded({"schema_version": 2, "name": "stars"}, RENAMES, newest=3) == {
        "schema_version": 3,
        "name": ["stars"],
    }
    assert old == {"schema_version": 1, "points_name": "stars"}


def test_every_version_older_than_the_newest_has_its_step():
    assert set(UPGRADES) == set(range(1, NEWEST))


@pytest.mark.parametrize(
    "data", [None, [], "text", {}, {"schema_version": "1"}, {"schema_version": True}, {"schema_version": 0}]
)
def test_what_is_no_document_is_left_for_the_schema_to_refuse(data):
    assert upgraded(data) == data
    with pytest.raises(BadInput):
        parse_document(data)


def test_a_document_of_a_newer_laurel_is_refused_as_that():
    with pytest.raises(BadInput, match="update Laurel first") as caught:
        parse_document({**dump_document(default_document()), "schema_version": NEWEST + 1})
    assert caught.value.path == "schema_version"
