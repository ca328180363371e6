"""A TCP proxy on loopback between two parts of the platform, whose link can be cut, frozen or left half open.

A fault counts what it struck, so that a test can say that it really hit something.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from types import TracebackType
from typing import Any, Self

from tests.stack.process import free_ports

_CHUNK = 64 * 1024


class Fault(StrEnum):
    """What can happen to a link."""

    CUT = "cut"
    """Connections break off with a reset, and new ones too, until the link is mended."""
    FROZEN = "frozen"
    """Nothing passes, but nothing breaks: what was sent arrives once the link is mended."""
    HALF_OPEN = "half-open"
    """Both ends take the connection for alive, and nothing will ever pass on it again, not even its end. Connections
    opened meanwhile share this fate; those opened once the link is mended work."""


@dataclass
class Struck:
    """What a fault has hit: connections that stood or were opened meanwhile (`attempts`), and bytes that did not
    pass."""

    fault: Fault | None = None
    connections: int = 0
    attempts: int = 0
    withheld: int = 0

    @property
    def hit(self) -> bool:
        """Whether somebody felt it: by the end of a connection, or by speaking or connecting in vain."""
        return self.attempts > 0 or self.withheld > 0 or (self.fault is Fault.CUT and self.connections > 0)


@dataclass(eq=False)
class _Connection:
    near: asyncio.StreamWriter
    far: asyncio.StreamWriter | None = None
    dead: bool = False
    """Half open for good: what is said on it is heard by nobody."""
    pumps: list[asyncio.Task[None]] = field(default_factory=list)

    def abort(self) -> None:
        for writer in (self.near, self.far):
            if writer is not None:
                writer.transport.abort()


class Proxy:
    """Passes bytes between whoever connects to `port` and the server at `target` of this machine."""

    def __init__(self, target: int) -> None:
        self.target = target
        [self.port] = free_ports(1)
        self.carried = 0
        """Bytes that were passed, both ways."""
        self._server: asyncio.Server | None = None
        self._fault: Fault | None = None
        self._struck = Struck()
        self._open = asyncio.Event()
        self._open.set()
        self._connections: set[_Connection] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.close()
        self.mend()
        for connection in list(self._connections):
            connection.abort()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def connections(self) -> int:
        """How many connections stand now."""
        return len(self._connections)

    @asynccontextmanager
    async def suffering(self, fault: Fault) -> AsyncIterator[Struck]:
        """The link suffers `fault` for the length of the block. Yields what it strikes, which goes on counting."""
        struck = self.strike(fault)
        try:
            yield struck
        finally:
            self.mend()

    def strike(self, fault: Fault) -> Struck:
        """Begin a fault, in place of one that may be under way, and return the count of what it hits. What a frozen
        link holds is lost when it is then cut."""
        self._fault = fault
        self._struck = Struck(fault, len(self._connections))
        match fault:
            case Fault.CUT:
                for connection in list(self._connections):
                    connection.dead = True
                    connection.abort()
            case Fault.FROZEN:
                self._open.clear()
            case Fault.HALF_OPEN:
                for connection in self._connections:
                    connection.dead = True
        return self._struck

    def mend(self) -> None:
        """End the fault."""
        self._fault = None
        self._open.set()

    def _start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _accept(self, reader: asyncio.StreamReader, near: asyncio.StreamWriter) -> None:
        self._start(self._carry(reader, near))

    async def _carry(self, reader: asyncio.StreamReader, near: asyncio.StreamWriter) -> None:
        if self._fault is not None:
            self._struck.connections += 1
            self._struck.attempts += 1
        if self._fault is Fault.CUT:
            near.transport.abort()
            return
        connection = _Connection(near, dead=self._fault is Fault.HALF_OPEN)
        self._connections.add(connection)
        try:
            if connection.dead:
                await self._swallow(reader)
                return
            await self._open.wait()
            far_reader, connection.far = await asyncio.open_connection("127.0.0.1", self.target)
            there = self._start(self._pump(connection, reader, connection.far))
            back = self._start(self._pump(connection, far_reader, near))
            await asyncio.wait({there, back})
            await self._flush(connection)
        except OSError:
            pass  # the server is not there: whoever connects is told by the end of the connection
        finally:
            self._connections.discard(connection)
            connection.abort()

    async def _pump(self, connection: _Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while chunk := await reader.read(_CHUNK):
                if not self._open.is_set():
                    self._struck.withheld += len(chunk)
                    await self._open.wait()
                if connection.dead:
                    self._struck.withheld += len(chunk)
                    continue
                self.carried += len(chunk)
                writer.write(chunk)
                await writer.drain()
            # The end of a connection is withheld like everything else.
            await self._open.wait()
            if not connection.dead:
                writer.write_eof()
        except OSError:
            await self._open.wait()
            if not connection.dead:
                connection.abort()

    async def _swallow(self, reader: asyncio.StreamReader) -> None:
        with contextlib.suppress(OSError):
            while chunk := await reader.read(_CHUNK):
                self._struck.withheld += len(chunk)

    async def _flush(self, connection: _Connection) -> None:
        """Let what was passed arrive before the connection ends in order."""
        ends = [end.transport for end in (connection.near, connection.far) if end is not None]
        while any(end.get_write_buffer_size() and not end.is_closing() for end in ends):
            await asyncio.sleep(0.01)
        for end in ends:
            end.close()
