"""The walk of the figures.

open the tables -> (the caller judges R8) -> readiness (which companies) -> indicators.sales_section,
indicators.accounting_section -> indicators.explanations -> outcome
"""

from dataclasses import dataclass
from datetime import date

from vigie_extractor.domain.criteria import Verdict
from vigie_extractor.domain.parameters import Parameters
from vigie_extractor.domain.selection import Scopes
from vigie_extractor.engine import Engine
from vigie_extractor.indicators.accounting_section import accounting_section
from vigie_extractor.indicators.explanations.explain import explain
from vigie_extractor.indicators.file_years import derived_years
from vigie_extractor.indicators.result import IndicatorId, ScopeResult
from vigie_extractor.indicators.sales_section import sales_section
from vigie_extractor.outcome import ExtractionResult, Steps
from vigie_extractor.readiness import get_ready, know_companies
from vigie_extractor.sources.canonical import Description, Entries, Source, Tables


@dataclass(frozen=True, slots=True)
class Opened:
    """The tables of a source, and the scopes with the fiscal years that their FEC give to companies without any."""

    tables: Tables
    scopes: Scopes


def open_tables(
    engine: Engine, source: Source, *, description: Description, scopes: Scopes, parameters: Parameters, steps: Steps
) -> Opened:
    """The canonical tables. Sales lines and entries are not read yet, unless a fiscal year hangs on them."""
    know_companies(engine, description.structure)
    tables = source.open(engine, description, parameters)
    if isinstance(tables.entries, Entries) and tables.entries.is_fec:
        scopes = scopes.with_years(derived_years(engine, tables.entries, scopes.read))
    steps.end("tables", sum(file.read for file in tables.files))
    return Opened(tables, scopes)


def compute(
    engine: Engine,
    opened: Opened,
    *,
    description: Description,
    as_of: date | None,
    parameters: Parameters,
    steps: Steps,
    explained: bool,
) -> ExtractionResult:
    """Everything after R8: one pass over the sales lines, one over the entries; with `explained` some more, for what
    each figure is made of (R14).

    `as_of` None stands for the last day that lies in the latest fiscal year of every company.
    """
    tables = opened.tables
    ready = get_ready(
        engine, description.structure, opened.scopes, as_of=as_of, currency=parameters.currency, entries=tables.entries
    )
    sales = sales_section(engine, tables, ready, parameters)
    steps.end("sales", sum(file.read for file in sales.files))
    accounting = accounting_section(engine, ready, parameters, description.cash_accounts)
    steps.end("accounting", sum(file.read for file in accounting.files))
    figures = {
        scope.number: {name: {**sales.of(scope), **accounting.of(scope)}[name] for name in IndicatorId}
        for scope in ready.scopes
    }
    explanations = {}
    if explained:
        explanations = explain(engine, tables, ready, parameters, figures)
        steps.end("explanations")
    results = tuple(
        ScopeResult(
            kind=scope.kind,
            code=scope.code,
            name=scope.name,
            currency=scope.currency,
            month=scope.periods.month,
            year=scope.periods.year,
            indicators=figures[scope.number],
        )
        for scope in ready.scopes
    )
    return ExtractionResult(
        as_of=ready.as_of,
        scopes=results,
        left_out=ready.left_out,
        anomalies=(
            *description.anomalies,
            *tables.anomalies,
            *ready.anomalies,
            *sales.anomalies,
            *accounting.anomalies,
        ),
        files=(*description.files, *tables.files, *sales.files, *accounting.files),
        steps=tuple(steps.ended),
        verdict=Verdict(),
        cash_accounts=accounting.cash_accounts,
        explanations=explanations,
    )
