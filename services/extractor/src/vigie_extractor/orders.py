"""What the service orders of the computation: off the event loop, stopped with its run, answered as plain data.

Each source of a client is extracted by itself, for the scopes that it holds whole, and the answers are put together.
"""

import asyncio
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from vigie_extractor.domain.anomalies import Anomaly, AnomalyCode, anomaly
from vigie_extractor.domain.company import Structure
from vigie_extractor.domain.criteria import CriterionFailure
from vigie_extractor.domain.mismatch import mismatches, only_in_source
from vigie_extractor.domain.parameters import NOTHING_CHOSEN, CashAccount, Chosen
from vigie_extractor.domain.report import FileLine, PartLine, ScopeLine
from vigie_extractor.domain.selection import Scopes, Selection
from vigie_extractor.domain.source import Source, SourceKind
from vigie_extractor.engine import Engine, ExtractionCancelledError, computing
from vigie_extractor.extraction import extract
from vigie_extractor.indicators.document import anomaly_document
from vigie_extractor.indicators.result import ScopeKind, ScopeResult
from vigie_extractor.outcome import ExtractionResult
from vigie_extractor.sources.canonical import Source as CanonicalSource
from vigie_extractor.sources.dossier import DossierSource
from vigie_extractor.sources.fec.source import FecSource

STOP_SECONDS, STOP_ATTEMPTS = 0.1, 100
"""A computation is told to stop every so many seconds, so many times; after that its thread is left to itself."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Binding:
    """A source, and the folder that its location stands for now."""

    source: Source
    folder: Path

    def has(self, companies: Collection[str]) -> bool:
        """Whether all these companies are read here."""
        return self.source.companies is None or set(companies) <= set(self.source.companies)


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be computed: which scopes of which directory, from which sources, as of when, with whose rights, and
    with what the client has set over what the sources say of themselves; `explained`: with what the figures are made of
    (R14), which takes some more readings."""

    bindings: tuple[Binding, ...]
    directory: Structure
    scopes: Scopes
    as_of: date
    may_extract: tuple[str, ...]
    chosen: Chosen = NOTHING_CHOSEN
    cash_accounts: tuple[CashAccount, ...] = ()
    explained: bool = True


@dataclass(frozen=True, slots=True)
class Computed:
    """What a computation yields. `left_out` are the scopes asked for that could not be computed, the anomalies saying
    why; `failures` the criteria of R8 that the sources themselves do not meet: nothing was computed then.
    `explanations` are by scope what its figures are made of, as plain data (R14)."""

    scopes: tuple[ScopeResult, ...] = ()
    failures: tuple[CriterionFailure, ...] = ()
    anomalies: tuple[dict[str, Any], ...] = ()
    left_out: tuple[ScopeLine, ...] = ()
    files: tuple[FileLine, ...] = ()
    parts: tuple[PartLine, ...] = ()
    explanations: Mapping[tuple[ScopeKind, str], Mapping[str, Any]] = field(default_factory=dict)


def describe(folder: Path, companies: tuple[str, ...] | None) -> Structure:
    """The companies and families of a dossier folder, those outside `companies` left out where that is given.

    A family goes only with all its members. Raises SourceError when the folder is no dossier.
    """
    return _only(DossierSource(folder).describe().structure, companies)


async def carry_out(order: Order) -> Computed:
    """Compute in a thread; once cancelled, have it stop and wait until it has. Raises SourceError."""
    return await in_thread(lambda stopping: _compute(order, stopping))


