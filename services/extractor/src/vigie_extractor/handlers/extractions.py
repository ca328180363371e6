"""Extractions as people see them: what one would do, asking for one, following it, and cancelling it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID, uuid4

import structlog

from vigie_extractor.auth import Auth
from vigie_extractor.clock import Clock, day_at
from vigie_extractor.domain.run import FIRST_DAY, LAST_DAY, ByMessage, Outcomes, Request, Run, RunStatus, Viewer
from vigie_extractor.domain.selection import Selection
from vigie_extractor.handlers.calls import alone
from vigie_extractor.handlers.requests import judged_well, known_companies, save, save_and_tell
from vigie_extractor.handlers.selection import Judged, judge
from vigie_extractor.storage import publications, runs, work
from vigie_extractor.storage.runs import Wanted
from vigie_shared.access import Verifier
from vigie_shared.audit import Actor, record
from vigie_shared.database import Connection, Pool, bind, transaction
from vigie_shared.errors import Conflict, NotFound, Rejected, ServiceUnavailable, Unauthenticated, Unprocessable
from vigie_shared.events import ExtractionCancelled, ExtractionData, ExtractionRequested, Role, Scope
from vigie_shared.events import derived_id as derived
from vigie_shared.outbox import emit

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Preview:
    """What an extraction would be about."""

    as_of: date
    judged: Judged


@dataclass(frozen=True, slots=True)
class FollowedRun:
    """A run, and what became so far of the scopes it has emitted. `awaited` are those that the publisher has not spoken
    of."""

    run: Run
    outcomes: Outcomes
    awaited: tuple[Scope, ...] = ()


class Extractions:
    """What an administrator or a preparer does with extractions."""

    def __init__(self, pool: Pool, auth: Auth, clock: Clock, time_zone: str) -> None:
        self._pool = pool
        self._auth = auth
        self._clock = clock
        self._time_zone = time_zone

    async def preview(self, token: str, request: Request) -> Preview:
        """The scopes and the verdict of R8, before anything runs. Raises ServiceUnavailable while auth is away, and
        what `judge` raises."""
        directory = await self._auth.directory(token)
        return Preview(self._as_of(request), judge(directory, request.selection))

    async def request(self, client: str, actor: Actor, token: str, request: Request, key: str | None) -> UUID:
        """Save a run and return its id; the same one for the same Idempotency-Key.

        Raises Conflict with the failing criteria of R8, or while a call with this key is under way; Unprocessable for a
        key that was used otherwise; and what `judge` raises. While auth is away the run is saved nevertheless: the
        verdict falls when it starts.
        """
        run_id = uuid4() if key is None else derived("extraction", client, key)
        if key is not None and await self._asked_before(client, run_id, request):
            return run_id
        async with alone(self._pool, client, key, run_id):
            reads = await self._judged_companies(token, request)
            run = replace(self._run(client, run_id, request, actor.name), reads=reads)
            async with transaction(self._pool, client) as connection:
                saved = await save_and_tell(connection, run)
                if saved:
                    await _note_request(connection, actor, run)
        if saved:
            log.info("extraction_requested", client=client, extraction_id=str(run_id), by=actor.name)
        else:
            await self._asked_before(client, run_id, request)
        return run_id

    async def on_extraction_requested(
        self, connection: Connection, verifier: Verifier, event: ExtractionRequested
    ) -> None:
        """Save the run that a message asks for, unless it is known already, as this service's own always are.

        Raises Rejected when the message does not carry the token of a user who may extract for its client.
        """
        asked = event.data
        await bind(connection, event.clientcode)
        if await runs.find(connection, event.clientcode, asked.extraction_id) is not None:
            return
        username = await _entitled_user(verifier, event)
        if asked.as_of is not None and not FIRST_DAY <= asked.as_of <= LAST_DAY:
            raise Rejected(f"its system date lies outside {FIRST_DAY} to {LAST_DAY}")
        request = Request(Selection(_sorted(asked.companies), _sorted(asked.families)), asked.as_of)
        run = self._run(event.clientcode, asked.extraction_id, request, username)
        await save(connection, replace(run, origin=ByMessage(), reads=known_companies(request.selection)))

    async def viewer(self, actor: Actor, role: Role, token: str) -> Viewer:
        """Who looks at runs, by the rights of this moment. Raises Unauthenticated when the session has ended."""
        if role == "administrator":
            return Viewer(actor.name, None)
        return Viewer(actor.name, (await self._auth.rights(token)).may_extract)

    async def show(self, client: str, viewer: Viewer, run_id: UUID) -> FollowedRun:
        """Raises NotFound, also for another client's (R13), and for one that the viewer has no right to see."""
        async with transaction(self._pool, client) as connection:
            run = await runs.find(connection, client, run_id)
            outcomes = await publications.outcomes(connection, client, run_id)
            awaited = await publications.awaited(connection, client, run_id)
        return FollowedRun(_seen(viewer, run, run_id), outcomes, awaited)

    async def latest(
        self,
        client: str,
        viewer: Viewer,
        limit: int,
        before: tuple[datetime, UUID] | None = None,
        wanted: Wanted = Wanted(),  # noqa: B008 - frozen
    ) -> Sequence[Run]:
        async with transaction(self._pool, client) as connection:
            return await runs.latest(connection, client, viewer, limit, before, wanted)

    async def cancel(self, client: str, actor: Actor, viewer: Viewer, run_id: UUID) -> None:
        """Stop a run that has emitted nothing yet. Raises NotFound, or Conflict when it is past stopping."""
        async with transaction(self._pool, client) as connection:
            _seen(viewer, await runs.find(connection, client, run_id), run_id)
            stopped = await work.call_off(connection, client, run_id)
            run = _seen(viewer, await runs.find_and_hold(connection, client, run_id), run_id)
            if run.status is RunStatus.CANCELLED:
                return
            if not stopped:
                raise Conflict(f"The extraction is {run.status}: there is nothing left to cancel.")
            now = self._clock()
            await runs.advance(connection, replace(run, status=RunStatus.CANCELLED, finished_at=now))
            await emit(
                connection,
                ExtractionCancelled(
                    id=derived("extraction.cancelled", client, run_id),
                    subject=str(run_id),
                    time=now,
                    clientcode=client,
                    data=ExtractionData(extraction_id=run_id),
                ),
            )
            await record(
                connection,
                actor,
                client=client,
                action="extraction.cancelled",
                subject=f"extraction/{run_id}",
                before={"status": run.status.value},
                after={"status": RunStatus.CANCELLED.value},
            )
        log.info("extraction_cancelled", client=client, extraction_id=str(run_id))

    async def _asked_before(self, client: str, run_id: UUID, request: Request) -> bool:
        """Whether the run is there. Raises Unprocessable where it is another than what is asked for now."""
        async with transaction(self._pool, client) as connection:
            known = await runs.find(connection, client, run_id)
        if known is not None and known.request != request:
            raise Unprocessable("This Idempotency-Key was used before for another request. Choose a new one.")
        return known is not None

    async def _judged_companies(self, token: str, request: Request) -> tuple[str, ...] | None:
        try:
            directory = await self._auth.directory(token)
        except ServiceUnavailable:
            return None
        return judged_well(directory, request.selection).companies_read

    def _run(self, client: str, run_id: UUID, request: Request, username: str) -> Run:
        return Run(client, run_id, request, self._as_of(request), username, self._clock())

    def _as_of(self, request: Request) -> date:
        return request.as_of or day_at(self._clock, self._time_zone)


