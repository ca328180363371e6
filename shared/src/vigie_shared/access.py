"""Who asks: access tokens, publication grants and deletion permissions, signed by auth and verified offline with its
public keys.

An access token says who is signed in; what that person may see is asked of auth (`Rights`), because rights change while
a token lives. A publication grant says that auth let one extraction of one client publish (R1); it has no expiry, and
the publisher decides whether something since has voided it. A deletion permission says that auth let an administrator
delete what was published, and up to which moment (R11).
"""

import asyncio
import hashlib
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Literal
from urllib.parse import urlsplit
from uuid import UUID

import httpx2
from fastapi import Request
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from vigie_shared.errors import Forbidden, ServiceUnavailable, Unauthenticated, VigieError
from vigie_shared.events import NamedScope, Role
from vigie_shared.tracing import current_traceparent

ISSUER = "vigie-auth"
ALGORITHM = "Ed25519"
"""EdDSA by its fully specified name (RFC 9864)."""
ACCESS_TYPE, ACCESS_AUDIENCE = "at+jwt", "vigie"
GRANT_TYPE, GRANT_AUDIENCE = "vigie-grant+jwt", "vigie-publisher"
DELETION_TYPE, DELETION_AUDIENCE = "vigie-deletion+jwt", "vigie-publisher-deletions"
CUT_HEADER = "Vigie-Cut"
"""To which rights an answer was cut, so that whoever keeps it keeps it for these alone: `Rights.cut` for the indicators
of one scope, `Rights.view` for what spans scopes."""
_REMEMBERED = 10_000
_KEYS_PAUSE = 5.0


class Claims(BaseModel):
    """What an access token says. `client` is none for the platform's operators, who belong to no client."""

    model_config = ConfigDict(frozen=True)

    sub: str
    client: str | None
    role: Role
    sid: UUID
    exp: int
    iat: int


class Grant(BaseModel):
    """What a publication grant says; `started_at` is the version of every snapshot of the run, by auth's clock."""

    model_config = ConfigDict(frozen=True)

    client: str
    extraction_id: UUID
    started_at: AwareDatetime


class DeletionPermission(BaseModel):
    """What a deletion permission says: whatever `client` published by extractions that started up to `at`, by auth's
    clock, is to go, because its administrator `by` wants it so (R11)."""

    model_config = ConfigDict(frozen=True)

    client: str
    at: AwareDatetime
    by: str


class Rights(BaseModel):
    """What a signed-in user may see and extract now (R2): companies by code, then families by code.

    `indicators` none means all.
    """

    model_config = ConfigDict(frozen=True)

    scopes: tuple[NamedScope, ...]
    indicators: tuple[str, ...] | None
    may_extract: tuple[str, ...]

    @property
    def cut(self) -> str:
        """Names what these rights leave of a scope's indicators: the same for equal sets, whoever holds them."""
        if self.indicators is None:
            return "all"
        return _digest(*sorted(set(self.indicators)))

    @property
    def view(self) -> str:
        """Names all that these rights let one see, scopes with their names included: the same for equal rights."""
        return _digest(self.cut, *(part for scope in self.scopes for part in (scope.kind, scope.code, scope.name)))


def _digest(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:16]


class InvalidGrant(VigieError):
    """A publication grant that auth did not sign, or not for this purpose."""


class InvalidPermission(VigieError):
    """A deletion permission that auth did not sign, or not for this purpose."""


FetchKeys = Callable[[], Awaitable[Mapping[str, Any]]]
"""Fetches auth's public keys as a JWK set. Raises Unavailable while auth is away."""


class Verifier:
    """Checks what auth has signed. Keys are fetched at the first need and again when an unknown one is met."""

    def __init__(self, fetch_keys: FetchKeys) -> None:
        self._fetch_keys = fetch_keys
        self._keys: KeySet | None = None
        self._key_ids: frozenset[str] = frozenset()
        self._fetched_at = 0.0
        self._fetching = asyncio.Lock()
        self._verified: OrderedDict[str, Claims] = OrderedDict()

    def remembered(self, token: str) -> Claims | None:
        """The claims of a token verified before and still running, without any computation."""
        claims = self._verified.get(token)
        if claims is not None and claims.exp <= time.time():
            del self._verified[token]
            return None
        return claims

    async def claims(self, token: str) -> Claims:
        """The claims of an access token. Raises Unauthenticated when it is not auth's, not one, or run out."""
        known = self.remembered(token)
        if known is not None:
            return known
        payload = await self._payload(token, ACCESS_TYPE, ACCESS_AUDIENCE)
        try:
            claims = Claims.model_validate(payload)
        except ValidationError:
            claims = None
        if claims is None or claims.exp <= time.time():
            raise Unauthenticated("The access token is not valid or has run out. Sign in again or refresh the session.")
        self._verified[token] = claims
        while len(self._verified) > _REMEMBERED:
            self._verified.popitem(last=False)
        return claims

    async def grant(self, token: str) -> Grant:
        """The content of a publication grant. Raises InvalidGrant when auth did not sign it as one.

        What is refused here is never published, so a key that auth may have begun to use just now is always asked for.
        """
        payload = await self._payload(token, GRANT_TYPE, GRANT_AUDIENCE, pause=0)
        try:
            return Grant.model_validate(payload)
        except ValidationError:
            raise InvalidGrant("not a publication grant signed by auth") from None

    async def deletion(self, token: str) -> DeletionPermission:
        """The content of a deletion permission. Raises InvalidPermission when auth did not sign it as one."""
        payload = await self._payload(token, DELETION_TYPE, DELETION_AUDIENCE, pause=0)
        try:
            return DeletionPermission.model_validate(payload)
        except ValidationError:
            raise InvalidPermission("not a deletion permission signed by auth") from None

    async def _payload(
        self, token: str, kind: str, audience: str, *, pause: float = _KEYS_PAUSE
    ) -> Mapping[str, Any] | None:
        keys = await self._keys_for(token, pause)
        if keys is None:
            return None
        try:
            decoded = jwt.decode(token, keys, algorithms=[ALGORITHM])
        except (JoseError, ValueError):
            return None
        wanted = {"iss": ISSUER, "aud": audience}
        right = decoded.header.get("typ") == kind and all(decoded.claims.get(k) == v for k, v in wanted.items())
        return decoded.claims if right else None

    async def _keys_for(self, token: str, pause: float) -> KeySet | None:
        key_id = _key_id(token)
        if key_id is None:
            return None
        if key_id not in self._key_ids:
            async with self._fetching:
                if key_id not in self._key_ids and time.monotonic() - self._fetched_at > pause:
                    found = await self._fetch_keys()
                    self._keys = KeySet.import_key_set(dict(found))  # type: ignore[arg-type]  # a JWK set as received
                    self._key_ids = frozenset(str(key["kid"]) for key in found["keys"])
                    self._fetched_at = time.monotonic()
        return self._keys if key_id in self._key_ids else None


