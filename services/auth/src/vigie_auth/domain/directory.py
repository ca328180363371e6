"""Companies and families of a client's dossier, and the rules that hold between them (R3, shortcut codes)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Literal

from vigie_auth.domain.findings import Finding
from vigie_shared.words import folded

DossierKind = Literal["single-base", "multi-base"]
Kind = Literal["company", "family"]


@dataclass(frozen=True, order=True)
class ScopeKey:
    """Names a company or a family of a client."""

    kind: Kind
    code: str

    def __str__(self) -> str:
        return f"{self.kind} {self.code}"


@dataclass(frozen=True)
class NamedScope:
    """A company or a family as people meet it."""

    key: ScopeKey
    name: str
    shortcut_code: str


@dataclass(frozen=True)
class FiscalYear:
    """First and last day, both included; `unit` is the unit of its periods (`month`, `quarter`, ...)."""

    start: date
    end: date
    unit: str


@dataclass(frozen=True)
class Company:
    """A legal entity with its own books; `reporting_rate` is reporting units per accounting unit."""

    code: str
    shortcut_code: str
    name: str
    accounting_currency: str
    reporting_currency: str
    reporting_rate: Decimal
    fiscal_years: tuple[FiscalYear, ...]
    to_extract: bool

    @property
    def key(self) -> ScopeKey:
        return ScopeKey("company", self.code)


@dataclass(frozen=True)
class Family:
    """A named set of companies of a single-base dossier; saved ones have their companies in order."""

    code: str
    shortcut_code: str
    name: str
    companies: tuple[str, ...]
    to_extract: bool

    @property
    def key(self) -> ScopeKey:
        return ScopeKey("family", self.code)

    def in_order(self) -> "Family":
        """The same family with its companies by code."""
        return replace(self, companies=tuple(sorted(self.companies)))


@dataclass(frozen=True)
class Directory:
    """All companies and families of a client, each by code. `dossier_kind` is none until it was first set."""

    dossier_kind: DossierKind | None
    companies: tuple[Company, ...]
    families: tuple[Family, ...]

    def shortcut_codes(self) -> dict[str, ScopeKey]:
        """Whose each shortcut code is, by its folded form."""
        every: list[Company | Family] = [*self.companies, *self.families]
        return {folded(scope.shortcut_code): scope.key for scope in every}

    def company_codes(self) -> frozenset[str]:
        return frozenset(company.code for company in self.companies)


def fiscal_year_findings(years: Sequence[FiscalYear]) -> list[Finding]:
    """Fiscal years are given in order, each ends after it starts, and no two share a day."""
    findings = []
    for index, year in enumerate(years):
        if year.end <= year.start:
            findings.append(
                Finding(f"fiscal_years.{index}.end", f"{year.end} is not after the start of the year, {year.start}")
            )
        if index == 0:
            continue
        before = years[index - 1]
        if year.start < before.start:
            findings.append(
                Finding(
                    f"fiscal_years.{index}.start",
                    f"{year.start} is before {before.start}, the start of the year above it; put the years in order",
                )
            )
        elif year.start <= before.end:
            findings.append(
                Finding(
                    f"fiscal_years.{index}.start", f"{year.start} is within the year above it, which ends {before.end}"
                )
            )
    return findings


def shortcut_clash(shortcut_codes: Mapping[str, ScopeKey], key: ScopeKey, shortcut_code: str) -> ScopeKey | None:
    """The other company or family that already answers to this shortcut code, in whatever case."""
    holder = shortcut_codes.get(folded(shortcut_code))
    return holder if holder is not None and holder != key else None


def member_findings(companies: Iterable[str], known: frozenset[str]) -> list[Finding]:
    """A family is made of companies that exist, each once."""
    findings, seen = [], set()
    for index, code in enumerate(companies):
        if code not in known:
            findings.append(Finding(f"companies.{index}", f"there is no company {code}"))
        if code in seen:
            findings.append(Finding(f"companies.{index}", f"the company {code} stands here twice"))
        seen.add(code)
    return findings


def why_no_family(dossier_kind: DossierKind | None) -> str | None:
    """Why a family cannot be saved in this dossier (R3), or none when it can."""
    match dossier_kind:
        case "single-base":
            return None
        case "multi-base":
            return "The dossier is multi-base: families do not exist in it."
        case None:
            return (
                "Families exist in a single-base dossier only; say first that it is one (PUT /auth/v1/admin/dossier)."
            )


def why_not_multi_base(families: Iterable[str]) -> str | None:
    """Why a dossier cannot become multi-base: families that exist (R3), by name."""
    names = sorted(families)
    if not names:
        return None
    return f"A multi-base dossier has no families; delete these first: {', '.join(names)}."
