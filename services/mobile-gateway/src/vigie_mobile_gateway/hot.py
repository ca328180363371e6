"""The hot path: answers from memory alone, before any framework.

It answers `GET /mobile/v1/snapshots/...` and `GET /mobile/v1/scopes` where token, rights and bytes are all remembered,
and leaves everything else to them, so that the ordinary routes fill what is remembered. An answer from here
computes nothing, calls nobody and logs nothing, so it has no trace to carry on; it is counted like any other.
"""

from time import perf_counter

from vigie_mobile_gateway.sessions import PREFIX, SCOPES_PATH, Sessions
from vigie_mobile_gateway.snapshots import Snapshots
from vigie_shared.metrics import Metrics
from vigie_shared.ready import Headers, ReadyAnswer

SNAPSHOT_ROUTE = f"{PREFIX}/snapshots/{{kind}}/{{code}}"

_HOT = (f"{PREFIX}/snapshots/", SCOPES_PATH)


class HotPath:
    """Answers what it can at once, before the app of the gateway is asked."""

    def __init__(self, sessions: Sessions, snapshots: Snapshots, metrics: Metrics) -> None:
        self._sessions = sessions
        self._snapshots = snapshots
        self._count_snapshot = {status: metrics.answers(SNAPSHOT_ROUTE, status) for status in (200, 304)}
        self._count_scopes = {status: metrics.answers(SCOPES_PATH, status) for status in (200, 304)}

    def at_once(self, path: str, headers: Headers) -> ReadyAnswer | None:
        """The answer to `GET path`, if all that it takes is remembered. Every header counts as it was last sent."""
        if not path.startswith(_HOT):
            return None
        started = perf_counter()
        sent = dict(headers)
        authorization = sent.get(b"authorization")
        signed_in = self._sessions.remembered(authorization) if authorization is not None else None
        finished = self._snapshots.remembered(signed_in, path) if signed_in is not None else None
        if finished is None:
            return None
        answer = finished.to(sent.get(b"accept-encoding"), sent.get(b"if-none-match"))
        counts = self._count_scopes if path == SCOPES_PATH else self._count_snapshot
        counts[answer.status](perf_counter() - started)
        return answer
