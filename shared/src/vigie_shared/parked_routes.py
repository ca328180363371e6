"""What the platform's operators ask of a service about its parked messages, and do with them."""

from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict

from vigie_shared.access import Claims, Verifier, only
from vigie_shared.audit import actor_of
from vigie_shared.errors import Unprocessable
from vigie_shared.parked import ParkedMessage, ParkedMessages
from vigie_shared.service import problems


class ParkedItem(BaseModel):
    """A parked message. `reason` says why it is parked; `type` and `subject` are null where it cannot be read."""

    model_config = ConfigDict(frozen=True)

    queue: str
    id: UUID
    client: str
    type: str | None
    subject: str | None
    reason: str
    failures: int
    parked_at: AwareDatetime | None
    size: int

    @classmethod
    def of(cls, message: ParkedMessage) -> Self:
        return cls.model_validate(message, from_attributes=True)


class ParkedDocument(BaseModel):
    """A parked message with its body: JSON in which tokens and grants are blotted out, or whatever it holds as text."""

    model_config = ConfigDict(frozen=True)

    message: ParkedItem
    body: str


class ParkedPage(BaseModel):
    """`next`, where it is not null, is the `cursor` of the next part."""

    model_config = ConfigDict(frozen=True)

    items: list[ParkedItem]
    next: str | None


class ParkedChoice(BaseModel):
    """One message of a queue, or all that are parked of it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    queue: str
    id: UUID | None = None


class ParkedOutcome(BaseModel):
    """How many messages were replayed or dropped."""

    model_config = ConfigDict(frozen=True)

    messages: int


def parked_routes(parked: ParkedMessages, verifier: Verifier) -> APIRouter:
    """For operators of the platform only."""
    router = APIRouter(prefix="/operator/parked", tags=["parked messages"])
    Operating = Annotated[Claims, Depends(only(verifier, "operator"))]  # noqa: N806 - a type

    @router.get("", responses=problems(401, 403, 404, 409, 422))
    async def list_parked(
        _who: Operating,
        queue: Annotated[str | None, Query(max_length=100, examples=["publisher.indicators"])] = None,
        client: Annotated[str | None, Query(max_length=100)] = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
        cursor: Annotated[str | None, Query(max_length=20, description="The `next` of the part before")] = None,
    ) -> ParkedPage:
        """Messages that could not be handled, queue by queue, the longest parked first; without their bodies."""
        skip = _skipped(cursor)
        found = await parked.listed(queue, client)
        items = [ParkedItem.of(one) for one in found[skip : skip + limit]]
        return ParkedPage(items=items, next=str(skip + limit) if len(found) > skip + limit else None)

    @router.get("/{queue}/{message_id}", responses=problems(401, 403, 404, 409, 422))
    async def show_parked(_who: Operating, queue: str, message_id: UUID) -> ParkedDocument:
        """A message with its body."""
        message, body = await parked.shown(queue, message_id)
        return ParkedDocument(message=ParkedItem.of(message), body=body)

    @router.post("/replay", responses=problems(401, 403, 404, 409, 422))
    async def replay_parked(request: Request, who: Operating, choice: ParkedChoice) -> ParkedOutcome:
        """Have a message handled once more, or all of a queue. One that fails again is parked again."""
        return ParkedOutcome(messages=await parked.replay(actor_of(request, who), choice.queue, choice.id))

    @router.post("/drop", responses=problems(401, 403, 404, 409, 422))
    async def drop_parked(request: Request, who: Operating, choice: ParkedChoice) -> ParkedOutcome:
        """Give a message up for good, or all of a queue."""
        return ParkedOutcome(messages=await parked.drop(actor_of(request, who), choice.queue, choice.id))

    return router


def _skipped(cursor: str | None) -> int:
    if cursor is None:
        return 0
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) <= 9):
        raise Unprocessable("The cursor is not one that this list gave out. Start again without one.")
    return int(cursor)
