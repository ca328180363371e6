"""The verdict of R8: may these companies of a single-base dossier be extracted together?

Every failing criterion is returned, each with all the companies and the value each of them has, never only the first.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from vigie_extractor.domain.company import Company, DossierKind


class Criterion(StrEnum):
    ACCESS_RIGHTS = "access_rights"
    FISCAL_PERIODS = "fiscal_periods"
    TIME_UNIT = "time_unit"
    ACCOUNTING_CURRENCY = "accounting_currency"
    REPORTING_CURRENCY = "reporting_currency"


@dataclass(frozen=True, slots=True)
class CriterionFailure:
    """A criterion that fails: `values[i]` is what `companies[i]` has."""

    criterion: Criterion
    companies: tuple[str, ...]
    values: tuple[str, ...]

    def describe(self) -> str:
        pairs = (f"{code} {value or '(none)'}" for code, value in zip(self.companies, self.values, strict=True))
        return f"{self.criterion}: {'; '.join(pairs)}"


@dataclass(frozen=True, slots=True)
class Verdict:
    failures: tuple[CriterionFailure, ...] = ()

    @property
    def ok(self) -> bool:
        return not self.failures


def _periods(company: Company) -> str:
    return ", ".join(f"{year.start}/{year.end}" for year in sorted(company.fiscal_years))


def _units(company: Company) -> str:
    return ", ".join(sorted({year.unit.strip().casefold() for year in company.fiscal_years}))


_IDENTICAL: tuple[tuple[Criterion, Callable[[Company], str]], ...] = (
    (Criterion.FISCAL_PERIODS, _periods),
    (Criterion.TIME_UNIT, _units),
    (Criterion.ACCOUNTING_CURRENCY, lambda company: company.accounting_currency),
    (Criterion.REPORTING_CURRENCY, lambda company: company.reporting_currency),
)


def verdict(kind: DossierKind, companies: Sequence[Company], may_extract: Collection[str] | None = None) -> Verdict:
    """R8 over the companies of one extraction.

    `may_extract` holds the codes the person extracting has access to; None when there is no such person (the command
    line), and then `access_rights` is not judged. The other criteria compare several companies of a single-base
    dossier: one company alone meets them, and a multi-base dossier is not judged by them.
    """
    failures = []
    if may_extract is not None:
        denied = tuple(company.code for company in companies if company.code not in may_extract)
        if denied:
            failures.append(CriterionFailure(Criterion.ACCESS_RIGHTS, denied, ("no access",) * len(denied)))
    if kind is DossierKind.SINGLE_BASE:
        for criterion, value_of in _IDENTICAL:
            values = tuple(value_of(company) for company in companies)
            if len(set(values)) > 1:
                failures.append(CriterionFailure(criterion, tuple(company.code for company in companies), values))
    return Verdict(tuple(failures))
