"""The proxy itself: what each fault does to those at both ends of a link."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.faults.proxy import Fault, Proxy
from tests.stack.waiting import until

Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while heard := await reader.read(1024):
        writer.write(heard)
        await writer.drain()
    writer.close()


@pytest.fixture
async def link() -> AsyncIterator[Proxy]:
    """A proxy in front of a server that says what it hears."""
    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    async with Proxy(server.sockets[0].getsockname()[1]) as proxy:
        yield proxy
    server.close()


class Dialling:
    """Connects through a link, and hangs up in the end."""

    def __init__(self, link: Proxy) -> None:
        self._link = link
        self._writers: list[asyncio.StreamWriter] = []

    async def dial(self) -> Ends:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._link.port)
        self._writers.append(writer)
        return reader, writer

    async def connected(self) -> Ends:
        """A connection on which something has already passed."""
        ends = await self.dial()
        assert await said(ends, b"before") == b"before"
        return ends

    def hang_up(self) -> None:
        for writer in self._writers:
            writer.transport.abort()


@pytest.fixture
async def client(link: Proxy) -> AsyncIterator[Dialling]:
    dialling = Dialling(link)
    yield dialling
    dialling.hang_up()


async def said(ends: Ends, word: bytes) -> bytes:
    """What comes back for a word, within a second; nothing where the connection has ended."""
    reader, writer = ends
    writer.write(word)
    async with asyncio.timeout(1):
        return await reader.read(1024)


async def test_a_cut_breaks_every_connection_and_refuses_new_ones_until_mended(link: Proxy, client: Dialling) -> None:
    standing = await client.connected()
    async with link.suffering(Fault.CUT) as struck:
        with pytest.raises(ConnectionResetError):
            await said(standing, b"during")
        late = await client.dial()
        with pytest.raises(ConnectionResetError):
            await said(late, b"during")
    assert struck.connections == 2
    assert await said(await client.connected(), b"after") == b"after"


async def test_a_frozen_link_delivers_late_and_loses_nothing(link: Proxy, client: Dialling) -> None:
    reader, _ = standing = await client.connected()
    async with link.suffering(Fault.FROZEN) as struck:
        with pytest.raises(TimeoutError):
            await said(standing, b"during")
        assert struck.withheld == len(b"during")
    async with asyncio.timeout(1):
        assert await reader.read(1024) == b"during"


async def test_a_half_open_connection_stays_silent_for_good_and_a_new_one_works(link: Proxy, client: Dialling) -> None:
    standing = await client.connected()
    async with link.suffering(Fault.HALF_OPEN) as struck:
        with pytest.raises(TimeoutError):
            await said(standing, b"during")
        late = await client.dial()
        with pytest.raises(TimeoutError):
            await said(late, b"during")
    for ends in (standing, late):
        with pytest.raises(TimeoutError):
            await said(ends, b"after")
    assert struck.connections == 2
    assert struck.withheld == 2 * len(b"during") + 2 * len(b"after")
    assert await said(await client.connected(), b"after") == b"after"


async def test_an_end_passes_through_with_all_that_was_said_before(link: Proxy, client: Dialling) -> None:
    reader, writer = await client.dial()
    writer.write(b"last words")
    writer.write_eof()
    assert await reader.read() == b"last words"
    await until(lambda: link.connections == 0)
