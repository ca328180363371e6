"""nginx with the configuration of deploy/nginx before replicas of services, as processes."""

import os
import re
import shutil
import subprocess
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2

from tests.exactness.mutants.mutant import ROOT
from tests.stack.process import free_ports
from tests.stack.waiting import until

CONFIGURATION = ROOT / "deploy" / "nginx"


# The options of each server, without the one that asks for its address by name, and those of the whole.
_UPSTREAM = re.compile(r"upstream (\w+) .*? resolve ([^;]*);\s*(keepalive \d+;)")


def find_nginx() -> str | None:
    """The program, also where it is not on the PATH of ordinary users."""
    return shutil.which("nginx", path=os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin")))


@asynccontextmanager
async def front(program: str, folder: Path, replicas: Mapping[str, Sequence[int]]) -> AsyncIterator[str]:
    """nginx before the ports of the services' replicas; yields its address. All else is as it is deployed."""
    [port] = free_ports(1)
    main = (CONFIGURATION / "nginx.conf").read_text().replace("/tmp/", f"{folder}/")  # noqa: S108 - what the containers write to
    main = main.replace("/dev/stdout", f"{folder}/access.log")
    if os.geteuid() == 0:
        main = f"user root;\n{main}"
    (folder / "nginx.conf").write_text(main)
    served = (CONFIGURATION / "front.conf").read_text()
    (folder / "front.conf").write_text(re.sub(r"listen \d+;", f"listen 127.0.0.1:{port};", served))
    deployed = (CONFIGURATION / "upstreams.conf").read_text()
    options = {name: (server, rest) for name, server, rest in _UPSTREAM.findall(deployed)}
    lines = []
    for service, ports in replicas.items():
        name = service.replace("-", "_")
        each, rest = options[name]
        servers = " ".join(f"server 127.0.0.1:{one} {each};" for one in ports)
        lines.append(f"upstream {name} {{ zone {name} 64k; {servers} {rest} }}\n")
    (folder / "upstreams.conf").write_text("".join(lines))
    process = _started(program, folder)
    try:
        address = f"http://127.0.0.1:{port}"
        async with httpx2.AsyncClient() as http:

            async def answers() -> bool:
                assert process.poll() is None, (folder / "log").read_text()
                try:
                    return (await http.get(f"{address}/metrics", timeout=5)).status_code == 404
                except httpx2.TransportError:
                    return False

            await until(answers)
        yield address
    finally:
        process.terminate()
        process.wait(30)


def _started(program: str, folder: Path) -> subprocess.Popen[bytes]:
    with (folder / "log").open("wb") as log:
        command = [program, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-g", "daemon off;"]
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
