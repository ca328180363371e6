"""Executing a run: authorise, verify, compute, emit. Every step can be repeated, and only one holder's is kept."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import structlog

from vigie_extractor import locations
from vigie_extractor.auth import Auth, CheckOutcome, Granted, GrantRefused
from vigie_extractor.clock import Clock
from vigie_extractor.domain.anomalies import AnomalyCode, anomaly
from vigie_extractor.domain.criteria import Criterion, CriterionFailure
from vigie_extractor.domain.parameters import CashAccount, Chosen
from vigie_extractor.domain.report import FailureLine, Reason, Step
from vigie_extractor.domain.run import BySource, Run, RunStatus
from vigie_extractor.domain.source import Source
from vigie_extractor.handlers.credentials import Seal, note_outcome
from vigie_extractor.handlers.messages import completed, explained, extracted
from vigie_extractor.handlers.progress import Observe, Progress, holding
from vigie_extractor.handlers.publications import DETAILS, conclude, failed
from vigie_extractor.handlers.selection import Judged, judge
from vigie_extractor.indicators.document import anomaly_document
from vigie_extractor.locations import LocationRefused
from vigie_extractor.orders import Binding, Computed, Order
from vigie_extractor.sources.canonical import SourceError
from vigie_extractor.storage import credentials, deletions, parameters, publications, runs, sources, work
from vigie_extractor.storage.credentials import Registration
from vigie_extractor.storage.work import Claim
from vigie_shared.database import Pool, transaction
from vigie_shared.errors import Refusal, ServiceUnavailable, TooManyRequests, VigieError
from vigie_shared.events import (
    Event,
    ExtractionData,
    ExtractionStarted,
    Scope,
    derived_id,
)
from vigie_shared.outbox import emit_all
from vigie_shared.sealing import SealBroken

log = structlog.get_logger()

Compute = Callable[[Order], Awaitable[Computed]]
"""Reads the sources and computes the indicators. Raises SourceError; stops at once when it is cancelled."""

MOST_FAILURES = 10
"""After so many attempts that broke or died a run is given up."""

PATIENCE = timedelta(minutes=15)
"""How long the publisher may take to answer for an extraction before it is handed over again."""

LONGEST_PAUSE = 15
"""Seconds; the pause while auth is away grows up to this."""


class _Failed(VigieError):
    """The run cannot be carried out, for a reason that its report gives."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True)
class _Means:
    """A run with what the client has set for it, as it is when an attempt begins."""

    run: Run
    registration: Registration | None
    sources: Sequence[Source]
    chosen: Chosen
    cash_accounts: tuple[CashAccount, ...]


