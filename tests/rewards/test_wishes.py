from __future__ import annotations

from dataclasses import replace

import pytest

from plugin.db import new_id
from plugin.errors import BadInput
from plugin.rewards import Wish

WISH = Wish(new_id(), new_id(), new_id(), 7001, "wish-0001", "five_off")


def test_the_same_wish_asks_for_the_same_whoever_counts():
    assert replace(WISH, customer_id=7002).content_hash == WISH.content_hash


@pytest.mark.parametrize("other", [{"reward_id": "ten_off"}, {"points": 500}, {"shop_id": new_id()}])
def test_other_content_is_seen(other):
    assert replace(WISH, **other).content_hash != WISH.content_hash


@pytest.mark.parametrize("wish_id", ["", "short", "a" * 65, "wish 0001", "wish\x000001", "wish-0001\n", "желаниеедно"])
def test_a_wish_id_that_could_choke_something_is_refused(wish_id):
    with pytest.raises(BadInput, match="wish id"):
        replace(WISH, wish_id=wish_id)


def test_a_rewards_name_may_hold_anything_and_still_hashes():
    assert len(replace(WISH, reward_id="\ud800\x00" * 5000).content_hash) == 64
