"""What a deletion of a client's published data does to every table and every queue that there is (R11).

A new table or queue is named here with its fate, or a test fails: nothing is forgotten by never having been thought of.
"""

from dataclasses import dataclass

import asyncpg

from tests.e2e.processes import SERVICES
from vigie_extractor.handlers.deletions import BLANKED
from vigie_shared.database import schema_of
from vigie_shared.local_bus import SERVICE as LOCAL_BUS
from vigie_shared.topology import QUEUES


@dataclass(frozen=True)
class Emptied:
    """Of the client's rows that fit the condition, a deletion leaves none."""

    where: str = "true"


@dataclass(frozen=True)
class Kept:
    """A deletion leaves the rows as they are."""

    why: str


Fate = Emptied | Kept

DIRECTORY = Kept("the directory is what an administrator entered, not what was published")
PLATFORM = Kept("belongs to the platform and to no client")
SETTINGS = Kept("set by an administrator for the extractions to come")
SIGN_IN = Kept("who may sign in and who is signed in, without a figure")

_OF_EACH_SERVICE: dict[str, Fate] = {
    "audit": Kept("who changed what, without a figure; no service may remove a row of it"),
    "inbox": Kept("identifiers of messages, which keep a repeated one from having a second effect"),
    "inbox_failures": Kept("identifiers of messages and kinds of errors"),
}

_PURGED = ", ".join(f"'{queue.name}'" for queue in QUEUES if queue.kept is None)

_OF_SERVICES: dict[str, dict[str, Fate]] = {
    "auth": {
        "clients": Kept("the client goes on, and its credentials with it"),
        "companies": DIRECTORY,
        "extraction_rights": DIRECTORY,
        "family_members": DIRECTORY,
        "fiscal_years": DIRECTORY,
        "idempotent_calls": PLATFORM,
        "operators": PLATFORM,
        "outbox": Kept("says what changed in the directory, and nothing of what was published"),
        "publication_grants": Kept("when extractions were let publish: by this their messages are known as too old"),
        "refresh_tokens": SIGN_IN,
        "scopes": DIRECTORY,
        "sessions": SIGN_IN,
        "signing_keys": PLATFORM,
        "throttle_counters": PLATFORM,
        "user_scopes": DIRECTORY,
        "users": DIRECTORY,
    },
    "extractor": {
        "calls_under_way": Kept("identifiers of calls that are not answered yet"),
        "cash_accounts": SETTINGS,
        "deletions": Kept("the moment of the deletion, by which runs from before it are refused"),
        "outbox": Emptied("routing_key LIKE 'indicators.%'"),
        "parameters": SETTINGS,
        "publication_credentials": SETTINGS,
        "publications": Kept("what became of the scopes of each run, in one word"),
        "runs": Emptied(
            "EXISTS (SELECT FROM jsonb_array_elements(report -> 'anomalies') AS found "
            f"WHERE found ->> 'detail' <> $blank${BLANKED}$blank$)"
        ),
        "firings": Kept("when schedules fired and which runs they started, without a figure"),
        "schedules": SETTINGS,
        "slots": SETTINGS,
        "sources": SETTINGS,
        "watched_folders": Kept("digests of the files of watched sources, by which a change is noticed"),
        "watches": Kept("when watched sources are looked at next"),
        "work": Kept("which runs wait; those from before the deletion are ended"),
    },
    "publisher": {
        "clients": Kept("the moment of the deletion, by which messages from before it are refused"),
        "deletion_parts": Kept("the receipt: how much went, without a figure"),
        "deletions": Kept("the receipt: when and by whom"),
        "explanations": Emptied(),
        "outbox": Emptied("routing_key LIKE 'snapshot.published.%'"),
        "publications": Emptied(),
        "snapshots": Emptied(),
    },
    "mobile-gateway": {
        "announcements": Emptied(),
        "clients": Kept("the deletion, of which phones that are away are still to be told"),
        "outbox": Kept("says that the gateway is empty"),
    },
    LOCAL_BUS: {"parked": Emptied(f"queue IN ({_PURGED})")},
}


def fates() -> dict[str, Fate]:
    """What becomes of each table, by schema and name."""
    return {
        f"{schema_of(service)}.{table}": fate
        for service, tables in _OF_SERVICES.items()
        for table, fate in {**(_OF_EACH_SERVICE if service in SERVICES else {}), **tables}.items()
    }


async def tables(owner: asyncpg.Connection) -> set[str]:
    """Every table of Vigie's schemas in a database, but for those that say which migrations were applied."""
    rows = await owner.fetch(
        """
        SELECT relnamespace::regnamespace::text || '.' || relname AS name FROM pg_class
        WHERE relkind IN ('r', 'p') AND relnamespace::regnamespace::text LIKE 'vigie\\_%'
          AND relname NOT LIKE 'schema_migrations%'
        """
    )
    return {row["name"] for row in rows}


async def rows_of(owner: asyncpg.Connection, client: str, table: str, condition: str) -> int:
    """How many rows of a client in a table fit a condition."""
    return int(await owner.fetchval(f"SELECT count(*) FROM {table} WHERE client_code = $1 AND ({condition})", client))


async def everything_of(owner: asyncpg.Connection, client: str) -> dict[str, str]:
    """A digest of all rows of a client, by table."""
    with_client = await owner.fetch(
        """
        SELECT attrelid::regclass::text AS name FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
        WHERE attname = 'client_code' AND relkind IN ('r', 'p') AND relnamespace::regnamespace::text LIKE 'vigie\\_%'
        """
    )
    return {
        row["name"]: str(
            await owner.fetchval(
                "SELECT md5(coalesce(string_agg(one::text, chr(10) ORDER BY one::text), '')) "
                f"FROM {row['name']} AS one WHERE client_code = $1",
                client,
            )
        )
        for row in with_client
    }
