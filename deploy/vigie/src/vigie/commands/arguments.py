"""Arguments that several commands take."""

from datetime import date
from pathlib import Path
from typing import Annotated, Literal

import typer


def _system_date(value: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise typer.BadParameter(f"{value!r} is not a date such as 2026-11-24") from None


Dossier = Annotated[Path, typer.Argument(help="Folder that holds dossier.toml.")]
SystemDate = Annotated[
    date,
    typer.Option("--as-of", parser=_system_date, metavar="DATE", help="Date up to which rows count: 2026-11-24."),
]
Lang = Annotated[Literal["fr", "en"], typer.Option("--lang", help="Language of the tables.")]
