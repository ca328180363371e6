"""The forms of the directory."""

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from vigie_auth.api.forms import Answer, Code, Currency, IsoDate, Name, Rate, Request
from vigie_auth.domain.directory import Company, DossierKind, Family, FiscalYear
from vigie_auth.domain.imports import Import
from vigie_auth.handlers.announcements import company_data, family_data
from vigie_auth.handlers.directory import SeenDirectory
from vigie_shared.events import CompanyData, FamilyData

Unit = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z-]{0,19}$")]
"""The unit of a fiscal year's periods: `month`, `quarter`, ..."""


class FiscalYearForm(Request):
    """`start` and `end` are the first and the last day, both included."""

    start: IsoDate
    end: IsoDate
    unit: Unit


class CompanyForm(Request):
    """A company as it is saved. Without `reporting_currency` it reports in its accounting currency."""

    name: Name
    shortcut_code: Code
    accounting_currency: Currency
    reporting_currency: Currency | None = None
    reporting_rate: Rate = "1"
    fiscal_years: Annotated[tuple[FiscalYearForm, ...], Field(max_length=200)] = ()
    to_extract: bool = True

    def company(self, code: str) -> Company:
        return Company(
            code=code,
            shortcut_code=self.shortcut_code,
            name=self.name,
            accounting_currency=self.accounting_currency,
            reporting_currency=self.reporting_currency or self.accounting_currency,
            reporting_rate=Decimal(self.reporting_rate),
            fiscal_years=tuple(FiscalYear(year.start, year.end, year.unit) for year in self.fiscal_years),
            to_extract=self.to_extract,
        )


class FamilyForm(Request):
    """A family as it is saved."""

    name: Name
    shortcut_code: Code
    companies: Annotated[tuple[Code, ...], Field(min_length=1, max_length=10_000)]
    to_extract: bool = True

    def family(self, code: str) -> Family:
        return Family(code, self.shortcut_code, self.name, self.companies, self.to_extract)


class DossierForm(Request):
    kind: DossierKind


class PublishedForm(Request):
    """The indicators to publish; null for all, also those that come later."""

    indicators: Annotated[tuple[Code, ...], Field(max_length=17)] | None


class ImportedCompany(Request):
    """A company as a source tells of it. Without a shortcut code a new one is named by its code."""

    code: Code
    name: Name
    shortcut_code: Code | None = None
    accounting_currency: Currency
    reporting_currency: Currency | None = None
    reporting_rate: Rate = "1"
    fiscal_years: Annotated[tuple[FiscalYearForm, ...], Field(max_length=200)] = ()

    def company(self) -> Company:
        form = CompanyForm(
            **self.model_dump(exclude={"code", "shortcut_code"}), shortcut_code=self.shortcut_code or self.code
        )
        return form.company(self.code)


class ImportedFamily(Request):
    """A family as a source tells of it. Without a shortcut code a new one is named by its code."""

    code: Code
    name: Name
    shortcut_code: Code | None = None
    companies: Annotated[tuple[Code, ...], Field(min_length=1, max_length=10_000)]

    def family(self) -> Family:
        return Family(self.code, self.shortcut_code or self.code, self.name, self.companies, True)


class ImportForm(Request):
    """What a source holds; with `dry_run` nothing is saved."""

    dossier_kind: DossierKind
    companies: Annotated[tuple[ImportedCompany, ...], Field(max_length=10_000)]
    families: Annotated[tuple[ImportedFamily, ...], Field(max_length=10_000)] = ()
    dry_run: bool = False


class Created(Answer):
    kind: Literal["company", "family"]
    code: str


class Changed(Answer):
    """A member with another value than before. The dossier's own kind is told with `kind` and `code` `dossier`."""

    kind: Literal["company", "family", "dossier"]
    code: str
    field: str
    before: Any
    after: Any


class Imported(Answer):
    """What an import changes; `unchanged` counts companies and families that are as they were."""

    created: list[Created]
    changed: list[Changed]
    unchanged: int

    @classmethod
    def of(cls, planned: Import) -> "Imported":
        return cls.model_validate(
            {
                "created": [{"kind": key.kind, "code": key.code} for key in planned.created],
                "changed": [
                    {
                        "kind": change.kind,
                        "code": change.code,
                        "field": change.field,
                        "before": change.before,
                        "after": change.after,
                    }
                    for change in planned.changed
                ],
                "unchanged": planned.unchanged,
            }
        )


class DirectoryAnswer(Answer):
    """All companies and families by code, and which companies the one who asks may extract."""

    dossier_kind: DossierKind | None
    companies: list[CompanyData]
    families: list[FamilyData]
    may_extract: list[str]

    @classmethod
    def of(cls, seen: SeenDirectory) -> "DirectoryAnswer":
        return cls(
            dossier_kind=seen.directory.dossier_kind,
            companies=[company_data(company) for company in seen.directory.companies],
            families=[family_data(family) for family in seen.directory.families],
            may_extract=list(seen.may_extract),
        )
