"""`vigie operator`: the people who run the platform."""

from typing import Annotated

import typer

operator = typer.Typer(help="The people who run the platform.", no_args_is_help=True)


@operator.command()
def add(
    username: Annotated[str, typer.Argument(help="The name to sign in with")],
    password: Annotated[
        str,
        typer.Option(
            prompt=True, hide_input=True, confirmation_prompt=True, envvar="VIGIE_OPERATOR_PASSWORD", help="Asked for"
        ),
    ],
) -> None:
    """Register an operator in VIGIE_DATABASE_URL, or give a known one another password."""
    from vigie.running import ending_cleanly, run_to_the_end
    from vigie.serving import required_database
    from vigie_auth.handlers.operators import save_operator
    from vigie_auth.settings import AuthSettings
    from vigie_shared.audit import Actor
    from vigie_shared.database import create_pool
    from vigie_shared.passwords import Passwords
    from vigie_shared.settings import load

    with ending_cleanly():
        settings = load(AuthSettings)
        url = required_database(settings)

    async def work() -> None:
        async with await create_pool(url, "auth", size=1) as pool:
            by = Actor("service", "vigie operator add", None)
            await save_operator(pool, Passwords("auth"), username, password, by=by)

    run_to_the_end(work())
