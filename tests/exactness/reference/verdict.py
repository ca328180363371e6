"""R8: what several companies of a single-base dossier must have in common to be extracted together."""

from __future__ import annotations

from .model import Dossier, FiscalYear

Criteria = frozenset[str]


def failures(dossier: Dossier, companies: list[str], years: dict[str, list[FiscalYear]]) -> Criteria:
    """The criteria on which `companies` are at odds, `access_rights` aside, when `years` are their fiscal periods."""
    if dossier.parameters.kind != "single-base" or len(companies) < 2:
        return frozenset()
    values: dict[str, list[object]] = {
        "fiscal_periods": [{(year.start, year.end) for year in years[company]} for company in companies],
        "time_unit": [{year.unit for year in dossier.fiscal_years[company]} for company in companies],
        "accounting_currency": [dossier.companies[company].accounting_currency for company in companies],
        "reporting_currency": [dossier.companies[company].reporting_currency for company in companies],
    }
    return frozenset(criterion for criterion, of in values.items() if any(value != of[0] for value in of))


def verdicts(dossier: Dossier, current: dict[str, FiscalYear]) -> set[Criteria]:
    """The failing criteria under each reading of R8: one element where all readings agree.

    "Extracting several companies" may mean all of the dossier, or those that are not left out for their fiscal years;
    "identical fiscal periods" may mean all declared years, or those that contain the system date.
    """
    every = sorted(dossier.companies)
    remaining = sorted(current)
    current_only = {company: [current[company]] if company in current else [] for company in every}
    return {
        failures(dossier, companies, years)
        for companies in (every, remaining)
        for years in (dossier.fiscal_years, current_only)
    }
