"""`vigie parked`: messages that could not be handled, of all services."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

if TYPE_CHECKING:
    from vigie.parking import Parking

parked = typer.Typer(
    help="Messages that could not be handled: listed, shown, replayed, dropped. Asked of the running services, as an "
    "operator of the platform.",
    no_args_is_help=True,
)

Queue = Annotated[str | None, typer.Option("--queue", help="Only this queue: publisher.indicators")]
Client = Annotated[str | None, typer.Option("--client", help="Only this client's")]
MessageId = Annotated[UUID | None, typer.Option("--id", help="Only this message")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON")]
Username = Annotated[str, typer.Option("--operator", help="Who asks")]
Password = Annotated[
    str, typer.Option(prompt=True, hide_input=True, envvar="VIGIE_OPERATOR_PASSWORD", help="The operator's; asked for")
]


@parked.command("list")
def list_parked(
    *,
    password: Password,
    username: Username = "operator",
    queue: Queue = None,
    client: Client = None,
    message_id: MessageId = None,
    as_json: AsJson = False,
) -> None:
    """List parked messages and why each is parked.

    Exit status: 0; 1 where a service could not be asked (the others are listed).
    """
    import json

    from rich.console import Console
    from rich.table import Table

    with _asking(username, password) as parking:
        found = parking.found(queue, client, message_id)
    if as_json:
        typer.echo(json.dumps(found.messages, ensure_ascii=False, indent=2))
    else:
        table = Table("Queue", "Message", "Client", "Type", "Reason", "Parked at")
        for one in found.messages:
            table.add_row(*(one[name] or "" for name in ("queue", "id", "client", "type", "reason", "parked_at")))
        Console().print(table if found.messages else "Nothing is parked.")
    for what in found.silent:
        typer.secho(what, err=True, fg="red")
    if found.silent:
        raise typer.Exit(1)


@parked.command()
def show(
    *,
    message_id: Annotated[UUID, typer.Option("--id", help="Which message")],
    password: Password,
    username: Username = "operator",
    queue: Queue = None,
    as_json: AsJson = False,
) -> None:
    """Show a parked message with its body; tokens and grants are blotted out. Of all queues that it is parked of."""
    import json

    with _asking(username, password) as parking:
        shown = [parking.show(where, message_id) for where in _queues_of(parking, queue, message_id)]
    if as_json:
        typer.echo(json.dumps(shown, ensure_ascii=False, indent=2))
        return
    for one in shown:
        for name, value in one["message"].items():
            typer.echo(f"{name}: {'' if value is None else value}")
        typer.echo(f"\n{one['body']}\n")


@parked.command()
def replay(
    *,
    password: Password,
    username: Username = "operator",
    queue: Queue = None,
    message_id: MessageId = None,
    as_json: AsJson = False,
) -> None:
    """Have messages handled once more: one by --id, or all of a --queue. One that fails again is parked again."""
    _settle("replay", "replayed", username, password, queue, message_id, as_json=as_json)


@parked.command()
def drop(
    *,
    password: Password,
    username: Username = "operator",
    queue: Queue = None,
    message_id: MessageId = None,
    as_json: AsJson = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before all of a queue are dropped")] = False,
) -> None:
    """Give messages up for good: one by --id, or all of a --queue."""
    if message_id is None and queue is not None and not yes:
        typer.confirm(f"Drop every message that is parked of {queue}?", abort=True)
    _settle("drop", "dropped", username, password, queue, message_id, as_json=as_json)


def _settle(
    what: str,
    done: str,
    username: str,
    password: str,
    queue: str | None,
    message_id: UUID | None,
    *,
    as_json: bool,
) -> None:
    import json

    if queue is None and message_id is None:
        raise typer.BadParameter("say which: --id MESSAGE, or --queue QUEUE for all of it", param_hint="--id")
    outcome: dict[str, Any] = {}
    with _asking(username, password) as parking:
        for where in [queue] if message_id is None and queue else _queues_of(parking, queue, message_id):
            outcome[where] = parking.settle(what, where, message_id)
    if as_json:
        typer.echo(json.dumps(outcome))
        return
    for where, number in outcome.items():
        typer.echo(f"{where}: {number} {done}")


def _queues_of(parking: "Parking", queue: str | None, message_id: UUID | None) -> list[str]:
    """The queues that a message is parked of: an event is heard by several."""
    from vigie.parking import ParkingError

    found = parking.found(queue, message_id=message_id)
    queues = sorted({str(one["queue"]) for one in found.messages})
    if not queues:
        raise ParkingError(" ".join([f"No message {message_id} is parked.", *found.silent]))
    return queues


@contextmanager
def _asking(username: str, password: str) -> "Iterator[Parking]":
    from vigie.parking import Parking
    from vigie.running import ending_cleanly
    from vigie_shared.settings import Settings, load

    with ending_cleanly(), Parking(load(Settings), username, password) as parking:
        yield parking
