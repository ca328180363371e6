"""What auth signs: access tokens, publication grants and deletion permissions, with Ed25519 keys whose private part is
stored sealed."""

import base64
import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from joserfc import jwt
from joserfc.jwk import OKPKey

from vigie_auth.domain.signing_keys import SealedKey
from vigie_shared.access import (
    ACCESS_AUDIENCE,
    ACCESS_TYPE,
    ALGORITHM,
    DELETION_AUDIENCE,
    DELETION_TYPE,
    GRANT_AUDIENCE,
    GRANT_TYPE,
    ISSUER,
    Claims,
    DeletionPermission,
    Grant,
)
from vigie_shared.events import utc_text
from vigie_shared.sealing import SealingKeys


def new_key(sealing: SealingKeys) -> SealedKey:
    """A fresh signing key; its id is random and says nothing."""
    key_id = secrets.token_urlsafe(12)
    private = Ed25519PrivateKey.generate()
    raw = private.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
    public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return SealedKey(key_id, public, sealing.seal(raw, about=_about(key_id)))


def sealed_again(key: SealedKey, sealing: SealingKeys) -> SealedKey | None:
    """The same key sealed with the sealing key of now; none where it is already. Raises SealBroken."""
    opened = sealing.unseal(key.sealed_private_key, about=_about(key.key_id))
    if not opened.outdated:
        return None
    return replace(key, sealed_private_key=sealing.seal(opened.secret, about=_about(key.key_id)))


class Signer:
    """Signs with one key. Raises SealBroken when the key does not open with any of these sealing keys."""

    def __init__(self, key: SealedKey, sealing: SealingKeys) -> None:
        raw = sealing.unseal(key.sealed_private_key, about=_about(key.key_id)).secret
        self._key = OKPKey.import_key(Ed25519PrivateKey.from_private_bytes(raw), {"kid": key.key_id})
        self._key_id = key.key_id

    def access_token(self, claims: Claims) -> str:
        """A token that says who is signed in."""
        return self._sign(ACCESS_TYPE, {"iss": ISSUER, "aud": ACCESS_AUDIENCE, **claims.model_dump(mode="json")})

    def grant(self, grant: Grant, issued_at: datetime) -> str:
        """A token that lets one extraction publish; it does not run out."""
        return self._sign(
            GRANT_TYPE,
            {
                "iss": ISSUER,
                "aud": GRANT_AUDIENCE,
                "iat": int(issued_at.timestamp()),
                "client": grant.client,
                "extraction_id": str(grant.extraction_id),
                "started_at": utc_text(grant.started_at),
            },
        )

    def deletion(self, permission: DeletionPermission, issued_at: datetime) -> str:
        """A token that lets the publisher delete what a client published up to a moment; it does not run out."""
        return self._sign(
            DELETION_TYPE,
            {
                "iss": ISSUER,
                "aud": DELETION_AUDIENCE,
                "iat": int(issued_at.timestamp()),
                "client": permission.client,
                "at": utc_text(permission.at),
                "by": permission.by,
            },
        )

    def _sign(self, kind: str, claims: dict[str, Any]) -> str:
        header = {"alg": ALGORITHM, "typ": kind, "kid": self._key_id}
        return jwt.encode(header, claims, self._key, algorithms=[ALGORITHM])


def public_key_set(keys: Sequence[SealedKey]) -> dict[str, list[dict[str, str]]]:
    """The public parts as a JWK set."""
    return {"keys": [_public(key) for key in keys]}


def _public(key: SealedKey) -> dict[str, str]:
    x = base64.urlsafe_b64encode(key.public_key).rstrip(b"=").decode()
    return {"kty": "OKP", "crv": "Ed25519", "x": x, "kid": key.key_id, "alg": ALGORITHM, "use": "sig"}


def _about(key_id: str) -> str:
    return f"signing key {key_id}"
