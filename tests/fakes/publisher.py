"""The publisher as the gateway sees it: documents in memory, cut to the rights that the fake auth gives the reader."""

import asyncio
import json
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.fakes.auth import FakeAuth, problem
from vigie_shared.access import CUT_HEADER, Rights
from vigie_shared.events import DataDeleted, DataDeletedData, NamedScope, SnapshotPublished, SnapshotPublishedData

AS_OF = date(2026, 11, 24)


class FakePublisher:
    """`asked` lists the paths of the reads. While `open_gate` is clear, a read that has looked does not answer yet."""

    def __init__(self, auth: FakeAuth) -> None:
        self._auth = auth
        self._documents: dict[tuple[str, str, str], dict[str, Any]] = {}
        self._past: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
        self._explained: dict[tuple[str, ...], dict[str, Any]] = {}
        self.asked: list[str] = []
        self.open_gate = asyncio.Event()
        self.open_gate.set()

    @property
    def app(self) -> Starlette:
        base = "/publisher/v1"
        return Starlette(
            routes=[
                Route(f"{base}/heads", self._heads),
                Route(f"{base}/snapshots/{{kind}}/{{code}}", self._snapshot),
                Route(f"{base}/snapshots/{{kind}}/{{code}}/history", self._history),
                Route(f"{base}/snapshots/{{kind}}/{{code}}/explanations/{{indicator}}", self._explanation),
            ]
        )

    def publish(
        self, client: str, scope: NamedScope, *, started_at: datetime | None = None, **amounts: str
    ) -> SnapshotPublished:
        """Replace a snapshot by one with these amounts, and return the event that tells of it. Its extraction started
        now where nothing else is said."""
        indicators = {name: {"available": True, "amount": amount} for name, amount in amounts.items()}
        return self.publish_indicators(client, scope, indicators, started_at=started_at)

    def publish_indicators(
        self,
        client: str,
        scope: NamedScope,
        indicators: dict[str, dict[str, Any]],
        *,
        as_of: date = AS_OF,
        started_at: datetime | None = None,
        extraction_id: UUID | None = None,
        currency: str = "EUR",
    ) -> SnapshotPublished:
        """Replace a snapshot by one with these indicators, and return the event that tells of it."""
        extraction_id, now = extraction_id or uuid4(), datetime.now(UTC)
        periods = {"month": [as_of.replace(day=1), as_of], "year": [as_of.replace(month=1, day=1), as_of]}
        document = {
            **scope.model_dump(),
            "currency": currency,
            "as_of": as_of.isoformat(),
            "published_at": now.isoformat(),
            "extraction_id": str(extraction_id),
            "periods": {name: [day.isoformat() for day in days] for name, days in periods.items()},
            "indicators": indicators,
        }
        self._documents[client, scope.kind, scope.code] = document
        self._past.setdefault((client, scope.kind, scope.code), []).insert(0, document)
        return SnapshotPublished(
            id=uuid4(),
            subject=f"{scope.kind}/{scope.code}",
            time=now,
            clientcode=client,
            data=SnapshotPublishedData(
                extraction_id=extraction_id,
                scope=scope,
                as_of=as_of,
                published_at=now,
                etag=f'W/"{extraction_id.hex}"',
                started_at=started_at or now,
            ),
        )

    def delete(self, client: str) -> DataDeleted:
        """Delete everything of a client, and return the event that tells of it."""
        for kept in (self._documents, self._past):
            for key in [key for key in kept if key[0] == client]:
                del kept[key]
        deletion_id, now = uuid4(), datetime.now(UTC)
        return DataDeleted(
            id=uuid4(),
            subject=str(deletion_id),
            time=now,
            clientcode=client,
            data=DataDeletedData(deletion_id=deletion_id, at=now),
        )

    def forget(self, client: str, scope: NamedScope) -> None:
        """Nothing stands for the scope any more."""
        del self._documents[client, scope.kind, scope.code]
        del self._past[client, scope.kind, scope.code]

    async def _heads(self, request: Request) -> Response:
        self.asked.append(request.url.path)
        reader = self._auth.reader(request)
        if reader is None:
            return problem(401)
        client, rights = reader
        heads = [
            {**document, "etag": _etag(document, rights)}
            for scope in rights.scopes
            if (document := self._documents.get((client, scope.kind, scope.code))) is not None
        ]
        await self.open_gate.wait()
        return JSONResponse({"heads": heads}, headers={CUT_HEADER: rights.view})

    async def _snapshot(self, request: Request) -> Response:
        self.asked.append(request.url.path)
        reader = self._auth.reader(request)
        if reader is None:
            return problem(401)
        client, rights = reader
        document = self._documents.get((client, request.path_params["kind"], request.path_params["code"]))
        if document is None:
            return problem(404)
        shown = {
            name: value
            for name, value in document["indicators"].items()
            if rights.indicators is None or name in rights.indicators
        }
        body = json.dumps({**document, "indicators": shown})
        await self.open_gate.wait()
        headers = {"ETag": _etag(document, rights), CUT_HEADER: rights.cut}
        return Response(body, headers=headers, media_type="application/json")

    async def _history(self, request: Request) -> Response:
        self.asked.append(str(request.url).partition("/publisher/v1")[2])
        reader = self._auth.reader(request)
        if reader is None:
            return problem(401)
        kind, code, indicator = (*request.path_params.values(), request.query_params["indicator"])
        kept = ("as_of", "published_at", "extraction_id")
        items = [
            {**{name: document[name] for name in kept}, "indicator": document["indicators"][indicator]}
            for document in self._past.get((reader[0], kind, code), [])
            if indicator in document["indicators"]
        ]
        return JSONResponse({"kind": kind, "code": code, "indicator": indicator, "items": items, "next": None})

    def explain(self, client: str, scope: NamedScope, indicator: str, explanation: dict[str, Any]) -> None:
        """Explain an indicator of the snapshot that stands, as it was published with it."""
        document = self._documents[client, scope.kind, scope.code]
        kept = {name: value for name, value in document.items() if name not in {"periods", "indicators"}}
        self._explained[client, scope.kind, scope.code, indicator] = {
            **kept,
            "indicator": indicator,
            "explanation": explanation,
        }

    async def _explanation(self, request: Request) -> Response:
        """The explanation that was settled, else what it was asked in its place; its validator is always the same."""
        path = str(request.url).partition("/publisher/v1")[2]
        self.asked.append(path)
        reader = self._auth.reader(request)
        if reader is None:
            return problem(401)
        client, rights = reader
        if rights.indicators is not None and request.path_params["indicator"] not in rights.indicators:
            return problem(404)
        headers = {"ETag": 'W/"explained"', "Cache-Control": "private, no-cache", "Vary": "Authorization"}
        if request.headers.get("if-none-match") == 'W/"explained"':
            return Response(status_code=304, headers=headers)
        settled = self._explained.get((client, *request.path_params.values()))
        return JSONResponse(settled or {"asked": path}, headers=headers)


def _etag(document: dict[str, Any], rights: Rights) -> str:
    return f'W/"{UUID(document["extraction_id"]).hex}.{rights.cut}"'
