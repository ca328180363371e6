"""Signing keys as they are stored."""

from dataclasses import dataclass


@dataclass(frozen=True)
class SealedKey:
    """An Ed25519 key: the raw public part, and the raw private one sealed for this key id."""

    key_id: str
    public_key: bytes
    sealed_private_key: bytes
