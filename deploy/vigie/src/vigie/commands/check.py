"""`vigie check`: every anomaly of a dossier folder."""

from typing import Annotated

import typer

from vigie.commands.arguments import Dossier, Lang


def check(
    dossier: Dossier,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print the anomalies and row counts as JSON.")] = False,
    lang: Lang = "fr",
) -> None:
    """Validate a dossier and print every anomaly.

    Exit status: 0 where none is an error; 1 where one is; 2 when the folder cannot be read as a dossier.
    """
    from vigie.checking import run

    raise typer.Exit(run(dossier, as_json, lang))
