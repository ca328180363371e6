"""`vigie doctor`: is this machine fit to run Vigie, and if not, what mends it?"""

import typer


def doctor() -> None:
    """Check the set-up: Python, programs, settings, data folder, port, database, broker. Status 1 if one is wrong."""
    import asyncio

    from rich.console import Console
    from rich.table import Table

    from vigie.checkup import Wrong, checkup

    async def work() -> bool:
        table = Table("", "Check", "Found", "Mend it with")
        healthy = True
        async for finding in checkup():
            if isinstance(finding, Wrong):
                healthy = False
                table.add_row("[red]✗[/]", finding.subject, finding.found, f"[bold]{finding.mend}[/]")
            else:
                table.add_row("[green]✓[/]", finding.subject, finding.found, "")
        Console().print(table)
        return healthy

    if not asyncio.run(work()):
        raise typer.Exit(1)