class Execution:
    """Carries out one claimed run after another."""

    def __init__(
        self,
        pool: Pool,
        auth: Auth,
        *,
        sealing: Seal,
        roots: Sequence[Path],
        compute: Compute,
        clock: Clock,
        observe: Observe,
        patience: timedelta = PATIENCE,
    ) -> None:
        self._patience = patience
        self._pool = pool
        self._auth = auth
        self._seal = sealing
        self._roots = roots
        self._compute = compute
        self._clock = clock
        self._observe = observe

    async def __call__(self, claim: Claim) -> None:
        """Bring the run as far as it gets: publishing, failed, or waiting for auth. Raises LeaseLost."""
        means = await self._means(claim)
        progress = Progress(self._pool, claim, means.run.report, self._clock, self._observe)
        try:
            await self._carry_out(claim, means, progress)
        except _Failed as failure:
            if claim.emissions and failure.reason is not Reason.CLIENT_SUSPENDED:
                await self._leave_published(claim, means.run, failure)
            else:
                await self._fail(claim, means.run, progress, failure)
        except (ServiceUnavailable, TooManyRequests) as not_now:
            await self._wait(claim, type(not_now).__name__)

    async def _carry_out(self, claim: Claim, means: _Means, progress: Progress) -> None:
        run = means.run
        if claim.failures >= MOST_FAILURES:
            raise _Failed(Reason.ABANDONED, f"{claim.failures} attempts broke off; the service's log says where.")
        await progress.begin(Step.AUTHORISE)
        granted = await self._authorise(run, means.registration)
        progress.end(Step.AUTHORISE)
        await progress.begin(Step.VERIFY)
        judged = _verify(run, granted, _within(run, means.sources), progress)
        bindings = self._bind(means.sources)
        progress.end(Step.VERIFY)
        await self._start(claim, run, granted, judged.companies_read)
        await progress.begin(Step.COMPUTE)
        directory = granted.directory
        order = Order(
            bindings,
            directory.structure(),
            judged.scopes,
            run.as_of,
            directory.may_extract,
            means.chosen,
            means.cash_accounts,
        )
        computed = await self._computed(order)
        _report(computed, progress)
        if computed.failures:
            raise _Failed(Reason.CRITERIA_NOT_MET, "By the source's own word these companies cannot go together.")
        if not computed.scopes:
            raise _Failed(Reason.NOTHING_EXTRACTED, "Nothing could be extracted; the anomalies say why.")
        await progress.begin(Step.EMIT)
        await self._emit(claim, run, granted, computed, progress)

    async def _means(self, claim: Claim) -> _Means:
        async with holding(self._pool, claim) as connection:
            run = await runs.find(connection, claim.client, claim.run_id)
            if run is None:  # the foreign key of work forbids it
                raise LookupError(f"extraction {claim.run_id} has work but no run")
            return _Means(
                run,
                await credentials.find(connection, claim.client),
                await sources.all_of(connection, claim.client),
                await parameters.find(connection, claim.client),
                await parameters.cash_accounts(connection, claim.client),
            )

    async def _authorise(self, run: Run, registration: Registration | None) -> Granted:
        """The right to publish, asked of auth before anything is read (R1)."""
        if registration is None:
            raise _Failed(
                Reason.CREDENTIALS_MISSING,
                "No publication credentials are registered. Register the client code and its password first.",
            )
        try:
            opened = self._seal.open(run.client, registration.sealed_password)
        except SealBroken as error:
            raise _Failed(Reason.CREDENTIALS_MISSING, f"{error} Or register the credentials again.") from None
        answer = await self._auth.grant(run.client, opened.password, run.id, run.requested_by)
        outcome: CheckOutcome = answer.reason if isinstance(answer, GrantRefused) else "accepted"
        async with transaction(self._pool, run.client) as connection:
            await note_outcome(connection, registration, opened, client=run.client, outcome=outcome, clock=self._clock)
        match answer:
            case Granted():
                return answer
            case GrantRefused("client_suspended"):
                raise _Failed(Reason.CLIENT_SUSPENDED, "The platform has suspended this client; nothing was read.")
            case GrantRefused():
                raise _Failed(
                    Reason.CREDENTIALS_REFUSED,
                    "The platform refuses the publication credentials; nothing was read. Register the current ones.",
                )

    def _bind(self, all_sources: Sequence[Source]) -> tuple[Binding, ...]:
        """The folders of the sources, looked at again: a link may lead elsewhere by now."""
        if not all_sources:
            raise _Failed(Reason.NO_SOURCE, "No source is registered. Register the folder that holds the data.")
        try:
            return tuple(Binding(source, locations.resolve(source.location, self._roots)) for source in all_sources)
        except LocationRefused as error:
            raise _Failed(Reason.SOURCE_UNREADABLE, str(error)) from None

    async def _start(self, claim: Claim, run: Run, granted: Granted, reads: Sequence[str]) -> None:
        """Say that the extraction has started, unless an attempt that was broken off has said so. It does not where
        everything was deleted after it was granted: a deletion ends the runs that it finds started (R11)."""
        async with holding(self._pool, claim) as connection:
            until = await deletions.deleted_until(connection, run.client)
            if until is not None and granted.started_at <= until:
                raise _Failed(Reason.DATA_DELETED, DETAILS[Reason.DATA_DELETED])
            if await runs.start(connection, run.client, run.id, granted.started_at, reads):
                started = ExtractionStarted(
                    id=derived_id("extraction.started", run.client, run.id),
                    subject=str(run.id),
                    time=self._clock(),
                    clientcode=run.client,
                    data=ExtractionData(extraction_id=run.id),
                )
                await emit_all(connection, [started])

    async def _computed(self, order: Order) -> Computed:
        try:
            return await self._compute(order)
        except SourceError as error:
            raise _Failed(Reason.SOURCE_UNREADABLE, str(error)) from None
        except (FileNotFoundError, NotADirectoryError, PermissionError) as error:
            raise _Failed(Reason.SOURCE_UNREADABLE, f"{error.filename}: {error.strerror}") from None

    async def _emit(self, claim: Claim, run: Run, granted: Granted, computed: Computed, progress: Progress) -> None:
        """One transaction: all messages of the run, and the run itself, which waits for the publisher from now on."""
        now = self._clock()
        manifest = tuple(Scope(kind=scope.kind.value, code=scope.code) for scope in computed.scopes)
        # Explanations come last: they are large, and nobody waits for them as for the figures.
        said: list[Event] = [
            *(extracted(run, granted, scope, now, claim.emissions) for scope in computed.scopes),
            completed(run, manifest, now),
            *(explained(run, granted, scope, computed.explanations, now, claim.emissions) for scope in computed.scopes),
        ]
        progress.end(Step.EMIT, {"scopes": len(manifest)})
        report = progress.report.begun(Step.PUBLISH, now)
        publishing = replace(run, status=RunStatus.PUBLISHING, report=report)
        async with holding(self._pool, claim) as connection:
            await runs.advance(connection, publishing)  # first, as everybody who changes a run's publications does
            await publications.emit(connection, run.client, run.id, manifest)
            await emit_all(connection, said)
            await work.hand_over(connection, claim, self._patience)
            await conclude(connection, publishing, now)
        log.info("extraction_emitted", client=run.client, extraction_id=str(run.id), scopes=len(manifest))

    async def _fail(self, claim: Claim, run: Run, progress: Progress, failure: _Failed) -> None:
        now = self._clock()
        progress.add(reason=failure.reason, detail=failure.detail)
        async with holding(self._pool, claim) as connection:
            await runs.advance(
                connection, replace(run, status=RunStatus.FAILED, report=progress.report, finished_at=now)
            )
            await work.finish(connection, run.client, run.id)
            await emit_all(connection, [failed(run, failure.reason, now)])
        log.info("extraction_failed", client=run.client, extraction_id=str(run.id), reason=failure.reason.value)

    async def _leave_published(self, claim: Claim, run: Run, failure: _Failed) -> None:
        """What was handed over cannot be computed again now. It may be on its way all the same: the run goes on waiting
        for the publisher, with the report of what was handed over."""
        async with holding(self._pool, claim) as connection:
            await runs.report(connection, run.client, run.id, run.report)
            await work.hand_over(connection, claim, self._patience)
        log.warning(
            "extraction_not_repeated", client=run.client, extraction_id=str(run.id), reason=failure.reason.value
        )

    async def _wait(self, claim: Claim, reason: str) -> None:
        pause = min(LONGEST_PAUSE, 2 ** min(claim.pauses, 10))
        log.warning("extraction_waits", extraction_id=str(claim.run_id), reason=reason, seconds=pause)
        async with holding(self._pool, claim) as connection:
            await work.wait(connection, claim, timedelta(seconds=pause))


