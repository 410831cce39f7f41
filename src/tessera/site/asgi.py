"""One port: hot paths go to the lane, pages' live streams to their own process, all others to Django in threads."""

import asyncio
import os
import string
import sys
from typing import IO, Any, cast
from urllib.parse import quote_from_bytes

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tessera.site.settings")
django.setup()

from a2wsgi import WSGIMiddleware  # noqa: E402 - Django has to be set up first
from django.conf import settings  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402

from tessera.kit.errors import Unauthenticated  # noqa: E402
from tessera.kit.refusals import Refusal  # noqa: E402
from tessera.site.bodies import page_body  # noqa: E402
from tessera.site.hot_endpoints import HOT_ENDPOINTS  # noqa: E402
from tessera.site.lane import HotLane, Receive, Scope, Send, known_actor, refuse, whole_body  # noqa: E402
from tessera.site.live_passing import LIVE_PATH, live_socket, pass_live  # noqa: E402

__all__ = ["application"]

_PAGE_THREADS = 10
_PART_BYTES = 256 * 1024
_SWITCH_S = 0.0005
"""How long a thread may keep the others from running: the event loop must not wait 5 ms for a batch's arithmetic."""

sys.setswitchinterval(_SWITCH_S)
lane = HotLane(
    HOT_ENDPOINTS, most_waiting=settings.TESSERA_HOT_QUEUE, most_at_once=settings.TESSERA_HOT_BATCH
)
live_at = live_socket(settings.TESSERA_DATA_DIR)
pages: Any = WSGIMiddleware(cast("Any", get_wsgi_application()), workers=_PAGE_THREADS)


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Serve one connection's request (ASGI 3)."""
    if scope["type"] == "http":
        if lane.serves(scope["path"], scope["method"]):
            await lane(scope, receive, send)
        elif scope["path"] == LIVE_PATH:
            await pass_live(live_at, scope, receive, send)
        else:
            await _page(scope, receive, send)
    elif scope["type"] == "lifespan":
        await _lifespan(receive, send)


async def _page(scope: Scope, receive: Receive, send: Send) -> None:
    """Let Django answer in a thread once the sender's body is here: else ten slow ones would hold all threads.

    What cannot be taken in Django refuses without reading it, as its pages do (site.middleware.RefusalPages).
    """
    if scope["method"] in {"GET", "HEAD"}:
        await _in_thread(scope, receive, send)
    elif scope["path"].startswith("/api/"):
        await _api_page(scope, receive, send)
    else:
        try:
            body = await page_body(dict(scope["headers"]), receive)
        except Refusal as refusal:
            await _in_thread(_with_length({**scope, "tessera.refused": refusal}, 0), _parts_of(b""), send)
            return
        with body:
            size = body.seek(0, os.SEEK_END)
            body.seek(0)
            await _in_thread(_with_length(scope, size), _parts_of(body), send)


async def _api_page(scope: Scope, receive: Receive, send: Send) -> None:
    """Take a known sender's body in; of a stranger none: Django says no without reading it."""
    headers = dict(scope["headers"])
    if b"authorization" in headers:
        try:
            await known_actor(headers)
            body = await whole_body(receive)
        except Unauthenticated:
            pass
        except Refusal as refusal:
            await refuse(send, refusal, headers)
            return
        else:
            await _in_thread(_with_length(scope, len(body)), _parts_of(body), send)
            return
    await _in_thread(scope, receive, send)


def _with_length(scope: Scope, size: int) -> Scope:
    """What came in chunks has a length now, which WSGI needs."""
    kept = [pair for pair in scope["headers"] if pair[0] not in {b"content-length", b"transfer-encoding"}]
    return {**scope, "headers": [*kept, (b"content-length", b"%d" % size)]}


def _parts_of(body: bytes | IO[bytes]) -> Receive:
    async def received() -> dict[str, Any]:
        part = body if isinstance(body, bytes) else body.read(_PART_BYTES)
        more = not isinstance(body, bytes) and len(part) == _PART_BYTES
        return {"type": "http.request", "body": part, "more_body": more}

    return received


async def _in_thread(scope: Scope, receive: Receive, send: Send) -> None:
    # a2wsgi takes the query for ASCII, though curl sends 中 as it stands
    scope = {**scope, "query_string": quote_from_bytes(scope["query_string"], string.printable).encode()}

    async def received() -> dict[str, Any]:
        return await receive()  # a2wsgi wants a coroutine; granian's own receive gives a future

    await pages(scope, received, send)


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            await asyncio.get_running_loop().run_in_executor(None, lane.stop)
            await send({"type": "lifespan.shutdown.complete"})
            return
