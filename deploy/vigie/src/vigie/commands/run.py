"""`vigie run`: everything in one process, with the demonstration."""

import os
from datetime import date
from pathlib import Path

import typer

SEED = 1
"""The firm that everybody sees: the same on every machine."""


def run() -> None:
    """Start all services in one process, load the demonstration, and print how to sign in. Ctrl-C stops it.

    VIGIE_HOST, an address of this machine, serves phones nearby over HTTPS and prints how an iPhone trusts it.
    """
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from rich.console import Console

    from vigie import serving
    from vigie.demo.dossier import imagine
    from vigie.demo.folder import write_dossier
    from vigie.demonstration import Demonstration, SignIn, password_for
    from vigie.nearby import how_to_trust, settings_for_nearby
    from vigie.running import ending_cleanly, run_to_the_end
    from vigie.welcome import calls_of_a_phone, welcome

    with ending_cleanly():
        settings, nearby = settings_for_nearby()
    password = password_for(settings.data)
    os.environ["VIGIE_OPERATOR_PASSWORD"] = password
    address = f"http://127.0.0.1:{settings.port}"

    def write(folder: Path, today: date) -> None:
        write_dossier(imagine(SEED, today), folder)

    async def set_up() -> None:
        today = datetime.now(ZoneInfo("Europe/Paris")).date()
        await Demonstration(address, password, settings.data, write).set_up(today)
        Console().print(welcome(SignIn(nearby.address if nearby else address, password)))
        if nearby is not None:
            typer.echo(how_to_trust(nearby))
        typer.echo(calls_of_a_phone(SignIn(address, password)))

    authority = nearby.certificate.authority if nearby else None
    run_to_the_end(serving.serve([], when_ready=set_up, authority=authority))
