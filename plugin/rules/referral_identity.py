"""One person behind many spellings: e-mail addresses and postal addresses in the one form in which they are compared."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,190}\.[^@\s.]{2,63}")
_EMAIL_LENGTH_MAX = 254
_GOOGLE = "gmail.com"
_SAME_HOST = {"googlemail.com": _GOOGLE}
_MANY = re.compile(r"[\W_]+")


def canonical_email(text: str) -> str | None:
    """Write an e-mail address in the form all its variants share; None where it is none.

    Case never tells two people apart; a plus-tag does not at any provider we know of; dots do not at Google's, whose
    two hosts are one.
    """
    folded = unicodedata.normalize("NFKC", text).casefold().strip().rstrip(".")
    if len(folded) > _EMAIL_LENGTH_MAX or not _EMAIL.fullmatch(folded):
        return None
    name, _, host = folded.rpartition("@")
    host = _SAME_HOST.get(host, host)
    name = name.partition("+")[0] or name
    if host == _GOOGLE:
        name = name.replace(".", "")
    return f"{name}@{host}" if name else None


def canonical_address(lines: Sequence[str], postcode: str, city: str, country: str) -> str | None:
    """Write a postal address in the form all its spellings share; None where it is too bare to tell one home from another.

    Case, accents and punctuation go; with a postcode the city is left out, since it is spelt in many ways.
    """
    street = " ".join(_plain(line) for line in lines if _plain(line))
    place = _plain(postcode).replace(" ", "") or _plain(city)
    if not street or not place:
        return None
    return "|".join((street, place, _plain(country)))


def _plain(text: str) -> str:
    bare = "".join(one for one in unicodedata.normalize("NFKD", text) if not unicodedata.combining(one))
    return _MANY.sub(" ", bare.casefold()).strip()
