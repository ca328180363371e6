"""The audit: who changed what, when and from where, written in the transaction of the change and never altered.

Each service keeps its own in its schema. The database lets a service's role add rows and read them, and nothing else.
`before` and `after` are what a reader of the thing was and is answered: no secret, no amount.
"""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict

from vigie_shared.access import Auth, Claims, Verifier, bearer_token, only
from vigie_shared.database import ALL_CLIENTS, Connection, Pool, transaction
from vigie_shared.errors import Unauthenticated, Unprocessable
from vigie_shared.events import ClientCode
from vigie_shared.service import problems

_ADD = """
INSERT INTO audit (client_code, actor_kind, actor, address, action, subject, before, after)
SELECT $1, $2, $3, $4, action, subject, before, after
FROM unnest($5::text[], $6::text[], $7::json[], $8::json[]) WITH ORDINALITY AS c (action, subject, before, after, nth)
ORDER BY nth
"""

_READ = """
SELECT position, recorded_at, client_code, actor_kind, actor, address, action, subject, before, after
FROM audit
WHERE ($1::text IS NULL OR client_code = $1)
  AND ($2::bigint IS NULL OR position < $2)
  AND ($3::text IS NULL OR action = $3)
  AND ($4::text IS NULL OR subject = $4)
  AND ($5::text IS NULL OR actor = $5)
  AND ($6::timestamptz IS NULL OR recorded_at >= $6)
  AND ($7::timestamptz IS NULL OR recorded_at < $7)
ORDER BY position DESC
LIMIT $8
"""

ActorKind = Literal["operator", "user", "service"]


@dataclass(frozen=True)
class Actor:
    """Who changes something: an operator of the platform, a user of a client, or a service by itself; `address` is
    where the request came from, where there was one."""

    kind: ActorKind
    name: str
    address: str | None


@dataclass(frozen=True)
class Change:
    """One thing that was changed. `action` says what was done (`company.saved`), `subject` to which one."""

    action: str
    subject: str
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None


def actor_of(request: Request, claims: Claims) -> Actor:
    """Who makes a request, by the access token that it was let in with."""
    return Actor("operator" if claims.role == "operator" else "user", claims.sub, _address_of(request))


async def record(
    connection: Connection,
    actor: Actor,
    *,
    client: str | None,
    action: str,
    subject: str,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Write down one change when the transaction of `connection` commits, which is bound to `client`; none stands for
    the platform."""
    await record_all(connection, actor, client=client, changes=[Change(action, subject, before, after)])


async def record_all(connection: Connection, actor: Actor, *, client: str | None, changes: Sequence[Change]) -> None:
    """As `record`, for many changes by one request, in their order."""
    await connection.execute(
        _ADD,
        client,
        actor.kind,
        actor.name,
        actor.address,
        [change.action for change in changes],
        [change.subject for change in changes],
        [_json(change.before) for change in changes],
        [_json(change.after) for change in changes],
    )


class AuditActor(BaseModel):
    """`address` is kept from a client's administrator where the actor is an operator of the platform."""

    model_config = ConfigDict(frozen=True)

    kind: ActorKind
    name: str
    address: str | None


class AuditItem(BaseModel):
    """One change. `before` is null for what was added, `after` for what was removed."""

    model_config = ConfigDict(frozen=True)

    id: int
    service: str
    at: AwareDatetime
    client: str | None
    actor: AuditActor
    action: str
    subject: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


class AuditPage(BaseModel):
    """Newest first; `next`, where it is not null, is the `cursor` of the next part."""

    model_config = ConfigDict(frozen=True)

    items: list[AuditItem]
    next: str | None


class AuditFilter(BaseModel):
    """Which changes are asked for: each member that is given must fit. `until` itself is left out."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    action: Annotated[str | None, Query(max_length=100, examples=["company.saved"])] = None
    subject: Annotated[str | None, Query(max_length=256)] = None
    actor: Annotated[str | None, Query(max_length=256, description="A user name or a service")] = None
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    cursor: Annotated[str | None, Query(max_length=40, description="The `next` of the part before")] = None
    limit: Annotated[int, Query(ge=1, le=500, description="How many at most")] = 100


class OperatorsAuditFilter(AuditFilter):
    client: ClientCode | None = None


StillSignedIn = Callable[[Request, Claims], Awaitable[object]]
"""Raises Unauthenticated when the session behind the token of a client's user has ended meanwhile."""


def as_auth_knows(auth: Auth) -> StillSignedIn:
    """Asks auth, for the services that keep no sessions themselves."""

    async def ask(request: Request, _claims: Claims) -> object:
        return await auth.rights(bearer_token(request))

    return ask


def audit_routes(pool: Pool, verifier: Verifier, service: str, *, still_signed_in: StillSignedIn) -> APIRouter:
    """The audit of `service`: an administrator reads that of the client, an operator of the platform all of it."""
    router = APIRouter(tags=["audit"])

    @router.get("/admin/audit", responses=problems(401, 403, 422))
    async def of_client(
        request: Request,
        claims: Annotated[Claims, Depends(only(verifier, "administrator"))],
        wanted: Annotated[AuditFilter, Query()],
    ) -> AuditPage:
        """What was changed of the administrator's client, and by whom."""
        if claims.client is None:
            raise Unauthenticated("The access token names no client. Sign in again.")
        await still_signed_in(request, claims)
        return await _page(pool, service, wanted, client=claims.client, all_addresses=False)

    @router.get(
        "/operator/audit",
        responses=problems(401, 403, 422),
        dependencies=[Depends(only(verifier, "operator"))],
    )
    async def of_platform(wanted: Annotated[OperatorsAuditFilter, Query()]) -> AuditPage:
        """What was changed of one client, or of all and of the platform, and by whom."""
        return await _page(pool, service, wanted, client=wanted.client, all_addresses=True)

    return router


async def _page(pool: Pool, service: str, wanted: AuditFilter, *, client: str | None, all_addresses: bool) -> AuditPage:
    async with transaction(pool, client or ALL_CLIENTS) as connection:
        rows = await connection.fetch(
            _READ,
            client,
            _position(wanted.cursor),
            wanted.action,
            wanted.subject,
            wanted.actor,
            wanted.since,
            wanted.until,
            wanted.limit + 1,
        )
    items = [
        AuditItem(
            id=row["position"],
            service=service,
            at=row["recorded_at"],
            client=row["client_code"],
            actor=AuditActor(
                kind=row["actor_kind"],
                name=row["actor"],
                address=row["address"] if all_addresses or row["actor_kind"] != "operator" else None,
            ),
            action=row["action"],
            subject=row["subject"],
            before=json.loads(row["before"]) if row["before"] is not None else None,
            after=json.loads(row["after"]) if row["after"] is not None else None,
        )
        for row in rows[: wanted.limit]
    ]
    return AuditPage(items=items, next=str(items[-1].id) if len(rows) > wanted.limit else None)


def _position(cursor: str | None) -> int | None:
    if cursor is None:
        return None
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) <= 18):
        raise Unprocessable("The cursor is not one that this list gave out. Start again without one.")
    return int(cursor)


def _json(value: Mapping[str, Any] | None) -> str | None:
    return json.dumps(value, ensure_ascii=False, default=_text) if value is not None else None


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _address_of(request: Request) -> str | None:
    return request.client.host if request.client else None
