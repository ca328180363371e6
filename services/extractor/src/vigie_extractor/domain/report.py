"""The processing report: what a run did, step by step, what it found, and why it failed where it did."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict


class Step(StrEnum):
    """The named steps of a run, in their order."""

    AUTHORISE = "authorise"
    """Auth verifies the publication credentials and hands out grant and directory (R1)."""
    VERIFY = "verify"
    """The criteria of R8, with the rights of whoever asked."""
    COMPUTE = "compute"
    """The source is read and the indicators are computed."""
    EMIT = "emit"
    """Every scope is handed to the outbox, in the transaction that ends the computation."""
    PUBLISH = "publish"
    """The publisher answers for every scope."""


class Reason(StrEnum):
    """Why a run failed."""

    CREDENTIALS_MISSING = "credentials_missing"
    CREDENTIALS_REFUSED = "credentials_refused"
    CLIENT_SUSPENDED = "client_suspended"
    DATA_DELETED = "data_deleted"
    """The client's published data was deleted after the run was granted (R11)."""
    GRANT_INVALID = "grant_invalid"
    ACCESS_RIGHTS = "access_rights"
    """Whoever it is extracted for is inactive, or may not extract all of it any more (R8)."""
    CRITERIA_NOT_MET = "criteria_not_met"
    UNKNOWN_SCOPE = "unknown_scope"
    NO_SOURCE = "no_source"
    SOURCE_UNREADABLE = "source_unreadable"
    NOTHING_EXTRACTED = "nothing_extracted"
    ABANDONED = "abandoned"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class PartLine(_Frozen):
    """A part of the computation on one source: the rows it read, and for how long."""

    source: str
    name: str
    rows: int
    seconds: float


class StepLine(_Frozen):
    """One step. `seconds` is none while it lasts; `rows` counts what it read or wrote, by name."""

    name: Step
    started_at: AwareDatetime
    seconds: float | None = None
    rows: dict[str, int] = {}
    parts: tuple[PartLine, ...] = ()


class FailureLine(_Frozen):
    """A criterion of R8 that fails: `values[i]` is what `companies[i]` has."""

    criterion: str
    companies: tuple[str, ...]
    values: tuple[str, ...]


class ScopeLine(_Frozen):
    kind: str
    code: str


class FileLine(_Frozen):
    """The account of one file: every row present was either read or refused."""

    source: str
    file: str
    present: int
    read: int
    refused: int


class Report(_Frozen):
    """`anomalies` are those of the result document; `reason` and `detail` say why the run failed, if it did;
    `left_out` are the scopes that were asked for and could not be extracted."""

    steps: tuple[StepLine, ...] = ()
    anomalies: tuple[dict[str, Any], ...] = ()
    failures: tuple[FailureLine, ...] = ()
    left_out: tuple[ScopeLine, ...] = ()
    files: tuple[FileLine, ...] = ()
    reason: Reason | None = None
    detail: str | None = None

    def begun(self, step: Step, at: datetime) -> "Report":
        """The report once `step` began, whatever an interrupted attempt had written of it and of later steps."""
        earlier = tuple(line for line in self.steps if _position(line.name) < _position(step))
        return self.model_copy(update={"steps": (*earlier, StepLine(name=step, started_at=at))})

    def ended(
        self, step: Step, at: datetime, rows: dict[str, int] | None = None, parts: tuple[PartLine, ...] = ()
    ) -> "Report":
        """The report once `step`, which had begun, is done."""
        return self.model_copy(
            update={
                "steps": tuple(
                    StepLine(
                        name=step,
                        started_at=line.started_at,
                        seconds=round((at - line.started_at).total_seconds(), 3),
                        rows=rows or {},
                        parts=parts,
                    )
                    if line.name == step
                    else line
                    for line in self.steps
                )
            }
        )


_ORDER = tuple(Step)


def _position(step: Step) -> int:
    return _ORDER.index(step)
