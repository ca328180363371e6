"""The whole answer of `vigie extract` about a dossier folder: exit status, result document, anomalies."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from .accounting import accounting_indicators
from .anomalies import findings
from .folder import read
from .model import Dossier, Finding, FiscalYear
from .money import byte_order
from .periods import Periods, Span, current_year, overlap, periods
from .sales import sales_indicators
from .scope import Figures, Scope
from .verdict import Criteria, verdicts


@dataclass(frozen=True)
class Answer:
    """`status` 0: all scopes; 1: some left out; 2: none.

    `verdicts` are the failing criteria of R8 under each reading of it: where one of them fails, the answer may be 2
    instead. `undecided` names what the definitions do not decide.
    """

    status: int
    document: dict[str, object]
    scopes: dict[tuple[str, str], Figures]
    findings: tuple[Finding, ...]
    verdicts: frozenset[Criteria]
    undecided: tuple[str, ...]


def _dates(span: Span) -> list[str]:
    return [span.start.isoformat(), span.end.isoformat()]


def _document_of(kind: str, code: str, name: str, scope: Scope) -> Figures:
    # `periods` and `currency` are those of the first company by code.
    first = scope.dossier.companies[scope.members[0]]
    own = scope.periods[first.code]
    reporting = scope.dossier.parameters.currency == "reporting"
    return {
        "kind": kind,
        "code": code,
        "name": name,
        "currency": first.reporting_currency if reporting else first.accounting_currency,
        "periods": {"month": _dates(own.month), "year": _dates(own.year)},
        "indicators": sales_indicators(scope) | accounting_indicators(scope),
    }


def _left_out(dossier: Dossier, as_of: date) -> tuple[dict[str, FiscalYear], list[Finding]]:
    """The current year of each company that has one, and why the others are left out."""
    current: dict[str, FiscalYear] = {}
    found: list[Finding] = []
    for code in dossier.companies:
        years = dossier.fiscal_years[code]
        year = current_year(years, as_of)
        if overlap(years):
            found.append(Finding("overlapping_fiscal_years", code))
            if year is None:
                found.append(Finding("no_fiscal_year", code, certain=False))
        elif year is None:
            found.append(Finding("no_fiscal_year", code))
        else:
            current[code] = year
    return current, found


def scopes_of(folder: Path, as_of: date) -> dict[tuple[str, str], Scope]:
    """The scopes that have figures, by kind and code, for whoever asks what the figures are made of."""
    dossier = read(folder)
    current, _ = _left_out(dossier, as_of)
    own: dict[str, Periods] = {code: periods(dossier.fiscal_years[code], year, as_of) for code, year in current.items()}
    found = {("company", code): Scope(dossier, (code,), own, as_of) for code in own}
    for family in dossier.families:
        members = tuple(sorted(set(family.members), key=byte_order))
        if all(member in own for member in members):
            found["family", family.code] = Scope(dossier, members, own, as_of)
    return found


def answer(folder: Path, as_of: date) -> Answer:
    """What indicators.md and contract.md say about the dossier in `folder` at the system date `as_of`."""
    dossier = read(folder)
    current, found = _left_out(dossier, as_of)
    own: dict[str, Periods] = {code: periods(dossier.fiscal_years[code], year, as_of) for code, year in current.items()}
    scopes: dict[tuple[str, str], Figures] = {}
    for code in own:
        scope = Scope(dossier, (code,), own, as_of)
        scopes["company", code] = _document_of("company", code, dossier.companies[code].name, scope)
    for family in dossier.families:
        # A member named twice counts once; one that is left out or does not exist leaves the family out.
        members = tuple(sorted(set(family.members), key=byte_order))
        if all(member in own for member in members):
            scope = Scope(dossier, members, own, as_of)
            scopes["family", family.code] = _document_of("family", family.code, family.name, scope)
        else:
            found.append(Finding("family_incomplete"))
            if any(member not in dossier.companies for member in members):
                found.append(Finding("unknown_company", certain=False))
    wanted = len(dossier.companies) + len(dossier.families)
    sales = next(iter(scopes.values()))["indicators"] if scopes else {}
    assert isinstance(sales, dict)
    return Answer(
        status=2 if not scopes else 1 if len(scopes) < wanted else 0,
        document={"as_of": as_of.isoformat(), "scopes": list(scopes.values())},
        scopes=scopes,
        findings=(*found, *findings(dossier, own, as_of, sales.get("commercial_revenue", {}))),
        verdicts=frozenset(verdicts(dossier, current)),
        undecided=tuple(dossier.undecided),
    )
