"""Refresh tokens: how they are written, hashed, and kept for the seconds in which a lost answer may be asked again."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import Self
from uuid import UUID

from vigie_shared.sealing import seal, unseal

_ABOUT = "the successor of a refresh token"


@dataclass(frozen=True)
class RefreshToken:
    """`<client code>.<session id>.<256 random bits>`: it names the line it belongs to, and only its hash is kept."""

    client: str
    session_id: UUID
    text: str

    @classmethod
    def new(cls, client: str, session_id: UUID) -> Self:
        return cls(client, session_id, f"{client}.{session_id.hex}.{secrets.token_urlsafe(32)}")

    @classmethod
    def read(cls, text: str) -> Self | None:
        """The token that `text` has the form of, if any; whether it is one, its hash must tell."""
        parts = text.split(".")
        if len(parts) != 3 or not text.isascii() or not text.isprintable():
            return None
        try:
            return cls(parts[0], UUID(hex=parts[1]), text)
        except ValueError:
            return None

    @property
    def token_hash(self) -> bytes:
        return hashlib.sha256(self.text.encode()).digest()

    def seal_successor(self, successor: "RefreshToken") -> bytes:
        """`successor`, so that only a holder of this token can read it."""
        return seal(self._successor_key(), successor.text.encode(), about=_ABOUT)

    def open_successor(self, sealed: bytes) -> "RefreshToken":
        """The token that was sealed as the successor of this one."""
        text = unseal(self._successor_key(), sealed, about=_ABOUT).decode()
        return RefreshToken(self.client, self.session_id, text)

    def _successor_key(self) -> bytes:
        return hmac.digest(self.text.encode(), _ABOUT.encode(), "sha256")
