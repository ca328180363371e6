"""What is remembered, and what is not: the races between reads and what makes them outdated."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from vigie_mobile_gateway.memory import Memory, Read
from vigie_shared.errors import NotFound, ServiceUnavailable, Unauthenticated


class Source:
    """What is read from: a test settles what each read brings, and when."""

    def __init__(self) -> None:
        self.reads: list[asyncio.Future[Read[str]]] = []
        self._asked = asyncio.Condition()

    async def read(self) -> Read[str]:
        future: asyncio.Future[Read[str]] = asyncio.get_running_loop().create_future()
        async with self._asked:
            self.reads.append(future)
            self._asked.notify_all()
        return await future

    async def asked(self, times: int) -> None:
        async with self._asked:
            await self._asked.wait_for(lambda: len(self.reads) >= times)


@pytest.fixture
def memory() -> Memory[str, str]:
    return Memory(100, len)


async def joined(*asks: Awaitable[str]) -> list["asyncio.Task[str]"]:
    """Tasks that have all begun to ask."""
    tasks = [asyncio.ensure_future(ask) for ask in asks]
    begun = asyncio.Event()
    asyncio.get_running_loop().call_soon(begun.set)
    await begun.wait()
    return tasks


async def test_what_was_read_is_not_read_again(memory: Memory[str, str]) -> None:
    source = Source()
    [first] = await joined(memory.get("ACME", "k", source.read))
    await source.asked(1)
    source.reads[0].set_result(Read("v"))
    assert await first == "v"
    assert await memory.get("ACME", "k", source.read) == memory.kept("k") == "v"
    assert len(source.reads) == 1


async def test_all_who_ask_at_once_share_one_read(memory: Memory[str, str]) -> None:
    source = Source()
    asking = await joined(*[memory.get("ACME", "k", source.read) for _ in range(50)])
    await source.asked(1)
    source.reads[0].set_result(Read("v"))
    assert await asyncio.gather(*asking) == ["v"] * 50
    assert len(source.reads) == 1


async def test_a_read_outlives_the_one_who_asked_first(memory: Memory[str, str]) -> None:
    source = Source()
    first, second = await joined(*[memory.get("ACME", "k", source.read) for _ in range(2)])
    await source.asked(1)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    source.reads[0].set_result(Read("v"))
    assert await second == "v"


async def test_what_is_forgotten_while_it_is_read_is_not_remembered(memory: Memory[str, str]) -> None:
    source = Source()
    [before] = await joined(memory.get("ACME", "k", source.read))
    await source.asked(1)
    memory.forget("ACME")
    [after] = await joined(memory.get("ACME", "k", source.read))
    await source.asked(2)
    source.reads[1].set_result(Read("new"))
    assert await after == "new"
    source.reads[0].set_result(Read("old"))
    assert await before == "old"
    assert memory.kept("k") == "new"


async def test_forgetting_everything_also_reaches_what_is_being_read(memory: Memory[str, str]) -> None:
    source = Source()
    [before] = await joined(memory.get("ACME", "k", source.read))
    await source.asked(1)
    memory.forget_all()
    source.reads[0].set_result(Read("old"))
    assert await before == "old"
    assert memory.kept("k") is None


async def test_forgetting_leaves_other_clients_and_other_keys(memory: Memory[str, str]) -> None:
    for client, key in (("ACME", "a"), ("ACME", "b"), ("NORD", "c")):
        await memory.get(client, key, _bringing(key))
    memory.forget("ACME", lambda key, _: key == "a")
    assert [memory.kept(key) for key in "abc"] == [None, "b", "c"]


async def test_a_refusal_is_for_the_one_who_was_refused(memory: Memory[str, str]) -> None:
    source = Source()
    refused, other = await joined(*[memory.get("ACME", "k", source.read) for _ in range(2)])
    await source.asked(1)
    source.reads[0].set_exception(Unauthenticated("ended"))
    await source.asked(2)
    source.reads[1].set_result(Read("v"))
    with pytest.raises(Unauthenticated):
        await refused
    assert await other == "v"


async def test_what_is_for_one_alone_is_neither_shared_nor_remembered(memory: Memory[str, str]) -> None:
    source = Source()
    first, other = await joined(*[memory.get("ACME", "k", source.read) for _ in range(2)])
    await source.asked(1)
    source.reads[0].set_result(Read("mine", mine=True))
    assert await first == "mine"
    await source.asked(2)
    assert memory.kept("k") is None
    source.reads[1].set_result(Read("ours"))
    assert await other == memory.kept("k") == "ours"


async def test_an_absent_neighbour_is_asked_once_for_all_who_wait(memory: Memory[str, str]) -> None:
    source = Source()
    asking = await joined(*[memory.get("ACME", "k", source.read) for _ in range(5)])
    await source.asked(1)
    source.reads[0].set_exception(ServiceUnavailable("away"))
    outcomes = await asyncio.gather(*asking, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [ServiceUnavailable] * 5
    assert len(source.reads) == 1


async def test_what_is_not_found_is_asked_again(memory: Memory[str, str]) -> None:
    async def missing() -> Read[str]:
        raise NotFound("not there")

    with pytest.raises(NotFound):
        await memory.get("ACME", "k", missing)
    assert await memory.get("ACME", "k", _bringing("v")) == "v"


async def test_memory_is_bounded_and_what_was_not_asked_for_lately_goes_first(memory: Memory[str, str]) -> None:
    for key in "abc":
        await memory.get("ACME", key, _bringing(key * 40))
        memory.kept("a")
    assert [key for key in "abc" if memory.kept(key)] == ["a", "c"]
    assert memory.used == 80
    await memory.get("ACME", "d", _bringing("d" * 101))
    assert memory.used <= 100
    memory.forget("ACME")
    assert memory.used == 0


def _bringing(value: str) -> Callable[[], Awaitable[Read[str]]]:
    async def read() -> Read[str]:
        return Read(value)

    return read
