"""Validates a source: every anomaly that an extraction of all of it would meet, whatever R8 says."""

import time
from collections.abc import Callable
from dataclasses import replace

from vigie_extractor.computation import compute, open_tables
from vigie_extractor.domain.anomalies import AnomalyCode, anomaly
from vigie_extractor.domain.criteria import verdict
from vigie_extractor.domain.selection import Selection, choose
from vigie_extractor.engine import computing
from vigie_extractor.outcome import ExtractionResult, Step, Steps
from vigie_extractor.sources.canonical import Source


def check(
    source: Source, *, on_step: Callable[[Step], None], clock: Callable[[], float] = time.perf_counter
) -> ExtractionResult:
    """The result of extracting everything at the last day that lies in the latest fiscal year of every company.

    Raises SourceError when the source cannot be read as a whole.
    """
    steps = Steps(on_step, clock)
    description = source.describe()
    scopes = choose(description.structure, Selection())
    steps.end("structure", sum(file.read for file in description.files))
    wanted = description.chosen.parameters()
    with computing() as engine:
        opened = open_tables(engine, source, description=description, scopes=scopes, parameters=wanted, steps=steps)
        judged = verdict(description.structure.kind, opened.scopes.read)
        result = compute(
            engine, opened, description=description, as_of=None, parameters=wanted, steps=steps, explained=False
        )
    failures = tuple(anomaly(AnomalyCode.CRITERIA_NOT_MET, failure.describe()) for failure in judged.failures)
    return replace(result, verdict=judged, anomalies=(*failures, *result.anomalies))
