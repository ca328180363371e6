"""What the gateway reads from the publisher, with the token of the user who asks."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx2
from pydantic import AwareDatetime, BaseModel

from vigie_shared.access import CUT_HEADER, call
from vigie_shared.errors import NotFound, ServiceUnavailable, Unauthenticated
from vigie_shared.events import ScopeKind


@dataclass(frozen=True)
class CutDocument:
    """A snapshot as the publisher answers it, and the name of the rights that it was cut to."""

    body: bytes
    etag: str
    cut: str


class Head(BaseModel):
    """What stands of a scope, as far as the list of scopes shows it."""

    kind: ScopeKind
    code: str
    as_of: str
    published_at: AwareDatetime
    etag: str


class _Heads(BaseModel):
    heads: tuple[Head, ...]


class Publications:
    """The publisher's reads. Each raises Unauthenticated when the session has ended, and Unavailable without answer."""

    def __init__(self, http: httpx2.AsyncClient, address: str) -> None:
        self._http = http
        self._base = f"{address}/publisher/v1"

    async def snapshot(self, token: str, kind: ScopeKind, code: str) -> CutDocument:
        """The snapshot of a scope. Raises NotFound where nothing is published, or not for this user."""
        response = await self._get(token, f"/snapshots/{kind}/{quote(code, safe='')}")
        if response.status_code == 404:
            raise NotFound(f"Nothing is published here for {kind} {code!r}, or it is not for you.")
        _expect_ok(response)
        return CutDocument(response.content, response.headers["etag"], response.headers[CUT_HEADER])

    async def heads(self, token: str) -> tuple[tuple[Head, ...], str]:
        """What stands of the user's scopes, and the name of the rights that it was cut to."""
        response = await self._get(token, "/heads")
        _expect_ok(response)
        return _Heads.model_validate_json(response.content).heads, response.headers[CUT_HEADER]

    async def history(self, token: str, kind: ScopeKind, code: str, query: dict[str, Any]) -> httpx2.Response:
        """The figure at each publication; a refusal (404, 422) is the publisher's own, to be passed on."""
        return await self._get(token, f"/snapshots/{kind}/{quote(code, safe='')}/history?{httpx2.QueryParams(query)}")

    async def explanation(
        self, token: str, kind: ScopeKind, code: str, indicator: str, if_none_match: str | None
    ) -> httpx2.Response:
        """What a figure is made of; not modified (304) and a refusal (404) are the publisher's own, to be passed on."""
        headers = {"If-None-Match": if_none_match} if if_none_match is not None else None
        return await self._get(token, f"/snapshots/{kind}/{quote(code, safe='')}/explanations/{indicator}", headers)

    async def _get(self, token: str, path: str, headers: dict[str, str] | None = None) -> httpx2.Response:
        response = await call(self._http, "GET", self._base + path, token=token, headers=headers)
        if response.status_code == 401:
            raise Unauthenticated("The session has ended. Sign in again.")
        return response


def _expect_ok(response: httpx2.Response) -> None:
    if response.status_code != 200:
        raise ServiceUnavailable(f"the publisher answers {response.status_code}, which is not understood here")
