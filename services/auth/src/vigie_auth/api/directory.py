"""The calls about the dossier, its companies and its families."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response

from vigie_auth.api.callers import caller
from vigie_auth.api.directory_forms import (
    CompanyForm,
    DirectoryAnswer,
    DossierForm,
    FamilyForm,
    Imported,
    ImportForm,
    PublishedForm,
)
from vigie_auth.api.forms import Code, Page, after, page, problems, tagged
from vigie_auth.handlers import directory, imports, published
from vigie_auth.handlers.announcements import company_data, family_data
from vigie_auth.handlers.directory import Wanted
from vigie_auth.handlers.documents import DossierDocument, PublishedIndicators
from vigie_auth.handlers.sessions import Caller
from vigie_shared.access import Verifier
from vigie_shared.database import Pool
from vigie_shared.events import CompanyData, FamilyData
from vigie_shared.preconditions import Expected

Limit = Annotated[int, Query(ge=1, le=500, description="How many at most")]
Cursor = Annotated[str | None, Query(max_length=400, description="The `next` of the part before")]
Search = Annotated[
    str,
    Query(
        max_length=200,
        pattern=r"^[^\x00]*$",
        description="Words that are all in code, shortcut code or name, whatever their case and accents",
    ),
]
ToExtract = Annotated[bool | None, Query(description="Only those with this tick")]
InPath = Annotated[Code, Path()]


def routes(pool: Pool, verifier: Verifier) -> APIRouter:
    """Administrators change; preparers read."""
    router = APIRouter(prefix="/admin", tags=["directory"])
    administrator = Annotated[Caller, Depends(caller(verifier, "administrator"))]
    reader = Annotated[Caller, Depends(caller(verifier, "administrator", "preparer"))]

    @router.get("/directory", responses=problems(401, 403))
    async def read_directory(who: reader) -> DirectoryAnswer:
        """All of the directory."""
        return DirectoryAnswer.of(await directory.read(pool, who))

    @router.put("/directory/import", responses=problems(401, 403, 409, 422))
    async def import_directory(who: administrator, form: ImportForm) -> Imported:
        """Bring the companies and families of a source in, all or none; ticks, rights and shortcut codes are kept."""
        planned = await imports.import_directory(
            pool,
            who,
            kind=form.dossier_kind,
            companies=[one.company() for one in form.companies],
            families=[one.family() for one in form.families],
            dry_run=form.dry_run,
        )
        return Imported.of(planned)

    @router.get("/dossier", responses=problems(401, 403))
    async def get_dossier(who: reader, response: Response) -> DossierDocument:
        """Whether the dossier is single-base or multi-base."""
        return tagged(response, await directory.read_dossier(pool, who))

    @router.put("/dossier", responses=problems(401, 403, 409, 412, 422))
    async def set_dossier(
        who: administrator, form: DossierForm, expected: Expected, response: Response
    ) -> DossierDocument:
        """Say whether the dossier is single-base or multi-base."""
        await directory.set_dossier(pool, who, form.kind, expected=expected)
        return tagged(response, DossierDocument(kind=form.kind))

    @router.get("/published-indicators", responses=problems(401, 403))
    async def get_published(who: reader, response: Response) -> PublishedIndicators:
        """Which indicators the client publishes."""
        return tagged(response, await published.read_published(pool, who))

    @router.put("/published-indicators", responses=problems(401, 403, 412, 422))
    async def put_published(
        who: administrator, form: PublishedForm, expected: Expected, response: Response
    ) -> PublishedIndicators:
        """Publish these indicators and no other, from now on."""
        return tagged(response, await published.set_published(pool, who, form.indicators, expected))

    @router.get("/companies", responses=problems(401, 403, 422))
    async def list_companies(
        who: reader, cursor: Cursor = None, limit: Limit = 100, q: Search = "", to_extract: ToExtract = None
    ) -> Page[CompanyData]:
        """Companies by code."""
        found = await directory.list_companies(pool, who, _wanted(cursor, limit, q, to_extract))
        return page([company_data(one) for one in found], [one.code for one in found], limit)

    @router.get("/companies/{code}", responses=problems(401, 403, 404, 422))
    async def get_company(who: reader, code: InPath, response: Response) -> CompanyData:
        """One company."""
        return tagged(response, company_data(await directory.find_company(pool, who, code)))

    @router.put("/companies/{code}", responses=problems(401, 403, 409, 412, 422))
    async def put_company(
        who: administrator, code: InPath, form: CompanyForm, expected: Expected, response: Response
    ) -> CompanyData:
        """Add a company, or replace it."""
        company = form.company(code)
        await directory.save_company(pool, who, company, expected=expected)
        return tagged(response, company_data(company))

    @router.delete("/companies/{code}", status_code=204, responses=problems(401, 403, 404, 409, 412, 422))
    async def delete_company(who: administrator, code: InPath, expected: Expected) -> None:
        """Remove a company that no family and no user holds on to."""
        await directory.remove_company(pool, who, code, expected=expected)

    @router.get("/families", responses=problems(401, 403, 422))
    async def list_families(
        who: reader, cursor: Cursor = None, limit: Limit = 100, q: Search = "", to_extract: ToExtract = None
    ) -> Page[FamilyData]:
        """Families by code; none in a multi-base dossier."""
        found = await directory.list_families(pool, who, _wanted(cursor, limit, q, to_extract))
        return page([family_data(one) for one in found], [one.code for one in found], limit)

    @router.get("/families/{code}", responses=problems(401, 403, 404, 409, 422))
    async def get_family(who: reader, code: InPath, response: Response) -> FamilyData:
        """One family."""
        return tagged(response, family_data(await directory.find_family(pool, who, code)))

    @router.put("/families/{code}", responses=problems(401, 403, 409, 412, 422))
    async def put_family(
        who: administrator, code: InPath, form: FamilyForm, expected: Expected, response: Response
    ) -> FamilyData:
        """Add a family, or replace it; in a single-base dossier only."""
        saved = await directory.save_family(pool, who, form.family(code), expected=expected)
        return tagged(response, family_data(saved))

    @router.delete("/families/{code}", status_code=204, responses=problems(401, 403, 404, 409, 412, 422))
    async def delete_family(who: administrator, code: InPath, expected: Expected) -> None:
        """Remove a family that no user holds on to."""
        await directory.remove_family(pool, who, code, expected=expected)

    return router


def _wanted(cursor: str | None, limit: int, search: str, to_extract: bool | None) -> Wanted:
    """The asked part, with one more to see whether others follow."""
    return Wanted(after(cursor), limit + 1, search, to_extract)
