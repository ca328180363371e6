"""A phone's `GET /mobile/v1/snapshots/...`, its token checked, against a bare ASGI app that gives the same answer."""

import base64
import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx2
import psutil

from tests.bench.client import Client
from tests.bench.conditions import Conditions, by_turns
from tests.bench.dossiers import AS_OF, demonstration
from tests.bench.load import Generator, find_generator, load
from tests.bench.peers import one_answer
from tests.bench.pinning import cores, pinned
from tests.bench.platform import Running, running, server
from tests.bench.results import AtLeast, Compared, Demand, NotMeasurable
from tests.stack.process import can_connect, free_ports

_SERVICES = ("auth", "extractor", "publisher", "mobile-gateway")
_SHORTCUT_CODE = "GROUPE"
_PATH = "/mobile/v1/snapshots/family/GROUPE"
_ROUTE = "/mobile/v1/snapshots/{kind}/{code}"
_DEMAND = Demand(AtLeast(0.9), aim=AtLeast(1.2))
# What uvicorn adds by itself to every answer.
_OF_THE_SERVER = {"date"}


@dataclass(frozen=True)
class _Answer:
    """An answer as it was sent: the headers that the app gave it, and the body, compressed where it was."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str:
        return dict(self.headers)[name]


@dataclass(frozen=True)
class _Question:
    """What a phone asks for, and the answer that is right."""

    what: str
    headers: Mapping[str, str]
    answer: _Answer


@dataclass(frozen=True)
class _Speed:
    """Requests a second, and microseconds of the server's processor time that each of them took."""

    per_second: float
    microseconds: float


LoadOn = Callable[[Running, _Question], tuple[int, _Speed]]


def measure(conditions: Conditions) -> list[Compared]:
    """For the whole answer (compressed, as a phone asks for it) and for "not modified"."""
    generator, pins = find_generator(), cores()
    dossier = demonstration(conditions.data)
    with running(_SERVICES, dict.fromkeys(_SERVICES, pins.others) | {"mobile-gateway": pins.measured}) as platform:
        client = Client(platform)
        client.extract(dossier, AS_OF)
        gateway = platform.services["mobile-gateway"]
        questions = _questions(gateway.address, client.phone_token(_SHORTCUT_CODE))
        load_on = partial(_load, generator, conditions.seconds, pins.others)
        return [
            figure
            for question in questions
            for figure in _compare(question, gateway, load_on, conditions.rounds, pins.measured)
        ]


def _questions(gateway: str, token: str) -> list[_Question]:
    headers = {"Authorization": f"Bearer {token}", "Accept-Encoding": "gzip"}
    whole = _ask(gateway, headers, 200)
    known = {**headers, "If-None-Match": whole.header("etag")}
    return [
        _Question(f"snapshot, 200, {len(whole.body)} bytes", headers, whole),
        _Question("snapshot, 304", known, _ask(gateway, known, 304)),
    ]


def _compare(
    question: _Question, gateway: Running, load_on: LoadOn, rounds: int, core: int | None
) -> tuple[Compared, Compared]:
    def ours() -> _Speed:
        before = _counted(gateway.address, question.answer.status)
        answered, speed = load_on(gateway, question)
        counted = _counted(gateway.address, question.answer.status) - before
        if counted < answered:
            raise NotMeasurable(f"{question.what}: only {counted} of {answered} answers had the right status")
        return speed

    with _peer(question.answer, core) as peer:
        load_on(peer, question)
        load_on(gateway, question)  # both are warm by now
        measured, compared = by_turns(rounds, ours, lambda: load_on(peer, question)[1])
    name = "bare ASGI app"
    return (
        Compared(
            question.what,
            "/s",
            name,
            tuple(speed.per_second for speed in measured),
            tuple(speed.per_second for speed in compared),
            _DEMAND,
        ),
        Compared(
            f"{question.what}, processor time",
            "µs",
            name,
            tuple(speed.microseconds for speed in measured),
            tuple(speed.microseconds for speed in compared),
        ),
    )


def _load(
    generator: Generator, seconds: int, core: int | None, server: Running, question: _Question
) -> tuple[int, _Speed]:
    """How many requests were answered, and how fast."""
    process = psutil.Process(server.pid)
    before = process.cpu_times()
    found = load(generator, server.address + _PATH, question.headers, seconds, core)
    after = process.cpu_times()
    if found.failed:
        raise NotMeasurable(f"{question.what}: {found.failed} of {found.answered} requests failed")
    used = after.user + after.system - before.user - before.system
    return found.answered, _Speed(found.per_second, used / found.answered * 1e6)


@contextmanager
def _peer(answer: _Answer, core: int | None) -> Iterator[Running]:
    """A bare app that gives this answer."""
    with TemporaryDirectory(prefix="vigie-bench-") as folder:
        file = Path(folder) / "answer.json"
        body = base64.b64encode(answer.body).decode()
        file.write_text(json.dumps({"status": answer.status, "headers": answer.headers, "body": body}))
        [port] = free_ports(1)
        command = pinned(core, [sys.executable, one_answer.__file__, str(port), file])
        with server(command, Path(folder) / "log", {}) as process:
            process.wait_until_ready(lambda: can_connect(port), within=20)
            yield Running(f"http://127.0.0.1:{port}", process.pid)


def _ask(gateway: str, headers: Mapping[str, str], status: int) -> _Answer:
    with httpx2.stream("GET", gateway + _PATH, headers=headers, timeout=30) as answer:
        body = b"".join(answer.iter_raw())
    if answer.status_code != status:
        raise NotMeasurable(f"{_PATH} was answered with {answer.status_code} where {status} was expected")
    sent = tuple((name, value) for name, value in answer.headers.multi_items() if name not in _OF_THE_SERVER)
    return _Answer(status, sent, body)


def _counted(gateway: str, status: int) -> int:
    """How many answers of this status the gateway has counted for the route of snapshots."""
    pattern = rf'vigie_http_requests_total{{route="{re.escape(_ROUTE)}",[^}}]*status="{status}"}} (\S+)'
    found = re.search(pattern, httpx2.get(f"{gateway}/metrics", timeout=30).text)
    return int(float(found[1])) if found else 0
