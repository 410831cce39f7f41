"""The live process: tells open pages that something they show has changed (Server-Sent Events).

It listens to PostgreSQL on a connection of its own and holds the pages' streams on a unix socket; web processes pass
`/live` on to it, a proxy may come straight here. It knows no contents: a word says "wallet", the page asks the web
server. See kit/live.py and docs/internals/live-updates.md.
"""

import asyncio
import os
import random
import signal
import stat
from collections.abc import Sequence
from contextlib import suppress
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

import psycopg
import structlog
from django.conf import settings

from tessera.kit.live import CHANNEL, Token, read_token, read_words, session_mark
from tessera.site.live_hub import Hub
from tessera.site.live_passing import LIVE_PATH, live_socket
from tessera.site.logs import configure

__all__ = ["MOST_PER_PERSON", "Live", "run"]

MOST_PER_PERSON = 8
_MOST_STREAMS = 10_000
_MOST_HEAD = 16 * 1024
_HEAD_WITHIN_S = 5.0
_HEARTBEAT_S = 20.0
_LONGEST_S = 15 * 60
"""A stream's life: the browser comes again by itself, and whether its session still lives is looked up then."""

_SESSION = "SELECT 1 FROM django_session WHERE session_key = %s AND expire_date > now()"
_WORDS = {
    200: "OK",
    204: "No Content",
    404: "Not Found",
    429: "Too Many Requests",
    503: "Service Unavailable",
}
_log = structlog.get_logger()


class Page(asyncio.Protocol):
    """One browser's stream. It holds no task: a thousand idle ones cost memory only."""

    def __init__(self, live: "Live") -> None:
        self._live = live
        self._head = b""
        self._asked = False
        self._full = False
        self._waiting: dict[str, str] = {}
        self._task: asyncio.Task[None] | None = None
        self.token: Token | None = None
        self.ends_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for the request, for a few seconds."""
        self._transport = cast("asyncio.Transport", transport)
        self._transport.set_write_buffer_limits(high=16 * 1024)
        self._timer = asyncio.get_running_loop().call_later(_HEAD_WITHIN_S, self._transport.abort)

    def data_received(self, data: bytes) -> None:
        """Take the request's head; whatever follows is not looked at."""
        if self._asked:
            return
        self._head += data
        if b"\r\n\r\n" in self._head:
            self._asked = True
            self._timer.cancel()
            self._task = asyncio.get_running_loop().create_task(self._live.admit(self, self._head))
        elif len(self._head) > _MOST_HEAD:
            self._transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """Forget the page."""
        self._timer.cancel()
        self._live.hub.leave(self)

    def pause_writing(self) -> None:
        """Keep words back: the reader takes nothing for now."""
        self._full = True

    def resume_writing(self) -> None:
        """Send what was kept back."""
        self._full = False
        waiting, self._waiting = self._waiting, {}
        for event, number in waiting.items():
            self.say(event, number)

    def say(self, event: str, number: str) -> None:
        """Send a word; of those that wait for a slow reader each event is kept once."""
        if self._full:
            self._waiting[event] = number
        else:
            self._transport.write(f"id: {number}\ndata: {event}\n\n".encode())

    def beat(self) -> None:
        """Send a sign of life: proxies keep the stream, the page knows that it hears; let a stuck reader go."""
        if self._full:
            self._transport.abort()
        else:
            self._transport.write(b"data: beat\n\n")

    def open(self, number: str, missed: Sequence[str]) -> None:
        """Begin the stream with what was missed; the browser comes again a moment after it ends, not all at once."""
        again_ms = random.randint(800, 3000)  # noqa: S311 - spreads, hides nothing
        events = "".join(f"id: {number}\ndata: {event}\n\n" for event in (*missed, "hello"))
        self.answer(200, f"retry: {again_ms}\n{events}".encode())

    def answer(self, status: int, body: bytes = b"") -> None:
        """Write the answer's head; all but 200 end with it."""
        kind = "text/event-stream; charset=utf-8" if status == 200 else "text/plain"
        head = f"HTTP/1.1 {status} {_WORDS[status]}\r\nContent-Type: {kind}\r\nCache-Control: no-store\r\n"
        head += "X-Accel-Buffering: no\r\nConnection: close\r\n"
        head += "Retry-After: 5\r\n" if status in {429, 503} else ""
        head += "Content-Length: 0\r\n" if status not in {200, 204} else ""
        self._transport.write(head.encode() + b"\r\n" + body)
        if status != 200:
            self._transport.close()

    def close(self) -> None:
        """End the stream in order."""
        self._transport.close()

    @property
    def gone(self) -> bool:
        """Whether the browser has left."""
        return self._transport.is_closing()


