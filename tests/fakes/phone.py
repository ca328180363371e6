"""A phone as the gateway sees it: an HTTP client that carries a token and can listen."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2


@dataclass(frozen=True)
class Told:
    """One server-sent event; its id is empty where it has none."""

    id: str
    event: str
    data: dict[str, Any]


@dataclass
class Listening:
    """An open stream. `comments` are the signs of life seen while waiting for what was asked."""

    _lines: AsyncIterator[str]
    comments: list[str] = field(default_factory=list)

    async def next(self) -> Told | None:
        """What is told next; none once the stream has ended."""
        fields: dict[str, str] = {}
        async for line in self._lines:
            name, _, value = line.partition(": ")
            if line.startswith(":"):
                self.comments.append(line)
            elif line:
                fields[name] = value
            elif "event" in fields:
                return Told(fields.get("id", ""), fields["event"], json.loads(fields["data"]))
            else:
                fields = {}
        return None

    async def next_comment(self) -> str:
        """The next sign of life."""
        async for line in self._lines:
            if line.startswith(":"):
                return line
        raise AssertionError("the stream has ended")


class FakePhone:
    """Signed in with one token, or with none."""

    def __init__(self, address: str, token: str | None) -> None:
        headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
        self.http = httpx2.AsyncClient(base_url=f"{address}/mobile/v1", headers=headers, timeout=30)

    async def get(self, path: str, **headers: str) -> httpx2.Response:
        """Ask for a path; the names of headers are written with underscores."""
        return await self.http.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})

    async def amounts(self, path: str) -> dict[str, str]:
        """The amounts of a snapshot by indicator."""
        indicators = (await self.get(path)).json()["indicators"]
        return {name: value["amount"] for name, value in indicators.items()}

    @asynccontextmanager
    async def listening(self, last_event_id: str | None = None) -> AsyncIterator[Listening]:
        """Listen, from the moment that the gateway counts the phone among those that do."""
        headers = {"Last-Event-ID": last_event_id} if last_event_id is not None else {}
        async with self.http.stream("GET", "/events", headers=headers) as answer:
            assert answer.status_code == 200, answer.status_code
            lines = answer.aiter_lines()
            assert (await anext(lines)).startswith("retry")
            yield Listening(lines)
