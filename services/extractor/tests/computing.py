"""Computations that a test holds in its hand, where the promise is about the run and not about its figures."""

import asyncio
from datetime import date

from vigie_extractor.domain.report import FileLine, ScopeLine
from vigie_extractor.indicators.periods import Period
from vigie_extractor.indicators.result import IndicatorId, ScopeKind, ScopeResult, Unavailable
from vigie_extractor.orders import Computed, Order


def scope(kind: ScopeKind, code: str) -> ScopeResult:
    """A scope of which no indicator is available."""
    return ScopeResult(
        kind,
        code,
        code.capitalize(),
        "EUR",
        Period(date(2026, 11, 1), date(2026, 11, 24)),
        Period(date(2026, 1, 1), date(2026, 11, 24)),
        dict.fromkeys(IndicatorId, Unavailable("there are no sales lines")),
    )


async def everything_asked_for(order: Order) -> Computed:
    """Every scope that was asked for."""
    companies = [scope(ScopeKind.COMPANY, one.code) for one in order.scopes.companies]
    families = [scope(ScopeKind.FAMILY, one.code) for one in order.scopes.families]
    file = FileLine(source="books", file="sales_lines.csv", present=13, read=12, refused=1)
    return Computed((*companies, *families), files=(file,))


async def nothing(_order: Order) -> Computed:
    """Nothing that could be extracted."""
    anomaly = {"code": "no_fiscal_year", "severity": "error", "count": 1, "company": "NORD", "detail": "none"}
    return Computed(anomalies=(anomaly,), left_out=(ScopeLine(kind="company", code="NORD"),))


class Held:
    """A computation that begins, and ends only once it is let go."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.let_go = asyncio.Event()
        self.orders: list[Order] = []
        self.stopped = 0

    async def __call__(self, order: Order) -> Computed:
        self.orders.append(order)
        self.begun.set()
        try:
            await self.let_go.wait()
        except asyncio.CancelledError:
            self.stopped += 1
            raise
        return await everything_asked_for(order)
