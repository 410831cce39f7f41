"""The way to a printer: TCP, only to addresses that the operator allows, and never for longer than a few seconds.

Whoever names a printer names an address that the server then speaks to. So the address is checked when it is connected
to, after the name was resolved: `TESSERA_PRINTER_NETWORKS` and `TESSERA_PRINTER_PORTS` say where printers may be.
"""

import ipaddress
import socket
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from typing import Any

from django.conf import settings

__all__ = ["PrinterFault", "address_is_allowed", "host_is_forbidden", "port_is_allowed", "send"]

_CONNECT_S = 3
_SEND_S = 15
_ANSWER_S = 0.4
"""A printer that tells its state does so within a few milliseconds."""

_DONE_S = 8
"""How long a printer that tells its state may take for one label."""

_READ = 256


class PrinterFault(Exception):  # noqa: N818 - a fault of a machine, told to people by its word
    """The label did not get onto paper: `word` says why; `sent`: the printer had taken all of it by then."""

    def __init__(self, word: str, *, sent: bool = False) -> None:
        super().__init__(word)
        self.word = word
        self.sent = sent


def address_is_allowed(address: str) -> bool:
    """Say whether printers may be at an IP address, by `TESSERA_PRINTER_NETWORKS`."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    networks = (ipaddress.ip_network(one, strict=False) for one in settings.TESSERA_PRINTER_NETWORKS)
    return any(found.version == network.version and found in network for network in networks)


def port_is_allowed(port: int) -> bool:
    """Say whether printers may listen on a port, by `TESSERA_PRINTER_PORTS` ("9100-9109", "515")."""
    for one in settings.TESSERA_PRINTER_PORTS:
        first, _, last = str(one).partition("-")
        if int(first) <= port <= int(last or first):
            return True
    return False


def host_is_forbidden(host: str) -> bool:
    """Say whether a host is an IP address where no printer may be; of a name only the connection can tell."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return not address_is_allowed(host)


def send(
    host: str,
    port: int,
    content: bytes,
    *,
    ask: bytes = b"",
    ask_done: bytes = b"",
    fault_of_status: Callable[[bytes], str] = lambda _: "",
) -> None:
    """Carry the content to the printer; return when it has taken all of it.

    `ask` is sent before: a printer that answers with a fault gets nothing. One that answered is asked `ask_done` afterwards
    and may take some seconds for its label; one that is silent is believed. Raises PrinterFault: `address_forbidden`,
    `unknown_host`, `away`, `timed_out`, `reset`, or what the printer complains of.
    """
    with closing(_connected(_addresses(host, port))) as line:
        until = time.monotonic() + _SEND_S
        try:
            answers = False
            if ask:
                line.sendall(ask)
                answer = _answer(line, _ANSWER_S)
                answers = bool(answer)
                if fault := fault_of_status(answer):
                    raise PrinterFault(fault)
            _write(line, content, until)
            if answers:
                _wait_until_done(line, ask_done or ask, ask, fault_of_status)
            line.shutdown(socket.SHUT_WR)
            if not answers:
                _answer(line, _ANSWER_S)  # a printer that threw the line away says so now
        except TimeoutError:
            raise PrinterFault("timed_out") from None
        except OSError:
            raise PrinterFault("reset") from None


def _addresses(host: str, port: int) -> Sequence[tuple[int, Any]]:
    """Return the allowed addresses of a host: those are connected to, and no name is resolved a second time."""
    if not port_is_allowed(port):
        raise PrinterFault("address_forbidden")
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise PrinterFault("unknown_host") from None
    allowed = [
        (int(family), address) for family, _, _, _, address in found if address_is_allowed(str(address[0]))
    ]
    if not allowed:
        raise PrinterFault("address_forbidden")
    return allowed[:4]


def _connected(addresses: Sequence[tuple[int, Any]]) -> socket.socket:
    fault = "away"
    for family, address in addresses:
        line = socket.socket(family, socket.SOCK_STREAM)
        line.settimeout(_CONNECT_S)
        try:
            line.connect(address)
        except TimeoutError:
            fault = "timed_out"
            line.close()
        except OSError:
            line.close()
        else:
            return line
    raise PrinterFault(fault)


def _write(line: socket.socket, content: bytes, until: float) -> None:
    view = memoryview(content)
    while view:
        left = until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        line.settimeout(left)
        view = view[line.send(view) :]


def _answer(line: socket.socket, seconds: float) -> bytes:
    """Return what the printer says within so many seconds; nothing where it is silent."""
    line.settimeout(seconds)
    try:
        return line.recv(_READ)
    except TimeoutError:
        return b""


def _wait_until_done(
    line: socket.socket, ask_done: bytes, ask: bytes, fault_of_status: Callable[[bytes], str]
) -> None:
    """Wait until the printer has taken the label in; raises what it complains of then, as a fault of a label sent."""
    line.sendall(ask_done)
    answer = _answer(line, _DONE_S)
    if ask_done != ask:
        line.sendall(ask)
        answer = _answer(line, _ANSWER_S)
    if fault := fault_of_status(answer):
        raise PrinterFault(fault, sent=True)
