"""Which companies and families can be computed at the system date, and why the others are left out."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from vigie_extractor.domain.anomalies import Anomaly, AnomalyCode, anomaly
from vigie_extractor.domain.company import Company, Family, Structure
from vigie_extractor.domain.parameters import DisplayCurrency
from vigie_extractor.domain.selection import Scopes
from vigie_extractor.engine import Engine
from vigie_extractor.indicators.families import Scope
from vigie_extractor.indicators.periods import Periods, periods_of
from vigie_extractor.indicators.result import ScopeKind
from vigie_extractor.indicators.timeline import Timeline, register, timeline_of
from vigie_extractor.outcome import LeftOut
from vigie_extractor.sources.canonical import Entries, Missing


@dataclass(frozen=True, slots=True)
class ReadyCompany:
    """A company that is computed. `rate` turns its sums into the currency shown."""

    company: Company
    position: int
    periods: Periods
    timeline: Timeline
    currency: str
    rate: Decimal


@dataclass(frozen=True, slots=True)
class Ready:
    """Everything that is computed. `codes` are all known company codes by position, in byte order."""

    as_of: date
    companies: Mapping[int, ReadyCompany]
    scopes: tuple[Scope, ...]
    left_out: tuple[LeftOut, ...]
    anomalies: tuple[Anomaly, ...]
    codes: tuple[str, ...]
    entries: Entries | Missing
    rated: bool

    @property
    def timelines(self) -> dict[int, Timeline]:
        return {position: company.timeline for position, company in self.companies.items()}

    def position_of(self, code: str) -> int | None:
        """The position of a computed company."""
        return next((p for p, ready in self.companies.items() if ready.company.code == code), None)


def know_companies(engine: Engine, structure: Structure) -> None:
    """Makes the DuckDB table `known_companies(position, code, years)`; positions follow the byte order of the codes."""
    engine.run(
        'CREATE TEMP TABLE known_companies (position INTEGER, code VARCHAR, years STRUCT("start" DATE, "end" DATE)[])'
    )
    companies = sorted(structure.companies, key=lambda company: company.code.encode())
    engine.insert(
        "known_companies",
        [
            (position, company.code, [{"start": year.start, "end": year.end} for year in company.fiscal_years])
            for position, company in enumerate(companies)
        ],
    )


def get_ready(
    engine: Engine,
    structure: Structure,
    scopes: Scopes,
    *,
    as_of: date | None,
    currency: DisplayCurrency,
    entries: Entries | Missing,
) -> Ready:
    """`as_of` None stands for the last day that lies in the latest fiscal year of every company.

    Also makes the DuckDB tables `computed(position, company, year_start, rate)`, `scope_members(scope, position)` and
    those of indicators.timeline."""
    codes = tuple(sorted((company.code for company in structure.companies), key=str.encode))
    positions = {code: position for position, code in enumerate(codes)}
    wanted = scopes.read
    if as_of is None:
        as_of = min((max(y.end for y in c.fiscal_years) for c in wanted if c.fiscal_years), default=date.max)
    anomalies: list[Anomaly] = []
    ready: dict[str, ReadyCompany] = {}
    for company in wanted:
        checked = _check(company, as_of)
        if isinstance(checked, Anomaly):
            anomalies.append(checked)
            continue
        accounting = currency is DisplayCurrency.ACCOUNTING
        ready[company.code] = ReadyCompany(
            company=company,
            position=positions[company.code],
            periods=checked,
            timeline=timeline_of(checked, company.fiscal_years),
            currency=company.accounting_currency if accounting else company.reporting_currency,
            rate=Decimal(1) if accounting else company.reporting_rate,
        )
    left_out = [LeftOut(ScopeKind.COMPANY, c.code) for c in scopes.companies if c.code not in ready]
    computed = [_company_scope(ready[c.code]) for c in scopes.companies if c.code in ready]
    for family in scopes.families:
        problem = _incomplete(family, structure, ready)
        if problem:
            anomalies.append(problem)
            left_out.append(LeftOut(ScopeKind.FAMILY, family.code))
        else:
            computed.append(_family_scope(family, [ready[code] for code in family.companies]))
    numbered = tuple(replace(scope, number=number) for number, scope in enumerate(computed))
    result = Ready(
        as_of=as_of,
        companies={company.position: company for company in ready.values()},
        scopes=numbered,
        left_out=tuple(left_out),
        anomalies=tuple(anomalies),
        codes=codes,
        entries=entries,
        rated=currency is DisplayCurrency.REPORTING,
    )
    _register(engine, result)
    return result


def _check(company: Company, as_of: date) -> Periods | Anomaly:
    """The company's periods, or why it is left out."""
    overlapping = company.overlapping_years()
    if overlapping:
        years = " and ".join(f"{year.start}/{year.end}" for year in overlapping)
        detail = f"the fiscal years {years} of {company.code} overlap; correct their dates"
        return anomaly(AnomalyCode.OVERLAPPING_FISCAL_YEARS, detail, company.code)
    if not company.fiscal_years:
        detail = f"{company.code} has no fiscal year; declare its years"
        return anomaly(AnomalyCode.NO_FISCAL_YEAR, detail, company.code)
    periods = periods_of(company, as_of)
    if periods is None:
        detail = f"no declared fiscal year of {company.code} contains {as_of}; declare it"
        return anomaly(AnomalyCode.NO_FISCAL_YEAR, detail, company.code)
    return periods


def _incomplete(family: Family, structure: Structure, ready: Mapping[str, ReadyCompany]) -> Anomaly | None:
    missing = [code for code in family.companies if code not in ready]
    if family.companies and not missing:
        return None
    reasons = [f"{code} is left out" if structure.company(code) else f"{code} does not exist" for code in missing]
    detail = f"family {family.code} is left out: {', '.join(reasons) or 'it has no company'}"
    return anomaly(AnomalyCode.FAMILY_INCOMPLETE, detail, count=max(len(missing), 1))


def _company_scope(ready: ReadyCompany) -> Scope:
    company = ready.company
    return Scope(0, ScopeKind.COMPANY, company.code, company.name, ready.currency, ready.periods, (ready.position,))


def _family_scope(family: Family, members: list[ReadyCompany]) -> Scope:
    first = members[0]
    positions = tuple(member.position for member in members)
    return Scope(0, ScopeKind.FAMILY, family.code, family.name, first.currency, first.periods, positions)


def _register(engine: Engine, ready: Ready) -> None:
    register(engine, ready.timelines, ready.codes)
    engine.run("CREATE TEMP TABLE computed (position INTEGER, company VARCHAR, year_start DATE, rate DECIMAL(16,10))")
    engine.insert("computed", [(p, c.company.code, c.periods.year.start, c.rate) for p, c in ready.companies.items()])
    engine.run("CREATE TEMP TABLE scope_members (scope INTEGER, position INTEGER)")
    engine.insert("scope_members", [(scope.number, p) for scope in ready.scopes for p in scope.positions])
