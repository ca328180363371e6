"""Counting attempts to sign in before they are looked at, and taking them back when they were right (R10)."""

import hmac
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass

import structlog

from vigie_shared.database import Pool, transaction
from vigie_shared.errors import TooManyRequests
from vigie_shared.sealing import SealingKeys
from vigie_shared.throttling import counters
from vigie_shared.throttling.rules import CountedBy, Wait, decide
from vigie_shared.words import folded

log = structlog.get_logger()

_NO_CLIENT = ""


@dataclass(frozen=True)
class Attempt:
    """An attempt that was counted: by what, and how many failures that made for the name at the address."""

    subjects: Mapping[CountedBy, bytes]
    failures_here: int


class Throttle:
    """Counts in the table `throttle_counters` of the service, so that its replicas count together.

    What was typed is stored as an HMAC under a key derived from the sealing key: a reader of the table learns no name.
    """

    def __init__(self, pool: Pool, sealing: SealingKeys) -> None:
        self._pool = pool
        self._key = hmac.digest(sealing.current, b"vigie throttle subjects", "sha256")

    async def count(self, door: str, *typed: str, address: str) -> Attempt:
        """Count an attempt as failed and let it proceed. `door` is where somebody knocks: failures at one do not count
        at another, but for those of an address. Raises TooManyRequests where it has to wait; such an attempt
        is neither looked at nor counted."""
        name = (door, *(folded(part) for part in typed))
        place = _place(address)
        subjects = {
            CountedBy.TYPED_HERE: self._subject("typed-here", *name, place),
            CountedBy.TYPED: self._subject("typed", *name),
            CountedBy.ADDRESS: self._subject("address", place),
        }
        async with transaction(self._pool, _NO_CLIENT) as connection:
            found, now = await counters.lock_counters(connection, subjects)
            verdict = decide(found, now)
            if isinstance(verdict, Wait):
                log.warning("sign_in_throttled", door=door, seconds=verdict.seconds)
                raise TooManyRequests(
                    f"Too many failed attempts. Try again in {verdict.seconds} s.", retry_after=verdict.seconds
                )
            await counters.save_failures(connection, subjects, verdict.failures, now)
            await counters.forget_stale(connection)
        return Attempt(subjects, verdict.failures[CountedBy.TYPED_HERE])

    async def succeeded(self, attempt: Attempt) -> None:
        """Take back what this name had failed at this address, in every counter, and nothing that others counted."""
        async with transaction(self._pool, _NO_CLIENT) as connection:
            await counters.lock_counters(connection, attempt.subjects)
            await counters.take_back(connection, attempt.subjects, attempt.failures_here)
            await counters.save_success(connection, attempt.subjects[CountedBy.TYPED_HERE])

    async def not_looked_at(self, attempt: Attempt) -> None:
        """Take back an attempt that was counted but could not be looked at."""
        async with transaction(self._pool, _NO_CLIENT) as connection:
            await counters.lock_counters(connection, attempt.subjects)
            await counters.take_back(connection, attempt.subjects, 1)

    def _subject(self, *parts: str) -> bytes:
        return hmac.digest(self._key, "\x00".join(parts).encode(), "sha256")


def _place(address: str) -> str:
    """The address failures are counted by: of IPv6 the network of 64 bits, which is what one household is given."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.IPv6Network((parsed, 64), strict=False))
    return str(parsed)
