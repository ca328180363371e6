"""R11 in the extractor: a run that was granted before a deletion brings nothing back, whatever it is doing then."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from services.extractor.tests.computing import Held, everything_asked_for
from services.extractor.tests.stage import ADMINISTRATOR, Stage, kinds, running
from tests.stack.waiting import until

from vigie_extractor.domain.report import Reason, Step
from vigie_extractor.domain.run import Outcome, Request, RunStatus
from vigie_extractor.domain.selection import Selection
from vigie_extractor.handlers.deletions import BLANKED
from vigie_extractor.orders import Computed, Order
from vigie_extractor.runner import Lease, Runner
from vigie_extractor.storage import work
from vigie_extractor.storage.work import Claim
from vigie_extractor.wakening import Wakening
from vigie_shared.bus import Done, Fate, Outgoing, Park, Parked, RetryAfter
from vigie_shared.database import ALL_CLIENTS, transaction
from vigie_shared.events import (
    DataDeleted,
    DataDeletedData,
    ExtractorEmptied,
    NamedScope,
    PublicationRefused,
    PublicationRefusedData,
    Scope,
    SnapshotPublished,
    SnapshotPublishedData,
)
from vigie_shared.topology import EXTRACTOR_PUBLICATIONS

FIRST_GRANT = datetime(2026, 11, 24, tzinfo=UTC)
"""The moment of the first grant of a test; each later one is a second later."""
BETWEEN = FIRST_GRANT + timedelta(seconds=0.5)
SCOPES = (Scope(kind="company", code="NORD"), Scope(kind="company", code="SUD"), Scope(kind="family", code="GROUPE"))
ANOMALY = {"code": "unbalanced_file", "severity": "warning", "count": 3, "company": "NORD", "detail": "differ by 12.34"}


def deleted(client: str, at: datetime = BETWEEN) -> DataDeleted:
    deletion_id = uuid4()
    return DataDeleted(
        id=uuid4(),
        subject=str(deletion_id),
        time=at,
        clientcode=client,
        data=DataDeletedData(deletion_id=deletion_id, at=at),
    )


def published(on: Stage, run_id: UUID, scope: Scope, started_at: datetime | None = None) -> SnapshotPublished:
    return SnapshotPublished(
        id=uuid4(),
        subject=f"{scope.kind}/{scope.code}",
        time=BETWEEN,
        clientcode=on.client,
        data=SnapshotPublishedData(
            extraction_id=run_id,
            scope=NamedScope(kind=scope.kind, code=scope.code, name=scope.code),
            as_of=date(2026, 11, 24),
            published_at=BETWEEN,
            etag="1",
            started_at=started_at,
        ),
    )


def refused(on: Stage, run_id: UUID, scope: Scope) -> PublicationRefused:
    data = PublicationRefusedData(extraction_id=run_id, scope=scope, reason="data_deleted")
    return PublicationRefused(id=uuid4(), subject="refused", time=BETWEEN, clientcode=on.client, data=data)


async def with_an_anomaly(order: Order) -> Computed:
    computed = await everything_asked_for(order)
    return Computed(computed.scopes, anomalies=(ANOMALY,), files=computed.files)


async def asked(on: Stage) -> UUID:
    return await on.extractions().request(on.client, ADMINISTRATOR, on.token(), Request(Selection()), None)


async def execute(on: Stage, compute: Any = everything_asked_for, observe: Any = None) -> None:
    async with transaction(on.pool, ALL_CLIENTS) as connection:
        claim = await work.claim(connection, timedelta(seconds=10))
    assert claim is not None
    await (on.execution(compute, observe) if observe else on.execution(compute))(claim)


async def figures(on: Stage) -> list[UUID]:
    """Whose figures wait in the outbox."""
    return [one.data.extraction_id for one in await on.said() if one.type == "vigie.indicators.extracted.v1"]


async def emptied(on: Stage) -> Sequence[ExtractorEmptied]:
    return [one for one in await on.said() if isinstance(one, ExtractorEmptied)]


async def test_r11_a_run_in_the_middle_of_its_work_is_ended_and_says_no_figure(on: Stage) -> None:
    # given a run that is being computed
    await on.register()
    run_id = await asked(on)
    held, wakening = Held(), Wakening(on.pool)
    lease = Lease(length=timedelta(seconds=2), beat=timedelta(seconds=0.05))
    async with running(Runner(on.pool, wakening, on.execution(held), lease=lease).run):
        await held.begun.wait()

        # when everything is deleted
        assert await on.hear(deleted(on.client)) == [Done()]
        run = await on.run(run_id)
        assert (run.status, run.report.reason) == (RunStatus.FAILED, Reason.DATA_DELETED)
        assert run.report.detail
        assert run.finished_at is not None

        # then whoever computes it is stopped
        await until(lambda: held.stopped == 1)
    assert await figures(on) == []
    assert "extraction.failed" in kinds(await on.said())
    [said] = await emptied(on)
    assert said.data.gone == {"runs": 1, "report_details": 0, "unsent_events": 0, "parked_messages": 0}


async def test_r11_a_run_that_was_granted_and_had_not_started_says_no_figure(on: Stage) -> None:
    await on.register()
    run_id = await asked(on)

    async def delete_meanwhile(_: Claim, step: Step) -> None:
        if step is Step.VERIFY:
            await on.hear(deleted(on.client))

    await execute(on, observe=delete_meanwhile)
    run = await on.run(run_id)
    assert (run.status, run.report.reason) == (RunStatus.FAILED, Reason.DATA_DELETED)
    assert await figures(on) == []


async def test_r11_figures_that_wait_in_the_outbox_are_taken_back_and_their_run_ends(on: Stage) -> None:
    # given a run that is published in part, and one that was granted after the deletion
    await on.register()
    before = await asked(on)
    await execute(on)
    after = await asked(on)
    await execute(on)
    await on.hear(published(on, before, SCOPES[0]))

    # when the deletion is heard
    await on.hear(deleted(on.client))

    # then only the later run goes on
    assert set(await figures(on)) == {after}
    followed = await on.follow(before)
    assert (followed.run.status, followed.run.report.reason) == (RunStatus.FAILED, Reason.DATA_DELETED)
    assert followed.outcomes == {Outcome.PUBLISHED: 1, Outcome.DATA_DELETED: 2}
    assert followed.run.report.steps[-1].rows == {"published": 1, "data_deleted": 2}
    assert (await on.run(after)).status is RunStatus.PUBLISHING
    [said] = await emptied(on)
    assert said.data.gone == {"runs": 1, "report_details": 0, "unsent_events": 6, "parked_messages": 0}

    # and what the publisher says late changes nothing
    await on.hear(*(refused(on, before, scope) for scope in SCOPES))
    assert await on.follow(before) == followed


async def test_r11_a_run_whose_scopes_were_refused_for_the_deletion_has_failed_and_says_why(on: Stage) -> None:
    await on.register()
    run_id = await asked(on)
    await execute(on)
    await on.hear(published(on, run_id, SCOPES[0]), *(refused(on, run_id, scope) for scope in SCOPES[1:]))
    run = await on.run(run_id)
    assert (run.status, run.report.reason) == (RunStatus.FAILED, Reason.DATA_DELETED)


async def test_r11_the_extractor_is_awaited_while_figures_are_being_sent(on: Stage) -> None:
    await on.register()
    await asked(on)
    await execute(on)
    event = deleted(on.client)
    async with transaction(on.pool, ALL_CLIENTS) as relay:
        await relay.execute("SELECT FROM outbox WHERE routing_key LIKE 'indicators.%' FOR UPDATE")
        [verdict] = await on.hear(event)
        assert isinstance(verdict, RetryAfter)
        await relay.execute("DELETE FROM outbox WHERE routing_key LIKE 'indicators.%'")
    assert await emptied(on) == []
    assert await on.hear(event) == [Done()]
    assert len(await emptied(on)) == 1


async def test_r11_reports_keep_what_was_found_and_lose_what_it_said(on: Stage) -> None:
    await on.register()
    before = await asked(on)
    await execute(on, with_an_anomaly)
    await on.hear(*(published(on, before, scope) for scope in SCOPES))
    after = await asked(on)
    await execute(on, with_an_anomaly)
    await on.hear(deleted(on.client))

    old, new = await on.run(before), await on.run(after)
    assert old.status is RunStatus.PUBLISHED
    assert old.report.anomalies == ({**ANOMALY, "detail": BLANKED},)
    assert old.report.files
    assert new.report.anomalies == (ANOMALY,)
    assert (await emptied(on))[0].data.gone["report_details"] == 1


async def test_r13_a_deletion_touches_no_other_client(on: Stage) -> None:
    await on.register()
    run_id = await asked(on)
    await execute(on, with_an_anomaly)
    before = await on.follow(run_id), await figures(on)
    await on.hear(deleted("SOMEBODYELSE"))
    assert (await on.follow(run_id), await figures(on)) == before


async def test_r11_what_was_said_of_runs_of_before_is_not_kept_parked(on: Stage) -> None:
    # given outcomes that are parked, of a run from before and of one from after
    await on.register()
    before, after = await asked(on), await asked(on)
    for _ in range(2):
        await execute(on)
    old, new = published(on, before, SCOPES[0], FIRST_GRANT), published(on, after, SCOPES[0])
    bus = on.bus()
    refusal = refused(on, before, SCOPES[1])

    async def park(bodies: Sequence[bytes]) -> list[Any]:
        return [Park("for the test")] * len(bodies)

    bus.consume(EXTRACTOR_PUBLICATIONS, park)
    await bus.publish([Outgoing(one.id, one.routing_key, one.to_bytes()) for one in (old, refusal, new)])

    # when everything of before is deleted
    await on.hear(deleted(on.client))

    # then those of after stay
    kept: list[UUID] = []

    async def look(parked: Parked) -> Fate:
        if parked.client == on.client:
            kept.append(parked.id)
        return Fate.STAY

    await bus.settle_parked(EXTRACTOR_PUBLICATIONS, look)
    assert kept == [new.id]
    assert (await emptied(on))[0].data.gone["parked_messages"] == 2
