"""Whether the session behind an access token still stands, for services that keep no sessions and hear of none (R2)."""

import time
from collections import OrderedDict
from collections.abc import Callable

import structlog

from vigie_shared.access import Auth, Claims, Verifier
from vigie_shared.errors import ServiceUnavailable

log = structlog.get_logger()

ASKED_EVERY = 1.0
"""Seconds for which auth's word holds: a right that is taken away is felt within them."""

_REMEMBERED = 10_000


class StandingVerifier(Verifier):
    """A verifier that believes the token of a client's user only while auth says that its session lasts: the user is in
    service with the same role, signed out nowhere, and the client is not suspended.

    While auth is away the token alone counts, which ends within minutes.
    """

    def __init__(self, auth: Auth, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(auth.keys)
        self._auth = auth
        self._clock = clock
        self._stood_at: OrderedDict[str, float] = OrderedDict()

    async def claims(self, token: str) -> Claims:
        """As `Verifier.claims`. Raises Unauthenticated when the session has ended."""
        claims = await super().claims(token)
        if claims.client is not None and not self._stood_lately(token):
            now = self._clock()
            try:
                await self._auth.rights(token)
            except ServiceUnavailable as error:
                log.warning("session_not_checked", reason=str(error))
                return claims
            self._stood_at[token] = now
            self._stood_at.move_to_end(token)
            while len(self._stood_at) > _REMEMBERED:
                self._stood_at.popitem(last=False)
        return claims

    def _stood_lately(self, token: str) -> bool:
        at = self._stood_at.get(token)
        return at is not None and self._clock() - at < ASKED_EVERY
