"""A closed loop of keep-alive HTTP clients: each sends its next request when the last one is answered.

One process, one epoll loop, bytes in and out: the client must cost far less than the server that it measures.
"""

import selectors
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["Loaded", "load"]


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load run saw: seconds it took, latency of each answer in nanoseconds, answers by HTTP status."""

    seconds: float
    latencies_ns: list[int]
    statuses: dict[int, int]


class _Client:
    __slots__ = ("buffer", "connection", "sent_ns")

    def __init__(self, address: tuple[str, int]) -> None:
        self.connection = socket.create_connection(address)
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.connection.setblocking(False)
        self.buffer = b""
        self.sent_ns = 0

    def send(self, request: bytes) -> None:
        self.sent_ns = time.perf_counter_ns()
        sent = self.connection.send(request)
        if sent < len(request):  # a bulk body larger than the socket's buffer
            self.connection.setblocking(True)
            self.connection.sendall(request[sent:])
            self.connection.setblocking(False)

    def status(self) -> int:
        """The status of a complete answer, 0 while it is not complete. Raises ConnectionError when the server left."""
        received = self.connection.recv(1 << 18)
        if not received:
            raise ConnectionError("the server closed the connection")
        self.buffer += received
        head, found, body = self.buffer.partition(b"\r\n\r\n")
        if not found:
            return 0
        lower = head.lower()
        start = lower.index(b"content-length:") + 15
        end = lower.find(b"\r\n", start)
        if len(body) < int(lower[start : end if end > 0 else None]):
            return 0
        self.buffer = b""
        return int(head[9:12])


def load(
    address: tuple[str, int], *, clients: int, seconds: float, request: Callable[[], bytes], most: int | None = None
) -> Loaded:
    """Run `clients` loops for `seconds` (or `most` requests in all); `request()` makes the bytes of each request."""
    loop = selectors.DefaultSelector()
    connected = [_Client(address) for _ in range(clients)]
    latencies: list[int] = []
    statuses: dict[int, int] = {}
    begun = time.perf_counter()
    until = begun + seconds
    left = most if most is not None else 1 << 62
    for client in connected:
        loop.register(client.connection, selectors.EVENT_READ, client)
        client.send(request())
        left -= 1
    busy = clients
    while busy:
        for key, _ in loop.select(30):
            client = key.data
            status = client.status()
            if not status:
                continue
            latencies.append(time.perf_counter_ns() - client.sent_ns)
            statuses[status] = statuses.get(status, 0) + 1
            if left > 0 and time.perf_counter() < until:
                client.send(request())
                left -= 1
            else:
                busy -= 1
                loop.unregister(client.connection)
                client.connection.close()
    loop.close()
    return Loaded(time.perf_counter() - begun, latencies, statuses)
