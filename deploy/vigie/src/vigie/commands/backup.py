"""`vigie backup` and `vigie restore`: the whole platform in one file, and back."""

from pathlib import Path
from typing import Annotated

import typer

File = Annotated[Path, typer.Argument(metavar="FILE", help="The backup")]


def backup(file: File) -> None:
    """Write the database and the kept sealing key into FILE, for its owner's eyes only; services may go on running."""
    from vigie.backup import back_up
    from vigie.running import ending_cleanly, run_to_the_end
    from vigie_shared.settings import Settings, load

    with ending_cleanly():
        settings = load(Settings)

    async def work() -> None:
        made = await back_up(settings, file)
        key = "with" if made.has_key else "without"
        typer.echo(f"{file} holds PostgreSQL {made.server} as of {made.made_at:%Y-%m-%d %H:%M:%S} UTC,")
        typer.echo(f"{key} the sealing key. Keep it as secret as the platform itself.")

    run_to_the_end(work())


def restore(file: File) -> None:
    """Put a backup into a database that does not hold Vigie yet (VIGIE_DATABASE_URL, or the embedded one)."""
    from vigie.backup import restore as restore_from
    from vigie.running import ending_cleanly, run_to_the_end
    from vigie_shared.settings import Settings, load

    with ending_cleanly():
        settings = load(Settings)

    async def work() -> None:
        restored = await restore_from(settings, file)
        typer.echo(f"Restored as of {restored.made_at:%Y-%m-%d %H:%M:%S} UTC. Start it with: vigie serve")

    run_to_the_end(work())
