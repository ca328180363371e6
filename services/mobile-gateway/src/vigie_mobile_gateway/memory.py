"""Remembers what was read elsewhere, until something says that it is no longer so.

Whoever asks for what is not remembered shares one read with all who ask for the same. A read that was under way when
its key was forgotten may have seen the old state: it answers those who asked before, and is not remembered.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from vigie_shared.errors import Refusal

K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True)
class Read(Generic[V]):
    """What a read brought. `mine`: it is for the one who asked and for nobody else, so it is not remembered."""

    value: V
    mine: bool = False


@dataclass(eq=False, slots=True)
class _Entry(Generic[V]):
    client: str
    value: V
    used: bool = False
    """Whether it was asked for since it was last looked at for dropping."""


@dataclass(eq=False)
class _Flight(Generic[K, V]):
    client: str
    key: K
    reading: asyncio.Task[Read[V]]


class Memory(Generic[K, V]):
    """Remembered values by key, each belonging to one client, at most `limit` bytes of them.

    Where they would be more, those go first that were not asked for lately (second chance: a hit only sets a mark,
    which is cheaper than keeping an order). `size` says how many bytes a value takes; `changes` counts how often
    something was forgotten on purpose.
    """

    def __init__(self, limit: int, size: Callable[[V], int]) -> None:
        self._limit = limit
        self._size = size
        self._entries: dict[K, _Entry[V]] = {}
        self._keys: dict[str, set[K]] = {}
        self._flights: dict[K, _Flight[K, V]] = {}
        self.used = 0
        self.changes = 0

    def kept(self, key: K) -> V | None:
        """The remembered value, at once."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        entry.used = True
        return entry.value

    async def get(self, client: str, key: K, read: Callable[[], Awaitable[Read[V]]]) -> V:
        """The remembered value, or what `read` brings. Raises what `read` raises.

        One who only joined another's read takes neither that one's refusal nor what was for that one alone: it reads
        for itself.
        """
        while True:
            known = self.kept(key)
            if known is not None:
                return known
            flight = self._flights.get(key)
            if flight is None:
                return (await self._read(client, key, read)).value
            try:
                brought = await asyncio.shield(flight.reading)
            except Refusal:
                continue
            if not brought.mine:
                return brought.value

    def forget(self, client: str, which: Callable[[K, V | None], bool] = lambda _key, _value: True) -> None:
        """Forget values of a client; a value that is still being read is shown to `which` as None."""
        self.changes += 1
        for flight in [one for one in self._flights.values() if one.client == client and which(one.key, None)]:
            del self._flights[flight.key]
        for key in [key for key in self._keys.get(client, ()) if which(key, self._entries[key].value)]:
            self._drop(key)

    def forget_all(self) -> None:
        """Forget everything, of all clients."""
        self.changes += 1
        self._flights.clear()
        self._entries.clear()
        self._keys.clear()
        self.used = 0

    async def _read(self, client: str, key: K, read: Callable[[], Awaitable[Read[V]]]) -> Read[V]:
        # A task of its own: whoever asked first may go away while others wait for the same.
        flight = _Flight(client, key, asyncio.ensure_future(_as_coroutine(read)))
        self._flights[key] = flight
        flight.reading.add_done_callback(lambda _: self._landed(flight))
        return await asyncio.shield(flight.reading)

    def _landed(self, flight: _Flight[K, V]) -> None:
        current = self._flights.get(flight.key) is flight
        if current:
            del self._flights[flight.key]
        if flight.reading.cancelled() or flight.reading.exception() is not None:
            return
        brought = flight.reading.result()
        if current and not brought.mine:
            self._keep(flight.client, flight.key, brought.value)

    def _keep(self, client: str, key: K, value: V) -> None:
        if key in self._entries:
            self._drop(key)
        self._entries[key] = _Entry(client, value)
        self._keys.setdefault(client, set()).add(key)
        self.used += self._size(value)
        while self.used > self._limit:
            oldest = next(iter(self._entries))
            entry = self._entries[oldest]
            if entry.used:
                entry.used = False
                self._entries[oldest] = self._entries.pop(oldest)
            else:
                self._drop(oldest)

    def _drop(self, key: K) -> None:
        entry = self._entries.pop(key)
        self.used -= self._size(entry.value)
        keys = self._keys[entry.client]
        keys.discard(key)
        if not keys:
            del self._keys[entry.client]


async def _as_coroutine(read: Callable[[], Awaitable[Read[V]]]) -> Read[V]:
    return await read()
