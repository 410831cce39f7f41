"""A closed loop of keep-alive HTTP clients: each sends its next request when the last one is answered.

One process, one epoll loop, bytes in and out: the client must cost far less than the server that it measures.
"""

import itertools
import random
import selectors
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["Loaded", "load", "prepare"]

_PATIENCE_S = 60


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load run saw: seconds it took, latency of each answer in nanoseconds, answers by HTTP status.

    `fault` is the first answer whose status was neither 200 nor 201.
    """

    seconds: float
    latencies_ns: list[int]
    statuses: dict[int, int]
    fault: str


class _Client:
    __slots__ = ("buffer", "connection", "sent_ns")

    def __init__(self, address: tuple[str, int]) -> None:
        self.connection = socket.create_connection(address)
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.connection.setblocking(False)
        self.buffer = b""
        self.sent_ns = 0

    def send(self, request: bytes) -> None:
        self.buffer = b""
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
        return int(head[9:12])


def load(
    address: tuple[str, int],
    *,
    clients: int,
    seconds: float,
    request: Callable[[], bytes],
    most: int | None = None,
) -> Loaded:
    """Run `clients` loops for `seconds` (or `most` requests in all); `request()` makes the bytes of each request.

    Raises ConnectionError when the server closes a connection, TimeoutError when it says nothing for a minute.
    """
    loop = selectors.DefaultSelector()
    connected = [_Client(address) for _ in range(clients)]
    latencies: list[int] = []
    statuses: dict[int, int] = {}
    fault = ""
    begun = time.perf_counter()
    until = begun + seconds
    left = most if most is not None else 1 << 62
    for client in connected:
        loop.register(client.connection, selectors.EVENT_READ, client)
        client.send(request())
        left -= 1
    busy = clients
    while busy:
        ready = loop.select(_PATIENCE_S)
        if not ready:
            raise TimeoutError(f"{busy} requests had no answer within {_PATIENCE_S} s")
        for key, _ in ready:
            client = key.data
            status = client.status()
            if not status:
                continue
            latencies.append(time.perf_counter_ns() - client.sent_ns)
            statuses[status] = statuses.get(status, 0) + 1
            if status not in {200, 201} and not fault:
                fault = client.buffer.decode(errors="replace")[:500]
            if left > 0 and time.perf_counter() < until:
                client.send(request())
                left -= 1
            else:
                busy -= 1
                loop.unregister(client.connection)
                client.connection.close()
    loop.close()
    return Loaded(time.perf_counter() - begun, latencies, statuses, fault)


# --- what is asked ----------------------------------------------------------------------------------------------

_POST = (
    b"POST %s HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer %s\r\ncontent-type: application/json\r\n"
    b"idempotency-key: %s\r\ncontent-length: %d\r\n\r\n%s"
)
_GET = b"GET %s HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer %s\r\n\r\n"


def _receipts(prefix: str, members: int) -> Callable[[], bytes]:
    """Receipts of random members, every other one named by phone number, the others by customer number."""
    number = itertools.count()
    chance = random.Random(prefix)  # noqa: S311 - a load is repeatable, not secret

    def receipt() -> bytes:
        n = next(number)
        member = chance.randrange(members)
        named = b'"phone":"+86100%08d"' % member if n % 2 else b'"number":"M%d"' % member
        return (
            b'{"receipt_number":"%s-%d","member":{%s},"lines":[{"sku":"S%d","quantity":2,"amount_minor":2500}]}'
            % (prefix.encode(), n, named, n % 10)
        )

    return receipt


def _purchases(asked: dict[str, Any]) -> Callable[[], bytes]:
    secret, prefix = asked["secret"].encode(), asked["prefix"].encode()
    receipt = _receipts(asked["prefix"], asked["members"])
    number = itertools.count()

    def single() -> bytes:
        body = receipt()
        return _POST % (b"/api/v1/purchases", secret, b"%s.%d" % (prefix, next(number)), len(body), body)

    def bulk() -> bytes:
        body = b'{"items":[%s]}' % b",".join([receipt() for _ in range(asked["items"])])
        return _POST % (b"/api/v1/purchases/bulk", secret, b"%s.%d" % (prefix, next(number)), len(body), body)

    return bulk if asked["items"] else single


def _arrivals(event: dict[str, Any]) -> Callable[[], bytes]:
    """Tickets of an event's guests, shown at its terminals in turn."""
    path = f"/api/v1/events/{event['event']}/arrivals".encode()
    doors = [secret.encode() for secret in event["credentials"]]
    tag, number = event["tag"].encode(), itertools.count()

    def arrival() -> bytes:
        n = next(number)
        body = b'{"ticket":"%s-%d"}' % (tag, n)
        return _POST % (path, doors[n % len(doors)], b"%s.%d" % (tag, n), len(body), body)

    return arrival


def _queues(events: Sequence[dict[str, Any]]) -> Callable[[], bytes]:
    """One upload for each event: what its first terminal recorded by itself, with numbers of its lease."""
    left = iter(events)

    def upload() -> bytes:
        event = next(left)
        tag, first = event["tag"].encode(), event["leases"][0]
        items = [
            b'{"ticket":"%s-%d","id":"%s-%d","number":%d,"arrived_at":"%s"}'
            % (tag, n, tag, n, first + n, event["at"].encode())
            for n in range(event["guests"])
        ]
        body = b'{"items":[%s]}' % b",".join(items)
        path = f"/api/v1/events/{event['event']}/arrivals/bulk".encode()
        return _POST % (path, event["credentials"][0].encode(), tag, len(body), body)

    return upload


def _reads(asked: dict[str, Any]) -> Callable[[], bytes]:
    """Balances and last entries of one member, in turn."""
    turns = itertools.cycle([_GET % (path.encode(), asked["secret"].encode()) for path in asked["paths"]])
    return lambda: next(turns)


def _request(asked: dict[str, Any]) -> Callable[[], bytes]:
    if asked.get("paths"):
        return _reads(asked)
    if asked.get("arrivals"):
        return _arrivals(asked["arrivals"])
    return _queues(asked["queues"]) if asked.get("queues") else _purchases(asked)


def prepare(asked: dict[str, Any]) -> Callable[[], dict[str, Any]]:
    """Return the run that `asked` describes: an address, clients, seconds, and purchases, arrivals or paths to read."""
    request = _request(asked)
    address = ("127.0.0.1", asked["port"])

    def run() -> dict[str, Any]:
        seen = load(
            address,
            clients=asked["clients"],
            seconds=asked["seconds"],
            request=request,
            most=asked.get("most"),
        )
        return {
            "operations": len(seen.latencies_ns) * (asked.get("items") or 1),
            "seconds": seen.seconds,
            "latencies_ns": seen.latencies_ns,
            "fault": f"answers by status {seen.statuses}: {seen.fault}" if seen.fault else "",
        }

    return run