def _key_id(token: str) -> str | None:
    try:
        key_id = jws.extract_compact(token.encode()).protected.get("kid")
    except (JoseError, ValueError):
        return None
    return key_id if isinstance(key_id, str) else None


class Auth:
    """What other services ask of auth over HTTP, with the user's own token passed on."""

    def __init__(self, http: httpx2.AsyncClient, address: str) -> None:
        self._http = http
        self._address = address

    async def keys(self) -> Mapping[str, Any]:
        """Auth's public keys, as a JWK set. Raises ServiceUnavailable while auth is away."""
        return dict((await call(self._http, "GET", f"{self._address}/auth/v1/jwks")).json())

    async def rights(self, token: str) -> Rights:
        """What the bearer of `token` may see and extract now. Raises Unauthenticated when the session has ended."""
        response = await call(self._http, "GET", f"{self._address}/auth/v1/rights", token=token)
        if response.status_code == 401:
            raise Unauthenticated("The session has ended. Sign in again.")
        return Rights.model_validate_json(response.content)

    async def deletion_permission(self, token: str) -> str:
        """Leave to delete what the client of `token` published up to now, signed by auth. Raises Unauthenticated when
        the session has ended, Forbidden when it is not an administrator's."""
        response = await call(self._http, "POST", f"{self._address}/auth/v1/deletion-permissions", token=token)
        if response.status_code == 401:
            raise Unauthenticated("The session has ended. Sign in again.")
        if response.status_code == 403:
            raise Forbidden("Only an administrator of the client may delete its data.")
        if not response.is_success:
            raise ServiceUnavailable(f"auth answers {response.status_code} to a deletion, which is not understood here")
        return str(response.json()["permission"])


async def call(
    http: httpx2.AsyncClient,
    method: Literal["GET", "POST", "PUT", "DELETE"],
    url: str,
    *,
    token: str | None = None,
    json: Any = None,
    headers: Mapping[str, str] | None = None,
) -> httpx2.Response:
    """One request to another service, under the current trace. Raises ServiceUnavailable where it gives no answer of
    its own (no connection, too late, a 5xx); any other status is the caller's to read.

    A reading request that met a dead connection is made once more, on another one.
    """
    all_headers = dict(headers or {})
    if token is not None:
        all_headers["Authorization"] = f"Bearer {token}"
    traceparent = current_traceparent()
    if traceparent is not None:
        all_headers["traceparent"] = traceparent
    try:
        try:
            response = await http.request(method, url, json=json, headers=all_headers, timeout=_seconds(method))
        except (httpx2.ReadError, httpx2.WriteError, httpx2.RemoteProtocolError, httpx2.ReadTimeout):
            if method != "GET":
                raise
            response = await http.request(method, url, headers=all_headers, timeout=_seconds(method))
    except httpx2.TransportError as error:
        raise ServiceUnavailable(f"{urlsplit(url).netloc} does not answer ({type(error).__name__})") from None
    if response.status_code >= 500:
        raise ServiceUnavailable(f"{urlsplit(url).netloc} answers {response.status_code}")
    return response


def _seconds(method: str) -> httpx2.Timeout:
    """How long another service may take: to be reached, and to answer. One that hashes passwords takes its time."""
    return httpx2.Timeout(5 if method == "GET" else 10, connect=3)


def bearer_token(request: Request) -> str:
    """The token of the request's `Authorization: Bearer` header. Raises Unauthenticated where there is none."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated("Send an access token as `Authorization: Bearer <token>`.")
    return token


Authorise = Callable[[Request], Awaitable[Claims]]


def only(verifier: Verifier, *roles: Role) -> Authorise:
    """A FastAPI dependency: the claims of the request's token, refused unless its role is one of `roles`.

    Every role but the operator's belongs to a client, so the claims of these always carry one.
    """

    async def authorise(request: Request) -> Claims:
        claims = await verifier.claims(bearer_token(request))
        if claims.role not in roles:
            raise Forbidden(f"This is for {' or '.join(roles)}; you are signed in as {claims.role}.")
        if (claims.client is None) != (claims.role == "operator"):
            raise Unauthenticated("The access token contradicts itself. Sign in again.")
        return claims

    return authorise
