"""Companies, their fiscal years, and the families that group them, as a source or the directory declares them."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise


class DossierKind(StrEnum):
    """Whether one database holds several companies (families exist, R3) or each company has its own."""

    SINGLE_BASE = "single-base"
    MULTI_BASE = "multi-base"


@dataclass(frozen=True, slots=True, order=True)
class FiscalYear:
    """A declared fiscal year, both ends included. It may last thirteen months or more."""

    start: date
    end: date
    unit: str = "month"

    def holds(self, day: date) -> bool:
        return self.start <= day <= self.end

    def overlaps(self, other: "FiscalYear") -> bool:
        return self.start <= other.end and other.start <= self.end


@dataclass(frozen=True, slots=True)
class Company:
    """A legal entity with its own books. `reporting_rate` is reporting units per accounting unit."""

    code: str
    name: str
    accounting_currency: str
    reporting_currency: str
    reporting_rate: Decimal = Decimal(1)
    fiscal_years: tuple[FiscalYear, ...] = ()
    shortcut_code: str = ""

    def year_holding(self, day: date) -> FiscalYear | None:
        return next((year for year in self.fiscal_years if year.holds(day)), None)

    def overlapping_years(self) -> tuple[FiscalYear, FiscalYear] | None:
        """The first two declared years that share a day, if any."""
        years = sorted(self.fiscal_years)
        return next(((one, other) for one, other in pairwise(years) if one.overlaps(other)), None)


@dataclass(frozen=True, slots=True)
class Family:
    """A named set of companies. `members` are codes as declared: repeated or unknown ones are kept for the checks."""

    code: str
    name: str
    members: tuple[str, ...]
    shortcut_code: str = ""

    @property
    def companies(self) -> tuple[str, ...]:
        """Member codes once each, in byte order of their UTF-8: the order in which a family looks for a label."""
        return tuple(sorted(set(self.members), key=str.encode))


@dataclass(frozen=True, slots=True)
class Structure:
    """What a source says about itself without reading a single sales line or entry."""

    kind: DossierKind
    companies: tuple[Company, ...]
    families: tuple[Family, ...] = ()
    _by_code: dict[str, Company] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_code", {company.code: company for company in self.companies})

    def company(self, code: str) -> Company | None:
        return self._by_code.get(code)
