"""The way from the one port to the live process: its socket, and the passing on of a stream."""

import asyncio
import hashlib
import os
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

__all__ = ["LIVE_PATH", "live_socket", "pass_live"]

LIVE_PATH = "/live"
_LONGEST_PATH = 100
"""Bytes that a socket's address may have, on every system."""

_MOST_PASSED = 3000
"""Streams that one web process passes on; each holds one of its connections."""

_HEAD_WITHIN_S = 10.0
_PASSED_ON = {b"cookie", b"last-event-id"}

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
_passed = 0


def live_socket(data_dir: Path) -> Path:
    """Return where the live process listens: TESSERA_LIVE_SOCKET, or a private place of the data directory."""
    if given := os.environ.get("TESSERA_LIVE_SOCKET"):
        return Path(given)
    path = data_dir.expanduser().resolve() / "live.sock"
    if len(os.fsencode(path)) > _LONGEST_PATH:
        mark = hashlib.sha256(os.fsencode(path)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"tessera-live-{mark}" / "live.sock"
    return path


async def pass_live(path: Path, scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """Pass one stream on from the live process as it comes, until either side ends it.

    What the browser does not take is not read: the live process notices and lets such a reader go.
    """
    global _passed  # noqa: PLW0603 - one web process counts its own
    if scope["method"] != "GET" or _passed >= _MOST_PASSED:
        await _say(send, 405 if scope["method"] != "GET" else 503)
        return
    _passed += 1
    writer = None
    try:
        try:
            reader, writer = await asyncio.wait_for(asyncio.open_unix_connection(path), _HEAD_WITHIN_S)
            writer.write(_head(scope))
            status, headers = await asyncio.wait_for(_answered(reader), _HEAD_WITHIN_S)
        except (OSError, TimeoutError, ValueError, EOFError, asyncio.LimitOverrunError):
            await _say(send, 503)
            return
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await _first_of(_relay(reader, send), _gone(receive))
    finally:
        _passed -= 1
        if writer is not None:
            writer.close()


def _head(scope: dict[str, Any]) -> bytes:
    target = LIVE_PATH.encode() + (b"?" + scope["query_string"] if scope["query_string"] else b"")
    lines = [b"GET " + target + b" HTTP/1.1", b"Host: live", b"Connection: close"]
    lines += [name + b": " + value for name, value in scope["headers"] if name in _PASSED_ON]
    return b"\r\n".join(lines) + b"\r\n\r\n"


async def _answered(reader: asyncio.StreamReader) -> tuple[int, list[tuple[bytes, bytes]]]:
    first, *lines = (await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")
    pairs = [line.partition(b": ") for line in lines if line]
    return int(first.split(b" ")[1]), [(n.lower(), v) for n, _, v in pairs if n.lower() != b"connection"]


async def _relay(reader: asyncio.StreamReader, send: Send) -> None:
    with suppress(ConnectionError):
        while chunk := await reader.read(4096):
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _first_of(*ways: Any) -> None:
    tasks = [asyncio.ensure_future(way) for way in ways]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _say(send: Send, status: int) -> None:
    headers = [(b"content-length", b"0"), (b"cache-control", b"no-store"), (b"retry-after", b"5")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
