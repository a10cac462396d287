"""Thousands of malformed webhooks: never a 5xx at the door, never anything but facts or BadInput behind it."""

from __future__ import annotations

from collections import Counter

from plugin.errors import BadInput
from plugin.facts import OrderSnapshot
from plugin.orders import dump_snapshot
from tests.webhooks.mutating import mutants
from webhooks.topics import parse_delivery

SEED = 20_261_121
COUNT = 2_500


def test_no_malformed_webhook_ever_gets_a_5xx_and_none_that_is_refused_is_stored(door):
    statuses = Counter(door.post(raw, headers).status_code for raw, headers in mutants(SEED, COUNT))
    assert sum(statuses.values()) == COUNT
    assert set(statuses) == {200, 400, 401}
    assert min(statuses.values()) > COUNT / 50
    stored = door.stored()
    assert COUNT / 5 < len(stored) <= statuses[200]
    became = Counter(read_out(delivery) for delivery in stored)
    assert min(became["facts"], became["dead letter"]) > len(stored) / 20


def read_out(delivery):
    """What the drainer would get; whatever else is raised fails the test."""
    try:
        facts = parse_delivery(delivery)
    except BadInput as fault:
        return "dead letter" if len(str(fault)) < 200 else "an error that repeats the body"
    for fact in facts:
        assert not isinstance(fact, OrderSnapshot) or "\\u0000" not in dump_snapshot(fact)
    return "facts"
