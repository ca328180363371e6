"""What the extractor asks of auth: whether credentials are good, the directory, and the right to publish (R1)."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

import httpx2
from pydantic import AwareDatetime, BaseModel, ConfigDict, SecretStr

from vigie_extractor.domain.company import Company, DossierKind, Family, FiscalYear, Structure
from vigie_shared import access
from vigie_shared.access import Rights, call
from vigie_shared.errors import Conflict, Forbidden, TooManyRequests, Unauthenticated, Unprocessable
from vigie_shared.events import CompanyData, FamilyData, Scope

GrantRefusal = Literal["client_suspended", "credentials_refused"]
CheckOutcome = Literal["accepted", "client_suspended", "credentials_refused"]
"""What auth says of publication credentials."""


class Directory(BaseModel):
    """Companies and families of a client, and the companies that one user may extract."""

    model_config = ConfigDict(frozen=True)

    dossier_kind: DossierKind | None
    companies: tuple[CompanyData, ...]
    families: tuple[FamilyData, ...]
    may_extract: tuple[str, ...]

    def structure(self, *, only_to_extract: bool = False) -> Structure:
        """The companies and families, or those ticked *to extract*. A dossier whose kind was never said holds no
        families (R3)."""
        return Structure(
            self.dossier_kind or DossierKind.MULTI_BASE,
            tuple(_company(one) for one in self.companies if one.to_extract or not only_to_extract),
            tuple(_family(one) for one in self.families if one.to_extract or not only_to_extract),
        )


class Granted(BaseModel):
    """Auth lets this extraction publish. `started_at`, by auth's clock, is the version of all its snapshots;
    `published_indicators` are those that the client publishes, none: all (R2)."""

    model_config = ConfigDict(frozen=True)

    grant: str
    started_at: AwareDatetime
    directory: Directory
    published_indicators: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class GrantRefused:
    """Auth does not let this client publish (R1)."""

    reason: GrantRefusal


class PublishedIndicators(BaseModel):
    """The indicators that a client publishes; none: all (R2)."""

    model_config = ConfigDict(frozen=True)

    indicators: tuple[str, ...] | None


class DirectoryChange(BaseModel):
    """One field that an import changes, with both values. The dossier's own kind is a change of `dossier`."""

    kind: Literal["company", "family", "dossier"]
    code: str
    field: str
    before: Any
    after: Any


class ImportResult(BaseModel):
    """What an import into the directory changed, or would change."""

    created: tuple[Scope, ...]
    changed: tuple[DirectoryChange, ...]
    unchanged: int


class Auth:
    """Calls to auth. Each raises ServiceUnavailable while auth is away."""

    def __init__(self, http: httpx2.AsyncClient, address: str) -> None:
        self._http = http
        self._prefix = f"{address}/auth/v1"
        self._shared = access.Auth(http, address)

    async def check(self, client: str, password: SecretStr) -> CheckOutcome:
        """Whether these publication credentials are good now. Raises TooManyRequests when asked too often."""
        response = await call(
            self._http,
            "POST",
            f"{self._prefix}/publication-credentials/checks",
            json={"client_code": client, "password": password.get_secret_value()},
        )
        _refuse(response, but={422})
        if response.status_code != 422:
            return "accepted"
        return "client_suspended" if response.json().get("reason") == "client_suspended" else "credentials_refused"

    async def directory(self, token: str) -> Directory:
        """The directory as the bearer of `token` may use it. Raises Unauthenticated when the session has ended."""
        response = await call(self._http, "GET", f"{self._prefix}/admin/directory", token=token)
        _refuse(response)
        return Directory.model_validate_json(response.content)

    async def published_indicators(self, token: str) -> PublishedIndicators:
        """Which indicators the client of `token` publishes. Raises Unauthenticated when the session has ended."""
        response = await call(self._http, "GET", f"{self._prefix}/admin/published-indicators", token=token)
        _refuse(response)
        return PublishedIndicators.model_validate_json(response.content)

    async def publish_indicators(self, token: str, published: PublishedIndicators) -> None:
        """Have these indicators published from now on, and no other (R2)."""
        response = await call(
            self._http,
            "PUT",
            f"{self._prefix}/admin/published-indicators",
            token=token,
            json=published.model_dump(mode="json"),
        )
        _refuse(response)

    async def rights(self, token: str) -> Rights:
        """What the bearer of `token` may see and extract now. Raises Unauthenticated when the session has ended."""
        return await self._shared.rights(token)

    async def import_structure(self, token: str, structure: Structure, *, dry_run: bool) -> ImportResult:
        """Bring the companies and families of a source into the directory, all or nothing, or see what that would do.

        Raises what auth refuses it with: Unauthenticated, Forbidden, Conflict or Unprocessable.
        """
        response = await call(
            self._http,
            "PUT",
            f"{self._prefix}/admin/directory/import",
            token=token,
            json={
                "dossier_kind": structure.kind.value,
                "companies": [_company_document(company) for company in structure.companies],
                "families": [_family_document(family) for family in structure.families],
                "dry_run": dry_run,
            },
        )
        _refuse(response)
        return ImportResult.model_validate_json(response.content)

    async def grant(
        self, client: str, password: SecretStr, extraction_id: UUID, username: str
    ) -> Granted | GrantRefused:
        """The right to publish one extraction, with the directory and the rights of whoever asked for it."""
        response = await call(
            self._http,
            "POST",
            f"{self._prefix}/publication-grants",
            json={
                "client_code": client,
                "password": password.get_secret_value(),
                "extraction_id": str(extraction_id),
                "username": username,
            },
        )
        _refuse(response, but={403})
        if response.status_code == 403:
            return GrantRefused(response.json()["reason"])
        return Granted.model_validate_json(response.content)


def _refuse(response: httpx2.Response, but: frozenset[int] | set[int] = frozenset()) -> None:
    """Raise what auth answers as an error of our own, in auth's words; statuses in `but` are the caller's to read."""
    status = response.status_code
    if status < 400 or status in but:
        return
    if status == 429:
        raise TooManyRequests(_detail(response), retry_after=int(response.headers.get("retry-after", "1")))
    kinds = {401: Unauthenticated, 403: Forbidden, 409: Conflict}
    raise kinds.get(status, Unprocessable)(_detail(response), errors=response.json().get("errors", ()))


def _detail(response: httpx2.Response) -> str:
    return str(response.json().get("detail", "auth refuses the request"))


def _company(data: CompanyData) -> Company:
    return Company(
        code=data.code,
        name=data.name,
        accounting_currency=data.accounting_currency,
        reporting_currency=data.reporting_currency,
        reporting_rate=Decimal(data.reporting_rate),
        fiscal_years=tuple(FiscalYear(year.start, year.end, year.unit) for year in data.fiscal_years),
        shortcut_code=data.shortcut_code,
    )


def _family(data: FamilyData) -> Family:
    return Family(data.code, data.name, data.companies, data.shortcut_code)


def _company_document(company: Company) -> dict[str, Any]:
    return {
        "code": company.code,
        "shortcut_code": company.shortcut_code or company.code,
        "name": company.name,
        "accounting_currency": company.accounting_currency,
        "reporting_currency": company.reporting_currency,
        "reporting_rate": format(company.reporting_rate, "f"),
        "fiscal_years": [
            {"start": year.start.isoformat(), "end": year.end.isoformat(), "unit": year.unit}
            for year in company.fiscal_years
        ],
    }


def _family_document(family: Family) -> dict[str, Any]:
    return {
        "code": family.code,
        "shortcut_code": family.shortcut_code or family.code,
        "name": family.name,
        "companies": list(family.companies),
    }
