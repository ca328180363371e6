"""Hashing and checking passwords: Argon2id, beside the event loop, a bounded number at a time.

A check costs some 50 ms of a core and 19 MiB on purpose. Two threads check at once, so a flood of sign-ins takes at
most 38 MiB and leaves the loop to answer everybody who is signed in already; those who find the queue full are asked to
come back in a moment.
"""

import asyncio
import secrets
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import Type
from prometheus_client.core import CounterMetricFamily, Metric

from vigie_shared.errors import TooManyRequests
from vigie_shared.password_policy import prepared

WORKERS = 2
QUEUE = 40
"""Checks that may wait: about a second's worth, beyond which it is kinder to say so than to let people wait."""

T = TypeVar("T")


class Busy(TooManyRequests):
    """More sign-ins at once than can be checked."""


class Passwords:
    """Makes and checks the hashes that `service` keeps of passwords. Argon2id, 19 MiB, 2 passes, 1 lane."""

    def __init__(self, service: str, *, workers: int = WORKERS, queue: int = QUEUE) -> None:
        self._service = service
        self._argon2 = PasswordHasher(
            time_cost=2, memory_cost=19 * 1024, parallelism=1, hash_len=32, salt_len=16, type=Type.ID
        )
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="argon2")
        self._most = workers + queue
        self._at_work = 0
        self._verifications = 0
        self._of_nobody = self._argon2.hash(secrets.token_urlsafe(32))

    async def hash(self, password: str) -> str:
        """What is kept of `password`. Raises Busy."""
        return await self._beside(lambda: self._argon2.hash(prepared(password)))

    async def verify(self, kept: str | None, password: str) -> bool:
        """Whether `kept` was made of `password`. Where nothing is kept, a hash of nobody's password is checked, so
        that the answer takes the same work. Raises Busy."""
        right = await self._beside(lambda: self._verify(kept or self._of_nobody, password))
        self._verifications += 1
        return right and kept is not None

    def collect(self) -> Iterable[Metric]:
        """The number of checks made and waiting, for Prometheus."""
        made = CounterMetricFamily("vigie_password_verifications", "Password checks made", labels=["service"])
        made.add_metric([self._service], self._verifications)
        yield made

    def _verify(self, kept: str, password: str) -> bool:
        try:
            return self._argon2.verify(kept, prepared(password))
        except (VerificationError, InvalidHashError):
            return False

    async def _beside(self, work: Callable[[], T]) -> T:
        if self._at_work >= self._most:
            raise Busy("Too many people are signing in at this moment. Try again shortly.", retry_after=1)
        self._at_work += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._at_work -= 1
