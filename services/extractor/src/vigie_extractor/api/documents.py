"""The bodies of administration: publication credentials and sources; and what all bodies have in common."""

from datetime import date
from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import Header
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, SecretStr, StringConstraints, field_validator

from vigie_extractor.domain.company import Company, Family, Structure
from vigie_extractor.domain.source import Source, SourceKind
from vigie_extractor.handlers.answers import Answer, SourceDocument
from vigie_extractor.storage.credentials import Registration
from vigie_extractor.storage.watches import WatchReport
from vigie_shared.events import ClientCode

Code = Annotated[str, StringConstraints(pattern=r"^[^/\x00-\x1f\x7f]{1,64}$")]
"""The code of a company or a family: printable, without a slash."""

SourceName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        description="The same key and body again have the same answer and no effect; another body is refused",
    ),
]

Codes = Annotated[tuple[Code, ...], Field(max_length=10_000)]


class Body(BaseModel):
    """A request: an unknown member is refused, because it would be a wish that nobody fulfils."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Problem(Answer):
    """A problem document (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[dict[str, Any]]


class CredentialsBody(Body):
    client_code: ClientCode = Field(examples=["DEMO"])
    password: SecretStr = Field(min_length=1, max_length=1024)


class LastCheck(Answer):
    """`outcome` is `accepted`, `client_suspended` or `credentials_refused`: auth's latest word."""

    at: AwareDatetime
    outcome: str


class CredentialsDocument(Answer):
    """Whether publication credentials are registered; never the credentials."""

    registered: bool
    registered_at: AwareDatetime | None
    last_check: LastCheck | None

    @classmethod
    def of(cls, registration: Registration | None) -> Self:
        if registration is None:
            return cls(registered=False, registered_at=None, last_check=None)
        last = LastCheck(at=registration.checked_at, outcome=registration.check_outcome)
        return cls(registered=True, registered_at=registration.registered_at, last_check=last)


class SourceBody(Body):
    """`companies` none: all companies of the client are read there. `watch`: a new or changed file starts an extraction
    of what is ticked *to extract* of this source, with the rights of whoever saves it."""

    kind: SourceKind
    location: str = Field(min_length=1, max_length=4096, examples=["/srv/books/acme"])
    companies: Codes | None = None
    watch: bool = False

    @field_validator("kind", mode="before")
    @classmethod
    def _known_kind(cls, value: object) -> object:
        if value not in [kind.value for kind in SourceKind]:
            kinds = " and ".join(kind.value for kind in SourceKind)
            raise ValueError(f"there are the kinds {kinds}")
        return value

    def source(self, name: str) -> Source:
        companies = None if self.companies is None else tuple(sorted(set(self.companies)))
        return Source(name, self.kind, self.location, companies, self.watch)


class WatchDocument(Answer):
    """`waits_for`: why files that are new or changed are not extracted yet; null where there are none."""

    looked_at: AwareDatetime
    waits_for: str | None
    last_extraction: UUID | None

    @classmethod
    def of(cls, report: WatchReport) -> Self:
        return cls(looked_at=report.looked_at, waits_for=report.watched.waits_for, last_extraction=report.last_run_id)


class SourceList(Answer):
    items: tuple[SourceDocument, ...]
    next: str | None = None


class FiscalYearDocument(Answer):
    start: date
    end: date
    unit: str


class SourceCompany(Answer):
    code: str
    shortcut_code: str
    name: str
    accounting_currency: str
    reporting_currency: str
    reporting_rate: str
    fiscal_years: tuple[FiscalYearDocument, ...]

    @classmethod
    def of(cls, company: Company) -> Self:
        return cls(
            code=company.code,
            shortcut_code=company.shortcut_code or company.code,
            name=company.name,
            accounting_currency=company.accounting_currency,
            reporting_currency=company.reporting_currency,
            reporting_rate=format(company.reporting_rate, "f"),
            fiscal_years=tuple(
                FiscalYearDocument(start=year.start, end=year.end, unit=year.unit) for year in company.fiscal_years
            ),
        )


class SourceFamily(Answer):
    code: str
    shortcut_code: str
    name: str
    companies: tuple[str, ...]

    @classmethod
    def of(cls, family: Family) -> Self:
        return cls(
            code=family.code,
            shortcut_code=family.shortcut_code or family.code,
            name=family.name,
            companies=family.companies,
        )


class SourceContent(Answer):
    """What a source holds: the kind of its dossier, its companies, and its families if it can have any."""

    dossier_kind: str
    items: tuple[SourceCompany, ...]
    families: tuple[SourceFamily, ...]
    next: str | None = None

    @classmethod
    def of(cls, structure: Structure) -> Self:
        return cls(
            dossier_kind=structure.kind.value,
            items=tuple(SourceCompany.of(company) for company in structure.companies),
            families=tuple(SourceFamily.of(family) for family in structure.families),
        )


class ImportBody(Body):
    """`dry_run`: tell what would change, and change nothing."""

    dry_run: bool = False
