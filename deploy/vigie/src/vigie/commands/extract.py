"""`vigie extract`: the indicators of a dossier folder, without broker or database."""

from typing import Annotated

import typer

from vigie.commands.arguments import Dossier, Lang, SystemDate


def extract(
    dossier: Dossier,
    *,
    as_of: SystemDate,
    company: Annotated[list[str] | None, typer.Option(help="Only this company; may be repeated.")] = None,
    family: Annotated[list[str] | None, typer.Option(help="Only this family; may be repeated.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result document.")] = False,
    lang: Lang = "fr",
) -> None:
    """Compute and print the indicators of a dossier.

    Exit status: 0; 1 when some scopes had to be left out (the rest is printed); 2 with the anomalies on standard error
    when nothing could be extracted.
    """
    from vigie.extracting import run

    raise typer.Exit(run(dossier, as_of, company or None, family or None, as_json=as_json, language=lang))
