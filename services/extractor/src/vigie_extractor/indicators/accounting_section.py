"""The four accounting indicators of every scope, and what they cannot be computed from."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from vigie_extractor.domain.anomalies import Anomaly
from vigie_extractor.domain.headings import CASH, INTERNAL_TRANSFERS
from vigie_extractor.domain.parameters import CashAccount, Parameters
from vigie_extractor.engine import Engine
from vigie_extractor.indicators.accounting import heading_holds, scan_entries, scan_parties, weigh
from vigie_extractor.indicators.balances import (
    CUSTOMERS,
    NOTHING_OUTSTANDING,
    SUPPLIERS,
    Balances,
    OpeningDay,
    count_cells,
    opening_years,
    read_balances,
    treasury_of,
)
from vigie_extractor.indicators.entry_findings import EntryFindings
from vigie_extractor.indicators.families import Scope, add_flows
from vigie_extractor.indicators.file_years import FileYear, file_years
from vigie_extractor.indicators.result import Flows, Indicator, IndicatorId, Unavailable, published
from vigie_extractor.indicators.sales import EXACT_ZERO, flow_sums
from vigie_extractor.indicators.sales_section import history_too_short, not_provided
from vigie_extractor.indicators.section import Section
from vigie_extractor.outcome import SeenCashAccount
from vigie_extractor.readiness import Ready
from vigie_extractor.sources.canonical import Entries, Missing

ACCOUNTING = (
    IndicatorId.ACCOUNTING_REVENUE,
    IndicatorId.TOP_CUSTOMER_OUTSTANDING,
    IndicatorId.TOP_SUPPLIER_OUTSTANDING,
    IndicatorId.TREASURY_POSITION,
)


@dataclass(frozen=True, slots=True)
class AccountingSection(Section):
    """Also the 53 accounts met, for whoever declares their option."""

    cash_accounts: tuple[SeenCashAccount, ...] = field(default=())


def accounting_section(
    engine: Engine, ready: Ready, parameters: Parameters, cash_accounts: Sequence[CashAccount]
) -> AccountingSection:
    if isinstance(ready.entries, Missing):
        nothing = dict.fromkeys(ACCOUNTING, Unavailable(ready.entries.reason))
        return AccountingSection({scope.number: nothing for scope in ready.scopes}, (), ())
    return _Books(engine, ready, ready.entries, parameters, cash_accounts).section()


class _Books:
    """The entries of one extraction once they have been scanned into cells."""

    def __init__(
        self,
        engine: Engine,
        ready: Ready,
        entries: Entries,
        parameters: Parameters,
        cash_accounts: Sequence[CashAccount],
    ) -> None:
        self._engine = engine
        self._as_of = ready.as_of
        self._parameters = parameters
        self._scan = scan_entries(
            engine,
            entries,
            ready.as_of,
            timelines=ready.timelines,
            net_revenue=parameters.headings.net_revenue,
        )
        self._entries = entries
        self._ready = ready
        self._companies = {
            position: company
            for position, company in ready.companies.items()
            if company.company.code not in entries.without
        }
        self._timelines = {position: company.timeline for position, company in self._companies.items()}
        self._positions = {company.company.code: position for position, company in self._companies.items()}
        self._file_years = self._years_of_files() if entries.is_fec else []
        self._openings = self._openings_of_files()
        self._declare(cash_accounts)

    def _declare(self, cash_accounts: Sequence[CashAccount]) -> None:
        self._engine.run(
            "CREATE TEMP TABLE declared_cash_accounts (position INTEGER, account VARCHAR, cash_account BOOLEAN)"
        )
        self._engine.insert(
            "declared_cash_accounts",
            [
                (self._positions[declared.company], declared.account, declared.cash_account)
                for declared in cash_accounts
                if declared.company in self._positions
            ],
        )
        self._declared = {(d.company, d.account): d.cash_account for d in cash_accounts}

    def _years_of_files(self) -> list[FileYear]:
        """The opening of a file whose year nobody can tell belongs to no year: its lines are refused."""
        found = file_years(self._engine, self._entries, self._timelines, self._positions)
        lost = [file_year.file.index for file_year in found if file_year.year is None]
        if lost:
            listed = ", ".join(str(index) for index in lost)
            for index, rows in self._engine.run(
                f"SELECT file, sum(lines)::BIGINT FROM cells WHERE opening AND file IN ({listed}) GROUP BY file"
            ):
                self._scan.refuse(index, "opening", rows)
            self._engine.run(f"DELETE FROM cells WHERE opening AND file IN ({listed})")
        return found

    def _openings_of_files(self) -> list[OpeningDay]:
        """The files that hold an opening: one without says nothing of the years before it."""
        opened = {file for (file,) in self._engine.run("SELECT DISTINCT file FROM cells WHERE opening")}
        return [
            OpeningDay(found.file.index, self._positions[found.file.company or ""], found.year)
            for found in self._file_years
            if found.year is not None and found.file.index in opened
        ]

    def section(self) -> AccountingSection:
        is_fec = self._entries.is_fec
        starts = opening_years(self._engine, self._as_of, is_fec, self._timelines, self._openings)
        since = (
            min((starts[p].start for p in self._companies), default=None)
            if len(starts) == len(self._companies)
            else None
        )
        headings = self._parameters.headings
        scan_parties(
            self._engine,
            self._entries,
            self._as_of,
            timelines=self._ready.timelines,
            since=since,
            headings=(
                headings.net_revenue,
                headings.customer_outstanding,
                headings.supplier_outstanding,
                headings.bank,
                CASH,
                INTERNAL_TRANSFERS,
            ),
            accounts={account for (_, account), option in self._declared.items() if option},
        )
        count_cells(
            self._engine,
            self._as_of,
            is_fec=is_fec,
            timelines=self._timelines,
            openings=self._openings,
            starts=starts,
        )
        balances = read_balances(self._engine, headings, self._ready.rated)
        earliest = self._earliest()
        revenue = self._revenue(earliest)
        indicators = {scope.number: self._of_scope(scope, revenue, balances) for scope in self._ready.scopes}
        findings = EntryFindings(
            engine=self._engine,
            entries=self._entries,
            scan=self._scan,
            imbalance=weigh(self._engine),
            companies=self._companies,
            codes=self._ready.codes,
            timelines=self._ready.timelines,
            file_years=self._file_years,
        )
        anomalies = [
            *findings.refused(),
            *findings.outside_year(),
            *findings.unbalanced(),
            *findings.later(),
            *self._history(revenue, earliest),
            *findings.without_opening(starts, earliest),
            *findings.cash_undeclared(balances.cash, self._declared),
            *findings.transfers_open(balances.transfers),
        ]
        return AccountingSection(indicators, tuple(anomalies), findings.counts(), self._seen(balances))

    def _earliest(self) -> dict[int, date]:
        """The first day on which a row of each company counts."""
        own_day = "WHERE NOT opening" if self._entries.is_fec else ""
        days = self._engine.run(f"SELECT position, min(first) FROM cells {own_day} GROUP BY position")
        days += [(opening.position, opening.year.start) for opening in self._openings]
        earliest: dict[int, date] = {}
        for position, day in days:
            earliest[position] = min(day, earliest.get(position, day))
        return earliest

    def _revenue(self, earliest: Mapping[int, date]) -> dict[int, Flows]:
        base: dict[int, dict[int, Decimal]] = defaultdict(lambda: defaultdict(lambda: EXACT_ZERO))
        for position, bucket, amount in self._engine.run(
            f"""
            SELECT position, coalesce(bucket, 0), -sum(amount) FROM cells
            WHERE NOT opening AND NOT closing AND NOT later
              AND {heading_holds("account", self._parameters.headings.net_revenue)}
            GROUP BY ALL
            """
        ):
            base[position][bucket] += amount
        revenue = {}
        for position, company in self._companies.items():
            flows, series = flow_sums(base[position], company.periods, company.timeline)
            revenue[position] = Flows(
                **{period: published(amount, company.rate) for period, amount in flows.items()},
                series=tuple((month, published(amount, company.rate)) for month, amount in series),
                not_provided=not_provided(company.periods, earliest.get(position)),
            )
        return revenue

    def _of_scope(self, scope: Scope, revenue: Mapping[int, Flows], balances: Balances) -> dict[IndicatorId, Indicator]:
        without = [self._ready.codes[position] for position in scope.positions if position not in self._companies]
        if without:
            reason = "; ".join(f"{code}: {self._entries.without[code]}" for code in without)
            return dict.fromkeys(ACCOUNTING, Unavailable(reason))
        number = scope.number
        return {
            IndicatorId.ACCOUNTING_REVENUE: add_flows([revenue[position] for position in scope.positions]),
            IndicatorId.TOP_CUSTOMER_OUTSTANDING: balances.outstanding.get((number, CUSTOMERS), NOTHING_OUTSTANDING),
            IndicatorId.TOP_SUPPLIER_OUTSTANDING: balances.outstanding.get((number, SUPPLIERS), NOTHING_OUTSTANDING),
            IndicatorId.TREASURY_POSITION: treasury_of(balances, scope.positions, self._ready.codes),
        }

    def _history(self, revenue: Mapping[int, Flows], earliest: Mapping[int, date]) -> list[Anomaly]:
        return [
            found
            for position, company in self._companies.items()
            for found in history_too_short(company, "entries", revenue[position], earliest.get(position))
        ]

    def _seen(self, balances: Balances) -> tuple[SeenCashAccount, ...]:
        return tuple(
            SeenCashAccount(code, cash.account, cash.label, self._declared.get((code, cash.account)))
            for cash in balances.cash
            for code in (self._ready.codes[cash.position],)
        )
