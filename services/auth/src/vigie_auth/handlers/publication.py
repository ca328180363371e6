"""Publication credentials and the grants they are worth (R1)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog

from vigie_auth.domain.clients import Client
from vigie_auth.domain.directory import Directory
from vigie_auth.domain.users import extractable
from vigie_auth.handlers.sign_in import SignIn, tenant_of
from vigie_auth.handlers.signing import sign_grant
from vigie_auth.storage import clients, directory, users
from vigie_shared.access import Grant
from vigie_shared.database import Connection, transaction
from vigie_shared.errors import Forbidden, Unprocessable
from vigie_shared.passwords import Busy

log = structlog.get_logger()


@dataclass(frozen=True)
class GrantedExtraction:
    """An extraction that may publish, with what it needs to know of the directory."""

    grant: str
    started_at: datetime
    directory: Directory
    may_extract: tuple[str, ...]
    published_indicators: tuple[str, ...] | None
    """Those that the extraction may emit (R2); none means all."""


async def check_credentials(means: SignIn, *, client: str, password: str, address: str) -> None:
    """Say whether publication credentials hold. Raises Unprocessable with a `reason` when they do not, TooManyRequests.
    Whoever has the right password is told of a suspension, and nobody else."""
    known = await _verified(means, client, password, address)
    if known is not None and not known.suspended:
        return
    reason = "credentials_refused" if known is None else "client_suspended"
    log.warning("publication_credentials_refused", client=tenant_of(client), reason=reason)
    raise Unprocessable(
        "The client code or the publication password is not right. The platform's operator issues them."
        if known is None
        else "The client is suspended; the platform's operator can say why.",
        extra={"reason": reason},
    )


async def grant_publication(
    means: SignIn, *, client: str, password: str, extraction_id: UUID, username: str, address: str
) -> GrantedExtraction:
    """Let one extraction publish. Its start is later than that of every extraction granted to this client before, and
    stays the same when it is asked for again. `username` is whose rights to extract are answered: those of nobody when
    inactive or unknown. Raises Forbidden with a `reason`, TooManyRequests."""
    verified = await _verified(means, client, password, address)
    if verified is None:
        raise _refused(client, "credentials_refused", "The publication credentials are not right.")
    async with transaction(means.pool, verified.code) as connection:
        now_known = await clients.lock_client(connection, verified.code)
        if now_known is None or now_known.publication_password_hash != verified.publication_password_hash:
            raise _refused(client, "credentials_refused", "The publication credentials were changed just now.")
        if now_known.suspended:
            raise _refused(client, "client_suspended", "The client is suspended; the platform's operator can say why.")
        started_at = await _started_at(connection, verified.code, extraction_id, username)
        grant = Grant(client=verified.code, extraction_id=extraction_id, started_at=started_at)
        signed = await sign_grant(connection, means.sealing, grant)
        everything = await directory.read_directory(connection, verified.code)
        known_user = await users.find_user(connection, verified.code, username)
    log.info("publication_granted", client=verified.code, extraction_id=str(extraction_id))
    may_extract = extractable(known_user.user if known_user else None, (one.code for one in everything.companies))
    return GrantedExtraction(signed, started_at, everything, may_extract, now_known.published_indicators)


async def _started_at(connection: Connection, client: str, extraction_id: UUID, username: str) -> datetime:
    known = await clients.find_grant(connection, client, extraction_id)
    if known is not None:
        return known
    started_at = await clients.next_moment(connection, client)
    await clients.add_grant(connection, client, extraction_id, username, started_at)
    return started_at


async def _verified(means: SignIn, client: str, password: str, address: str) -> Client | None:
    """The client whose publication password this is; suspended or not."""
    attempt = await means.throttle.count("publication", client, address=address)
    tenant = tenant_of(client)
    async with transaction(means.pool, tenant) as connection:
        known = await clients.find_client(connection, tenant)
    try:
        right = await means.passwords.verify(known.publication_password_hash if known else None, password)
    except Busy:
        await means.throttle.not_looked_at(attempt)
        raise
    if known is None or not right:
        return None
    await means.throttle.succeeded(attempt)
    return known


def _refused(client: str, reason: str, detail: str) -> Forbidden:
    log.warning("publication_grant_refused", client=tenant_of(client), reason=reason)
    return Forbidden(detail, extra={"reason": reason})