def _within(run: Run, all_sources: Sequence[Source]) -> tuple[str, ...] | None:
    """The companies to which a run that a watched source has started is held; none: all."""
    if not isinstance(run.origin, BySource):
        return None
    source = next((one for one in all_sources if one.name == run.origin.source), None)
    if source is None:
        raise _Failed(Reason.NO_SOURCE, f"The source {run.origin.source}, whose files have changed, is gone.")
    return source.companies


def _verify(run: Run, granted: Granted, within: Sequence[str] | None, progress: Progress) -> Judged:
    """R8 by the directory and the rights that came with the grant: those of this moment, not of the request."""
    try:
        judged = judge(granted.directory, run.request.selection, within)
    except Refusal as refusal:
        raise _Failed(Reason.UNKNOWN_SCOPE, refusal.detail) from None
    failures = judged.verdict.failures
    if failures:
        found = [anomaly(AnomalyCode.CRITERIA_NOT_MET, failure.describe()) for failure in failures]
        progress.add(failures=_lines(failures), anomalies=tuple(anomaly_document(one) for one in found))
        if any(one.criterion is Criterion.ACCESS_RIGHTS for one in failures):
            raise _Failed(
                Reason.ACCESS_RIGHTS,
                f"{run.requested_by}, with whose rights it runs, is not active or may not extract all these companies; "
                "see `failures`.",
            )
        raise _Failed(Reason.CRITERIA_NOT_MET, "These companies cannot be extracted together; see `failures`.")
    return judged


def _report(computed: Computed, progress: Progress) -> None:
    """What was read, found and left out, whether or not there is something to publish."""
    rows = {
        "rows_read": sum(file.read for file in computed.files),
        "rows_refused": sum(file.refused for file in computed.files),
    }
    progress.end(Step.COMPUTE, rows, computed.parts)
    progress.add(
        failures=_lines(computed.failures),
        anomalies=computed.anomalies,
        left_out=computed.left_out,
        files=computed.files,
    )


def _lines(failures: Sequence[CriterionFailure]) -> tuple[FailureLine, ...]:
    return tuple(
        FailureLine(criterion=one.criterion.value, companies=one.companies, values=one.values) for one in failures
    )
