"""R2: a right that is taken away is felt at once, at every gateway, in what is remembered and in what is listened to.

Real auth, publisher and broker, and two gateways: each phone reads and listens at both before the right is taken.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from tests.e2e.dossiers import COMPANIES, write_dossier
from tests.e2e.firm import ENDED, PHONE_PASSWORD, Firm
from tests.e2e.processes import Platform, VigieProcess, a_process_each, free_port
from tests.fakes.phone import FakePhone, Listening
from tests.stack.amqp import forgetting
from tests.stack.databases import new_database
from tests.stack.waiting import until

pytestmark = pytest.mark.timeout(180)

KEPT, LOST = COMPANIES[0], COMPANIES[1]
KEPT_PATH, LOST_PATH = f"/snapshots/company/{KEPT}", f"/snapshots/company/{LOST}"
SCOPES = [{"kind": "company", "code": KEPT}, {"kind": "company", "code": LOST}]


@dataclass(frozen=True)
class Setting:
    """A firm whose figures are published, and the addresses of two gateways."""

    firm: Firm
    gateways: tuple[str, str]

    async def changes(self, username: str, **changes: Any) -> None:
        """The administrator saves the phone's user with something else than before."""
        rights = {"active": True, "role": "mobile", "scopes": SCOPES, "may_extract": [], "indicators": None}
        path = f"/auth/v1/admin/users/{username}"
        await self.firm.call("PUT", path, rights | changes, await self.firm.administrator())

    async def does(self, method: Any, path: str, body: Any = None) -> None:
        await self.firm.call(method, path, body, await self.firm.administrator())

    async def extracts(self) -> None:
        extraction = await self.firm.extract()

        async def ended() -> bool:
            return (await self.firm.run(extraction))["status"] in ENDED

        await until(ended, 60)


@pytest.fixture(scope="module")
async def setting(tmp_path_factory: pytest.TempPathFactory, postgres_url: str, amqp_url: str) -> AsyncIterator[Setting]:
    prefix, folder = f"e2e.{uuid4().hex[:8]}.", tmp_path_factory.mktemp("rights")
    async with (
        new_database(postgres_url) as database_url,
        forgetting(amqp_url, prefix),
        httpx2.AsyncClient(timeout=30) as http,
    ):
        with a_process_each(folder, database_url, amqp_url, prefix) as four:
            first = four.processes["mobile-gateway"]
            second = VigieProcess(first.arguments, first.environment, free_port(), folder / "second.log")
            await Platform({**four.processes, "second gateway": second}).start()
            try:
                firm = Firm(four, f"F{uuid4().hex[:10]}", http)
                await firm.register(write_dossier(folder / "dossier"))
                made = Setting(firm, (first.address, second.address))
                await made.extracts()
                yield made
            finally:
                second.stop()


@dataclass
class Reader:
    """A phone's user, who has read both companies at both gateways and listens at both."""

    username: str
    phones: tuple[FakePhone, ...]
    streams: tuple[Listening, ...]

    async def statuses(self, path: str) -> list[int]:
        return [(await phone.get(path)).status_code for phone in self.phones]

    async def indicators(self) -> list[list[str]]:
        answers = [await phone.get(KEPT_PATH) for phone in self.phones]
        return [list(answer.json()["indicators"]) for answer in answers]

    async def is_answered(self, path: str, status: int) -> None:
        """Wait until both gateways answer the path with this status."""

        async def both() -> bool:
            return await self.statuses(path) == [status, status]

        await until(both)

    async def streams_end(self) -> None:
        """Both streams end, and tell nothing before they do."""
        assert [await stream.next() for stream in self.streams] == [None, None]


