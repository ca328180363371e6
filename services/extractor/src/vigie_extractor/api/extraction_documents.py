"""The bodies of extractions."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, Field

from vigie_extractor.api.documents import Body, Codes, Problem
from vigie_extractor.domain.anomalies import AnomalyCode
from vigie_extractor.domain.report import FailureLine, FileLine, Reason, ScopeLine, Step, StepLine
from vigie_extractor.domain.run import (
    FIRST_DAY,
    LAST_DAY,
    ByMessage,
    BySchedule,
    BySource,
    ByUser,
    Origin,
    Outcome,
    Outcomes,
    Request,
    Run,
    RunStatus,
)
from vigie_extractor.domain.selection import Selection
from vigie_extractor.handlers.answers import Answer
from vigie_extractor.handlers.extractions import FollowedRun, Preview
from vigie_extractor.indicators.periods import periods_of


class CriteriaProblem(Problem):
    """`failures`: the criteria of R8 that fail, where these are the conflict."""

    failures: tuple[FailureLine, ...] | None = None


class ExtractionBody(Body):
    """Neither companies nor families: all that are ticked *to extract*. `as_of`: the system date, else today."""

    companies: Codes | None = Field(None, examples=[["NORD", "SUD"]])
    families: Codes | None = Field(None, examples=[["GROUPE"]])
    as_of: date | None = Field(None, ge=FIRST_DAY, le=LAST_DAY, examples=["2026-11-24"])

    def request(self) -> Request:
        return Request(Selection(_sorted(self.companies), _sorted(self.families)), self.as_of)


def _sorted(codes: tuple[str, ...] | None) -> tuple[str, ...] | None:
    return None if codes is None else tuple(sorted(set(codes)))


class NamedCode(Answer):
    code: str
    name: str


class VerdictDocument(Answer):
    ok: bool
    failures: tuple[FailureLine, ...]


class PreviewDocument(Answer):
    """`periods` are those of the first company by code that has a fiscal year at `as_of`; none where none has."""

    as_of: date
    periods: dict[str, tuple[date, date]] | None
    companies: tuple[NamedCode, ...]
    families: tuple[NamedCode, ...]
    verdict: VerdictDocument

    @classmethod
    def of(cls, preview: Preview) -> Self:
        scopes, verdict = preview.judged.scopes, preview.judged.verdict
        by_code = sorted(scopes.read, key=lambda company: company.code.encode())
        first = next(filter(None, (periods_of(company, preview.as_of) for company in by_code)), None)
        return cls(
            as_of=preview.as_of,
            periods=None if first is None else {name: (one.start, one.end) for name, one in first.flows.items()},
            companies=tuple(NamedCode(code=one.code, name=one.name) for one in scopes.companies),
            families=tuple(NamedCode(code=one.code, name=one.name) for one in scopes.families),
            verdict=VerdictDocument(
                ok=verdict.ok,
                failures=tuple(
                    FailureLine(criterion=one.criterion.value, companies=one.companies, values=one.values)
                    for one in verdict.failures
                ),
            ),
        )


class Accepted(Answer):
    id: UUID


class OriginDocument(Answer):
    """What started a run: a `user`, a `message` from outside, a `schedule` (`slot` null: somebody had it run at once),
    or new files of a watched `source`."""

    kind: Literal["user", "message", "schedule", "source"]
    schedule: UUID | None = None
    slot: AwareDatetime | None = None
    source: str | None = None

    @classmethod
    def of(cls, origin: Origin) -> Self:
        match origin:
            case ByUser():
                return cls(kind="user")
            case ByMessage():
                return cls(kind="message")
            case BySchedule(schedule_id, slot):
                return cls(kind="schedule", schedule=schedule_id, slot=slot)
            case BySource(source):
                return cls(kind="source", source=source)


class RunLine(Answer):
    """A run in a list. `companies` and `families` as asked for; both none: all that were to extract."""

    id: UUID
    status: RunStatus
    as_of: date
    companies: tuple[str, ...] | None
    families: tuple[str, ...] | None
    requested_by: str
    requested_at: AwareDatetime
    started_at: AwareDatetime | None
    finished_at: AwareDatetime | None
    reason: Reason | None
    origin: OriginDocument

    @classmethod
    def of(cls, run: Run) -> Self:
        return cls(**_line(run))


class WaitingDocument(Answer):
    """The scopes that were handed to the publisher and that it has not spoken of, and since when. Where it lasts, the
    publisher is away or has parked a message: the platform's operator sees and replays those."""

    since: AwareDatetime
    scopes: tuple[ScopeLine, ...]


class RunDocument(RunLine):
    """A run with its report. `counts` are scopes by what became of them, and rows that were read, refused, or left out
    as later than the system date (R6); `anomaly_counts` how often each kind of anomaly was found. `waiting`: for the
    publisher, while it is publishing."""

    detail: str | None
    steps: tuple[StepLine, ...]
    anomalies: tuple[dict[str, Any], ...]
    failures: tuple[FailureLine, ...]
    left_out: tuple[ScopeLine, ...]
    files: tuple[FileLine, ...]
    counts: dict[str, int]
    anomaly_counts: dict[str, int]
    waiting: WaitingDocument | None

    @classmethod
    def following(cls, followed: FollowedRun) -> Self:
        run, report = followed.run, followed.run.report
        return cls(
            **_line(run),
            detail=report.detail,
            steps=report.steps,
            anomalies=report.anomalies,
            failures=report.failures,
            left_out=report.left_out,
            files=report.files,
            counts=_counts(run, followed.outcomes),
            anomaly_counts=_by_code(report.anomalies),
            waiting=_waiting(followed),
        )


class RunList(Answer):
    items: tuple[RunLine, ...]
    next: str | None


_LATER = (AnomalyCode.ENTRY_AFTER_SYSTEM_DATE.value, AnomalyCode.DOCUMENT_AFTER_SYSTEM_DATE.value)


def _line(run: Run) -> dict[str, Any]:
    return {
        "id": run.id,
        "status": run.status,
        "as_of": run.as_of,
        "companies": run.request.selection.companies,
        "families": run.request.selection.families,
        "requested_by": run.requested_by,
        "requested_at": run.requested_at,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
        "reason": run.report.reason,
        "origin": OriginDocument.of(run.origin),
    }


def _waiting(followed: FollowedRun) -> WaitingDocument | None:
    since = next((line.started_at for line in followed.run.report.steps if line.name is Step.PUBLISH), None)
    if followed.run.status is not RunStatus.PUBLISHING or since is None:
        return None
    scopes = tuple(ScopeLine(kind=one.kind, code=one.code) for one in followed.awaited)
    return WaitingDocument(since=since, scopes=scopes)


def _by_code(anomalies: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for one in anomalies:
        found[one["code"]] += one["count"]
    return dict(sorted(found.items()))


def _counts(run: Run, outcomes: Outcomes) -> dict[str, int]:
    refused = sum(number for outcome, number in outcomes.items() if outcome is not None and outcome.refused)
    counts = {
        "emitted": sum(outcomes.values()),
        "published": outcomes.get(Outcome.PUBLISHED, 0),
        "superseded": outcomes.get(Outcome.SUPERSEDED, 0),
        "refused": refused,
        "left_out": len(run.report.left_out),
    }
    for line in run.report.steps:
        counts |= {name: count for name, count in line.rows.items() if name.startswith("rows_")}
    if "rows_read" in counts:
        found = _by_code(run.report.anomalies)
        counts["rows_later"] = sum(found.get(code, 0) for code in _LATER)
    return counts
