"""The reads. They are few: the gateway keeps the bytes."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict

from vigie_publisher.domain.documents import Document, Explanation, etag, explanation_etag, visible
from vigie_publisher.domain.publication import Version
from vigie_publisher.storage import explanations, publications
from vigie_shared.access import CUT_HEADER, Auth, Claims, Rights, Verifier, bearer_token, only
from vigie_shared.conditional import holds
from vigie_shared.database import Pool, transaction
from vigie_shared.errors import NotFound, Unauthenticated, Unprocessable
from vigie_shared.events import Scope, ScopeKind, utc_text
from vigie_shared.service import problems

_PRIVATE = {"Cache-Control": "private, no-cache", "Vary": "Authorization"}


class HeadItem(BaseModel):
    """The snapshot that stands for a scope, without its figures."""

    kind: ScopeKind
    code: str
    name: str
    as_of: date
    published_at: AwareDatetime
    etag: str
    extraction_id: UUID


class Heads(BaseModel):
    heads: list[HeadItem]


class SnapshotDocument(BaseModel):
    """A snapshot, cut to the indicators that its reader may see. Amounts are decimal strings."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "kind": "company",
                "code": "ACME",
                "name": "Acme",
                "currency": "EUR",
                "as_of": "2026-11-24",
                "published_at": "2026-11-24T18:00:00Z",
                "extraction_id": "0b0c1f6e-9c1c-4f0e-8d6f-2f6c7c1f6a11",
                "periods": {"month": ["2026-11-01", "2026-11-24"]},
                "indicators": {"treasury_position": {"available": True, "amount": "5230.10"}},
            }
        }
    )

    kind: ScopeKind
    code: str
    name: str
    currency: str
    as_of: date
    published_at: AwareDatetime
    extraction_id: UUID
    periods: dict[str, tuple[date, date]]
    indicators: dict[str, dict[str, Any]]


class HistoryItem(BaseModel):
    """One indicator as it was at one publication."""

    as_of: date
    published_at: AwareDatetime
    extraction_id: UUID
    indicator: dict[str, Any]


class History(BaseModel):
    """Newest first; `next`, where there is more, is the `cursor` of the next page."""

    kind: ScopeKind
    code: str
    indicator: str
    items: list[HistoryItem]
    next: str | None


class ExplanationDocument(BaseModel):
    """What a figure is made of: rows, the rest as one sum, and the rounding, which add up to it to the cent."""

    kind: ScopeKind
    code: str
    name: str
    currency: str
    as_of: date
    published_at: AwareDatetime
    extraction_id: UUID
    indicator: str
    explanation: dict[str, Any]


