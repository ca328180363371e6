"""A scope is one company, or the companies of a family, with all that a figure of theirs needs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from .model import Dossier
from .money import ZERO, byte_order, cents, total
from .periods import Periods, Span

Figures = dict[str, object]


@dataclass(frozen=True)
class Scope:
    """`members` are in the byte order of their codes, each once, each with its own periods."""

    dossier: Dossier
    members: tuple[str, ...]
    periods: dict[str, Periods]
    as_of: date

    def rate(self, company: str) -> Decimal:
        """With the reporting currency, amounts are multiplied by the rate after summation, before the rounding."""
        reporting = self.dossier.parameters.currency == "reporting"
        return self.dossier.companies[company].reporting_rate if reporting else Decimal(1)

    def rounded(self, company: str, amounts: Iterable[Decimal]) -> Decimal:
        """The one rounding: once, per company, on an exact sum."""
        return cents(total(amounts), self.rate(company))

    def added(self, amounts: Callable[[str], Iterable[Decimal]]) -> Decimal:
        """A family adds the rounded amounts of its companies."""
        return total(self.rounded(company, amounts(company)) for company in self.members)

    def netted(self, amounts: Callable[[str], dict[str, list[Decimal]]]) -> dict[str, Decimal]:
        """Groups are rounded per company, then netted by code over the family."""
        result: dict[str, Decimal] = {}
        for company in self.members:
            for code, parts in amounts(company).items():
                result[code] = result.get(code, ZERO) + self.rounded(company, parts)
        return result


def flows(scope: Scope, flow: Callable[[Callable[[str], Span]], str]) -> Figures:
    """The fields of a revenue: `flow` answers for the periods, which each company may have its own of."""

    def in_every_company(span: Span) -> Callable[[str], Span]:
        return lambda _: span

    return {
        "available": True,
        "month": flow(lambda company: scope.periods[company].month),
        "month_previous_year": flow(lambda company: scope.periods[company].month_previous_year),
        "year": flow(lambda company: scope.periods[company].year),
        "year_previous": flow(lambda company: scope.periods[company].year_previous),
        "series": [[month, flow(in_every_company(span))] for month, span in scope.periods[scope.members[0]].series],
    }


def best_first(groups: dict[str, Decimal]) -> list[tuple[str, Decimal]]:
    """At most 5 of the groups above zero, amount descending, then code ascending in byte order."""
    above = [(code, amount) for code, amount in groups.items() if amount > ZERO]
    return sorted(above, key=lambda group: (-group[1], byte_order(group[0])))[:5]


def not_available(reason: str) -> Figures:
    return {"available": False, "reason": reason}
