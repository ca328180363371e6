"""`vigie settings`: every setting there is, with its meaning and its present value."""

import typer


def settings() -> None:
    """List every VIGIE_... environment variable: which service reads it, its meaning, default and present value."""
    from rich.console import Console
    from rich.table import Table

    from vigie.services import services
    from vigie.settings_list import problems, settings_list

    chosen = services()
    table = Table("Setting", "Read by", "Meaning", "Default", "Now", show_lines=False)
    for one in settings_list(chosen):
        table.add_row(one.variable, one.read_by, one.meaning, one.default, one.now)
    Console().print(table)
    wrong = problems(chosen)
    for problem in wrong:
        typer.secho(problem, err=True, fg="red")
    if wrong:
        raise typer.Exit(1)
