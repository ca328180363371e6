"""`vigie demo DIR`: writes the demonstration dossier, or a large one for measuring."""

from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

_YEARS = range(2000, 2101)
_LINES, _COMPANIES, _FAMILIES = 10_000_000, 20, 4


class Size(StrEnum):
    """What is written: the demonstration, or a dossier for measuring."""

    NORMAL = "normal"
    LARGE = "large"


class Layout(StrEnum):
    """The format of the tables of a large dossier."""

    CSV = "csv"
    PARQUET = "parquet"


class Books(StrEnum):
    """How a large dossier holds its books."""

    FEC = "fec"
    ENTRIES = "entries"


def demo(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="An empty folder, or one that is not there yet.")],
    *,
    as_of: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="The day on which the figures end; today when not given."),
    ] = None,
    seed: Annotated[
        int, typer.Option(min=0, max=1_000_000, help="Another seed makes other figures; the same one the same bytes.")
    ] = 1,
    size: Annotated[Size, typer.Option(help="The demonstration, or a large dossier for measuring.")] = Size.NORMAL,
    lines: Annotated[int | None, typer.Option(min=1, help="Large: sales lines, 10 million if not given.")] = None,
    companies: Annotated[int | None, typer.Option(min=1, max=99, help="Large: companies, 20 if not given.")] = None,
    families: Annotated[int | None, typer.Option(min=1, max=99, help="Large: families, 4 if not given.")] = None,
    layout: Annotated[Layout | None, typer.Option("--format", help="Large: tables, parquet if not given.")] = None,
    books: Annotated[Books | None, typer.Option(help="Large: a table of entries if not given, or FEC files.")] = None,
) -> None:
    """Write the demonstration dossier: two French wholesalers, their sales and their books.

    With --size large, or any option said to be for a large one: a plain dossier of millions of rows, for measuring.

    Exit status: 0 when the folder is written; 2 when an argument does not fit, and then nothing is written.
    """
    from rich.console import Console

    from vigie.demo.benchmark.folder import write_benchmark
    from vigie.demo.benchmark.scale import Scale
    from vigie.demo.dossier import imagine
    from vigie.demo.folder import write_dossier

    day = as_of.date() if as_of else _today()
    if day.year not in _YEARS:
        raise typer.BadParameter(f"{day} is not between 2000 and 2100", param_hint="--as-of")
    try:
        if size is Size.NORMAL and (lines, companies, families, layout, books) == (None,) * 5:
            write_dossier(imagine(seed, day), directory)
        else:
            scale = Scale(
                lines=lines or _LINES,
                companies=companies or _COMPANIES,
                families=families or _FAMILIES,
                format=(layout or Layout.PARQUET).value,
                books=(books or Books.ENTRIES).value,
                seed=seed,
                as_of=day,
            )
            if scale.families > scale.companies:
                raise typer.BadParameter(f"{scale.families} families need as many companies", param_hint="--families")
            write_benchmark(scale, directory)
    except FileExistsError as error:
        raise typer.BadParameter(f"{error}: name a new folder, or empty this one", param_hint="DIR") from error
    Console(stderr=True).print(f"Dossier as of {day} written to {directory}", soft_wrap=True)


def _today() -> date:
    """The caller's today: the only place of the demonstration where the clock is read."""
    return datetime.now(UTC).astimezone().date()
