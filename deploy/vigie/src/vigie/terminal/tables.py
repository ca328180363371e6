"""Results and findings as tables."""

from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from vigie.terminal.words import Locale
from vigie_extractor.domain.anomalies import Anomaly, Severity
from vigie_extractor.indicators.result import (
    Flows,
    Indicator,
    OrderBook,
    Outstanding,
    Portfolio,
    RankedRow,
    Ranking,
    ScopeResult,
    Treasury,
    Unavailable,
)
from vigie_extractor.outcome import ExtractionResult

_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "cyan"}


def print_result(console: Console, result: ExtractionResult, locale: Locale) -> None:
    """Every scope, then what was left out and found."""
    for scope in result.scopes:
        title = f"{locale.word(scope.kind.value)} {scope.code} · {scope.name}"
        console.rule(Text(f"{title} · {locale.word('as_of')} {locale.day(result.as_of)} · {scope.currency}"))
        for renderable in _scope_tables(scope, locale):
            console.print(renderable)
    if result.left_out:
        codes = ", ".join(f"{locale.word(scope.kind.value)} {scope.code}" for scope in result.left_out)
        console.print(Text(f"{locale.word('left_out')} : {codes}", style="red"))
    print_anomalies(console, result.anomalies, locale)


def print_anomalies(console: Console, anomalies: Sequence[Anomaly], locale: Locale) -> None:
    if not anomalies:
        console.print(Text(locale.word("no_anomaly"), style="green"))
        return
    table = _table(locale.word("anomalies"))
    for heading in ("severity", "kind"):
        table.add_column(locale.word(heading), no_wrap=True)
    table.add_column(locale.word("count"), justify="right", no_wrap=True)
    table.add_column(locale.word("company"))
    table.add_column(locale.word("detail"), overflow="fold", ratio=1)
    for found in anomalies:
        table.add_row(
            Text(locale.word(found.severity.value), style=_COLOURS[found.severity]),
            Text(found.code.value),
            locale.count(found.count),
            Text(found.company or ""),
            Text(found.detail),
        )
    console.print(table)


def print_lines(console: Console, anomalies: Sequence[Anomaly], locale: Locale) -> None:
    """One anomaly a line, never folded: for standard error, which programs search."""
    for found in anomalies:
        line = f"{locale.word(found.severity.value)} {found.code.value}: {found.detail}"
        console.print(line, style=_COLOURS[found.severity], markup=False, highlight=False, soft_wrap=True)


def print_files(console: Console, result: ExtractionResult, locale: Locale) -> None:
    """The account of every file: rows read and refused come to the rows present."""
    table = _table(locale.word("files"))
    table.add_column(locale.word("file"), overflow="fold")
    for heading in ("present", "read", "refused"):
        table.add_column(locale.word(heading), justify="right")
    for file in result.files:
        counts = (locale.count(rows) for rows in (file.present, file.read, file.refused))
        table.add_row(Text(file.file), *counts)
    console.print(table)


def _table(title: str) -> Table:
    return Table(title=Text(title), title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)


def _scope_tables(scope: ScopeResult, locale: Locale) -> Iterable[RenderableType]:
    for identifier, indicator in scope.indicators.items():
        yield from _indicator_tables(locale.title(identifier), indicator, locale)


def _indicator_tables(title: str, indicator: Indicator, locale: Locale) -> Iterable[RenderableType]:
    match indicator:
        case Unavailable():
            yield Text.assemble((title, "bold"), f"\n  {locale.word('unavailable')} : {indicator.reason}\n")
        case Flows():
            yield from _flows(title, indicator, locale)
        case Portfolio():
            yield _figures(title, indicator, ("amount", "due", "overdue", "delivered"), locale)
        case OrderBook():
            yield _figures(title, indicator, ("due", "overdue", "later", "stock", "intake"), locale)
        case Ranking():
            yield _ranking(title, indicator, ("others", "unassigned", "total"), locale)
        case Outstanding():
            yield _ranking(title, indicator, ("others", "total", "in_credit"), locale)
        case Treasury():
            yield _treasury(title, indicator, locale)


def _flows(title: str, flows: Flows, locale: Locale) -> Iterable[RenderableType]:
    table = _table(title)
    names = ("month", "month_previous_year", "year", "year_previous")
    for name in names:
        table.add_column(locale.word(name), justify="right")
    missing = locale.word("unavailable")
    table.add_row(*(missing if name in flows.not_provided else locale.amount(getattr(flows, name)) for name in names))
    yield table
    months = Table(box=None, padding=(0, 2))
    for _ in range(3):
        months.add_column(justify="right", no_wrap=True)
    cells = [f"{month}  {locale.amount(amount)}" for month, amount in flows.series]
    for first in range(0, len(cells), 3):
        months.add_row(*cells[first : first + 3])
    yield months


def _figures(title: str, indicator: Portfolio | OrderBook, names: Sequence[str], locale: Locale) -> Table:
    table = _table(title)
    for name in names:
        table.add_column(locale.word(name), justify="right")
    table.add_row(*(locale.amount(getattr(indicator, name)) for name in names))
    return table


def _ranking(title: str, indicator: Ranking | Outstanding, sums: Sequence[str], locale: Locale) -> Table:
    table = _table(title)
    table.add_column("", justify="right")
    table.add_column(locale.word("code"), overflow="fold")
    table.add_column(locale.word("label"), overflow="fold", ratio=1)
    table.add_column(locale.word("amount"), justify="right", no_wrap=True)
    table.add_column(locale.word("share"), justify="right", no_wrap=True)
    for row in indicator.rows:
        table.add_row(*_ranked(row, locale))
    for name in sums:
        label = Text(locale.word(name), style="bold" if name == "total" else "dim")
        table.add_row("", "", label, locale.amount(getattr(indicator, name)), "")
    return table


def _ranked(row: RankedRow, locale: Locale) -> tuple[RenderableType, ...]:
    return str(row.rank), Text(row.code), Text(row.label), locale.amount(row.amount), locale.share(row.share)


def _treasury(title: str, treasury: Treasury, locale: Locale) -> Table:
    table = _table(title)
    table.add_column(locale.word("company"))
    table.add_column(locale.word("account"))
    table.add_column(locale.word("label"), overflow="fold", ratio=1)
    table.add_column(locale.word("amount"), justify="right", no_wrap=True)
    for row in treasury.rows:
        table.add_row(Text(row.company), Text(row.code), Text(row.label), locale.amount(row.amount))
    for name in ("assets", "overdrafts", "amount"):
        label = Text(locale.word("total" if name == "amount" else name), style="bold" if name == "amount" else "dim")
        table.add_row("", "", label, locale.amount(getattr(treasury, name)))
    return table
