"""Whether what was extracted is published (R1, R11, R12).

A publication has the start of its extraction as its version, by the clock of auth's database. The newest version of a
scope stands as its snapshot, and every granted version belongs to its history. None of this depends on the order in
which messages arrive, nor on how often they do.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from vigie_shared.events import Scope


@dataclass(frozen=True, order=True)
class Version:
    """How new a publication is. Two extractions that started at one moment are told apart by their identifiers."""

    started_at: datetime
    extraction_id: UUID


@dataclass(frozen=True)
class Granted:
    """What auth's grant allows: the publication of one extraction of one client."""

    client: str
    version: Version


@dataclass(frozen=True)
class Claimed:
    """What a message says of itself, to be believed only where a grant says the same."""

    client: str
    extraction_id: UUID
    scope: Scope


@dataclass(frozen=True)
class Publish:
    """It becomes the snapshot of its scope, and part of its history."""

    version: Version


@dataclass(frozen=True)
class Supersede:
    """A newer snapshot stands: it only becomes part of the history (R12)."""

    version: Version


@dataclass(frozen=True)
class Repeated:
    """It had its effect and its answer before: nothing changes."""


@dataclass(frozen=True)
class RefuseGrant:
    """Auth did not let this client publish this extraction (R1)."""


@dataclass(frozen=True)
class RefuseSuspended:
    """The client was suspended after the grant was given: the grant is void for ever (R1)."""


@dataclass(frozen=True)
class RefuseDeleted:
    """The client's data was deleted after the grant was given: nothing of that time comes back (R11)."""


Decision = Publish | Supersede | Repeated | RefuseGrant | RefuseSuspended | RefuseDeleted


@dataclass(frozen=True)
class Void:
    """Until when a client's grants are void, for ever: by its latest suspension, and by the latest deletion of its
    data."""

    suspended: datetime | None = None
    deleted: datetime | None = None


@dataclass(frozen=True)
class Standing:
    """What stands of one client before some messages are decided.

    `snapshots` holds the version that each scope shows, `history` the versions that are kept of it.
    """

    void: Void
    snapshots: Mapping[Scope, Version]
    history: Mapping[Scope, Set[Version]]


def is_granted(claimed: Claimed, granted: Granted | None) -> bool:
    """Whether the grant is for this client and this extraction, rather than another's or none (R1, R13)."""
    return (
        granted is not None
        and granted.client == claimed.client
        and granted.version.extraction_id == claimed.extraction_id
    )


def decide(standing: Standing, scope: Scope, version: Version) -> Decision:
    """What becomes of one granted publication of `scope`."""
    if is_void(version.started_at, standing.void.deleted):
        return RefuseDeleted()
    if is_void(version.started_at, standing.void.suspended):
        return RefuseSuspended()
    if version in standing.history.get(scope, frozenset()):
        return Repeated()
    shown = standing.snapshots.get(scope)
    return Publish(version) if shown is None or version > shown else Supersede(version)


def decide_all(standing: Standing, asked: Sequence[tuple[Scope, Version]]) -> list[Decision]:
    """What becomes of several granted publications of one client, as if each were decided alone, one after another."""
    shown, kept = dict(standing.snapshots), dict(standing.history)
    now = Standing(standing.void, shown, kept)
    decisions: list[Decision] = []
    for scope, version in asked:
        decision = decide(now, scope, version)
        decisions.append(decision)
        if isinstance(decision, Publish | Supersede):
            kept[scope] = kept.get(scope, frozenset()) | {version}
        if isinstance(decision, Publish):
            shown[scope] = version
    return decisions


def is_void(started_at: datetime, until: datetime | None) -> bool:
    """Whether what started then is void by a suspension or a deletion: the moment itself is."""
    return until is not None and started_at <= until


def void_until(known: datetime | None, at: datetime) -> datetime:
    """Until when grants are void once a suspension or a deletion is heard of, late or again (R1, R11). Nothing that
    comes later gives anything back."""
    return at if known is None else max(known, at)