def router(pool: Pool, verifier: Verifier, auth: Auth) -> APIRouter:
    """The reads: heads, snapshots, history and explanations."""
    routes = APIRouter()
    authorise = only(verifier, "mobile", "preparer", "administrator")

    async def reader(request: Request, claims: Annotated[Claims, Depends(authorise)]) -> Reader:
        if claims.client is None:
            raise Unauthenticated("The access token names no client. Sign in again.")
        return Reader(claims.client, await auth.rights(bearer_token(request)))

    @routes.get("/heads", responses=problems(401, 403))
    async def heads(response: Response, reading: Annotated[Reader, Depends(reader)]) -> Heads:
        """What is published of the scopes that the user may see: companies one by one, then families."""
        async with transaction(pool, reading.client) as connection:
            found = await publications.heads(connection, reading.client, reading.scopes)
        response.headers.update({**_PRIVATE, CUT_HEADER: reading.rights.view})
        return Heads(
            heads=[
                HeadItem(
                    kind=head.scope.kind,
                    code=head.scope.code,
                    name=head.name,
                    as_of=head.as_of,
                    published_at=head.published_at,
                    etag=etag(head.extraction_id, reading.rights.cut),
                    extraction_id=head.extraction_id,
                )
                for head in found
            ]
        )

    @routes.get(
        "/snapshots/{kind}/{code}",
        response_model=SnapshotDocument,
        responses={304: {"description": "Not Modified"}, **problems(401, 403, 404, 422)},
    )
    async def snapshot(
        kind: ScopeKind,
        code: str,
        reading: Annotated[Reader, Depends(reader)],
        if_none_match: Annotated[str | None, Header()] = None,
    ) -> Response:
        """The snapshot that stands for a scope, cut to the user's rights (R2)."""
        scope = reading.scope(kind, code)
        async with transaction(pool, reading.client) as connection:
            document = await publications.snapshot(connection, reading.client, scope)
        if document is None:
            raise _not_found(scope)
        tag = etag(document.head.extraction_id, reading.rights.cut)
        headers = {**_PRIVATE, "ETag": tag, CUT_HEADER: reading.rights.cut}
        if holds(if_none_match, tag):
            return Response(status_code=304, headers=headers)
        body = _shown(document, reading.rights).model_dump_json()
        return Response(body, headers=headers, media_type="application/json")

    @routes.get("/snapshots/{kind}/{code}/history", responses=problems(401, 403, 404, 422))
    async def history(
        *,
        response: Response,
        kind: ScopeKind,
        code: str,
        indicator: Annotated[str, Query(examples=["treasury_position"])],
        reading: Annotated[Reader, Depends(reader)],
        cursor: str | None = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> History:
        """An indicator at each past publication of a scope, newest first."""
        scope = reading.scope(kind, code)
        reading.may_see(indicator)
        before = _version(cursor) if cursor is not None else None
        async with transaction(pool, reading.client) as connection:
            found = await publications.history(
                connection, reading.client, scope, indicator, before=before, limit=limit + 1
            )
        page = found[:limit]
        response.headers.update(_PRIVATE)
        return History(
            kind=kind,
            code=code,
            indicator=indicator,
            items=[
                HistoryItem(
                    as_of=past.as_of,
                    published_at=past.published_at,
                    extraction_id=past.extraction_id,
                    indicator=dict(past.indicator),
                )
                for past in page
            ],
            next=_cursor(Version(page[-1].started_at, page[-1].extraction_id)) if len(found) > limit else None,
        )

    @routes.get(
        "/snapshots/{kind}/{code}/explanations/{indicator}",
        response_model=ExplanationDocument,
        responses={304: {"description": "Not Modified"}, **problems(401, 403, 404, 422)},
    )
    async def explanation(
        kind: ScopeKind,
        code: str,
        indicator: Annotated[str, Path(max_length=64, examples=["treasury_position"])],
        reading: Annotated[Reader, Depends(reader)],
        if_none_match: Annotated[str | None, Header()] = None,
    ) -> Response:
        """What a figure of the snapshot that stands is made of (R14), as it came with the same extraction."""
        scope = reading.scope(kind, code)
        reading.may_see(indicator)
        async with transaction(pool, reading.client) as connection:
            found = await explanations.find(connection, reading.client, scope, indicator)
        if found is None:
            raise NotFound(
                f"There is no explanation of {indicator!r} for {scope.kind} {scope.code!r} here. If its figures were "
                "published a moment ago, ask again in a moment."
            )
        tag = explanation_etag(found.head.extraction_id, indicator)
        headers = {**_PRIVATE, "ETag": tag}
        if holds(if_none_match, tag):
            return Response(status_code=304, headers=headers)
        return Response(_made_of(found).model_dump_json(), headers=headers, media_type="application/json")

    return routes


def _made_of(found: Explanation) -> ExplanationDocument:
    head = found.head
    return ExplanationDocument(
        kind=head.scope.kind,
        code=head.scope.code,
        name=head.name,
        currency=found.currency,
        as_of=head.as_of,
        published_at=head.published_at,
        extraction_id=head.extraction_id,
        indicator=found.indicator,
        explanation=dict(found.made_of),
    )


class Reader:
    """Who reads: a user of one client, with the rights of this moment."""

    def __init__(self, client: str, rights: Rights) -> None:
        self.client = client
        self.rights = rights
        self.scopes = [Scope(kind=scope.kind, code=scope.code) for scope in rights.scopes]

    def scope(self, kind: ScopeKind, code: str) -> Scope:
        """The scope of that name. Raises NotFound, as for an unknown one, where the user may not see it (R13)."""
        scope = Scope(kind=kind, code=code)
        if scope not in self.scopes:
            raise _not_found(scope)
        return scope

    def may_see(self, indicator: str) -> None:
        """Raises NotFound where the indicator is not the user's (R2)."""
        if self.rights.indicators is not None and indicator not in self.rights.indicators:
            raise NotFound(f"There is no indicator {indicator!r} here for you.")


def _not_found(scope: Scope) -> NotFound:
    return NotFound(f"Nothing is published here for {scope.kind} {scope.code!r}, or it is not for you.")


def _shown(document: Document, rights: Rights) -> SnapshotDocument:
    head = document.head
    return SnapshotDocument(
        kind=head.scope.kind,
        code=head.scope.code,
        name=head.name,
        currency=document.currency,
        as_of=head.as_of,
        published_at=head.published_at,
        extraction_id=head.extraction_id,
        periods=dict(document.periods),
        indicators=visible(document.indicators, rights.indicators),
    )


def _cursor(version: Version) -> str:
    return urlsafe_b64encode(f"{utc_text(version.started_at)} {version.extraction_id}".encode()).decode()


def _version(cursor: str) -> Version:
    try:
        moment, _, extraction_id = urlsafe_b64decode(cursor.encode()).decode().partition(" ")
        version = Version(datetime.fromisoformat(moment), UUID(extraction_id))
    except ValueError:
        raise Unprocessable("This cursor is not one that was given here. Start again without it.") from None
    if version.started_at.tzinfo is None:
        raise Unprocessable("This cursor is not one that was given here. Start again without it.")
    return version
