"""An extraction (run): what was asked for, how far it is, and when it is settled."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from vigie_extractor.domain.report import Reason, Report
from vigie_extractor.domain.selection import Selection


class RunStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    PUBLISHING = "publishing"
    PUBLISHED = "published"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        return self in {RunStatus.PUBLISHED, RunStatus.FAILED, RunStatus.CANCELLED}


FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2999, 12, 31)
"""What can be a system date: periods look back two years and ahead one month from it."""


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody asks to be extracted. `as_of` None: the day on which it was asked for."""

    selection: Selection
    as_of: date | None = None


@dataclass(frozen=True, slots=True)
class ByUser:
    """Somebody asked for it here."""


@dataclass(frozen=True, slots=True)
class ByMessage:
    """A message from outside asked for it, with the token of a user."""


@dataclass(frozen=True, slots=True)
class BySchedule:
    """A schedule was due; `slot` None: somebody had it run at once."""

    schedule_id: UUID
    slot: datetime | None


@dataclass(frozen=True, slots=True)
class BySource:
    """Files of a watched source are new or changed: what is ticked *to extract* of that source is extracted."""

    source: str


Origin = ByUser | ByMessage | BySchedule | BySource
"""What started a run."""


@dataclass(frozen=True, slots=True)
class Run:
    """One extraction of one client. `as_of` is its system date, whatever was asked for. `reads` are the companies whose
    data it reads, as far as they are known; from its start on they are."""

    client: str
    id: UUID
    request: Request
    as_of: date
    requested_by: str
    requested_at: datetime
    status: RunStatus = RunStatus.QUEUED
    started_at: datetime | None = None
    finished_at: datetime | None = None
    report: Report = field(default_factory=Report)
    origin: Origin = ByUser()
    reads: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody who looks at runs. `may_extract` None: an administrator, who sees all of the client.

    Others see the runs of companies that they may extract, all of them, since a report tells of the data; and their own
    while nothing was read.
    """

    username: str
    may_extract: tuple[str, ...] | None

    def sees(self, run: Run) -> bool:
        if self.may_extract is None:
            return True
        if run.started_at is None and run.requested_by == self.username:
            return True
        return run.reads is not None and set(run.reads) <= set(self.may_extract)


class Outcome(StrEnum):
    """What the publisher made of one scope of a run."""

    PUBLISHED = "published"
    SUPERSEDED = "superseded"
    """A newer snapshot stood already (R12): nothing is wrong, and nothing was changed."""
    CLIENT_SUSPENDED = "client_suspended"
    DATA_DELETED = "data_deleted"
    GRANT_INVALID = "grant_invalid"

    @property
    def refused(self) -> bool:
        """Whether nothing was published because the grant did not hold, or not any more."""
        return self in {Outcome.CLIENT_SUSPENDED, Outcome.DATA_DELETED, Outcome.GRANT_INVALID}


Outcomes = Mapping[Outcome | None, int]
"""Of how many scopes that a run has emitted each became; None stands for those that the publisher has not answered."""


@dataclass(frozen=True, slots=True)
class Settled:
    """How a run ends once the publisher has answered for every scope."""

    status: RunStatus
    reason: Reason | None = None


def settle(outcomes: Outcomes) -> Settled | None:
    """The end of a run whose emitted scopes have these outcomes; None while one is still awaited.

    It is published unless a scope was refused because of the grant (R1) or of a deletion (R11).
    """
    if None in outcomes:
        return None
    for outcome, reason in (
        (Outcome.DATA_DELETED, Reason.DATA_DELETED),
        (Outcome.CLIENT_SUSPENDED, Reason.CLIENT_SUSPENDED),
        (Outcome.GRANT_INVALID, Reason.GRANT_INVALID),
    ):
        if outcome in outcomes:
            return Settled(RunStatus.FAILED, reason)
    return Settled(RunStatus.PUBLISHED)
