"""Bodies that come slowly, in pieces, or with an address as it stands."""

import asyncio
import json
from typing import Any

from tessera.kit.ids import new_id, show_id
from tests.site.test_lane import Door


def _request(door: Door, method: str, path: str, query: bytes = b"") -> dict[str, Any]:
    headers = {**door.headers(), "Host": "localhost", "Content-Type": "application/json"}
    pairs = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    return {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
        "path": path, "raw_path": path.encode(), "query_string": query, "headers": pairs, "root_path": "",
        "server": ("localhost", 80), "client": ("127.0.0.1", 1),
    }  # fmt: skip


async def _answer(
    request: dict[str, Any], *parts: bytes, wait: asyncio.Event | None = None
) -> tuple[int, bytes]:
    from tessera.site.asgi import application

    waiting, sent = list(parts) or [b""], []

    async def receive() -> dict[str, Any]:
        if wait is not None:
            await wait.wait()
        part = waiting.pop(0)
        return {"type": "http.request", "body": part, "more_body": bool(waiting)}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await application(request, receive, send)
    return sent[0]["status"], b"".join(message.get("body", b"") for message in sent[1:])


def test_slow_senders_hold_nobody_up(door: Door) -> None:
    """Prevents one key with ten unfinished bodies from stopping every page and list of everybody."""
    stores = f"/api/v1/merchants/{show_id('mer', door.till.id)}/stores"

    async def work() -> list[int]:
        arrived = asyncio.Event()
        slow = [
            asyncio.create_task(
                _answer(
                    _request(door, "POST", stores),
                    json.dumps({"number": str(n), "name": "S"}).encode(),
                    wait=arrived,
                )
            )
            for n in range(100, 115)
        ]
        await asyncio.sleep(0.3)
        status, _ = await asyncio.wait_for(_answer(_request(door, "GET", "/healthz")), timeout=10)
        arrived.set()
        return [status, *(answered for answered, _ in await asyncio.gather(*slow))]

    assert asyncio.run(work()) == [200, *[201] * 15]


def test_a_body_in_chunks_reaches_every_endpoint(door: Door) -> None:
    """Prevents a body without Content-Length from being taken for an empty one."""
    stores = f"/api/v1/merchants/{show_id('mer', door.till.id)}/stores"
    number = str(new_id())
    whole = json.dumps({"number": number, "name": "Chunked"}).encode()
    status, answered = asyncio.run(_answer(_request(door, "POST", stores), whole[:9], whole[9:]))
    assert (status, json.loads(answered).get("number")) == (201, number)


def test_a_query_in_plain_chinese(door: Door) -> None:
    """Prevents 500 for what curl sends when 中 is typed into an address."""
    request = _request(door, "GET", "/api/v1/purchases", "receipt=中&limit=3".encode())
    status, answered = asyncio.run(_answer(request))
    assert (status, json.loads(answered)["items"]) == (200, [])
