"""Deleting all that a client published (R11): preview, confirmation, receipt."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, date, datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from vigie_publisher.domain.deletion import Holdings, Receipt
from vigie_publisher.handlers.deletions import Deletions
from vigie_shared.access import Auth, Verifier, bearer_token, only
from vigie_shared.audit import Actor, actor_of
from vigie_shared.errors import Unauthenticated, Unprocessable
from vigie_shared.events import utc_text
from vigie_shared.service import problems
from vigie_shared.topology import KEEPERS

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        pattern=r"^[!-~]{1,255}$",
        description="The same key again answers the same deletion, and deletes nothing more",
    ),
]


class Confirmation(BaseModel):
    """`confirm` is the client code, typed by whoever wants everything of it to be deleted."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"confirm": "DEMO"}})

    confirm: Annotated[str, Field(max_length=256)]


class Requested(BaseModel):
    id: UUID


class Preview(BaseModel):
    """What a deletion takes now: the snapshots that stand, the publications of the whole history, the figures that are
    explained, the scopes they are about, and their dates from first to last (null where there are none). `services` are
    those that keep anything of it, and will say what they have emptied."""

    snapshots: int
    publications: int
    explanations: int
    companies: int
    families: int
    as_of: tuple[date, date] | None
    published_at: tuple[AwareDatetime, AwareDatetime] | None
    services: list[str]

    @classmethod
    def of(cls, holdings: Holdings) -> Self:
        return cls(
            snapshots=holdings.snapshots,
            publications=holdings.publications,
            explanations=holdings.explanations,
            companies=holdings.companies,
            families=holdings.families,
            as_of=holdings.as_of,
            published_at=holdings.published_at,
            services=list(KEEPERS),
        )


class DeletionPart(BaseModel):
    """What one service had, by kind; `emptied_at` is null while the service is awaited."""

    service: str
    emptied_at: AwareDatetime | None
    gone: dict[str, int]


class DeletionReceipt(BaseModel):
    """What went: by kind in `gone`, by service in `parts`. Whatever extractions published that started up to
    `deleted_until` can be read no more from the moment of the request; `awaited` are the services that have not said
    yet that they keep nothing of it either."""

    id: UUID
    state: Literal["running", "done"]
    deleted_until: AwareDatetime
    requested_by: str
    requested_at: AwareDatetime
    finished_at: AwareDatetime | None
    awaited: list[str]
    gone: dict[str, int]
    parts: list[DeletionPart]

    @classmethod
    def of(cls, receipt: Receipt) -> Self:
        return cls(
            id=receipt.id,
            state="running" if receipt.awaited else "done",
            deleted_until=receipt.deleted_until,
            requested_by=receipt.requested_by,
            requested_at=receipt.requested_at,
            finished_at=receipt.finished_at,
            awaited=list(receipt.awaited),
            gone=dict(receipt.gone),
            parts=[
                DeletionPart(service=part.service, emptied_at=part.emptied_at, gone=dict(part.gone))
                for part in receipt.parts
            ],
        )


class DeletionList(BaseModel):
    """The latest first; `next`, where there is more, is the `cursor` of the next page."""

    items: list[DeletionReceipt]
    next: str | None


class Administrator:
    """Who asks: an administrator of a client, whose session lasts."""

    def __init__(self, client: str, token: str, actor: Actor) -> None:
        self.client = client
        self.token = token
        self.actor = actor


def router(use: Deletions, verifier: Verifier, auth: Auth) -> APIRouter:
    """For administrators of the client only."""
    routes = APIRouter(prefix="/deletions", tags=["deletions"])
    authorise = only(verifier, "administrator")

    async def administrator(request: Request) -> Administrator:
        claims = await authorise(request)
        if claims.client is None:
            raise Unauthenticated("The access token names no client. Sign in again.")
        token = bearer_token(request)
        await auth.rights(token)
        return Administrator(claims.client, token, actor_of(request, claims))

    Asking = Annotated[Administrator, Depends(administrator)]  # noqa: N806 - a type

    @routes.post("", status_code=202, responses=problems(401, 403, 409, 422))
    async def delete_everything(
        who: Asking, body: Confirmation, response: Response, idempotency_key: IdempotencyKey = None
    ) -> Requested:
        """Delete everything that the client ever published. From the answer on nothing of it can be read."""
        deletion_id = await use.request(who.actor, who.client, who.token, body.confirm, idempotency_key)
        response.headers["Location"] = f"/publisher/v1/deletions/{deletion_id}"
        return Requested(id=deletion_id)

    @routes.get("/preview", responses=problems(401, 403))
    async def preview_deletion(who: Asking) -> Preview:
        """What a deletion would take."""
        return Preview.of(await use.preview(who.client))

    @routes.get("", responses=problems(401, 403, 422))
    async def list_deletions(
        who: Asking,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        cursor: Annotated[str | None, Query(max_length=200, description="`next` of the page before")] = None,
    ) -> DeletionList:
        """The client's deletions, the latest first."""
        found = await use.latest(who.client, _position(cursor) if cursor is not None else None, limit + 1)
        page = found[:limit]
        return DeletionList(
            items=[DeletionReceipt.of(receipt) for receipt in page],
            next=_cursor(page[-1]) if len(found) > limit else None,
        )

    @routes.get("/{deletion_id}", responses=problems(401, 403, 404, 422))
    async def show_deletion(who: Asking, deletion_id: UUID) -> DeletionReceipt:
        """The receipt: what went, when, by whom, and which services are still awaited."""
        return DeletionReceipt.of(await use.show(who.client, deletion_id))

    return routes


def _cursor(receipt: Receipt) -> str:
    return urlsafe_b64encode(f"{utc_text(receipt.requested_at)} {receipt.id}".encode()).decode()


def _position(cursor: str) -> tuple[datetime, UUID]:
    try:
        moment, _, deletion_id = urlsafe_b64decode(cursor.encode()).decode().partition(" ")
        return datetime.fromisoformat(moment).astimezone(UTC), UUID(deletion_id)
    except ValueError:
        raise Unprocessable("This cursor is not one that was given here. Start again without it.") from None
