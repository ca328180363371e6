"""PostgreSQL: pools, transactions, and the tenant that row-level security holds them to (R13).

Every table that carries a client has a policy that compares its `client_code` with the setting `vigie.client` of the
transaction. Nothing is visible until a transaction is bound; the binding ends with it, so a pooled connection never
carries one client's binding into another's request. Only the tables of messages (outbox, inbox), the audit and those
whose policies say so also answer to ALL_CLIENTS, which the loops of a service use, and requests of the platform's
operators where that is what they ask for.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from asyncpg.pool import PoolConnectionProxy

Pool = asyncpg.Pool
Connection = asyncpg.Connection | PoolConnectionProxy

ALL_CLIENTS = "*"

CONNECT_SECONDS = 5.0
"""How long a connection may take to open."""

ANSWER_SECONDS = 10.0
"""How long the database may take to answer one statement. A link that died without a word is known by nothing else,
and every statement of the services takes a fraction of this."""

_SETTINGS = {
    # Shorter than ANSWER_SECONDS, so that a lock that is held for long is told from a link that is dead.
    "lock_timeout": "8s",
    # The server keeps the locks of whoever went away without a word for as long as this. The relay of an outbox holds
    # a transaction while the broker confirms, which takes at most half of it.
    "idle_in_transaction_session_timeout": "20s",
    # On a network, silence of the other end: noticed after about 25 seconds, with or without something under way.
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "25000",
    "timezone": "UTC",
}

UNAVAILABLE: tuple[type[BaseException], ...] = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.TransactionRollbackError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.LockNotAvailableError,
    asyncpg.ReadOnlySQLTransactionError,
)
"""What is raised while the database is away, going, coming back, full or too busy: worth trying again, and nothing that
a message is to blame for."""


def schema_of(service: str) -> str:
    """The schema, and the role of the same name, that `service` owns."""
    return f"vigie_{service.replace('-', '_')}"


async def create_pool(url: str, service: str, *, size: int = 10) -> Pool:
    """A pool of connections that act as the role of `service` in its schema.

    Where `url` names another user (the owner, on a machine of one's own), each connection takes the role on from its
    first moment; the owner's rights are not used.
    """
    schema = schema_of(service)
    return await asyncpg.create_pool(
        url,
        min_size=1,
        max_size=size,
        command_timeout=ANSWER_SECONDS,
        timeout=CONNECT_SECONDS,
        server_settings={"role": schema, "search_path": schema, "application_name": schema, **_SETTINGS},
    )


@asynccontextmanager
async def lent(pool: Pool) -> AsyncIterator[PoolConnectionProxy]:
    """A connection for the length of a block. Raises TimeoutError when none is free for as long as an answer may take.

    One that left a question without an answer is ended on the spot: to end its transaction or to call the question off
    would be further questions. The pool's others are then opened anew before their next use, since whatever silenced
    one link has often silenced all.
    """
    connection = await pool.acquire(timeout=ANSWER_SECONDS)
    try:
        yield connection
    except TimeoutError:
        connection.terminate()
        await pool.expire_connections()
        raise
    except asyncio.CancelledError:
        connection.terminate()
        raise
    finally:
        await pool.release(connection)


async def bind(connection: Connection, client: str) -> None:
    """Hold the rest of the transaction to the rows of `client`."""
    await connection.execute("SELECT set_config('vigie.client', $1, true)", client)


@asynccontextmanager
async def transaction(pool: Pool, client: str) -> AsyncIterator[PoolConnectionProxy]:
    """A transaction that sees and writes the rows of `client`; it commits at the end, or rolls back on an error."""
    async with lent(pool) as connection:
        running = connection.transaction()
        await running.start()
        try:
            await bind(connection, client)
            yield connection
        except (TimeoutError, asyncio.CancelledError):
            raise  # the connection is ended, and its transaction with it
        except BaseException:
            await running.rollback()
            raise
        else:
            await running.commit()


async def answers(pool: Pool, seconds: float) -> bool:
    """Whether the database answers within so many seconds."""
    try:
        async with asyncio.timeout(seconds), lent(pool) as connection:
            await connection.fetchval("SELECT 1")
    except UNAVAILABLE:
        return False
    return True
