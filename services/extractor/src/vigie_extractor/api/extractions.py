"""Extractions: preview, request, follow, cancel."""

from collections.abc import AsyncIterator
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Response
from fastapi.responses import StreamingResponse
from pydantic import AwareDatetime

from vigie_extractor.api.asker import Asker, asking
from vigie_extractor.api.cursors import cursor_at, moment_in
from vigie_extractor.api.documents import Code, IdempotencyKey
from vigie_extractor.api.extraction_documents import (
    Accepted,
    ExtractionBody,
    PreviewDocument,
    RunDocument,
    RunLine,
    RunList,
)
from vigie_extractor.api.problems import problems
from vigie_extractor.clock import Clock
from vigie_extractor.domain.run import RunStatus, Viewer
from vigie_extractor.handlers.extractions import Extractions
from vigie_extractor.storage.runs import Wanted
from vigie_extractor.wakening import Wakening
from vigie_shared.access import Verifier
from vigie_shared.conditional import etag_of
from vigie_shared.errors import Refusal, Unavailable

_LOOK_AGAIN_SECONDS = 2.0
"""An open stream looks again after this time even when nobody wakes it."""

_COME_BACK_MILLISECONDS = 2000


def extractions(verifier: Verifier, use: Extractions, wakening: Wakening, clock: Clock) -> APIRouter:
    """The routes of administrators and preparers."""
    router = APIRouter(prefix="/extractions", tags=["extractions"])
    Extracting = Annotated[  # noqa: N806 - a type
        Asker, Depends(asking(verifier, "administrator", "preparer"))
    ]

    async def viewer(who: Asker) -> Viewer:
        return await use.viewer(who.actor, who.role, who.token)

    @router.post("/preview", responses=problems(409, 422))
    async def preview_extraction(who: Extracting, body: ExtractionBody) -> PreviewDocument:
        """What would be extracted, and the verdict of R8, before anything runs."""
        return PreviewDocument.of(await use.preview(who.token, body.request()))

    @router.post("", status_code=202, responses=problems(409, 422, criteria=True))
    async def request_extraction(
        who: Extracting, body: ExtractionBody, response: Response, idempotency_key: IdempotencyKey = None
    ) -> Accepted:
        """Have companies and families extracted and published."""
        run_id = await use.request(who.client, who.actor, who.token, body.request(), idempotency_key)
        response.headers["Location"] = f"/extractor/v1/extractions/{run_id}"
        return Accepted(id=run_id)

    @router.get("", responses=problems(422))
    async def list_extractions(
        who: Extracting,
        status: Annotated[list[RunStatus] | None, Query(description="One or several, any of which fits")] = None,
        company: Annotated[Code | None, Query(description="A company that is read")] = None,
        since: Annotated[AwareDatetime | None, Query(description="Asked for then or later")] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        cursor: Annotated[str | None, Query(max_length=200, description="`next` of the page before")] = None,
    ) -> RunList:
        """Extractions, the latest first. A preparer sees those of companies that he may extract, all of them."""
        wanted = Wanted(None if status is None else tuple(status), company, since)
        before = None if cursor is None else moment_in(cursor)
        runs = await use.latest(who.client, await viewer(who), limit + 1, before, wanted)
        page = runs[:limit]
        more = len(runs) > limit
        return RunList(
            items=tuple(RunLine.of(run) for run in page),
            next=cursor_at(page[-1].requested_at, page[-1].id) if more else None,
        )

    @router.get("/{run_id}", responses=problems(404, 422))
    async def show_extraction(who: Extracting, run_id: UUID) -> RunDocument:
        """An extraction with its processing report."""
        return RunDocument.following(await use.show(who.client, await viewer(who), run_id))

    @router.get(
        "/{run_id}/events",
        response_class=StreamingResponse,
        responses={
            200: {"content": {"text/event-stream": {}}, "description": "Server-sent events"},
            204: {"description": "It has ended, and this was told"},
            **problems(404, 422),
        },
    )
    async def follow_extraction(
        who: Extracting, run_id: UUID, last_event_id: Annotated[str | None, Header(max_length=200)] = None
    ) -> Response:
        """The extraction as it goes: an event `progress` with the document of `GET` at each change, and none after the
        one in which it has ended. The stream ends with the access token at the latest, and when this process does.

        Whoever comes back with `Last-Event-ID` is told nothing that was told already: 204 where the last event was the
        end, which keeps a browser from coming back.
        """
        first = RunDocument.following(await use.show(who.client, await viewer(who), run_id))
        told = last_event_id == _event_id(first)
        if told and first.status.ended:
            return Response(status_code=204)

        async def changes() -> AsyncIterator[str]:
            shown = first
            yield f"retry: {_COME_BACK_MILLISECONDS}\n\n" + ("" if told else _event(shown))
            while not (shown.status.ended or wakening.stopping) and clock() < who.until:
                await wakening.within(_LOOK_AGAIN_SECONDS)
                try:
                    now = RunDocument.following(await use.show(who.client, await viewer(who), run_id))
                except (Refusal, Unavailable):
                    return  # not to be seen any more, or not now: whoever comes back is told which
                yield _event(now) if now != shown else ": waiting\n\n"
                shown = now

        return StreamingResponse(
            changes(), media_type="text/event-stream", headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        )

    @router.post("/{run_id}/cancel", status_code=204, responses=problems(404, 409, 422))
    async def cancel_extraction(who: Extracting, run_id: UUID) -> None:
        """Stop an extraction that has not been handed to the publisher yet."""
        await use.cancel(who.client, who.actor, await viewer(who), run_id)

    return router


def _event(run: RunDocument) -> str:
    return f"id: {_event_id(run)}\nevent: progress\ndata: {run.model_dump_json()}\n\n"


def _event_id(run: RunDocument) -> str:
    """The same for the same state of a run."""
    return etag_of(run).strip('"')
