"""What the publisher answers, and the end of a run that follows, in whatever order it comes."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from services.extractor.tests.computing import everything_asked_for
from services.extractor.tests.stage import ADMINISTRATOR, EVERYTHING_SEEN, Stage, kinds

from vigie_extractor.domain.report import Reason, Step
from vigie_extractor.domain.run import Outcome, Request, RunStatus, Settled, settle
from vigie_extractor.domain.selection import Selection
from vigie_extractor.handlers.execution import PATIENCE, Compute
from vigie_extractor.orders import Computed, Order
from vigie_extractor.sources.canonical import SourceError
from vigie_extractor.storage import work
from vigie_shared.bus import Done
from vigie_shared.database import ALL_CLIENTS, transaction
from vigie_shared.errors import Conflict
from vigie_shared.events import (
    IndicatorsExtracted,
    NamedScope,
    PublicationRefused,
    PublicationRefusedData,
    RefusalReason,
    Scope,
    ScopeKind,
    SnapshotPublished,
    SnapshotPublishedData,
)

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SCOPES: tuple[tuple[ScopeKind, str], ...] = (("company", "NORD"), ("company", "SUD"), ("family", "GROUPE"))
NAMED_ANEW = NamedScope(kind="company", code="NORD", name="Le Nord")


def published(on: Stage, run_id: UUID, kind: ScopeKind, code: str) -> SnapshotPublished:
    return SnapshotPublished(
        id=uuid4(),
        subject=f"{kind}/{code}",
        time=NOW,
        clientcode=on.client,
        data=SnapshotPublishedData(
            extraction_id=run_id,
            scope=NamedScope(kind=kind, code=code, name=code),
            as_of=date(2026, 11, 24),
            published_at=NOW,
            etag="1",
        ),
    )


def refused(on: Stage, run_id: UUID, kind: ScopeKind, code: str, reason: RefusalReason) -> PublicationRefused:
    data = PublicationRefusedData(extraction_id=run_id, scope=Scope(kind=kind, code=code), reason=reason)
    return PublicationRefused(id=uuid4(), subject=f"{kind}/{code}", time=NOW, clientcode=on.client, data=data)


async def hear(on: Stage, *heard: SnapshotPublished | PublicationRefused) -> None:
    assert await on.hear(*heard) == [Done()] * len(heard)


async def asked(on: Stage) -> UUID:
    await on.register()
    return await on.extractions().request(on.client, ADMINISTRATOR, on.token(), Request(Selection()), None)


async def execute(on: Stage, compute: Compute = everything_asked_for, patience: timedelta = PATIENCE) -> None:
    async with transaction(on.pool, ALL_CLIENTS) as connection:
        claim = await work.claim(connection, timedelta(seconds=10))
    assert claim is not None
    await on.execution(compute, patience=patience)(claim)


async def figures_said(on: Stage) -> list[UUID]:
    return [event.id for event in await on.said() if isinstance(event, IndicatorsExtracted)]


async def test_a_run_is_published_once_all_its_scopes_are(on: Stage) -> None:
    run_id = await asked(on)
    await execute(on)
    first, second, third = (published(on, run_id, kind, code) for kind, code in SCOPES)
    await hear(on, first, second)
    assert (await on.run(run_id)).status is RunStatus.PUBLISHING
    await hear(on, third)
    run = await on.run(run_id)
    assert run.status is RunStatus.PUBLISHED
    assert run.finished_at is not None
    assert run.report.steps[-1].rows == {"published": 3}
    assert run.report.steps[-1].name == Step.PUBLISH


async def test_answers_that_come_before_the_run_has_emitted_are_not_lost(on: Stage) -> None:
    # given answers for a run that has not been executed
    run_id = await asked(on)
    await hear(on, *(published(on, run_id, kind, code) for kind, code in SCOPES))
    assert (await on.run(run_id)).status is RunStatus.QUEUED

    # when it is, then nothing is awaited any more
    await execute(on)
    assert (await on.run(run_id)).status is RunStatus.PUBLISHED


async def test_answers_for_a_run_that_is_not_known_stop_nobody(on: Stage) -> None:
    run_id = await asked(on)
    await execute(on)
    await hear(on, published(on, uuid4(), "company", "NORD"), *(published(on, run_id, *scope) for scope in SCOPES))
    assert (await on.run(run_id)).status is RunStatus.PUBLISHED


@pytest.mark.parametrize("reason", ["grant_invalid", "client_suspended"])
async def test_r1_a_run_whose_grant_was_refused_has_failed_and_says_why(on: Stage, reason: RefusalReason) -> None:
    run_id = await asked(on)
    await execute(on)
    await hear(
        on,
        published(on, run_id, *SCOPES[0]),
        refused(on, run_id, *SCOPES[1], reason),
        refused(on, run_id, *SCOPES[2], reason),
    )
    run = await on.run(run_id)
    assert (run.status, run.report.reason) == (RunStatus.FAILED, Reason(reason))
    assert run.report.detail
    assert kinds(await on.said())[-1] == "extraction.failed"


async def test_r12_a_scope_for_which_a_newer_snapshot_stands_is_counted_and_fails_nothing(on: Stage) -> None:
    run_id = await asked(on)
    await execute(on)
    await hear(
        on,
        published(on, run_id, *SCOPES[0]),
        published(on, run_id, *SCOPES[1]),
        refused(on, run_id, *SCOPES[2], "superseded"),
    )
    followed = await on.follow(run_id)
    assert followed.run.status is RunStatus.PUBLISHED
    assert followed.outcomes == {Outcome.PUBLISHED: 2, Outcome.SUPERSEDED: 1}


async def test_the_first_answer_about_a_scope_counts_whether_another_comes_with_it_or_later(on: Stage) -> None:
    # given a scope that was published and, by a message of another id, said to be so again under a new name
    run_id = await asked(on)
    await execute(on)
    first, again = published(on, run_id, *SCOPES[0]), published(on, run_id, *SCOPES[0])
    renamed = again.model_copy(update={"data": again.data.model_copy(update={"scope": NAMED_ANEW})})
    await hear(on, first, renamed)

    # when it is also said to be refused, then that changes nothing
    await hear(on, refused(on, run_id, *SCOPES[0], "grant_invalid"))
    await hear(on, published(on, run_id, *SCOPES[1]), published(on, run_id, *SCOPES[2]))
    followed = await on.follow(run_id)
    assert followed.run.status is RunStatus.PUBLISHED
    assert followed.outcomes == {Outcome.PUBLISHED: 3}


async def test_answers_for_several_runs_in_one_batch_end_each_of_them(on: Stage) -> None:
    runs = [await asked(on) for _ in range(3)]
    for _ in runs:
        await execute(on)
    whole, half, other = runs
    await hear(
        on,
        *(published(on, run_id, *scope) for scope in SCOPES for run_id in (other, whole)),
        published(on, half, *SCOPES[0]),
    )
    statuses = [(await on.run(run_id)).status for run_id in runs]
    assert statuses == [RunStatus.PUBLISHED, RunStatus.PUBLISHING, RunStatus.PUBLISHED]
    assert (await on.follow(half)).outcomes == {Outcome.PUBLISHED: 1, None: 2}


async def test_a_run_for_which_no_answer_comes_is_said_again_under_other_ids_until_one_does(on: Stage) -> None:
    # given a run that was handed over, and whose messages nobody has answered
    run_id = await asked(on)
    await execute(on, patience=timedelta(0))
    first = await figures_said(on)

    # when its patience is over
    await execute(on)
    again = (await figures_said(on))[len(first) :]

    # then all of it is said again, so that it is not taken for what was heard before
    assert len(again) == len(first) == len(SCOPES)
    assert not set(first) & set(again)
    assert (await on.run(run_id)).status is RunStatus.PUBLISHING

    # and no more once the answers have come
    await hear(on, *(published(on, run_id, *scope) for scope in SCOPES))
    assert (await on.run(run_id)).status is RunStatus.PUBLISHED
    assert await nothing_is_to_be_done(on)


async def test_a_run_that_cannot_be_said_again_goes_on_waiting_with_its_report(on: Stage) -> None:
    # given a run that was handed over, and a source that has gone since
    run_id = await asked(on)
    await execute(on, patience=timedelta(0))
    before = await on.run(run_id)

    async def gone(_: Order) -> Computed:
        raise SourceError("it has gone")

    # when its patience is over
    await execute(on, gone)

    # then it is as it was, and its answers are still welcome
    assert await on.run(run_id) == before
    await hear(on, *(published(on, run_id, *scope) for scope in SCOPES))
    assert (await on.run(run_id)).status is RunStatus.PUBLISHED


async def test_a_run_that_waits_for_answers_holds_up_no_other_and_cannot_be_cancelled(on: Stage) -> None:
    run_id = await asked(on)
    await execute(on)
    later = await on.extractions().request(on.client, ADMINISTRATOR, on.token(), Request(Selection()), None)
    await execute(on)
    assert (await on.run(later)).status is RunStatus.PUBLISHING
    with pytest.raises(Conflict):
        await on.extractions().cancel(on.client, ADMINISTRATOR, EVERYTHING_SEEN, run_id)
    assert (await on.run(run_id)).status is RunStatus.PUBLISHING


async def nothing_is_to_be_done(on: Stage) -> bool:
    async with transaction(on.pool, on.client) as connection:
        return bool(await connection.fetchval("SELECT count(*) = 0 FROM work"))


async def test_r13_an_answer_in_the_name_of_another_client_settles_nothing(on: Stage) -> None:
    run_id = await asked(on)
    await execute(on)
    foreign = [published(on, run_id, *scope).model_copy(update={"clientcode": "OTHER"}) for scope in SCOPES]
    await hear(on, *foreign)
    assert (await on.run(run_id)).status is RunStatus.PUBLISHING


def test_nothing_is_settled_while_one_scope_is_awaited() -> None:
    assert settle({Outcome.PUBLISHED: 1, None: 1, Outcome.GRANT_INVALID: 1}) is None


def test_a_run_with_every_scope_superseded_is_published() -> None:
    assert settle({Outcome.SUPERSEDED: 2}) == Settled(RunStatus.PUBLISHED)
