"""The devices of a user: listed as auth knows them, and a lost one signed out at once."""

from collections.abc import Callable

from tests.fakes.auth import FakeAuth
from tests.fakes.phone import FakePhone
from tests.fakes.publisher import FakePublisher

from vigie_shared.events import NamedScope

MakePhone = Callable[[str | None], FakePhone]
ACME = NamedScope(kind="company", code="ACME", name="Acme")


async def signed_in(phone: MakePhone, client: str, device: str) -> FakePhone:
    typed = {"client_code": client, "shortcut_code": "ACME", "username": "demo", "password": "demo"}
    answer = await phone(None).http.post("/sessions", json=typed, headers={"User-Agent": device})
    assert answer.status_code == 201
    return phone(answer.json()["access_token"])


async def test_a_user_sees_the_devices_as_they_name_themselves(auth: FakeAuth, phone: MakePhone, client: str) -> None:
    auth.allow(client, "demo", [ACME])
    await signed_in(phone, client, "iPhone of Anne")
    second = await signed_in(phone, client, "iPad")

    listed = (await second.get("/sessions")).json()
    first_part = (await second.get("/sessions?limit=1")).json()

    assert [(one["device"], one["current"]) for one in listed["items"]] == [("iPad", True), ("iPhone of Anne", False)]
    assert (listed["next"], first_part["next"]) == (None, "more")


async def test_r2_a_lost_phone_that_is_signed_out_from_another_reads_and_hears_nothing_more(
    auth: FakeAuth, publisher: FakePublisher, phone: MakePhone, client: str
) -> None:
    auth.allow(client, "demo", [ACME])
    publisher.publish(client, ACME, treasury_position="1.00")
    lost, mine = await signed_in(phone, client, "lost"), await signed_in(phone, client, "mine")
    assert (await lost.get("/snapshots/company/ACME")).status_code == 200
    [_, of_lost] = (await mine.get("/sessions")).json()["items"]

    async with lost.listening() as stream:
        assert (await mine.http.delete(f"/sessions/{of_lost['id']}")).status_code == 204
        assert await stream.next() is None

    assert (await lost.get("/snapshots/company/ACME")).status_code == 401
    assert (await mine.get("/snapshots/company/ACME")).status_code == 200
    assert (await mine.http.delete(f"/sessions/{of_lost['id']}")).status_code == 404


async def test_r13_a_device_of_another_user_is_not_there(auth: FakeAuth, phone: MakePhone, client: str) -> None:
    auth.allow(client, "demo", [ACME])
    auth.allow(client, "other", [ACME])
    mine = await signed_in(phone, client, "mine")
    [of_mine] = (await mine.get("/sessions")).json()["items"]

    other = phone(auth.token(client, "other"))

    assert (await other.http.delete(f"/sessions/{of_mine['id']}")).status_code == 404
    assert (await phone(None).get("/sessions")).status_code == 401
    assert len((await mine.get("/sessions")).json()["items"]) == 1
