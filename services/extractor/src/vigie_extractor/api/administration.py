"""Publication credentials and sources: what a client's administrator sets up once."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response

from vigie_extractor.api.asker import Asker, asking
from vigie_extractor.api.documents import (
    CredentialsBody,
    CredentialsDocument,
    ImportBody,
    SourceBody,
    SourceContent,
    SourceList,
    SourceName,
    WatchDocument,
)
from vigie_extractor.api.problems import problems
from vigie_extractor.api.tags import tagged
from vigie_extractor.auth import ImportResult
from vigie_extractor.handlers.answers import SourceDocument
from vigie_extractor.handlers.credentials import Credentials
from vigie_extractor.handlers.sources import Sources
from vigie_shared.access import Verifier
from vigie_shared.preconditions import Expected

Name = Annotated[SourceName, Path(description="The name of the source, chosen by the client", examples=["books"])]
EvenIfUsed = Annotated[bool, Query(description="Forget it although companies to extract depend on it")]


def administration(verifier: Verifier, credentials: Credentials, sources: Sources) -> APIRouter:
    """The routes of an administrator."""
    router = APIRouter(prefix="/admin")
    Administrator = Annotated[Asker, Depends(asking(verifier, "administrator"))]  # noqa: N806 - a type

    @router.put("/publication-credentials", status_code=204, responses=problems(422, 429), tags=["credentials"])
    async def register_publication_credentials(who: Administrator, body: CredentialsBody) -> None:
        """Register the client's publication credentials, once auth has accepted them."""
        await credentials.register(who.client, who.actor, body.client_code, body.password)

    @router.post("/publication-credentials/test", responses=problems(409, 429), tags=["credentials"])
    async def test_publication_credentials(who: Administrator) -> CredentialsDocument:
        """Ask auth now whether the registered credentials are good; `last_check` is what it says."""
        return CredentialsDocument.of(await credentials.test(who.client, who.actor))

    @router.get("/publication-credentials", responses=problems(), tags=["credentials"])
    async def show_publication_credentials(who: Administrator) -> CredentialsDocument:
        """Whether credentials are registered, since when, and what auth last said of them."""
        return CredentialsDocument.of(await credentials.show(who.client))

    @router.get("/sources", responses=problems(), tags=["sources"])
    async def list_sources(who: Administrator) -> SourceList:
        """All sources of the client, by name."""
        return SourceList(items=tuple(SourceDocument.of(one) for one in await sources.all(who.client)))

    @router.put(
        "/sources/{name}",
        responses={201: {"model": SourceDocument, "description": "A new source"}, **problems(409, 412, 422)},
        tags=["sources"],
    )
    async def save_source(
        who: Administrator, name: Name, body: SourceBody, expected: Expected, response: Response
    ) -> SourceDocument:
        """Add a source, or change it."""
        source = body.source(name)
        if await sources.save(who.client, who.actor, source, expected):
            response.status_code = 201
        return tagged(response, SourceDocument.of(source))

    @router.get("/sources/{name}", responses=problems(404, 422), tags=["sources"])
    async def show_source(who: Administrator, name: Name, response: Response) -> SourceDocument:
        return tagged(response, SourceDocument.of(await sources.show(who.client, name)))

    @router.delete("/sources/{name}", status_code=204, responses=problems(404, 409, 412, 422), tags=["sources"])
    async def remove_source(
        who: Administrator, name: Name, expected: Expected, even_if_used: EvenIfUsed = False
    ) -> None:
        """Forget a source; what was published from it stays. While something depends on it, that is named instead."""
        await sources.remove(who.client, who.actor, who.token, name, even_if_used=even_if_used, expected=expected)

    @router.get("/sources/{name}/watch", responses=problems(404, 409, 422), tags=["sources"])
    async def show_watch(who: Administrator, name: Name) -> WatchDocument:
        """When the folder of a watched source was looked at, and what keeps its new files from being extracted."""
        return WatchDocument.of(await sources.watch(who.client, name))

    @router.get("/sources/{name}/companies", responses=problems(404, 409, 422), tags=["sources"])
    async def list_source_companies(who: Administrator, name: Name) -> SourceContent:
        """The companies and families that the source holds now."""
        return SourceContent.of(await sources.structure(who.client, name))

    @router.post("/sources/{name}/import", responses=problems(404, 409, 422), tags=["sources"])
    async def import_source(who: Administrator, name: Name, body: ImportBody) -> ImportResult:
        """Bring the companies and families of the source into the directory, or see what that would change."""
        return await sources.bring_into_directory(who.client, who.actor, who.token, name, dry_run=body.dry_run)

    return router