def _seen(viewer: Viewer, run: Run | None, run_id: UUID) -> Run:
    if run is None or not viewer.sees(run):
        raise NotFound(f"There is no extraction {run_id}.")
    return run


async def _note_request(connection: Connection, actor: Actor, run: Run) -> None:
    selection = run.request.selection
    asked = {"companies": selection.companies, "families": selection.families, "as_of": run.as_of.isoformat()}
    await record(
        connection, actor, client=run.client, action="extraction.requested", subject=f"extraction/{run.id}", after=asked
    )


async def _entitled_user(verifier: Verifier, event: ExtractionRequested) -> str:
    """Who asks from outside, as signed by auth."""
    if event.data.token is None:
        raise Rejected("a request from outside must carry the access token of a user allowed to extract")
    try:
        claims = await verifier.claims(event.data.token)
    except Unauthenticated:
        raise Rejected("its access token is not valid or has run out") from None
    if claims.client != event.clientcode:
        raise Rejected("its access token is one of another client")
    if claims.role not in {"administrator", "preparer"}:
        raise Rejected(f"its access token is one of a user who does not extract ({claims.role})")
    return claims.sub


def _sorted(codes: tuple[str, ...] | None) -> tuple[str, ...] | None:
    return None if codes is None else tuple(sorted(set(codes)))
