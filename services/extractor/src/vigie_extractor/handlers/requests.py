"""Saving a run, with the work that it makes and the word that it was asked for: one commit, whoever asks."""

from vigie_extractor.auth import Directory
from vigie_extractor.domain.run import Run
from vigie_extractor.domain.selection import Selection
from vigie_extractor.handlers.selection import Judged, judge, refused
from vigie_extractor.storage import runs, work
from vigie_shared.database import Connection
from vigie_shared.events import ExtractionRequested, ExtractionRequestedData, derived_id
from vigie_shared.outbox import emit


async def save(connection: Connection, run: Run) -> bool:
    """Save a run and the work it makes. Returns false, and does nothing, where the client has one of this id."""
    if not await runs.add(connection, run):
        return False
    await work.add(connection, run.client, run.id, run.reads)
    return True


async def save_and_tell(connection: Connection, run: Run) -> bool:
    """As `save`, for what is asked for here and not by a message."""
    if not await save(connection, run):
        return False
    await emit(connection, _requested(run))
    return True


def judged_well(directory: Directory, selection: Selection) -> Judged:
    """As `judge`. Raises Conflict with every failing criterion of R8 as well, and what `judge` raises."""
    judged = judge(directory, selection)
    if not judged.verdict.ok:
        raise refused(judged.verdict.failures)
    return judged


def known_companies(selection: Selection) -> tuple[str, ...] | None:
    """The companies that a selection makes a run read, where that can be told without the directory."""
    return selection.companies if selection.families is None else None


def _requested(run: Run) -> ExtractionRequested:
    return ExtractionRequested(
        id=derived_id("extraction.requested", run.client, run.id),
        subject=str(run.id),
        time=run.requested_at,
        clientcode=run.client,
        data=ExtractionRequestedData(
            extraction_id=run.id,
            companies=run.request.selection.companies,
            families=run.request.selection.families,
            as_of=run.as_of,
            requested_by=run.requested_by,
        ),
    )
