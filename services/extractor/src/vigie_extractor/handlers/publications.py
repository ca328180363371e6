"""What the publisher answers for the scopes of a run, and the end that this brings."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

import structlog

from vigie_extractor.domain.report import Reason, Step
from vigie_extractor.domain.run import Outcome, Outcomes, Run, RunStatus, settle
from vigie_extractor.storage import publications, runs, work
from vigie_shared.database import Connection, bind
from vigie_shared.events import (
    ExtractionFailed,
    ExtractionFailedData,
    PublicationRefused,
    Scope,
    SnapshotPublished,
    derived_id,
)
from vigie_shared.outbox import emit

log = structlog.get_logger()

DETAILS = {
    Reason.CLIENT_SUSPENDED: "The platform has suspended this client: what was already published stays as it was.",
    Reason.DATA_DELETED: "The client's published data was deleted after this extraction had begun: nothing of it is "
    "published.",
    Reason.GRANT_INVALID: "The publisher did not accept the publication grant of this extraction.",
}


async def on_publication_outcomes(
    connection: Connection, heard: Sequence[SnapshotPublished | PublicationRefused], now: datetime
) -> None:
    """Note what became of scopes, and end each run for which nothing is awaited any more.

    Order is not assumed: a run that is not known, or has not emitted, finds these answers when it gets there.
    """
    by_run: dict[tuple[str, UUID], dict[Scope, Outcome]] = {}
    for event in heard:
        of_run = by_run.setdefault((event.clientcode, event.data.extraction_id), {})
        of_run.setdefault(Scope(kind=event.data.scope.kind, code=event.data.scope.code), _outcome(event))
    for client, run_id in sorted(by_run):  # in one order, so that no two transactions wait for each other
        await bind(connection, client)
        await work.hold_any(connection, client, run_id)  # before the run, as whoever executes it does
        run = await runs.find_and_hold(connection, client, run_id)
        await publications.note(connection, client, run_id, by_run[client, run_id])
        if run is not None and run.status is RunStatus.PUBLISHING:
            await conclude(connection, run, now)


async def conclude(connection: Connection, run: Run, now: datetime) -> None:
    """End a run that is publishing, and held by this transaction, if the publisher has answered for all its scopes."""
    outcomes = await publications.outcomes(connection, run.client, run.id)
    settled = settle(outcomes)
    if settled is None:
        return
    rows = rows_of(outcomes)
    report = run.report.ended(Step.PUBLISH, now, rows)
    if settled.reason is not None:
        report = report.model_copy(update={"reason": settled.reason, "detail": DETAILS[settled.reason]})
        await emit(connection, failed(run, settled.reason, now))
    await runs.advance(connection, replace(run, status=settled.status, report=report, finished_at=now))
    await work.finish(connection, run.client, run.id)
    log.info("extraction_settled", client=run.client, extraction_id=str(run.id), status=settled.status.value, **rows)


def rows_of(outcomes: Outcomes) -> dict[str, int]:
    """Of how many scopes each became, by name."""
    return {outcome.value: outcomes[outcome] for outcome in Outcome if outcome in outcomes}


def failed(run: Run, reason: Reason, now: datetime) -> ExtractionFailed:
    """The event that a run has failed; the same however often it is said."""
    return ExtractionFailed(
        id=derived_id("extraction.failed", run.client, run.id),
        subject=str(run.id),
        time=now,
        clientcode=run.client,
        data=ExtractionFailedData(extraction_id=run.id, reason=reason.value),
    )


def _outcome(event: SnapshotPublished | PublicationRefused) -> Outcome:
    return Outcome.PUBLISHED if isinstance(event, SnapshotPublished) else Outcome(event.data.reason)
