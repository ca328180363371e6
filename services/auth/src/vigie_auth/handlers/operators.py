"""The operators of the platform."""

import structlog

from vigie_auth.storage import platform
from vigie_auth.storage.platform import PLATFORM
from vigie_shared.audit import Actor, record
from vigie_shared.database import Pool, transaction
from vigie_shared.errors import Unprocessable
from vigie_shared.password_policy import password_problem
from vigie_shared.passwords import Passwords

log = structlog.get_logger()


async def save_operator(pool: Pool, passwords: Passwords, username: str, password: str, *, by: Actor) -> None:
    """Make an operator of the platform, or give the one of this name another password; does nothing where the password
    is that one already. Raises Unprocessable for a name or a password that does not do."""
    name = username.strip()
    if not 1 <= len(name) <= 64 or not name.isprintable():
        raise Unprocessable("An operator's name has 1 to 64 printable characters.")
    problem = password_problem(password, username=name)
    if problem is not None:
        raise Unprocessable(f"The operator {name} was not saved: {problem}.")
    async with transaction(pool, PLATFORM) as connection:
        known = await platform.find_operator(connection, name)
    if known is not None and known.username == name and await passwords.verify(known.password_hash, password):
        return
    password_hash = await passwords.hash(password)
    async with transaction(pool, PLATFORM) as connection:
        await platform.save_operator(connection, name, password_hash)
        await record(connection, by, client=None, action="operator.saved", subject=name)
    log.info("operator_saved", username=name, by=by.name)
