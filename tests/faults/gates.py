"""Gates in the database: whoever writes a row of a table waits there, and can be killed at exactly that step."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal
from uuid import uuid4

import asyncpg

from tests.stack.waiting import until

Write = Literal["INSERT", "UPDATE", "DELETE"]


class Gate:
    """A closed gate. Those who wait at it hold an open transaction; `open` lets them and everybody after them pass."""

    def __init__(self, connection: asyncpg.Connection, key: int) -> None:
        self._connection = connection
        self._key = key

    async def waiting(self) -> bool:
        """Whether somebody waits at the gate."""
        return bool(
            await self._connection.fetchval(
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = $1 AND NOT granted", self._key
            )
        )

    async def reached(self, seconds: float = 30) -> None:
        """Wait until somebody waits at the gate."""
        await until(self.waiting, seconds)

    async def open(self) -> None:
        await self._connection.execute("SELECT pg_advisory_unlock_all()")


@asynccontextmanager
async def gate(owner_url: str, table: str, write: Write, *, row: str = "true") -> AsyncIterator[Gate]:
    """Close a gate before each `write` of a row of `table` (with its schema) for which the condition `row` on NEW, or
    on OLD of what is deleted, holds. It is opened and taken away in the end."""
    key = uuid4().int % 2**31
    name = f"gate_{key}"
    schema = table.partition(".")[0]
    back = "OLD" if write == "DELETE" else "NEW"
    connection = await asyncpg.connect(owner_url, timeout=10)
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", key)
        await connection.execute(
            f"""
            CREATE FUNCTION {schema}.{name}() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN PERFORM pg_advisory_xact_lock_shared({key}); RETURN {back}; END $$;
            CREATE TRIGGER {name} BEFORE {write} ON {table} FOR EACH ROW WHEN ({row})
            EXECUTE FUNCTION {schema}.{name}()
            """
        )
        closed = Gate(connection, key)
        try:
            yield closed
        finally:
            await closed.open()
            await connection.execute(f"DROP TRIGGER {name} ON {table}; DROP FUNCTION {schema}.{name}()")
    finally:
        await connection.close()
