"""Schedules: saved, listed, changed, paused, run at once, and looked back on."""

from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Response

from vigie_extractor.api.asker import Asker, asking
from vigie_extractor.api.cursors import cursor_at, cursor_behind, moment_in, name_in
from vigie_extractor.api.documents import IdempotencyKey
from vigie_extractor.api.extraction_documents import Accepted
from vigie_extractor.api.problems import problems
from vigie_extractor.api.schedule_documents import (
    SHOWN_SLOTS,
    FiringDocument,
    FiringList,
    NextRuns,
    RuleBody,
    ScheduleBody,
    ScheduleChange,
    ScheduleDocument,
    ScheduleList,
)
from vigie_extractor.clock import Clock
from vigie_extractor.domain.schedule_slots import first_slots
from vigie_extractor.domain.schedules import Schedule
from vigie_extractor.handlers.schedules import SavedSchedule, Schedules
from vigie_shared.access import Verifier
from vigie_shared.conditional import etag_of
from vigie_shared.preconditions import Expected

Limit = Annotated[int, Query(ge=1, le=200)]
Cursor = Annotated[str | None, Query(max_length=800, description="`next` of the page before")]


def schedules(verifier: Verifier, use: Schedules, clock: Clock, time_zone: str) -> APIRouter:
    """The routes of administrators and preparers. A preparer finds the schedules that run with the preparer's own
    rights; `time_zone` is that of a schedule that names none."""
    router = APIRouter(prefix="/schedules", tags=["schedules"])
    Extracting = Annotated[  # noqa: N806 - a type
        Asker, Depends(asking(verifier, "administrator", "preparer"))
    ]

    def answer(schedule: Schedule, response: Response) -> ScheduleDocument:
        response.headers["ETag"] = etag_of(SavedSchedule.of(schedule))
        return ScheduleDocument.at(schedule, clock())

    @router.post("/preview", responses=problems(422))
    async def preview_rule(_who: Extracting, body: RuleBody) -> NextRuns:
        """When a rule is due next, before anything is saved."""
        zone = ZoneInfo(body.time_zone or time_zone)
        return NextRuns(next_runs=tuple(first_slots(body.rule, zone, clock(), SHOWN_SLOTS)))

    @router.post("", status_code=201, responses=problems(409, 422, criteria=True))
    async def add_schedule(
        who: Extracting, body: ScheduleBody, response: Response, idempotency_key: IdempotencyKey = None
    ) -> ScheduleDocument:
        """Have an extraction repeated by a calendar rule, with the rights of whoever saves it."""
        schedule = await use.add(who.client, who.actor, who.token, body.plan(time_zone), idempotency_key)
        response.headers["Location"] = f"/extractor/v1/schedules/{schedule.id}"
        return answer(schedule, response)

    @router.get("", responses=problems(422))
    async def list_schedules(who: Extracting, limit: Limit = 50, cursor: Cursor = None) -> ScheduleList:
        """Schedules, by name."""
        found = await use.by_name(who.client, _whose(who), None if cursor is None else name_in(cursor), limit + 1)
        page = found[:limit]
        return ScheduleList(
            items=tuple(ScheduleDocument.at(one, clock()) for one in page),
            next=cursor_behind(page[-1].plan.name, page[-1].id) if len(found) > limit else None,
        )

    @router.get("/{schedule_id}", responses=problems(404, 422))
    async def show_schedule(who: Extracting, schedule_id: UUID, response: Response) -> ScheduleDocument:
        """A schedule with its next five slots. Its `ETag` changes when somebody saves it, not as time goes by."""
        return answer(await use.show(who.client, _whose(who), schedule_id), response)

    @router.patch("/{schedule_id}", responses=problems(404, 409, 412, 422, criteria=True))
    async def change_schedule(
        who: Extracting, schedule_id: UUID, body: ScheduleChange, response: Response, expected: Expected
    ) -> ScheduleDocument:
        """Change a schedule, pause or resume it. Unless it is only paused, it runs with the rights of whoever changed
        it from then on. Slots that came while it was paused are not made up for."""
        changed = await use.change(who.client, _whose(who), who.actor, who.token, schedule_id, body.changed, expected)
        return answer(changed, response)

    @router.delete("/{schedule_id}", status_code=204, responses=problems(404, 412, 422))
    async def remove_schedule(who: Extracting, schedule_id: UUID, expected: Expected) -> None:
        """Forget a schedule and its history. Its extractions stay."""
        await use.remove(who.client, _whose(who), who.actor, schedule_id, expected)

    @router.post("/{schedule_id}/run", status_code=202, responses=problems(404, 409, 422, criteria=True))
    async def run_schedule(
        who: Extracting, schedule_id: UUID, response: Response, idempotency_key: IdempotencyKey = None
    ) -> Accepted:
        """Have it run at once, with the rights of whoever asks. Its slots stay."""
        run_id = await use.run_now(who.client, _whose(who), who.actor, who.token, schedule_id, idempotency_key)
        response.headers["Location"] = f"/extractor/v1/extractions/{run_id}"
        return Accepted(id=run_id)

    @router.get("/{schedule_id}/runs", responses=problems(404, 422))
    async def list_schedule_runs(
        who: Extracting, schedule_id: UUID, limit: Limit = 50, cursor: Cursor = None
    ) -> FiringList:
        """What became of its slots, the latest first."""
        before = None if cursor is None else moment_in(cursor)
        found = await use.history(who.client, _whose(who), schedule_id, before, limit + 1)
        page = found[:limit]
        return FiringList(
            items=tuple(FiringDocument.of(one) for one in page),
            next=cursor_at(page[-1].taken_up_at, page[-1].id) if len(found) > limit else None,
        )

    return router


def _whose(who: Asker) -> str | None:
    return None if who.role == "administrator" else who.username