class Stopping:
    """Lets the event loop stop whatever engine a thread is using."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._engine: Engine | None = None
        self._stopped = False

    def stop(self) -> None:
        """Stop the query under way and refuse any further one. To be repeated until the thread has ended: a query that
        was just about to begin is not under way yet."""
        with self._lock:
            self._stopped = True
            if self._engine is not None:
                self._engine.cancel()

    @contextmanager
    def engine(self) -> Iterator[Engine]:
        """An engine that `stop` stops. Raises ExtractionCancelledError where that was said before."""
        with computing() as engine:
            with self._lock:
                if self._stopped:
                    raise ExtractionCancelledError("the extraction was cancelled")
                self._engine = engine
            try:
                yield engine
            finally:
                with self._lock:
                    self._engine = None


async def in_thread(work: Callable[[Stopping], T]) -> T:
    """The result of `work`, done in a thread of its own; cancelled, it is stopped before the cancellation goes on."""
    stopping = Stopping()
    working = asyncio.get_running_loop().run_in_executor(None, work, stopping)
    try:
        return await asyncio.shield(working)
    except asyncio.CancelledError:
        working.add_done_callback(lambda done: done.cancelled() or done.exception())
        for _ in range(STOP_ATTEMPTS):
            stopping.stop()
            ended, _pending = await asyncio.wait({working}, timeout=STOP_SECONDS)
            if ended:
                break
        raise


def _compute(order: Order, stopping: Stopping) -> Computed:
    results: list[tuple[str, ExtractionResult]] = []
    found: list[Anomaly] = []
    left_out: list[ScopeLine] = []
    unbound = order.scopes
    for binding in order.bindings:
        here, unbound = _split(binding, unbound)
        present, differences = _compare(binding, order.directory, here)
        found += differences
        left_out += _lines(
            [code for code in here.companies or () if code not in (present.companies or ())],
            [code for code in here.families or () if code not in (present.families or ())],
        )
        if present.companies or present.families:
            with stopping.engine() as engine:
                source = open_source(binding, order.directory)
                result = extract(
                    source,
                    order.as_of,
                    present,
                    chosen=order.chosen,
                    cash_accounts=order.cash_accounts,
                    may_extract=order.may_extract,
                    explained=order.explained,
                    engine=engine,
                )
            results.append((binding.source.name, result))
    found += _without_source(unbound)
    left_out += _lines([one.code for one in unbound.companies], [one.code for one in unbound.families])
    failures = tuple(failure for _, result in results for failure in result.verdict.failures)
    return Computed(
        scopes=() if failures else tuple(scope for _, result in results for scope in result.scopes),
        failures=failures,
        anomalies=tuple(
            anomaly_document(one) for one in (*found, *(one for _, result in results for one in result.anomalies))
        ),
        left_out=(
            *left_out,
            *(ScopeLine(kind=one.kind.value, code=one.code) for _, result in results for one in result.left_out),
        ),
        files=tuple(
            FileLine(source=name, file=one.file, present=one.present, read=one.read, refused=one.refused)
            for name, result in results
            for one in result.files
        ),
        parts=tuple(
            PartLine(source=name, name=one.name, rows=one.rows, seconds=round(one.seconds, 3))
            for name, result in results
            for one in result.steps
        ),
        explanations={scope: made_of for _, result in results for scope, made_of in result.explanations.items()},
    )


def open_source(binding: Binding, directory: Structure) -> CanonicalSource:
    """The source itself. Bare FEC files are those of the companies of the directory."""
    match binding.source.kind:
        case SourceKind.DOSSIER:
            return DossierSource(binding.folder)
        case SourceKind.FEC:
            return FecSource(binding.folder, _only(directory, binding.source.companies))


def _only(structure: Structure, companies: tuple[str, ...] | None) -> Structure:
    """The part of a structure that `companies` are all of; none given: all of it."""
    if companies is None:
        return structure
    return Structure(
        structure.kind,
        tuple(company for company in structure.companies if company.code in companies),
        tuple(family for family in structure.families if set(family.companies) <= set(companies)),
    )


def _split(binding: Binding, scopes: Scopes) -> tuple[Selection, Scopes]:
    """The scopes that this source is to hold whole, and those that remain for others."""
    companies = tuple(one for one in scopes.companies if binding.has((one.code,)))
    families = tuple(one for one in scopes.families if binding.has(one.companies))
    rest = Scopes(
        tuple(one for one in scopes.companies if one not in companies),
        tuple(one for one in scopes.families if one not in families),
        scopes.read,
    )
    return Selection(tuple(one.code for one in companies), tuple(one.code for one in families)), rest


def _compare(binding: Binding, directory: Structure, here: Selection) -> tuple[Selection, tuple[Anomaly, ...]]:
    """What of `here` the source really holds, and where it says otherwise than the directory."""
    companies, families = here.companies or (), here.families or ()
    source = open_source(binding, directory).describe().structure
    in_source = {family.code for family in source.families}
    present = Selection(
        tuple(code for code in companies if source.company(code) is not None),
        tuple(code for code in families if code in in_source),
    )
    members = {code for family in directory.families if family.code in families for code in family.companies}
    every = [company.code for company in directory.companies if company.code in {*companies, *members}]
    new = only_in_source(_only(source, binding.source.companies), directory)
    return present, (*mismatches(directory, source, every, families), *new)


def _without_source(scopes: Scopes) -> Iterator[Anomaly]:
    for company in scopes.companies:
        detail = f"company {company.code} is read from no source; add it to the companies of one"
        yield anomaly(AnomalyCode.DIRECTORY_MISMATCH, detail, company.code)
    for family in scopes.families:
        detail = f"family {family.code} is left out: no one source has all of {', '.join(family.companies) or 'it'}"
        yield anomaly(AnomalyCode.FAMILY_INCOMPLETE, detail)


def _lines(companies: Collection[str], families: Collection[str]) -> Iterator[ScopeLine]:
    yield from (ScopeLine(kind="company", code=code) for code in companies)
    yield from (ScopeLine(kind="family", code=code) for code in families)
