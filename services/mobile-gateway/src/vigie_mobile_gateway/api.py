"""What a phone can ask."""

import time
from collections.abc import AsyncIterator, Mapping
from typing import Annotated, Any, Literal
from uuid import UUID

import httpx2
from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.types import Receive, Scope, Send

from vigie_mobile_gateway import handlers
from vigie_mobile_gateway.documents import History, SnapshotDocument
from vigie_mobile_gateway.domain.finished import Finished
from vigie_mobile_gateway.explanations import ExplanationDocument
from vigie_mobile_gateway.live import Phone, Phones, stream
from vigie_mobile_gateway.publications import Publications
from vigie_mobile_gateway.sessions import Sessions
from vigie_mobile_gateway.snapshots import ScopeList, Snapshots
from vigie_shared.access import bearer_token, call
from vigie_shared.database import Pool
from vigie_shared.events import Indicator, NamedScope, ScopeKind
from vigie_shared.service import problems

Typed = Annotated[str, Field(max_length=256)]


class SignIn(BaseModel):
    """What a person types on the phone (R10)."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"client_code": "DEMO", "shortcut_code": "GROUPE", "username": "demo", "password": "..."}
        },
    )

    client_code: Typed
    shortcut_code: Typed
    username: Typed
    password: Typed


class Refresh(BaseModel):
    model_config = ConfigDict(extra="forbid")

    refresh_token: Annotated[str, Field(max_length=1024)]


class Session(BaseModel):
    """`expires_in`: seconds until the access token ends. `scope`: the one whose page opens first."""

    access_token: str
    refresh_token: str
    token_type: Literal["Bearer"]
    expires_in: int
    scope: NamedScope


_NOT_MODIFIED: dict[int | str, dict[str, Any]] = {304: {"description": "Not Modified"}}
_EVENTS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Server-sent events: `snapshot.published`, with the scope, `as_of` and `published_at`; "
        "`data.deleted`, with the scope and `deleted_at`, for each scope when everything was deleted",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
}
Token = Annotated[str, Depends(bearer_token)]


def sign_in_router(http: httpx2.AsyncClient, auth_address: str, sessions: Sessions, phones: Phones) -> APIRouter:
    """Sign-in, passed on to auth together with the phone's address, and its answers passed back as they are."""
    routes = APIRouter()
    base = f"{auth_address}/auth/v1/sessions"

    @routes.post("/sessions", status_code=201, response_model=Session, responses=problems(401, 422, 429))
    async def sign_in(request: Request, typed: SignIn) -> Response:
        """Sign in by client code, shortcut code, user name and password (R10)."""
        return passed_back(await call(http, "POST", base, json=typed.model_dump(), headers=of_phone(request)))

    @routes.post("/sessions/refresh", response_model=Session, responses=problems(401, 422, 429))
    async def refresh(request: Request, presented: Refresh) -> Response:
        """Trade a refresh token for new tokens; the old one is dead."""
        headers = of_phone(request)
        return passed_back(await call(http, "POST", f"{base}/refresh", json=presented.model_dump(), headers=headers))

    @routes.delete("/sessions/current", status_code=204, response_model=None, responses=problems(401, 403))
    async def sign_out(request: Request, token: Token) -> Response:
        """End the session, here at once and everywhere else as soon as it is heard."""
        answer = await call(http, "DELETE", f"{base}/current", token=token, headers=of_phone(request))
        ended = await sessions.session_of(token)
        if ended is not None:
            sessions.forget_session(*ended)
            phones.end_session(*ended)
        return passed_back(answer)

    return routes


