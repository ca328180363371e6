"""Bringing the companies and families of a source into the directory ("Who owns what about companies").

The source is the origin of code, name, currencies, rate, fiscal years and membership; the directory owns shortcut
codes, the *to extract* ticks and the rights, and keeps them. What is in the directory only stays as it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from vigie_auth.domain.directory import (
    Company,
    Directory,
    DossierKind,
    Family,
    FiscalYear,
    ScopeKey,
    member_findings,
    shortcut_clash,
    why_not_multi_base,
)
from vigie_auth.domain.findings import Finding
from vigie_shared.words import folded

Value = str | list[str] | list[dict[str, str]] | None


@dataclass(frozen=True)
class Change:
    """A member whose value in the directory differs from the source's. The dossier's kind is a change of `dossier`."""

    kind: str
    code: str
    field: str
    before: Value
    after: Value


@dataclass(frozen=True)
class Import:
    """What importing comes to. With `conflicts`, nothing of it may be done."""

    dossier_kind: DossierKind
    companies: tuple[Company, ...]
    """New and changed ones, as they are to be saved."""
    families: tuple[Family, ...]
    created: tuple[ScopeKey, ...]
    changed: tuple[Change, ...]
    unchanged: int
    conflicts: tuple[Finding, ...]


def plan_import(
    directory: Directory, dossier_kind: DossierKind, companies: Sequence[Company], families: Sequence[Family]
) -> Import:
    """Compare what the source holds with the directory and say what is to be saved."""
    known_companies = {company.code: company for company in directory.companies}
    known_families = {family.code: family for family in directory.families}
    created: list[ScopeKey] = []
    changes: list[Change] = []
    saved: list[ScopeKey] = []
    to_save: list[Company | Family] = []
    if directory.dossier_kind != dossier_kind:
        changes.append(Change("dossier", "dossier", "kind", directory.dossier_kind, dossier_kind))
    every: list[Company | Family] = [*companies, *(family.in_order() for family in families)]
    for imported in every:
        known = (
            known_companies.get(imported.code) if isinstance(imported, Company) else known_families.get(imported.code)
        )
        if known is None:
            created.append(imported.key)
            to_save.append(imported)
            continue
        kept = replace(imported, shortcut_code=known.shortcut_code, to_extract=known.to_extract)
        differences = _differences(known, kept)
        if differences:
            to_save.append(kept)
            changes.extend(differences)
        else:
            saved.append(imported.key)
    return Import(
        dossier_kind=dossier_kind,
        companies=tuple(one for one in to_save if isinstance(one, Company)),
        families=tuple(one for one in to_save if isinstance(one, Family)),
        created=tuple(created),
        changed=tuple(changes),
        unchanged=len(saved),
        conflicts=tuple(_conflicts(directory, dossier_kind, companies, families, to_save)),
    )


def _differences(known: Company | Family, kept: Company | Family) -> list[Change]:
    before, after = _members(known), _members(kept)
    return [
        Change(kept.key.kind, kept.code, name, before[name], after[name])
        for name in after
        if before[name] != after[name]
    ]


def _members(scope: Company | Family) -> dict[str, Value]:
    if isinstance(scope, Family):
        return {"name": scope.name, "companies": list(scope.companies)}
    return {
        "name": scope.name,
        "accounting_currency": scope.accounting_currency,
        "reporting_currency": scope.reporting_currency,
        "reporting_rate": rate_text(scope.reporting_rate),
        "fiscal_years": [_year(year) for year in scope.fiscal_years],
    }


def _year(year: FiscalYear) -> dict[str, str]:
    return {"start": year.start.isoformat(), "end": year.end.isoformat(), "unit": year.unit}


def rate_text(rate: Decimal) -> str:
    """A rate as it is written: no exponent, and no zeros that say nothing, so that 1.10 and 1.1 are one rate."""
    text = format(rate, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _conflicts(
    directory: Directory,
    dossier_kind: DossierKind,
    companies: Sequence[Company],
    families: Sequence[Family],
    to_save: Sequence[Company | Family],
) -> list[Finding]:
    found: list[Finding] = []
    if dossier_kind == "multi-base":
        names = {family.code for family in (*directory.families, *families)}
        refused = why_not_multi_base(names)
        if refused is not None:
            found.append(Finding("dossier_kind", refused))
    found.extend(_twice("companies", [company.code for company in companies]))
    found.extend(_twice("families", [family.code for family in families]))
    known = directory.company_codes() | {company.code for company in companies}
    for index, family in enumerate(families):
        found.extend(
            Finding(f"families.{index}.{one.where}", one.what) for one in member_findings(family.companies, known)
        )
    shortcut_codes = directory.shortcut_codes()
    for scope in to_save:
        holder = shortcut_clash(shortcut_codes, scope.key, scope.shortcut_code)
        if holder is not None:
            found.append(
                Finding(str(scope.key), f"the shortcut code {scope.shortcut_code} is that of the {holder} already")
            )
        shortcut_codes[folded(scope.shortcut_code)] = scope.key
    return found


def _twice(place: str, codes: Sequence[str]) -> list[Finding]:
    first = {code: index for index, code in reversed(list(enumerate(codes)))}
    return [
        Finding(f"{place}.{index}.code", f"{code} stands here twice")
        for index, code in enumerate(codes)
        if index != first[code]
    ]
