"""`vigie serve`: run services until asked to stop."""

from typing import Annotated

import typer


def serve(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[SERVICE]...", help="auth, extractor, publisher, mobile-gateway; none: all"),
    ] = None,
) -> None:
    """Run services: all in one process on an embedded PostgreSQL, or the named ones on RabbitMQ and PostgreSQL."""
    from vigie.services import NAMES

    unknown = [name for name in names or [] if name not in NAMES]
    if unknown:
        raise typer.BadParameter(f"{', '.join(unknown)}: the services are {', '.join(NAMES)}")
    from vigie import serving
    from vigie.running import run_to_the_end

    run_to_the_end(serving.serve(names or []))
