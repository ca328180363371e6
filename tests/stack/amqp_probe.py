"""Whether a broker really serves AMQP: a listening port comes first, sign-in and the virtual host only later."""

import socket
from urllib.parse import unquote, urlsplit

from pamqp import commands, frame
from pamqp.base import Frame
from pamqp.exceptions import PAMQPException


def accepts_amqp(url: str) -> bool:
    """Whether the broker at `url` lets its user open the virtual host now. False for whatever stands in the way."""
    parts = urlsplit(url)
    virtual_host = unquote(parts.path.removeprefix("/")) or "/"
    credentials = f"\0{unquote(parts.username or '')}\0{unquote(parts.password or '')}"
    try:
        with socket.create_connection((parts.hostname or "", parts.port or 5672), timeout=5) as link:
            link.sendall(b"AMQP\x00\x00\x09\x01")
            _receive(link)
            _send(link, commands.Connection.StartOk(client_properties={}, response=credentials))
            tune = _receive(link)
            if not isinstance(tune, commands.Connection.Tune):
                return False
            _send(link, commands.Connection.TuneOk(tune.channel_max, tune.frame_max, heartbeat=0))
            _send(link, commands.Connection.Open(virtual_host))
            opened = isinstance(_receive(link), commands.Connection.OpenOk)
            _send(link, commands.Connection.Close(200, "probe done", 0, 0))
            _receive(link)
            return opened
    except (OSError, PAMQPException):
        return False


def _send(link: socket.socket, command: Frame) -> None:
    link.sendall(frame.marshal(command, 0))


def _receive(link: socket.socket) -> object:
    head = _exactly(link, 7)
    size = int.from_bytes(head[3:7])
    _, _, received = frame.unmarshal(head + _exactly(link, size + 1))
    return received


def _exactly(link: socket.socket, count: int) -> bytes:
    received = b""
    while len(received) < count:
        chunk = link.recv(count - len(received))
        if not chunk:
            raise ConnectionResetError("the broker closed the connection")
        received += chunk
    return received
