"""`vigie auth`: what keeps sign-in trustworthy."""

from typing import Annotated

import typer

auth = typer.Typer(help="What keeps sign-in trustworthy.", no_args_is_help=True)


@auth.command()
def rotate_key(
    sealing_key_lost: Annotated[
        bool,
        typer.Option("--sealing-key-lost", help="Go on although the signing keys do not open any more"),
    ] = False,
) -> None:
    """Make a new signing key in VIGIE_DATABASE_URL. It signs half a minute later, and nobody is signed out."""
    from vigie.running import ending_cleanly, run_to_the_end
    from vigie.serving import required_database
    from vigie_auth.handlers.signing import rotate_key
    from vigie_auth.settings import AuthSettings
    from vigie_shared.answers import CreatingCall
    from vigie_shared.audit import Actor
    from vigie_shared.database import create_pool
    from vigie_shared.settings import load

    with ending_cleanly():
        settings = load(AuthSettings)
        url = required_database(settings)
        sealing = settings.sealing()

    async def work() -> None:
        call = CreatingCall(Actor("service", "vigie auth rotate-key", None), None, b"")
        async with await create_pool(url, "auth", size=1) as pool:
            made = await rotate_key(pool, sealing, call, sealing_key_lost=sealing_key_lost)
        typer.echo(f"{made.key_id} signs from {made.signs_from.isoformat(timespec='seconds')} on.")

    run_to_the_end(work())
