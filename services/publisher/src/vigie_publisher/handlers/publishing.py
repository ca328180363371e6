"""Turning what was extracted into publications, and voiding grants."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby

import structlog

from vigie_publisher.domain.documents import whole_etag
from vigie_publisher.domain.extracted import Extracted
from vigie_publisher.domain.publication import (
    Claimed,
    Decision,
    Granted,
    Publish,
    RefuseDeleted,
    RefuseGrant,
    RefuseSuspended,
    Repeated,
    Supersede,
    Version,
    decide_all,
    is_granted,
    void_until,
)
from vigie_publisher.handlers.grants import granted_by
from vigie_publisher.storage import publications
from vigie_shared.access import Verifier
from vigie_shared.database import ALL_CLIENTS, Connection, bind
from vigie_shared.events import (
    ClientResumed,
    ClientSuspended,
    Event,
    PublicationRefused,
    PublicationRefusedData,
    RefusalReason,
    Scope,
    SnapshotPublished,
    SnapshotPublishedData,
    derived_id,
)
from vigie_shared.outbox import emit_all

log = structlog.get_logger()


async def on_indicators_extracted(
    connection: Connection, extracted: Sequence[Extracted], *, verifier: Verifier
) -> None:
    """Publish what is granted and newest, keep what is granted and late, refuse the rest; answer each one."""
    refused: list[Extracted] = []
    granted: list[tuple[Extracted, Version]] = []
    known: dict[str, Granted | None] = {}
    for event in extracted:
        token = event.data.grant
        if token not in known:
            known[token] = await granted_by(verifier, token)
        grant = known[token]
        if grant is not None and is_granted(_claimed(event), grant):
            granted.append((event, grant.version))
        else:
            refused.append(event)
    answers: list[Event] = []
    for client, theirs in _by_client(granted):
        answers += await _publish(connection, client, theirs)
    if refused:
        now = await publications.now(connection)
        answers += [_refused(event, RefuseGrant(), now) for event in refused]
    await bind(connection, ALL_CLIENTS)
    await emit_all(connection, answers)


async def on_client_suspended(connection: Connection, suspended: Sequence[ClientSuspended]) -> None:
    """Void every grant that was given up to a suspension, for ever (R1)."""
    for event in sorted(suspended, key=lambda one: one.clientcode):
        await bind(connection, event.clientcode)
        known, _ = await publications.lock_client(connection, event.clientcode)
        until = void_until(known.suspended, event.data.at)
        await publications.void_grants(connection, event.clientcode, until)
        log.info("grants_voided", client=event.clientcode, until=until.isoformat())


async def on_client_resumed(_connection: Connection, resumed: Sequence[ClientResumed]) -> None:
    """Nothing is given back: what a suspension voided stays void, and what auth grants from now on is newer."""
    for event in resumed:
        log.info("client_may_publish_again", client=event.clientcode)


async def _publish(connection: Connection, client: str, asked: Sequence[tuple[Extracted, Version]]) -> list[Event]:
    """Decide the granted messages of one client, in the order they came, and have the effect of the decisions.

    One that repeats what was published under another message's id changes nothing and is answered all the same: whoever
    says it again has not heard the answer.
    """
    await bind(connection, client)
    void, now = await publications.lock_client(connection, client)
    versions = [(_scope(event), version) for event, version in asked]
    standing = await publications.standing(connection, client, void, versions)
    decided = list(zip(asked, decide_all(standing, versions), strict=True))
    kept = [(to.version, event) for (event, _), to in decided if isinstance(to, Publish | Supersede)]
    if kept:
        await publications.keep(connection, client, now, kept)
    shown = {_scope(event): to.version for (event, _), to in decided if isinstance(to, Publish)}
    if shown:
        await publications.show(connection, client, shown.items())
        log.info("snapshots_published", client=client, scopes=len(shown))
    repeated = [(_scope(event), version) for (event, version), to in decided if isinstance(to, Repeated)]
    earlier = await publications.published_at(connection, client, repeated) if repeated else {}
    answers: list[Event] = []
    for (event, version), decision in decided:
        at = earlier.get((_scope(event), version))
        if isinstance(decision, Publish):
            answers.append(_published(event, version, now, published_at=now))
        elif at is not None and standing.snapshots.get(_scope(event)) == version:
            answers.append(_published(event, version, now, published_at=at))
        else:
            answers.append(_refused(event, Supersede(version) if at is not None else decision, now))
    return answers


def _published(event: Extracted, version: Version, now: datetime, *, published_at: datetime) -> SnapshotPublished:
    return SnapshotPublished(
        id=derived_id("snapshot.published", event.id),
        subject=_subject(event),
        time=now,
        clientcode=event.clientcode,
        causationid=event.id,
        traceparent=event.traceparent,
        data=SnapshotPublishedData(
            extraction_id=event.data.extraction_id,
            scope=event.data.scope,
            as_of=event.data.as_of,
            published_at=published_at,
            etag=whole_etag(event.data.extraction_id),
            started_at=version.started_at,
        ),
    )


def _refused(event: Extracted, decision: Decision, now: datetime) -> PublicationRefused:
    reason: RefusalReason
    match decision:
        case Supersede():
            reason = "superseded"
        case RefuseSuspended():
            reason = "client_suspended"
        case RefuseDeleted():
            reason = "data_deleted"
        case _:
            reason = "grant_invalid"
    log.warning(
        "publication_refused",
        client=event.clientcode,
        extraction=str(event.data.extraction_id),
        kind=event.data.scope.kind,
        code=event.data.scope.code,
        reason=reason,
    )
    return PublicationRefused(
        id=derived_id("publication.refused", event.id),
        subject=_subject(event),
        time=now,
        clientcode=event.clientcode,
        causationid=event.id,
        traceparent=event.traceparent,
        data=PublicationRefusedData(extraction_id=event.data.extraction_id, scope=_scope(event), reason=reason),
    )


def _claimed(event: Extracted) -> Claimed:
    return Claimed(event.clientcode, event.data.extraction_id, _scope(event))


def _by_client(
    granted: Sequence[tuple[Extracted, Version]],
) -> Iterator[tuple[str, list[tuple[Extracted, Version]]]]:
    """Client by client in the order of their codes, so that no two transactions wait for each other."""
    ordered = sorted(granted, key=lambda one: one[0].clientcode)
    for client, theirs in groupby(ordered, key=lambda one: one[0].clientcode):
        yield client, list(theirs)


def _scope(event: Extracted) -> Scope:
    return Scope(kind=event.data.scope.kind, code=event.data.scope.code)


def _subject(event: Extracted) -> str:
    return f"{event.data.scope.kind}/{event.data.scope.code}"
