"""What the extractor does when all that a client published is deleted (R11)."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime

import structlog

from vigie_extractor.domain.report import Reason, Step
from vigie_extractor.domain.run import RunStatus
from vigie_extractor.handlers.publications import DETAILS, failed, rows_of
from vigie_extractor.storage import deletions, publications, runs, work
from vigie_shared.database import Connection, bind
from vigie_shared.errors import Unavailable
from vigie_shared.events import (
    DataDeleted,
    EmptiedData,
    ExtractorEmptied,
    PublicationRefused,
    SnapshotPublished,
    derived_id,
)
from vigie_shared.outbox import emit

log = structlog.get_logger()

Forget = Callable[[Connection, str], Awaitable[int]]
"""Drops what is parked of a client and was deleted, and returns how many messages. Raises Unavailable."""

BLANKED = "What was found here went when the client's published data was deleted."


async def on_data_deleted(
    connection: Connection, deleted: Sequence[DataDeleted], now: datetime, *, forget: Forget
) -> None:
    """End the runs that were granted before the deletion, take back their figures and blank their reports; then say
    that nothing of it is kept here. Raises Unavailable while figures are being sent, and is then told again."""
    for event in sorted(deleted, key=lambda one: one.clientcode):
        client, until = event.clientcode, event.data.at
        await bind(connection, client)
        await deletions.hold_work(connection, client)
        await deletions.keep(connection, client, until)
        gone = {
            "runs": await _end_runs(connection, client, until, now),
            "report_details": await deletions.blank_reports(connection, client, until, BLANKED),
            "unsent_events": await deletions.withdraw(connection, client, until),
            "parked_messages": await forget(connection, client),
        }
        if await deletions.some_are_unsent(connection, client, until):
            raise Unavailable("figures of what was deleted are being sent")
        await runs.tell(connection)
        await emit(connection, _emptied(event, gone, now))
        log.info("data_emptied", client=client, deletion_id=str(event.data.deletion_id), **gone)


async def is_gone(connection: Connection, event: SnapshotPublished | PublicationRefused) -> bool:
    """Whether what became of a scope is about a run that a deletion has ended since."""
    await bind(connection, event.clientcode)
    until = await deletions.deleted_until(connection, event.clientcode)
    run = await runs.find(connection, event.clientcode, event.data.extraction_id)
    started_at = event.data.started_at if isinstance(event, SnapshotPublished) else None
    moment = started_at or (run.started_at if run is not None else None)
    return until is not None and moment is not None and moment <= until


async def _end_runs(connection: Connection, client: str, until: datetime, now: datetime) -> int:
    ended = 0
    for run_id in await deletions.under_way(connection, client, until):
        await work.finish(connection, client, run_id)
        run = await runs.find_and_hold(connection, client, run_id)
        if run is None or run.status.ended:
            continue
        await deletions.refuse_awaited(connection, client, run_id)
        report = run.report
        if run.status is RunStatus.PUBLISHING:
            outcomes = await publications.outcomes(connection, client, run_id)
            report = report.ended(Step.PUBLISH, now, rows_of(outcomes))
        report = report.model_copy(update={"reason": Reason.DATA_DELETED, "detail": DETAILS[Reason.DATA_DELETED]})
        await runs.advance(connection, replace(run, status=RunStatus.FAILED, report=report, finished_at=now))
        await emit(connection, failed(run, Reason.DATA_DELETED, now))
        ended += 1
    return ended


def _emptied(event: DataDeleted, gone: dict[str, int], now: datetime) -> ExtractorEmptied:
    return ExtractorEmptied(
        id=derived_id("extractor.emptied", event.id),
        subject=event.subject,
        time=now,
        clientcode=event.clientcode,
        causationid=event.id,
        traceparent=event.traceparent,
        data=EmptiedData(deletion_id=event.data.deletion_id, at=event.data.at, gone=gone),
    )
