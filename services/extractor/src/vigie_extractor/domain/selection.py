"""Which scopes an extraction is about, and which companies it must read for them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from vigie_extractor.domain.company import Company, DossierKind, Family, FiscalYear, Structure


class UnknownScopeError(Exception):
    """A company or family was asked for that the source does not hold (or families in a multi-base dossier, R3)."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Codes asked for. Both None: everything the source holds. One given alone: only that."""

    companies: tuple[str, ...] | None = None
    families: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Scopes:
    """`companies` and `families` are published; `read` are all companies whose rows are needed, in source order."""

    companies: tuple[Company, ...]
    families: tuple[Family, ...]
    read: tuple[Company, ...]

    def with_years(self, years: Mapping[str, tuple[FiscalYear, ...]]) -> "Scopes":
        """The same, with these fiscal years for the companies they name; they count as declared from here on."""

        def dated(companies: tuple[Company, ...]) -> tuple[Company, ...]:
            return tuple(replace(one, fiscal_years=years.get(one.code, one.fiscal_years)) for one in companies)

        return Scopes(dated(self.companies), self.families, dated(self.read))


def choose(structure: Structure, selection: Selection) -> Scopes:
    """The scopes of a selection, in the order of the source.

    Raises UnknownScopeError naming every code that the source does not hold.
    """
    everything = selection.companies is None and selection.families is None
    wanted = set(selection.companies or ())
    wanted_families = set(selection.families or ())
    unknown = sorted(wanted - {company.code for company in structure.companies})
    if unknown:
        known = ", ".join(company.code for company in structure.companies) or "none"
        raise UnknownScopeError(f"no such company: {', '.join(unknown)} (companies here: {known})")
    if wanted_families and structure.kind is DossierKind.MULTI_BASE:
        raise UnknownScopeError("families do not exist in a multi-base dossier: ask for companies")
    unknown = sorted(wanted_families - {family.code for family in structure.families})
    if unknown:
        known = ", ".join(family.code for family in structure.families) or "none"
        raise UnknownScopeError(f"no such family: {', '.join(unknown)} (families here: {known})")
    companies = tuple(c for c in structure.companies if everything or c.code in wanted)
    families = tuple(f for f in structure.families if everything or f.code in wanted_families)
    members = {code for family in families for code in family.companies}
    chosen = {company.code for company in companies}
    read = tuple(c for c in structure.companies if c.code in chosen or c.code in members)
    return Scopes(companies, families, read)
