"""Parked messages of all services, as an operator asks them over HTTP: each service answers for its own queues."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

import httpx2

from vigie_shared.errors import VigieError
from vigie_shared.settings import Settings, prefix_of
from vigie_shared.topology import QUEUES

OWNERS = tuple(sorted({queue.owner for queue in QUEUES}))
"""The services that have queues."""


class ParkingError(VigieError):
    """A service could not be asked; the message says which, why, and what to do."""


@dataclass(frozen=True)
class Found:
    """What the services that answered have parked, and what is wrong with those that did not."""

    messages: list[dict[str, Any]]
    silent: list[str]


class Parking:
    """The services at their addresses, asked by one operator. To be entered, which signs the operator in."""

    def __init__(self, settings: Settings, username: str, password: str) -> None:
        self._settings = settings
        self._who = {"username": username, "password": password}
        self._http = httpx2.Client(timeout=120)

    def __enter__(self) -> Self:
        answer = self._ask("auth", "POST", "/operator/sessions", self._who)
        self._http.headers["Authorization"] = f"Bearer {answer['access_token']}"
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def found(self, queue: str | None, client: str | None = None, message_id: UUID | None = None) -> Found:
        """What is parked of a queue or of all, of a client or of all, by one id or any."""
        messages: list[dict[str, Any]] = []
        silent: list[str] = []
        for owner in self._owners(queue):
            try:
                messages += self._listed(owner, queue, client)
            except ParkingError as error:
                silent.append(str(error))
        wanted = str(message_id) if message_id is not None else None
        return Found([one for one in messages if wanted in {None, one["id"]}], silent)

    def show(self, queue: str, message_id: UUID) -> dict[str, Any]:
        """A message and its body."""
        [owner] = self._owners(queue)
        return self._ask(owner, "GET", f"/operator/parked/{queue}/{message_id}")

    def settle(self, what: str, queue: str, message_id: UUID | None) -> int:
        """Have one message of a queue replayed or dropped (`what`), or all of it, and return how many."""
        [owner] = self._owners(queue)
        choice = {"queue": queue, "id": str(message_id) if message_id is not None else None}
        return int(self._ask(owner, "POST", f"/operator/parked/{what}", choice)["messages"])

    def _listed(self, owner: str, queue: str | None, client: str | None) -> Iterable[dict[str, Any]]:
        asked = {"queue": queue, "client": client, "limit": "500"}
        query = {name: value for name, value in asked.items() if value is not None}
        listed: list[dict[str, Any]] = []
        while True:
            page = self._ask(owner, "GET", f"/operator/parked?{httpx2.QueryParams(query)}")
            listed += page["items"]
            if page["next"] is None:
                return listed
            query["cursor"] = page["next"]

    def _owners(self, queue: str | None) -> tuple[str, ...]:
        if queue is None:
            return OWNERS
        owners = tuple(one.owner for one in QUEUES if one.name == queue)
        if not owners:
            raise ParkingError(f"There is no queue {queue}. The queues: {', '.join(one.name for one in QUEUES)}.")
        return owners

    def _ask(self, service: str, method: str, path: str, body: Any = None) -> dict[str, Any]:
        address = self._settings.address_of(service)
        variable = f"VIGIE_{service.upper().replace('-', '_')}_URL"
        try:
            answer = self._http.request(method, f"{address}{prefix_of(service)}{path}", json=body)
        except httpx2.TransportError as error:
            raise ParkingError(
                f"{service} does not answer at {address} ({type(error).__name__}). Does it run? Where it answers "
                f"elsewhere, set {variable}."
            ) from None
        if answer.is_success:
            return dict(answer.json())
        raise ParkingError(f"{service} refuses ({answer.status_code}): {_detail(answer)}")


def _detail(answer: httpx2.Response) -> str:
    try:
        return str(answer.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return f"{answer.url} does not answer as Vigie does"
