"""One extraction: from a source to the indicators of every scope. The service and the command line both start here.

describe the source -> choose the scopes -> open its tables -> verdict of R8 -> computation -> one result per scope
"""

import time
from collections.abc import Callable, Collection, Sequence
from contextlib import nullcontext
from dataclasses import replace
from datetime import date

from vigie_extractor.computation import Opened, compute, open_tables
from vigie_extractor.domain.anomalies import AnomalyCode, anomaly
from vigie_extractor.domain.criteria import Verdict, verdict
from vigie_extractor.domain.parameters import NOTHING_CHOSEN, CashAccount, Chosen, declared
from vigie_extractor.domain.selection import Selection, choose
from vigie_extractor.engine import Engine, computing
from vigie_extractor.indicators.result import ScopeKind
from vigie_extractor.outcome import ExtractionResult, LeftOut, Step, Steps
from vigie_extractor.sources.canonical import Description, Source

EVERYTHING = Selection()


def _no_one_listens(_: Step) -> None:
    return


def extract(
    source: Source,
    as_of: date,
    selection: Selection = EVERYTHING,
    *,
    chosen: Chosen = NOTHING_CHOSEN,
    cash_accounts: Sequence[CashAccount] = (),
    may_extract: Collection[str] | None = None,
    explained: bool = False,
    engine: Engine | None = None,
    on_step: Callable[[Step], None] = _no_one_listens,
    clock: Callable[[], float] = time.perf_counter,
) -> ExtractionResult:
    """The indicators of the selected scopes at the system date `as_of`.

    `chosen` overrides the source's own parameters, one by one, and `cash_accounts` its options, account by account.
    `may_extract` are the companies the person extracting has access to; None judges R8 without `access_rights`. With
    `explained` the rows behind each figure are told too (R14), for some more readings of the source. A caller that
    wants to cancel passes an `engine` of its own (`with computing() as engine`) and calls `engine.cancel()` from
    another thread. `clock` counts seconds, for the durations of the steps alone.

    Raises SourceError when the source cannot be read as a whole, UnknownScopeError for a selection it does not hold and
    ExtractionCancelledError once cancelled.
    """
    steps = Steps(on_step, clock)
    description = source.describe()
    description = replace(description, cash_accounts=declared(cash_accounts, description.cash_accounts))
    scopes = choose(description.structure, selection)
    wanted = chosen.over(description.chosen).parameters()
    steps.end("structure", sum(file.read for file in description.files))
    with nullcontext(engine) if engine is not None else computing() as computer:
        opened = open_tables(computer, source, description=description, scopes=scopes, parameters=wanted, steps=steps)
        judged = verdict(description.structure.kind, opened.scopes.read, may_extract)
        if not judged.ok:
            return _refused(as_of, description, opened, judged, steps)
        return compute(
            computer,
            opened,
            description=description,
            as_of=as_of,
            parameters=wanted,
            steps=steps,
            explained=explained,
        )


def _refused(as_of: date, description: Description, opened: Opened, judged: Verdict, steps: Steps) -> ExtractionResult:
    scopes = opened.scopes
    failures = (anomaly(AnomalyCode.CRITERIA_NOT_MET, failure.describe()) for failure in judged.failures)
    return ExtractionResult(
        as_of=as_of,
        scopes=(),
        left_out=(
            *(LeftOut(ScopeKind.COMPANY, company.code) for company in scopes.companies),
            *(LeftOut(ScopeKind.FAMILY, family.code) for family in scopes.families),
        ),
        anomalies=(*failures, *description.anomalies, *opened.tables.anomalies),
        files=(*description.files, *opened.tables.files),
        steps=tuple(steps.ended),
        verdict=judged,
    )
