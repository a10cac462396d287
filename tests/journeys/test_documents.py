"""The programme document between the store and the rules."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from plugin.db import new_id
from plugin.errors import BadInput, NotFound, StaleVersion
from plugin.journeys.documents import current_document, document_of, publish_document, version_in_force
from plugin.programme.store import create_programme
from plugin.rules import default_document, dump_document


def rate(points_per_unit: str) -> dict[str, Any]:
    """The default document with another rate."""
    data = dump_document(default_document())
    data["earning"]["rules"][0]["points_per_unit"] = points_per_unit
    return data


def rate_of(document) -> str:
    """The rate such a document holds."""
    return str(document.earning.points_per_unit)


@pytest.fixture
def programme_id(tools):
    """A programme without a document."""
    with tools.writing() as session:
        return create_programme(session, name="Points", timezone="Europe/Sofia", currency="EUR", now=tools.clock())


def publish(tools, programme_id, data, **more):
    """Publish in a transaction of its own."""
    with tools.writing() as session:
        return publish_document(session, programme_id, data, actor="test", now=tools.clock(), **more)


def test_what_is_published_is_what_is_read(tools, programme_id):
    assert publish(tools, programme_id, rate("1.50")) == 1
    with tools.reading() as session:
        version, document = current_document(session, programme_id)
        assert (version, dump_document(document)) == (1, rate("1.50"))
        assert document_of(session, programme_id, 1) == document


def test_the_newest_version_is_the_current_one_and_older_ones_stay(tools, programme_id):
    versions = [publish(tools, programme_id, rate(text)) for text in ("1", "2", "3")]
    assert versions == [1, 2, 3]
    with tools.reading() as session:
        assert rate_of(current_document(session, programme_id)[1]) == "3"
        assert [rate_of(document_of(session, programme_id, version)) for version in versions] == ["1", "2", "3"]


def test_versions_of_one_programme_are_not_those_of_another(tools, programme_id):
    with tools.writing() as session:
        other_id = create_programme(session, name="Other", timezone="UTC", currency="JPY", now=tools.clock())
    publish(tools, programme_id, rate("1"))
    publish(tools, other_id, rate("7"))
    with tools.reading() as session:
        assert rate_of(document_of(session, programme_id, 1)) == "1"
        assert rate_of(document_of(session, other_id, 1)) == "7"


def test_what_is_no_document_is_refused_with_its_place_and_not_stored(tools, programme_id):
    with pytest.raises(BadInput) as refused:
        publish(tools, programme_id, rate("-1"))
    assert refused.value.path == "earning.rules[0].points_per_unit"
    with tools.reading() as session, pytest.raises(NotFound):
        current_document(session, programme_id)


@pytest.mark.parametrize(
    ("field", "amount", "currency"),
    [
        ("amount", "5.50", "JPY"),
        ("minimum_subtotal", "0.5", "JPY"),
        ("amount", "5.555", "EUR"),
        ("amount", "1.0001", "KWD"),
    ],
)
def test_a_reward_finer_than_the_currency_is_refused_when_published(tools, field, amount, currency):
    data = rate("1")
    data["rewards"][1][field] = amount
    with tools.writing() as session:
        programme_id = create_programme(session, name="P", timezone="UTC", currency=currency, now=tools.clock())
    with pytest.raises(BadInput) as refused:
        publish(tools, programme_id, data)
    assert refused.value.path == f"rewards[1].{field}"
    data["rewards"][1][field] = "5.00"
    assert publish(tools, programme_id, data) == 1


def test_a_version_that_does_not_exist_is_not_found(tools, programme_id):
    publish(tools, programme_id, rate("1"))
    with tools.reading() as session:
        for programme, version in ((programme_id, 2), (programme_id, 0), (new_id(), 1)):
            with pytest.raises(NotFound):
                document_of(session, programme, version)
        with pytest.raises(NotFound):
            version_in_force(session, new_id(), tools.clock())


def test_nothing_is_published_for_a_programme_that_does_not_exist(tools):
    with pytest.raises(NotFound):
        publish(tools, new_id(), rate("1"))


def test_a_merchant_who_saw_an_older_version_does_not_overwrite_the_newer(tools, programme_id):
    publish(tools, programme_id, rate("1"), expected_version=0)
    publish(tools, programme_id, rate("2"), expected_version=1)
    with pytest.raises(StaleVersion):
        publish(tools, programme_id, rate("3"), expected_version=1)
    with tools.reading() as session:
        assert rate_of(current_document(session, programme_id)[1]) == "2"


def test_an_order_falls_under_the_version_that_was_in_force_when_it_was_placed(tools, clock, programme_id):
    first = clock.now
    for text in ("1", "2", "3"):
        publish(tools, programme_id, rate(text))
        clock.advance(days=10)
    hour = timedelta(hours=1)
    ten, twenty = first + timedelta(days=10), first + timedelta(days=20)
    expected = {first - 400 * hour: 1, first: 1, ten - hour: 1, ten: 2, ten + hour: 2, twenty: 3, clock.now: 3}
    with tools.reading() as session:
        assert {at: version_in_force(session, programme_id, at) for at in expected} == expected


def test_a_session_that_publishes_sees_its_own_version_in_force(tools, clock, programme_id):
    publish(tools, programme_id, rate("1"))
    later = clock.advance(hours=1)
    with tools.writing() as session:
        assert version_in_force(session, programme_id, later) == 1
        publish_document(session, programme_id, rate("2"), actor="test", now=later)
        assert version_in_force(session, programme_id, later) == 2
        assert rate_of(document_of(session, programme_id, 2)) == "2"


class _ChangeOfMind(Exception):
    """A transaction that ends without a commit."""


def test_a_version_that_was_rolled_back_is_forgotten(tools, programme_id):
    """The number is free again, and what takes it next is what orders must be counted by."""

    def publish_and_think_again():
        with tools.writing() as session:
            publish_document(session, programme_id, rate("5"), actor="test", now=tools.clock())
            assert rate_of(document_of(session, programme_id, 1)) == "5"
            assert rate_of(current_document(session, programme_id)[1]) == "5"
            raise _ChangeOfMind

    with pytest.raises(_ChangeOfMind):
        publish_and_think_again()
    assert publish(tools, programme_id, rate("6")) == 1
    with tools.reading() as session:
        assert rate_of(document_of(session, programme_id, 1)) == "6"


def test_a_version_is_read_from_the_database_once(tools, programme_id):
    """Every order of every batch asks for its document."""
    publish(tools, programme_id, rate("1"))
    with tools.reading() as session:
        known = document_of(session, programme_id, 1)
    selects = []
    with tools.reading() as session:
        event.listen(session.get_bind(), "before_cursor_execute", lambda *args: selects.append(args[2] != "BEGIN"))
        assert document_of(session, programme_id, 1) is known
        assert sum(selects) == 0
        for _ in range(3):
            version_in_force(session, programme_id, tools.clock())
        assert sum(selects) == 1


def test_two_who_publish_at_once_never_share_a_version(tools, programme_id):
    """One of them may have to look again; nobody's version is lost or doubled."""

    def attempt(number: int) -> int | None:
        try:
            return publish(tools, programme_id, rate(str(number + 1)))
        except StaleVersion:
            return None

    with ThreadPoolExecutor(4) as pool:
        versions = [version for version in pool.map(attempt, range(12)) if version]
    assert sorted(versions) == list(range(1, len(versions) + 1))
    with tools.reading() as session:
        assert current_document(session, programme_id)[0] == len(versions)
