"""R2: an indicator that a client publishes no more is gone from its phones at once, whoever may see it."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from uuid import uuid4

from tests.fakes.auth import FakeAuth
from tests.fakes.phone import FakePhone
from tests.fakes.publisher import FakePublisher

from vigie_shared.events import DirectoryIndicatorsChanged, Event, IndicatorsData, NamedScope

ACME = NamedScope(kind="company", code="ACME", name="Acme")
PATH = "/snapshots/company/ACME"


async def test_r2_an_indicator_that_the_client_publishes_no_more_is_gone_from_every_phone_at_once(
    auth: FakeAuth,
    publisher: FakePublisher,
    phone: Callable[[str | None], FakePhone],
    tell: Callable[[Event], Awaitable[None]],
    client: str,
) -> None:
    publisher.publish(client, ACME, treasury_position="1.00", accounting_revenue="2.00")
    phones = {}
    for username in ("demo", "other"):
        auth.allow(client, username, [ACME])
        phones[username] = phone(auth.token(client, username))
        assert "treasury_position" in (await phones[username].get(PATH)).json()["indicators"]
    async with phones["demo"].listening() as stream:
        for username in phones:
            auth.allow(client, username, [ACME], ["accounting_revenue"])
        await tell(
            DirectoryIndicatorsChanged(
                id=uuid4(),
                subject="indicators",
                time=datetime(2026, 11, 24, tzinfo=UTC),
                clientcode=client,
                data=IndicatorsData(indicators=("accounting_revenue",)),
            )
        )
        assert await stream.next() is None
    for mobile in phones.values():
        assert list((await mobile.get(PATH)).json()["indicators"]) == ["accounting_revenue"]
