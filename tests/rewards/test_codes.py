from __future__ import annotations

import math
from uuid import UUID

from plugin.db import new_id
from plugin.rewards.codes import ALPHABET, CODE_LETTERS, derive_code, discount_title, is_ours

SECRET = "a secret of the installation, long enough"
PROGRAMME = UUID("0192f0c0-0000-7000-8000-000000000001")
REDEMPTION = UUID("0192f0c0-0000-7000-8000-000000000002")


def test_a_code_cannot_be_guessed():
    assert CODE_LETTERS * math.log2(len(ALPHABET)) > 80
    assert len(set(ALPHABET)) == len(ALPHABET)


def test_a_code_has_no_letters_that_look_alike_and_no_vowels():
    assert not set(ALPHABET) & set("0O1IL2Z5S8BUAEIOU")


def test_every_try_of_a_redemption_derives_the_same_code_and_the_next_attempt_another():
    first = derive_code(SECRET, "LAUREL", PROGRAMME, REDEMPTION, 1)
    assert first == derive_code(SECRET, "LAUREL", PROGRAMME, REDEMPTION, 1)
    others = {
        derive_code(SECRET, "LAUREL", PROGRAMME, REDEMPTION, 2),
        derive_code(SECRET, "LAUREL", REDEMPTION, REDEMPTION, 1),
        derive_code(SECRET, "LAUREL", PROGRAMME, PROGRAMME, 1),
        derive_code(SECRET + "!", "LAUREL", PROGRAMME, REDEMPTION, 1),
    }
    assert len(others | {first}) == 5


def test_the_derivation_never_changes_unnoticed():
    """Codes are stored, but a change here would still make two codes of one redemption; it has to be a decision."""
    assert derive_code(SECRET, "LAUREL-", PROGRAMME, REDEMPTION, 1) == "LAUREL-N6HWXXNQWDXQNNDWTC"


def test_a_prefix_is_joined_by_one_hyphen_and_may_be_missing():
    plain = derive_code(SECRET, "", PROGRAMME, REDEMPTION, 1)
    assert len(plain) == CODE_LETTERS
    assert derive_code(SECRET, "laurel", PROGRAMME, REDEMPTION, 1) == f"LAUREL-{plain}"
    assert derive_code(SECRET, "LAUREL-", PROGRAMME, REDEMPTION, 1) == f"LAUREL-{plain}"


def test_ten_thousand_codes_are_all_different_and_use_every_letter_alike():
    codes = [derive_code(SECRET, "", PROGRAMME, new_id(), 1) for _ in range(10_000)]
    assert len(set(codes)) == 10_000
    letters = "".join(codes)
    expected = len(letters) / len(ALPHABET)
    assert all(abs(letters.count(one) - expected) < expected * 0.06 for one in ALPHABET)


def test_a_discounts_title_tells_whose_it_is_however_long_the_rewards_name():
    title = discount_title("5 off " * 100, REDEMPTION)
    assert len(title) <= 255
    assert is_ours(title, REDEMPTION)
    assert not is_ours(title, PROGRAMME)
    assert is_ours(discount_title("", REDEMPTION), REDEMPTION)
