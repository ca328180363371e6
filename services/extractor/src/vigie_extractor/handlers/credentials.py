"""Publication credentials: verified by auth before they are kept, kept sealed, and tested when somebody asks (R1)."""

from dataclasses import dataclass

import structlog
from pydantic import SecretStr

from vigie_extractor.auth import Auth, CheckOutcome
from vigie_extractor.clock import Clock
from vigie_extractor.storage import credentials as storage
from vigie_extractor.storage.credentials import Registration
from vigie_shared.audit import Actor, record
from vigie_shared.database import Connection, Pool, transaction
from vigie_shared.errors import Conflict, Unprocessable
from vigie_shared.sealing import SealBroken, SealingKeys

log = structlog.get_logger()

SUBJECT = "publication-credentials"

_REFUSED: dict[CheckOutcome, str] = {
    "credentials_refused": "The platform refuses these publication credentials: the password is wrong. Nothing was "
    "changed. The platform's operator hands out the password.",
    "client_suspended": "The password is right, but the platform has suspended this client. Nothing was changed. The "
    "platform's operator can say why.",
}


@dataclass(frozen=True, slots=True)
class OpenedPassword:
    """A publication password. `sealed_again` is set where it was sealed with an earlier key: what to keep instead."""

    password: SecretStr
    sealed_again: bytes | None


@dataclass(frozen=True, slots=True)
class Seal:
    """Seals and opens the publication passwords of clients."""

    keys: SealingKeys

    def close(self, client: str, password: SecretStr) -> bytes:
        return self.keys.seal(password.get_secret_value().encode(), about=_about(client))

    def open(self, client: str, sealed: bytes) -> OpenedPassword:
        """Raises SealBroken when it was sealed with none of the keys, or for another client."""
        opened = self.keys.unseal(sealed, about=_about(client))
        password = SecretStr(opened.secret.decode())
        return OpenedPassword(password, self.close(client, password) if opened.outdated else None)


def _about(client: str) -> str:
    return f"publication credentials of {client}"


async def note_outcome(
    connection: Connection,
    registration: Registration,
    opened: OpenedPassword,
    *,
    client: str,
    outcome: CheckOutcome,
    clock: Clock,
) -> None:
    """Keep auth's word on registered credentials, and have them sealed with the key of now."""
    await storage.note_check(connection, client, registration.sealed_password, outcome, clock())
    if opened.sealed_again is not None:
        await storage.seal_again(connection, client, registration.sealed_password, opened.sealed_again)
        log.info("publication_credentials_sealed_again", client=client)


class Credentials:
    """What an administrator does with the client's publication credentials."""

    def __init__(self, pool: Pool, auth: Auth, sealing: Seal, clock: Clock) -> None:
        self._pool = pool
        self._auth = auth
        self._seal = sealing
        self._clock = clock

    async def register(self, client: str, actor: Actor, client_code: str, password: SecretStr) -> None:
        """Keep the credentials if auth accepts them now. Raises Unprocessable when it does not, or when they are
        another client's; ServiceUnavailable while auth is away."""
        if client_code != client:
            raise Unprocessable(
                f"These are not the publication credentials of your own client, {client}.",
                errors=[{"where": "body.client_code", "what": f"must be {client}"}],
            )
        outcome = await self._auth.check(client, password)
        if outcome != "accepted":
            raise Unprocessable(
                _REFUSED[outcome],
                errors=[{"where": "body.password", "what": "refused by auth", "reason": outcome}],
            )
        sealed = self._seal.close(client, password)
        async with transaction(self._pool, client) as connection:
            before = await storage.find(connection, client)
            now = self._clock()
            await storage.save(connection, client, sealed, now)
            await record(
                connection,
                actor,
                client=client,
                action="publication-credentials.registered",
                subject=SUBJECT,
                before=None if before is None else {"registered_at": before.registered_at},
                after={"registered_at": now},
            )
        log.info("publication_credentials_registered", client=client, by=actor.name)

    async def test(self, client: str, actor: Actor) -> Registration:
        """Ask auth whether the registered credentials are good now, and keep its word. Raises Conflict where none are
        registered, or where they cannot be opened; ServiceUnavailable while auth is away."""
        registration = await self.show(client)
        if registration is None:
            raise Conflict("No publication credentials are registered, so there is nothing to test. Register them.")
        try:
            opened = self._seal.open(client, registration.sealed_password)
        except SealBroken as error:
            raise Conflict(f"{error} Or register the credentials again.") from None
        outcome = await self._auth.check(client, opened.password)
        async with transaction(self._pool, client) as connection:
            await note_outcome(connection, registration, opened, client=client, outcome=outcome, clock=self._clock)
            await record(
                connection,
                actor,
                client=client,
                action="publication-credentials.tested",
                subject=SUBJECT,
                before={"outcome": registration.check_outcome},
                after={"outcome": outcome},
            )
            known = await storage.find(connection, client)
        log.info("publication_credentials_tested", client=client, by=actor.name, outcome=outcome)
        if known is None:  # nothing forgets credentials
            raise LookupError(f"the publication credentials of {client} are gone")
        return known

    async def show(self, client: str) -> Registration | None:
        """Since when credentials are registered and what auth last said of them; never the credentials."""
        async with transaction(self._pool, client) as connection:
            return await storage.find(connection, client)
