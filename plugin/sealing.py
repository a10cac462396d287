"""Secrets at rest: AES-256-GCM, bound to what they belong to, with a key id so that keys can be rotated without downtime."""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE_BYTES = 12
_KEY_ID_BYTES = 4


class Unsealable(Exception):
    """The bytes were sealed with a key we no longer have, or for something else."""


class Sealer:
    """Seals with the first key, opens with any. `belongs_to` must be the same on both sides."""

    def __init__(self, secret_keys: Sequence[str]) -> None:
        keys = [_derived(secret) for secret in secret_keys]
        self._newest = _key_id(keys[0])
        self._keys = keys
        self._ciphers = {_key_id(key): AESGCM(key) for key in keys}

    def seal(self, plain: bytes, belongs_to: str) -> bytes:
        """Encrypt `plain`; layout: key id, nonce, ciphertext with tag."""
        nonce = os.urandom(_NONCE_BYTES)
        return self._newest + nonce + self._ciphers[self._newest].encrypt(nonce, plain, belongs_to.encode())

    def open(self, sealed: bytes, belongs_to: str) -> bytes:
        """Decrypt what `seal` made.

        Raises:
            Unsealable: unknown key, altered bytes, or another owner.
        """
        key_id, nonce = sealed[:_KEY_ID_BYTES], sealed[_KEY_ID_BYTES : _KEY_ID_BYTES + _NONCE_BYTES]
        if (cipher := self._ciphers.get(key_id)) is None:
            raise Unsealable("sealed with a key that is not configured")
        try:
            return cipher.decrypt(nonce, sealed[_KEY_ID_BYTES + _NONCE_BYTES :], belongs_to.encode())
        except InvalidTag as fault:
            raise Unsealable("altered, or sealed for something else") from fault

    def tags(self, text: str) -> list[str]:
        """Name something without saying what it is: keyed digests, by the newest key first."""
        return [hmac.new(key, b"tag" + text.encode(), hashlib.sha256).hexdigest() for key in self._keys]


def _derived(secret: str) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=b"laurel sealing 1").derive(secret.encode())


def _key_id(key: bytes) -> bytes:
    return hashlib.sha256(b"key id" + key).digest()[:_KEY_ID_BYTES]