@asynccontextmanager
async def reading(setting: Setting) -> AsyncIterator[Reader]:
    username = f"u{uuid4().hex[:8]}"
    await setting.changes(username, password=PHONE_PASSWORD)
    typed = {"client_code": setting.firm.code, "shortcut_code": KEPT, "username": username, "password": PHONE_PASSWORD}
    token = (await setting.firm.call("POST", "/mobile/v1/sessions", typed))["access_token"]
    async with AsyncExitStack() as opened:
        phones, streams = [], []
        for address in setting.gateways:
            phone = FakePhone(address, token)
            opened.push_async_callback(phone.http.aclose)
            phones.append(phone)
            streams.append(await opened.enter_async_context(phone.listening()))
        reader = Reader(username, tuple(phones), tuple(streams))
        for path in (KEPT_PATH, LOST_PATH, "/scopes"):
            # Twice: the second answer comes from memory.
            assert [await reader.statuses(path) for _ in range(2)] == [[200, 200]] * 2
        yield reader


async def test_r2_a_scope_taken_away_is_neither_read_nor_told_of_any_more(setting: Setting) -> None:
    async with reading(setting) as reader:
        await setting.changes(reader.username, scopes=SCOPES[:1])

        await reader.streams_end()
        await reader.is_answered(LOST_PATH, 404)
        assert await reader.statuses(KEPT_PATH) == [200, 200]
        for phone in reader.phones:
            assert [one["code"] for one in (await phone.get("/scopes")).json()["scopes"]] == [KEPT]
            assert (await phone.get(f"{LOST_PATH}/history?indicator=commercial_revenue")).status_code == 404
        async with reader.phones[0].listening() as stream:
            await setting.extracts()
            told = await stream.next()
        assert told is not None
        assert told.data["scope"]["code"] == KEPT


async def test_r2_an_indicator_taken_away_from_a_user_is_gone_at_every_gateway(setting: Setting) -> None:
    async with reading(setting) as reader:
        await setting.changes(reader.username, indicators=["treasury_position"])

        async def only_treasury() -> bool:
            return await reader.indicators() == [["treasury_position"]] * 2

        await until(only_treasury)
        await reader.streams_end()
        for phone in reader.phones:
            assert (await phone.get(f"{KEPT_PATH}/history?indicator=commercial_revenue")).status_code == 404


async def test_r2_an_indicator_that_the_client_publishes_no_more_is_gone_and_comes_back(setting: Setting) -> None:
    published = "/auth/v1/admin/published-indicators"
    async with reading(setting) as reader:
        [before, _] = await reader.indicators()
        await setting.does("PUT", published, {"indicators": ["treasury_position", "accounting_revenue"]})

        async def narrowed() -> bool:
            return [set(seen) for seen in await reader.indicators()] == [
                {"treasury_position", "accounting_revenue"}
            ] * 2

        await until(narrowed)
        await reader.streams_end()
        await setting.does("PUT", published, {"indicators": None})

        async def as_before() -> bool:
            return await reader.indicators() == [before, before]

        await until(as_before)


@pytest.mark.parametrize(
    "change",
    [{"role": "preparer"}, {"active": False}, {"password": "another long password"}],
    ids=["role", "activity", "password"],
)
async def test_r2_who_is_put_out_reads_and_hears_nothing_more(setting: Setting, change: dict[str, Any]) -> None:
    async with reading(setting) as reader:
        await setting.changes(reader.username, **change)

        await reader.streams_end()
        for path in (KEPT_PATH, "/scopes", "/events"):
            await reader.is_answered(path, 401)


@pytest.mark.parametrize("path", ["", "/sessions"], ids=["user removed", "sessions ended"])
async def test_r2_who_is_removed_or_signed_out_reads_and_hears_nothing_more(setting: Setting, path: str) -> None:
    async with reading(setting) as reader:
        await setting.does("DELETE", f"/auth/v1/admin/users/{reader.username}{path}")

        await reader.streams_end()
        await reader.is_answered(KEPT_PATH, 401)


async def test_r2_nobody_of_a_suspended_client_reads_or_hears_anything(setting: Setting) -> None:
    """The last of this file: it puts the whole firm out of service."""
    async with reading(setting) as reader:
        await setting.firm.suspend()

        await reader.streams_end()
        await reader.is_answered(KEPT_PATH, 401)
        await reader.is_answered("/scopes", 401)
