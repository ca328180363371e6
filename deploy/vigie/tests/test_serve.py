"""`vigie serve` as a person meets it: it starts, says what stands in its way, and stops cleanly."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx2
import psutil
import pytest
from tests.e2e.processes import OPERATOR_PASSWORD, VigieProcess, free_port, one_process

pytestmark = pytest.mark.slow

VIGIE = str(Path(sys.executable).parent / "vigie")


def vigie(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    outside = {name: value for name, value in os.environ.items() if not name.startswith("VIGIE_")}
    return subprocess.run(
        [VIGIE, *arguments], env={**outside, **environment}, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.fixture
def process(reachable_folder: Path) -> Iterator[VigieProcess]:
    with one_process(reachable_folder) as platform:
        yield platform.processes["auth"]


def database_process(folder: Path) -> psutil.Process:
    return psutil.Process(int((folder / "data/postgresql/postmaster.pid").read_text().split("\n", 1)[0]))


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
async def test_asked_to_stop_it_leaves_nothing_running(
    process: VigieProcess, reachable_folder: Path, how: signal.Signals
) -> None:
    process.start()
    await process.ready()
    database = database_process(reachable_folder)
    assert process.running is not None
    process.running.send_signal(how)
    assert process.running.wait(30) == 0
    process.running = None
    assert not database.is_running() or database.status() == psutil.STATUS_ZOMBIE


def test_a_taken_port_is_named_before_anything_starts(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ended = vigie("serve", VIGIE_PORT=port, VIGIE_DATA=str(tmp_path / "data"))
    assert ended.returncode == 1
    assert f"VIGIE_PORT: 127.0.0.1:{port} cannot be listened on" in ended.stderr
    assert not (tmp_path / "data").exists()


def test_a_wrong_setting_stops_the_start_with_its_name_and_an_example(tmp_path: Path) -> None:
    ended = vigie("serve", VIGIE_PORT="eighty", VIGIE_DATA=str(tmp_path))
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "VIGIE_PORT: " in ended.stderr
    assert "Example: VIGIE_PORT=8000" in ended.stderr


def test_services_by_name_ask_for_their_servers(tmp_path: Path) -> None:
    ended = vigie("serve", "auth", VIGIE_PORT=str(free_port()), VIGIE_DATA=str(tmp_path))
    assert ended.returncode == 1
    assert "VIGIE_DATABASE_URL" in ended.stderr
    assert "VIGIE_AMQP_URL" in ended.stderr


def test_an_unknown_service_is_refused_with_the_known_ones() -> None:
    ended = vigie("serve", "billing")
    assert ended.returncode == 2
    assert "auth, extractor, publisher, mobile-gateway" in ended.stderr


def test_settings_are_listed_and_secrets_masked() -> None:
    ended = vigie("settings", VIGIE_OPERATOR_PASSWORD=OPERATOR_PASSWORD, COLUMNS="200")
    assert ended.returncode == 0
    assert "VIGIE_PORT" in ended.stdout
    assert "VIGIE_OPERATOR_PASSWORD" in ended.stdout
    assert OPERATOR_PASSWORD not in ended.stdout + ended.stderr


def test_the_doctor_names_what_is_wrong_and_what_mends_it(tmp_path: Path) -> None:
    well = vigie("doctor", VIGIE_PORT=str(free_port()), VIGIE_DATA=str(tmp_path))
    assert well.returncode == 0, well.stdout
    ill = vigie(
        "doctor",
        VIGIE_PORT=str(free_port()),
        VIGIE_DATA=str(tmp_path),
        VIGIE_AMQP_URL=f"amqp://guest:hunter2@127.0.0.1:{free_port()}/",
    )
    assert ill.returncode == 1
    assert "rabbitmq-diagnostics status" in ill.stdout
    assert "hunter2" not in ill.stdout + ill.stderr


async def test_one_address_answers_for_every_service(process: VigieProcess) -> None:
    process.start()
    await process.ready()
    async with httpx2.AsyncClient(base_url=process.address) as http:
        for prefix in ("auth", "extractor", "publisher", "mobile"):
            document = await http.get(f"/{prefix}/v1/openapi.json")
            assert document.status_code == 200
            assert all(path.startswith(f"/{prefix}/v1/") for path in document.json()["paths"])
        assert (await http.get("/healthz")).json()["status"] == "alive"
        metrics = (await http.get("/metrics")).text
    for service in ("auth", "extractor", "publisher", "mobile-gateway"):
        assert f'service="{service}"' in metrics
    assert metrics.count("# TYPE vigie_http_requests counter") <= 1


async def test_r10_a_stranger_who_claims_other_addresses_guesses_no_faster(reachable_folder: Path) -> None:
    with one_process(reachable_folder) as platform:
        process = platform.processes["auth"]
        process.environment = {**process.environment, "VIGIE_TRUSTED_PROXIES": "192.0.2.1"}
        process.start()
        await process.ready()
        typed = {"client_code": "NOBODY", "username": "nobody", "password": "a guess"}
        async with httpx2.AsyncClient(timeout=30) as http:
            answers = [
                await http.post(
                    f"{process.address}/auth/v1/admin/sessions",
                    json=typed,
                    headers={"X-Forwarded-For": f"198.51.100.{number}"},
                )
                for number in range(6)
            ]

    assert [answer.status_code for answer in answers] == [401] * 5 + [429]
