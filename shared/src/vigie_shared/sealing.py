"""Sealing: keeps a secret in the database so that the database alone does not give it away.

AES-256-GCM with a sealing key (`Settings.sealing`). What a sealed value is about (the id of a signing key,
the client whose password it is) is authenticated with it, so that one sealed value cannot be put in another's place.

A key is replaced by putting a new one before it: the first seals, all open. What turns out to be sealed with an earlier
one is sealed again by whoever opened it, and once nothing is left of those the earlier key can go.
"""

import os
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from vigie_shared.errors import VigieError

_NONCE = 12
"""Bytes; random, which is safe for far more values under one key than a platform ever seals (2^32)."""


@dataclass(frozen=True)
class Opened:
    """A secret that was sealed. `outdated`: with an earlier key, so it is to be sealed again."""

    secret: bytes = field(repr=False)
    outdated: bool


@dataclass(frozen=True)
class SealingKeys:
    """Keys of 32 bytes each: `current` seals and opens, the `earlier` ones open what they have sealed."""

    current: bytes = field(repr=False)
    earlier: tuple[bytes, ...] = field(default=(), repr=False)

    @property
    def every(self) -> tuple[bytes, ...]:
        return (self.current, *self.earlier)

    def seal(self, secret: bytes, *, about: str) -> bytes:
        """As `seal`, with the current key."""
        return seal(self.current, secret, about=about)

    def unseal(self, sealed: bytes, *, about: str) -> Opened:
        """As `unseal`, with whichever key opens it. Raises SealBroken when none does."""
        for key in self.every:
            try:
                return Opened(unseal(key, sealed, about=about), outdated=key != self.current)
            except SealBroken as error:
                broken = error
        raise broken


class SealBroken(VigieError):
    """A sealed value does not open: it was changed, it is about something else, or the sealing key is another one."""


def seal(key: bytes, secret: bytes, *, about: str) -> bytes:
    """`secret`, sealed with `key` (32 bytes) for the one purpose that `about` names."""
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, secret, about.encode())


def unseal(key: bytes, sealed: bytes, *, about: str) -> bytes:
    """The secret in `sealed`. Raises SealBroken unless key and `about` are those it was sealed with."""
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], about.encode())
    except (InvalidTag, ValueError):
        raise SealBroken(
            f"what is sealed about {about} does not open with this sealing key; is the one it was sealed with among "
            "VIGIE_SEALING_KEYS, VIGIE_SEALING_KEY and sealing.key in VIGIE_DATA?"
        ) from None
