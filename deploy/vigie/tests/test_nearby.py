"""A phone nearby reaches this machine over HTTPS, by a certificate that proves this one address and nothing else."""

import re
import ssl
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import httpx2
import pytest
from cryptography import x509
from tests.e2e.processes import OPERATOR_PASSWORD, VigieProcess, free_port
from tests.stack.waiting import until

from vigie.listening import listeners
from vigie.local_authority import LEFT, LIFE, certificate_for
from vigie_shared.settings import Settings, SettingsError

NOW = datetime.now(UTC)
HOST = "127.0.0.2"
"""Another address of this machine, which stands for that of its network."""


@dataclass(frozen=True)
class Demonstration:
    address: str
    log: Path
    running: subprocess.Popen[bytes]

    def has_said_all(self) -> bool:
        assert self.running.poll() is None, self.log.read_text()
        return "Ctrl-C" in self.log.read_text()


@pytest.mark.parametrize("host", ["192.168.1.20", "fd00::20", "vigie.local"])
def test_a_certificate_is_made_once_and_again_before_it_ends(tmp_path: Path, host: str) -> None:
    first = certificate_for(host, tmp_path, NOW)
    made = first.certificate.read_bytes()

    assert certificate_for(host, tmp_path, NOW).certificate.read_bytes() == made
    certificate_for(host, tmp_path, NOW + LIFE - LEFT + timedelta(days=1))

    assert first.certificate.read_bytes() != made
    assert stat.S_IMODE(first.key.stat().st_mode) == 0o600


def test_an_iphone_takes_it_and_it_proves_no_other_address(tmp_path: Path) -> None:
    files = certificate_for("192.168.1.20", tmp_path, NOW)
    certificate = x509.load_pem_x509_certificate(files.certificate.read_bytes())
    authority = x509.load_pem_x509_certificate(files.authority.read_bytes())

    certificate.verify_directly_issued_by(authority)
    assert certificate.not_valid_after_utc - certificate.not_valid_before_utc < timedelta(days=825)
    [permitted] = authority.extensions.get_extension_for_class(x509.NameConstraints).value.permitted_subtrees or []
    assert str(permitted.value) == "192.168.1.20/32"
    held = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert held.count(b"PRIVATE KEY-----") == 2, "the key of the authority is forgotten"


@pytest.mark.parametrize("host", ["0.0.0.0", "127.0.0.1"])  # noqa: S104 - refused
def test_with_a_certificate_one_address_has_to_be_named(tmp_path: Path, host: str) -> None:
    files = certificate_for("192.168.1.20", tmp_path, NOW)
    settings = Settings(host=host, port=free_port(), tls_certificate=files.certificate, tls_key=files.key)

    with pytest.raises(SettingsError, match="VIGIE_HOST"):
        listeners(settings, all_services=True)


def test_files_that_do_not_fit_are_named_before_anything_starts(tmp_path: Path) -> None:
    one, other = (certificate_for(host, tmp_path, NOW) for host in ("192.168.1.20", "192.168.1.21"))
    settings = Settings(host=HOST, port=free_port(), tls_certificate=one.certificate, tls_key=other.key)

    with pytest.raises(SettingsError, match="VIGIE_TLS_CERTIFICATE"):
        listeners(settings, all_services=False)


@pytest.fixture
def process(reachable_folder: Path) -> Iterator[VigieProcess]:
    files = certificate_for(HOST, reachable_folder / "tls", NOW)
    environment = {
        "VIGIE_DATA": str(reachable_folder / "data"),
        "VIGIE_HOST": HOST,
        "VIGIE_TLS_CERTIFICATE": str(files.certificate),
        "VIGIE_TLS_KEY": str(files.key),
        "VIGIE_OPERATOR_PASSWORD": OPERATOR_PASSWORD,
    }
    process = VigieProcess((), environment, free_port(), reachable_folder / "vigie.log")
    yield process
    if process.running is not None:
        process.stop()


@pytest.mark.slow
async def test_phones_are_served_encrypted_while_the_services_talk_on_this_machine_and_all_of_it_stops(
    process: VigieProcess, reachable_folder: Path
) -> None:
    authority = ssl.create_default_context(cafile=str(certificate_for(HOST, reachable_folder / "tls", NOW).authority))
    process.start()
    await process.ready()
    address = f"https://{HOST}:{process.port}"

    async with httpx2.AsyncClient(verify=authority) as phone:
        page = await phone.get(f"{address}/")
        # The gateway asks auth, over the address that only this machine reaches.
        refused = await phone.post(
            f"{address}/mobile/v1/sessions",
            json={"client_code": "A", "shortcut_code": "B", "username": "c", "password": "d"},
        )
    async with httpx2.AsyncClient() as stranger:
        with pytest.raises(httpx2.TransportError):
            await stranger.get(f"{address}/")

    assert page.status_code == 200
    assert "max-age" in page.headers["strict-transport-security"]
    assert refused.status_code == 401
    assert process.stop() == 0


@pytest.fixture
def demonstration(reachable_folder: Path) -> Iterator[Demonstration]:
    """`vigie run` for a phone nearby."""
    log, port = reachable_folder / "vigie.log", free_port()
    environment = {"VIGIE_DATA": str(reachable_folder / "data"), "VIGIE_HOST": HOST, "VIGIE_PORT": str(port)}
    with log.open("wb") as out:
        vigie = str(Path(sys.executable).parent / "vigie")
        running = subprocess.Popen([vigie, "run"], env=environment, stdout=out, stderr=out)
    yield Demonstration(f"https://{HOST}:{port}", log, running)
    running.terminate()
    running.wait(30)


@pytest.mark.slow
async def test_make_run_with_an_address_prints_how_an_iphone_trusts_it_and_serves_what_it_has_to_trust(
    demonstration: Demonstration, reachable_folder: Path
) -> None:
    await until(demonstration.has_said_all, 120)
    said = demonstration.log.read_text()
    async with httpx2.AsyncClient(verify=False) as untrusting:
        fetched = await untrusting.get(f"{demonstration.address}/vigie.crt")

    [authority] = (reachable_folder / "data/tls").rglob("authority.pem")
    assert f"{demonstration.address}/vigie.crt" in said
    assert fetched.content == authority.read_bytes()
    assert fetched.headers["content-type"] == "application/x-x509-ca-cert"
    [fingerprint] = re.findall(r"(?:[0-9A-F]{2} ){31}[0-9A-F]{2}", said)
    assert fingerprint.replace(" ", "").lower() == sha256(ssl.PEM_cert_to_DER_cert(fetched.text)).hexdigest()