def reading_router(sessions: Sessions, snapshots: Snapshots, publications: Publications) -> APIRouter:
    """Scopes, snapshots, history, explanations. The first two are answered by the hot path once they are remembered."""
    routes = APIRouter()

    @routes.get("/scopes", response_model=ScopeList, responses=_NOT_MODIFIED | problems(401, 403))
    async def scopes(request: Request, token: Token) -> Response:
        """What this user may see: companies one by one, then families."""
        signed_in = await sessions.signed_in(token)
        return _answer(request, await snapshots.scopes(signed_in, token))

    @routes.get(
        "/snapshots/{kind}/{code}",
        response_model=SnapshotDocument,
        responses=_NOT_MODIFIED | problems(401, 403, 404, 422),
    )
    async def snapshot(request: Request, kind: ScopeKind, code: str, token: Token) -> Response:
        """The whole snapshot of a scope, cut to the user's indicators (R2, R12)."""
        signed_in = await sessions.signed_in(token)
        return _answer(request, await snapshots.snapshot(signed_in, token, kind, code))

    @routes.get("/snapshots/{kind}/{code}/history", response_model=History, responses=problems(401, 403, 404, 422))
    async def history(
        *,
        kind: ScopeKind,
        code: str,
        indicator: Annotated[Indicator, Query(examples=["treasury_position"])],
        token: Token,
        cursor: Annotated[str | None, Query(max_length=256)] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> Response:
        """An indicator at each past publication, newest first."""
        await sessions.signed_in(token)
        query = {"indicator": indicator, "limit": limit} | ({"cursor": cursor} if cursor is not None else {})
        return passed_back(await publications.history(token, kind, code, query))

    @routes.get(
        "/snapshots/{kind}/{code}/explanations/{indicator}",
        response_model=ExplanationDocument,
        responses=_NOT_MODIFIED | problems(401, 403, 404, 422),
    )
    async def explanation(
        *,
        kind: ScopeKind,
        code: str,
        indicator: Indicator,
        token: Token,
        if_none_match: Annotated[str | None, Header()] = None,
    ) -> Response:
        """The rows that a figure of the snapshot is made of (R14). Nothing of it is kept here."""
        await sessions.signed_in(token)
        return passed_back(await publications.explanation(token, kind, code, indicator, if_none_match))

    return routes


def events_router(pool: Pool, sessions: Sessions, phones: Phones, heartbeat: float) -> APIRouter:
    """Live updates."""
    routes = APIRouter()

    @routes.get("/events", response_class=StreamingResponse, responses=_EVENTS | problems(401, 403))
    async def listen(
        token: Token, last_event_id: Annotated[str | None, Header(description="Resume after this event")] = None
    ) -> StreamingResponse:
        """Told as it happens: which of the user's scopes has a new snapshot, and that everything of them was deleted.
        Ends with the session or the token."""
        phone = await handlers.begin_to_listen(sessions, phones, token)
        try:
            missed = (
                await handlers.what_was_missed(pool, phone, _event_id(last_event_id))
                if last_event_id is not None
                else []
            )
        except BaseException:
            phones.close(phone)
            raise
        return EventStream(phones, phone, stream(phone, missed, heartbeat=heartbeat, clock=time.time))

    return routes


class EventStream(StreamingResponse):
    """What a phone is told, until either side ends it; only then is the phone no longer counted."""

    def __init__(self, phones: Phones, phone: Phone, body: AsyncIterator[bytes]) -> None:
        # The second header keeps nginx from holding events back.
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        super().__init__(body, media_type="text/event-stream", headers=headers)
        self._phones = phones
        self._phone = phone

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._phones.close(self._phone)


def passed_back(answer: httpx2.Response) -> Response:
    """Another service's answer as this one's: status, body, and the headers that a phone acts on."""
    kept = ("content-type", "retry-after", "www-authenticate", "cache-control", "vary", "etag")
    headers = {name: answer.headers[name] for name in kept if name in answer.headers}
    return Response(answer.content, answer.status_code, headers)


def _answer(request: Request, finished: Finished) -> Response:
    headers: Mapping[bytes, bytes] = dict(request.headers.raw)
    answer = finished.to(headers.get(b"accept-encoding"), headers.get(b"if-none-match"))
    response = Response(answer.body, answer.status)
    response.raw_headers = list(answer.headers)
    return response


def of_phone(request: Request) -> dict[str, str]:
    """The phone's address, by which auth slows down guessing (R10), and what it calls itself, by which its user
    recognises it."""
    address = {"X-Forwarded-For": request.client.host} if request.client is not None else {}
    return {**address, "User-Agent": request.headers.get("user-agent", "")}


def _event_id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