class Live:
    """The process: a hub of words, a socket for pages, a connection to PostgreSQL that listens, one that asks."""

    def __init__(self) -> None:
        self.hub: Hub[Page] = Hub()
        self._asking: psycopg.AsyncConnection[Any] | None = None
        self._one_asks = asyncio.Lock()

    async def admit(self, page: Page, head: bytes) -> None:
        """Open the stream, or say why not: 204 for who should not come again with this token, 429, 503."""
        target, headers = _request(head)
        query = parse_qs(urlsplit(target).query)
        if urlsplit(target).path != LIVE_PATH:
            page.answer(404)
            return
        token = read_token(query.get("token", [""])[0])
        key = _session_key(headers.get("cookie", ""))
        if token is None or not key or session_mark(key) != token.session:
            page.answer(204)
            return
        try:
            lives = await self._session_lives(key)
        except (psycopg.Error, OSError):
            page.answer(503)
            return
        if page.gone:
            return
        if not lives:
            page.answer(204)
        elif self.hub.count(token.whose) >= MOST_PER_PERSON:
            page.answer(429)
        elif len(self.hub) >= _MOST_STREAMS:
            page.answer(503)
        else:
            page.token = token
            page.ends_at = asyncio.get_running_loop().time() + _LONGEST_S * random.uniform(0.8, 1.2)  # noqa: S311 - spreads
            since = headers.get("last-event-id") or query.get("since", [""])[0]
            page.open(self.hub.number, self.hub.missed(since, token.topics))
            self.hub.join(page, token)

    async def _session_lives(self, key: str) -> bool:
        async with self._one_asks:
            for last in (False, True):
                try:
                    if self._asking is None or self._asking.closed:
                        self._asking = await _connected("tessera-live-asks")
                    found = await self._asking.execute(_SESSION, (key,))
                    return await found.fetchone() is not None
                except psycopg.OperationalError:
                    if self._asking is not None:
                        await self._asking.close()
                    self._asking = None
                    if last:
                        raise
        raise AssertionError("unreachable")

    async def listen(self) -> None:
        """Hear what is told, for ever; after an interruption every page asks anew, for words may have been lost."""
        pause = 0.2
        again = False
        while True:
            with suppress(psycopg.Error, OSError):
                async with await _connected("tessera-live") as connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    if again:
                        self.hub.refresh()
                    pause, again = 0.2, True
                    while True:
                        async for told in connection.notifies(timeout=60):
                            self.hub.say(read_words(told.payload))
                        await connection.execute("SELECT 1")  # a link that died silently is noticed
            _log.info("live words cannot be heard", again_in_s=pause)
            await asyncio.sleep(pause)
            pause = min(pause * 2, 5.0)

    async def beat(self) -> None:
        """Keep idle streams alive, end those that have lasted long."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(_HEARTBEAT_S)
            for page in self.hub.pages():
                if loop.time() > page.ends_at:
                    page.close()
                else:
                    page.beat()

    async def close(self) -> None:
        """End all streams and the asking connection."""
        for page in self.hub.pages():
            page.close()
        if self._asking is not None:
            await self._asking.close()


async def _connected(name: str) -> psycopg.AsyncConnection[Any]:
    return await psycopg.AsyncConnection.connect(
        settings.TESSERA_LISTEN_DATABASE_URL,
        options=settings.TESSERA_DATABASE_OPTIONS + " -c statement_timeout=5000",
        application_name=name,
        autocommit=True,
        connect_timeout=5,
        keepalives_idle=30,
    )


def _request(head: bytes) -> tuple[str, dict[str, str]]:
    first, *lines = head.decode("latin-1").split("\r\n\r\n")[0].split("\r\n")
    words = first.split(" ")
    target = words[1] if len(words) == 3 and words[0] == "GET" else ""
    pairs = [line.partition(":") for line in lines]
    return target, {name.strip().lower(): value.strip() for name, _, value in pairs}


def _session_key(cookies: str) -> str:
    try:
        found = SimpleCookie(cookies).get(settings.SESSION_COOKIE_NAME)
    except CookieError:
        return ""
    return found.value if found else ""


def _prepare(path: Path) -> None:
    """Make room for the socket: in a folder that is ours alone, unless the operator has named a place."""
    if "TESSERA_LIVE_SOCKET" not in os.environ:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = path.parent.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
            raise PermissionError(f"{path.parent} is not ours")
    _remove(path)


def _let_in(path: Path) -> None:
    path.chmod(0o660 if "TESSERA_LIVE_SOCKET" in os.environ else 0o600)


def _remove(path: Path) -> None:
    with suppress(FileNotFoundError):
        path.unlink()


async def serve(path: Path, stop: asyncio.Event) -> None:
    """Serve pages on the socket at `path` until `stop` is set."""
    _prepare(path)
    live = Live()
    loop = asyncio.get_running_loop()
    server = await loop.create_unix_server(lambda: Page(live), path, backlog=1024)
    _let_in(path)
    work = [loop.create_task(live.listen()), loop.create_task(live.beat())]
    stopped: asyncio.Task[Any] = loop.create_task(stop.wait())
    try:
        await asyncio.wait([stopped, *work], return_when=asyncio.FIRST_COMPLETED)
        for task in work:
            if task.done():
                task.result()  # a bug: whoever started us starts us again
    finally:
        server.close()
        for task in (*work, stopped):
            task.cancel()
        await asyncio.gather(*work, stopped, return_exceptions=True)
        await live.close()
        _remove(path)


def run() -> None:
    """Be the live process until SIGTERM or SIGINT."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tessera.site.settings")
    configure(settings.LOGGING)

    async def work() -> None:
        stop = asyncio.Event()
        for kind in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(kind, stop.set)
        await serve(live_socket(settings.TESSERA_DATA_DIR), stop)

    asyncio.run(work())
