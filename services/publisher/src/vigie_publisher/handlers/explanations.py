"""Keeping what the figures that stand are made of."""

from collections.abc import Sequence
from itertools import groupby

import structlog

from vigie_publisher.domain.explanation import is_kept
from vigie_publisher.domain.publication import Claimed, Granted, Version, is_granted
from vigie_publisher.handlers.grants import granted_by
from vigie_publisher.storage import explanations, publications
from vigie_shared.access import Verifier
from vigie_shared.database import Connection, bind
from vigie_shared.events import IndicatorsExplained

log = structlog.get_logger()


async def on_indicators_explained(
    connection: Connection, explained: Sequence[IndicatorsExplained], *, verifier: Verifier
) -> None:
    """Keep the explanations that are granted and of nothing older than what stands. Others are dropped, and nobody is
    told: what became of the run is answered for its indicators."""
    known: dict[str, Granted | None] = {}
    granted: list[tuple[IndicatorsExplained, Version]] = []
    for event in explained:
        token = event.data.grant
        if token not in known:
            known[token] = await granted_by(verifier, token)
        grant = known[token]
        claimed = Claimed(event.clientcode, event.data.extraction_id, event.data.scope)
        if grant is not None and is_granted(claimed, grant):
            granted.append((event, grant.version))
        else:
            _dropped(event, "grant_invalid")
    granted.sort(key=lambda one: one[0].clientcode)  # in one order, so that no two transactions wait for each other
    for client, theirs in groupby(granted, key=lambda one: one[0].clientcode):
        await _keep(connection, client, list(theirs))


async def _keep(connection: Connection, client: str, granted: Sequence[tuple[IndicatorsExplained, Version]]) -> None:
    await bind(connection, client)
    void, _ = await publications.lock_client(connection, client)
    shown = await explanations.shown(connection, client, [event.data.scope for event, _ in granted])
    kept = []
    for event, version in granted:
        if is_kept(void, shown.get(event.data.scope), version):
            kept.append((event.data.scope, version, event.data.explanations))
        else:
            _dropped(event, "superseded_or_void")
    if kept:
        await explanations.keep(connection, client, kept)
    await explanations.drop_older(connection, client, shown)


def _dropped(event: IndicatorsExplained, reason: str) -> None:
    log.info(
        "explanation_dropped",
        client=event.clientcode,
        extraction=str(event.data.extraction_id),
        kind=event.data.scope.kind,
        code=event.data.scope.code,
        reason=reason,
    )
