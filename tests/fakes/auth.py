"""Auth as its neighbours see it: it signs with a real key and answers what a test has settled."""

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from joserfc import jwt
from joserfc.jwk import OKPKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from vigie_shared.access import (
    ACCESS_AUDIENCE,
    ACCESS_TYPE,
    ALGORITHM,
    DELETION_AUDIENCE,
    DELETION_TYPE,
    GRANT_AUDIENCE,
    GRANT_TYPE,
    ISSUER,
    Rights,
)
from vigie_shared.events import NamedScope, Role, utc_text


class FakeAuth:
    """Users with their rights, sessions, and a signing key. `asked` lists the paths of the questions."""

    def __init__(self) -> None:
        self._key = _new_key()
        self._rights: dict[tuple[str, str], dict[str, Any]] = {}
        self._sessions: dict[UUID, tuple[str, str]] = {}
        self.asked: list[str] = []
        self.forwarded_for: list[str | None] = []
        self.devices: dict[UUID, str] = {}
        """What signed-in devices called themselves, by session."""
        self.throttled: int | None = None
        """Seconds to wait, when sign-ins are slowed down."""
        self.moment = datetime.now(UTC)
        """Up to which everything goes that a deletion is permitted for now."""
        self.permits: str | None = None
        """Whose data a deletion is permitted of, where it is not that of the one who asks."""
        self.open_gate = asyncio.Event()
        """While it is clear, a question about rights that has been looked into is not answered yet."""
        self.open_gate.set()

    @property
    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/auth/v1/jwks", self._jwks),
                Route("/auth/v1/rights", self._answer_rights),
                Route("/auth/v1/deletion-permissions", self._permit_deletion, methods=["POST"]),
                Route("/auth/v1/sessions", self._sign_in, methods=["POST"]),
                Route("/auth/v1/sessions", self._list_devices, methods=["GET"]),
                Route("/auth/v1/sessions/{session_id:uuid}", self._end_device, methods=["DELETE"]),
                Route("/auth/v1/sessions/refresh", self._refresh, methods=["POST"]),
                Route("/auth/v1/sessions/current", self._sign_out, methods=["DELETE"]),
            ]
        )

    def allow(
        self, client: str, username: str, scopes: Sequence[NamedScope], indicators: Sequence[str] | None = None
    ) -> None:
        """Let a user see these scopes and indicators from now on; their password is their name."""
        self._rights[client, username] = {
            "scopes": [scope.model_dump() for scope in scopes],
            "indicators": list(indicators) if indicators is not None else None,
            "may_extract": [],
        }

    def token(self, client: str, username: str, *, role: Role = "mobile", seconds: float = 300) -> str:
        """An access token of a new session of the user."""
        session_id = uuid4()
        self._sessions[session_id] = (client, username)
        return self._access_token(client, username, session_id, role, seconds)

    def end_sessions(self, client: str, username: str) -> list[UUID]:
        """End the user's sessions, and return which they were."""
        ended = [session for session, user in self._sessions.items() if user == (client, username)]
        for session in ended:
            del self._sessions[session]
        return ended

    def dismiss(self, client: str, username: str) -> None:
        """The user is gone: their sessions end, and their refresh tokens are dead."""
        self.end_sessions(client, username)
        del self._rights[client, username]

    def grant(self, client: str, extraction_id: UUID, started_at: datetime, **claims: Any) -> str:
        """A publication grant; `claims` replace what it would say."""
        said = {
            "iss": ISSUER,
            "aud": GRANT_AUDIENCE,
            "client": client,
            "extraction_id": str(extraction_id),
            "started_at": utc_text(started_at),
            "iat": int(time.time()),
            **claims,
        }
        return self._sign(GRANT_TYPE, said)

    def deletion(self, client: str, by: str, at: datetime, **claims: Any) -> str:
        """A deletion permission; `claims` replace what it would say."""
        said = {
            "iss": ISSUER,
            "aud": DELETION_AUDIENCE,
            "client": client,
            "at": utc_text(at),
            "by": by,
            "iat": int(time.time()),
            **claims,
        }
        return self._sign(DELETION_TYPE, said)

    def reader(self, request: Request) -> tuple[str, Rights] | None:
        """Client and rights of the bearer of a request; none when the session has ended."""
        user = self._user(request)
        if user is None or user not in self._rights:
            return None
        return user[0], Rights.model_validate(self._rights[user])

    def change_key(self) -> None:
        """Sign with a new key from now on."""
        self._key = _new_key()

    def _access_token(self, client: str, username: str, session_id: UUID, role: Role, seconds: float) -> str:
        now = time.time()
        said = {
            "iss": ISSUER,
            "aud": ACCESS_AUDIENCE,
            "sub": username,
            "client": client if role != "operator" else None,
            "role": role,
            "sid": str(session_id),
            "iat": int(now),
            "exp": int(now + seconds),
            "jti": str(uuid4()),
        }
        return self._sign(ACCESS_TYPE, said)

    def _sign(self, kind: str, said: dict[str, Any]) -> str:
        header = {"alg": ALGORITHM, "kid": self._key.kid, "typ": kind}
        return jwt.encode(header, said, self._key, algorithms=[ALGORITHM])

    async def _jwks(self, request: Request) -> Response:
        self.asked.append(request.url.path)
        return JSONResponse({"keys": [self._key.as_dict(private=False)]})

    async def _answer_rights(self, request: Request) -> Response:
        self.asked.append(request.url.path)
        reader = self.reader(request)
        if reader is None:
            return problem(401)
        await self.open_gate.wait()
        return JSONResponse(reader[1].model_dump())

    async def _permit_deletion(self, request: Request) -> Response:
        self.asked.append(request.url.path)
        user = self._user(request)
        if user is None:
            return problem(401)
        permission = self.deletion(self.permits or user[0], user[1], self.moment)
        said = {"permission": permission, "at": utc_text(self.moment)}
        return JSONResponse(said, 201)

    async def _sign_in(self, request: Request) -> Response:
        self.asked.append(request.url.path)
        self.forwarded_for.append(request.headers.get("x-forwarded-for"))
        if self.throttled is not None:
            return problem(429, {"Retry-After": str(self.throttled)})
        typed = await request.json()
        client, username = typed["client_code"], typed["username"]
        rights = self._rights.get((client, username))
        if rights is None or typed["password"] != username:
            return problem(401)
        [scope] = [scope for scope in rights["scopes"] if scope["code"] == typed["shortcut_code"]]
        answer = self._signed_in(client, username, scope)
        self.devices[list(self._sessions)[-1]] = request.headers["user-agent"]
        return JSONResponse(answer, 201)

    async def _refresh(self, request: Request) -> Response:
        self.asked.append(request.url.path)
        client, _, username = (await request.json())["refresh_token"].partition("/")
        rights = self._rights.get((client, username))
        return JSONResponse(self._signed_in(client, username, rights["scopes"][0])) if rights else problem(401)

    async def _sign_out(self, request: Request) -> Response:
        self.asked.append(request.url.path)
        user = self._user(request)
        if user is None:
            return problem(401)
        del self._sessions[self._session(request)]
        return Response(status_code=204)

    async def _list_devices(self, request: Request) -> Response:
        user = self._user(request)
        if user is None:
            return problem(401)
        items = [
            {
                "id": str(session),
                "role": "mobile",
                "signed_in_at": "2026-11-24T18:00:00Z",
                "last_used_at": "2026-11-24T18:00:00Z",
                "expires_at": "2027-02-22T18:00:00Z",
                "address": "127.0.0.1",
                "device": self.devices.get(session),
                "current": session == self._session(request),
            }
            for session, owner in reversed(self._sessions.items())
            if owner == user
        ]
        limit = int(request.query_params["limit"])
        return JSONResponse({"items": items[:limit], "next": "more" if len(items) > limit else None})

    async def _end_device(self, request: Request) -> Response:
        session = request.path_params["session_id"]
        user = self._user(request)
        if user is None or self._sessions.get(session) != user:
            return problem(401 if user is None else 404)
        del self._sessions[session]
        return Response(status_code=204)

    def _signed_in(self, client: str, username: str, scope: dict[str, Any]) -> dict[str, Any]:
        return {
            "access_token": self.token(client, username),
            "refresh_token": f"{client}/{username}",
            "token_type": "Bearer",
            "expires_in": 300,
            "scope": scope,
        }

    def _user(self, request: Request) -> tuple[str, str] | None:
        return self._sessions.get(self._session(request))

    def _session(self, request: Request) -> UUID:
        token = request.headers["authorization"].removeprefix("Bearer ")
        return UUID(jwt.decode(token, self._key, algorithms=[ALGORITHM]).claims["sid"])


def _new_key() -> OKPKey:
    return OKPKey.generate_key("Ed25519", {"kid": uuid4().hex, "alg": ALGORITHM, "use": "sig"}, private=True)


def problem(status: int, headers: dict[str, str] | None = None) -> Response:
    """A refusal, as a problem document."""
    body = {"type": "about:blank", "title": "No", "status": status, "detail": "No.", "errors": []}
    return JSONResponse(body, status, headers, media_type="application/problem+json")
