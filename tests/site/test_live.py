"""Live words: told after the commit, heard by those who may, over a process of its own."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.db import SessionStore
from django.db import transaction

from tessera.kit import live
from tessera.kit.ids import new_id
from tessera.kit.live import (
    Token,
    person_topic,
    read_token,
    read_words,
    session_mark,
    token_for,
    written_words,
)
from tessera.kit.retry import retried
from tessera.orders.actions.receipts import handle_receipts
from tessera.site.live_hub import REFRESH, Hub
from tessera.site.live_passing import live_socket, pass_live
from tests.orders.till import Till
from tests.settings import HOME


def asked(session: Any, person_id: UUID | None = None) -> Any:
    user = SimpleNamespace(pk=person_id or new_id(), is_authenticated=True)
    return SimpleNamespace(session=session, user=user)


class Ears:
    """A connection that listens."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection
        connection.execute(f"LISTEN {live.CHANNEL}")

    def heard(self, wanted: set[live.Word], within_s: float = 5) -> set[live.Word]:
        found: set[live.Word] = set()
        until = time.monotonic() + within_s
        while not wanted <= found and time.monotonic() < until:
            for told in self._connection.notifies(timeout=0.1):
                found |= set(read_words(told.payload))
        return found


@pytest.fixture
def ears(owner_connection: psycopg.Connection) -> Ears:
    return Ears(owner_connection)


@pytest.fixture
def plain(committed: None) -> Iterator[psycopg.Connection[Any]]:
    from tessera.kit.connections import connect

    with connect() as connection:
        yield connection
        connection.rollback()


# --- Words ----------------------------------------------------------------------------------------------------------


def test_words_are_written_and_read() -> None:
    words = {(person_topic(new_id()), "wallet") for _ in range(1000)} | {("store:1", "inbox")}
    payloads = written_words(words)
    assert {word for payload in payloads for word in read_words(payload)} == words
    assert max(len(payload.encode()) for payload in payloads) < 8000
    assert len(payloads) < 10


@pytest.mark.parametrize("payload", ["", "\n", "wallet", " person:1", "\x00"])
def test_nonsense_is_no_word(payload: str) -> None:
    assert read_words(payload) == []


def test_a_word_is_told_after_the_commit_only(plain: psycopg.Connection, ears: Ears) -> None:
    came, undone = (f"person:{new_id()}", "wallet"), (f"person:{new_id()}", "wallet")

    def work(connection: psycopg.Connection, word: live.Word, fault: bool) -> None:
        connection.execute("SELECT 1")
        live.note(connection, [word])
        if fault:
            raise RuntimeError

    with contextlib.suppress(RuntimeError):
        retried(plain, lambda connection: work(connection, undone, True))
    retried(plain, lambda connection: work(connection, came, False))
    heard = ears.heard({came})
    assert came in heard
    assert undone not in heard


def test_a_word_of_djangos_transaction(committed: None, ears: Ears) -> None:
    came, undone = (f"person:{new_id()}", "inbox"), (f"person:{new_id()}", "inbox")
    with contextlib.suppress(RuntimeError), transaction.atomic():
        live.tell_live(*undone)
        raise RuntimeError
    with transaction.atomic():
        live.tell_live(*came)
        assert ears.heard({came}, 0.3) == set()
    heard = ears.heard({came})
    assert came in heard
    assert undone not in heard


def test_whose_points_change_is_told(plain: psycopg.Connection, ears: Ears) -> None:
    till = Till(plain)
    commands = [till.purchase("1", "C-1", ("A", 2)), till.purchase("2", "C-1", ("A", 2))]
    outcomes = retried(plain, lambda connection: handle_receipts(connection, commands))
    told = (person_topic(outcomes[0].member_id), "wallet")
    assert told in ears.heard({told})
    retried(plain, lambda connection: handle_receipts(connection, commands))  # a repeat changes nothing
    assert told not in ears.heard({told}, 0.5)


def test_a_database_that_is_away_costs_nobody_anything(
    committed: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> psycopg.Connection:
        raise psycopg.OperationalError

    monkeypatch.setattr(live, "_telling_connection", away)
    teller = live._Teller()
    teller.take([("person:1", "wallet")])
    teller.stop()


# --- Tokens ---------------------------------------------------------------------------------------------------------


def test_a_token_is_bound_to_its_session(monkeypatch: pytest.MonkeyPatch) -> None:
    person_id = new_id()
    token = token_for(asked(SimpleNamespace(session_key="k" * 32), person_id), [person_topic(person_id)])
    assert read_token(token) == Token((person_topic(person_id),), session_mark("k" * 32), person_id.hex)
    assert "k" * 32 not in token
    for wrong in ("", "x", token[:-1], "x" + token):
        assert read_token(wrong) is None
    begun = time.time()
    monkeypatch.setattr("django.core.signing.time.time", lambda: begun + live.TOKEN_LIFE_S + 2)
    assert read_token(token) is None


def test_a_visitor_has_no_token() -> None:
    visitor: Any = SimpleNamespace(session=SimpleNamespace(session_key="k"), user=AnonymousUser())
    assert token_for(visitor, []) == ""
    assert token_for(asked(SimpleNamespace(session_key=None)), []) == ""


# --- The hub --------------------------------------------------------------------------------------------------------


class Ear:
    def __init__(self) -> None:
        self.heard: list[tuple[str, str]] = []

    def say(self, event: str, number: str) -> None:
        self.heard.append((event, number))


def test_the_hub_tells_who_listens_and_forgets_who_left() -> None:
    hub: Hub[Ear] = Hub()
    one, two = Ear(), Ear()
    hub.join(one, Token(("a", "b"), "", "p"))
    hub.join(two, Token(("b",), "", "p"))
    assert (len(hub), hub.count("p")) == (2, 2)
    hub.say([("a", "wallet"), ("b", "inbox"), ("c", "wallet")])
    assert [event for event, _ in one.heard] == ["wallet", "inbox"]
    assert [event for event, _ in two.heard] == ["inbox"]
    hub.leave(one)
    hub.leave(one)
    hub.say([("a", "wallet")])
    assert len(one.heard) == 2
    hub.leave(two)
    assert (len(hub), hub.count("p"), hub._by_topic) == (0, 0, {})


def test_who_comes_again_is_told_what_he_missed() -> None:
    hub: Hub[Ear] = Hub()
    hub.say([("a", "wallet")])
    since = hub.number
    assert hub.missed(since, ["a"]) == []
    hub.say([("a", "wallet"), ("a", "wallet"), ("b", "inbox")])
    assert hub.missed(since, ["a"]) == ["wallet"]
    assert hub.missed("", ["a"]) == []
    for unknown in ("other-1", f"{since}9", "-", "x", f"{since}²"):
        assert hub.missed(unknown, ["a"]) == [REFRESH]
    hub.refresh()
    assert hub.missed(since, ["a"]) == [REFRESH]


def test_a_long_socket_path_finds_a_short_place() -> None:
    place = Path(HOME)
    assert live_socket(place) == place.resolve() / "live.sock"
    assert len(bytes(live_socket(place / ("x" * 120)))) < 100


# --- The process ----------------------------------------------------------------------------------------------------


@pytest.fixture
def process(
    committed: None, tmp_path: Path, database_url: str
) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    """The live process on this worker's database."""
    place = tmp_path / "live.sock"
    environment = {
        **os.environ, "DJANGO_SETTINGS_MODULE": "tessera.site.settings", "DATABASE_URL": database_url,
        "TESSERA_SECRET_KEY": settings.SECRET_KEY, "TESSERA_LIVE_SOCKET": str(place),
    }  # fmt: skip
    command = [sys.executable, "-m", "tessera.site.children", "live"]
    running = subprocess.Popen(command, env=environment, stdin=subprocess.PIPE)
    until = time.monotonic() + 20
    while not place.exists():
        assert running.poll() is None
        assert time.monotonic() < until
        time.sleep(0.05)
    yield running, place
    running.kill()
    running.wait()
    assert running.stdin
    running.stdin.close()


@pytest.fixture
def stranger(committed: None) -> Callable[[], tuple[str, str, UUID]]:
    """Make a person's session: (key, token, person)."""

    def made() -> tuple[str, str, UUID]:
        session = SessionStore()
        session.create()
        person_id = new_id()
        assert session.session_key
        return session.session_key, token_for(asked(session, person_id), [person_topic(person_id)]), person_id

    return made


_open: list[asyncio.StreamWriter] = []


def waited(work: Awaitable[Any]) -> Any:
    """Run in a thread of its own (a browser's driver may hold this one's event loop); close what was opened."""
    found: list[Any] = []

    async def whole() -> None:
        try:
            found.append(await asyncio.wait_for(work, 60))
        finally:
            for writer in _open:
                writer.close()
                with contextlib.suppress(ConnectionError):
                    await writer.wait_closed()
            _open.clear()

    thread = threading.Thread(target=lambda: asyncio.run(whole()))
    thread.start()
    thread.join()
    assert found, "the work failed"
    return found[0]


class Stream:
    """One page's stream over the socket."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.status = 0

    @classmethod
    async def opened(
        cls, place: Path, key: str, token: str, *, since: str = "", path: str = "/live"
    ) -> "Stream":
        reader, writer = await asyncio.open_unix_connection(place)
        _open.append(writer)
        stream = cls(reader, writer)
        cookie = f"{settings.SESSION_COOKIE_NAME}={key}; other=1"
        writer.write(
            f"GET {path}?token={token}&since={since} HTTP/1.1\r\nHost: x\r\nCookie: {cookie}\r\n\r\n".encode()
        )
        head = await reader.readuntil(b"\r\n\r\n")
        stream.status = int(head.split(b" ")[1])
        return stream

    async def said(self, wanted: str) -> str:
        """Read until `wanted` is said; return its number."""
        number = ""
        while line := (await self.reader.readline()).decode():
            if line.startswith("id: "):
                number = line[4:].strip()
            if line == f"data: {wanted}\n":
                return number
        raise AssertionError(f"{wanted} was not said")


async def statuses(place: Path, tries: list[tuple[str, str, str]]) -> list[int]:
    found = []
    for key, token, path in tries:
        stream = await Stream.opened(place, key, token, path=path)
        found.append(stream.status)
        stream.writer.close()
    return found


def test_only_the_tokens_own_session_hears(process: Any, stranger: Any) -> None:
    _, place = process
    (key, token, _), (other_key, _, _) = stranger(), stranger()
    ended, ended_token, _ = stranger()
    SessionStore(ended).delete()
    tries = [
        (key, token, "/live"), (other_key, token, "/live"), ("", token, "/live"), (key, "", "/live"),
        (key, token + "x", "/live"), (ended, ended_token, "/live"), (key, token, "/elsewhere"),
    ]  # fmt: skip
    assert waited(statuses(place, tries)) == [200, 204, 204, 204, 204, 204, 404]


def test_nonsense_does_no_harm(process: Any, stranger: Any) -> None:
    running, place = process
    key, token, _ = stranger()

    async def work() -> int:
        for nonsense in (
            b"\r\n\r\n",
            b"\xff\xfe\r\n\r\n",
            b"GET\r\n\r\n",
            b"POST /live HTTP/1.1\r\n\r\n",
            b"x" * 40_000,
        ):
            reader, writer = await asyncio.open_unix_connection(place)
            _open.append(writer)
            writer.write(nonsense)
            with contextlib.suppress(ConnectionError):
                await reader.read()
            writer.close()
        return (await Stream.opened(place, key, token)).status

    assert waited(work()) == 200
    assert running.poll() is None


def test_two_hundred_pages_all_hear(process: Any, stranger: Any) -> None:
    running, place = process
    people = [stranger() for _ in range(50)]

    async def work() -> float:
        streams = await asyncio.gather(
            *(Stream.opened(place, key, token) for key, token, _ in people for _ in range(4))
        )
        assert {stream.status for stream in streams} == {200}
        await asyncio.gather(*(stream.said("hello") for stream in streams))
        begun = time.monotonic()
        live.tell_now([(person_topic(person_id), "wallet") for _, _, person_id in people])
        await asyncio.gather(*(stream.said("wallet") for stream in streams))
        return time.monotonic() - begun

    assert waited(work()) < 5
    assert running.poll() is None


def test_a_person_has_so_many_streams(process: Any, stranger: Any) -> None:
    from tessera.site.live import MOST_PER_PERSON

    _, place = process
    key, token, _ = stranger()

    async def work() -> tuple[list[int], int]:
        streams = [await Stream.opened(place, key, token) for _ in range(MOST_PER_PERSON + 1)]
        streams[0].writer.close()
        await asyncio.sleep(0.2)
        return [stream.status for stream in streams], (await Stream.opened(place, key, token)).status

    assert waited(work()) == ([200] * MOST_PER_PERSON + [429], 200)


def test_what_was_missed_is_told_on_return(process: Any, stranger: Any) -> None:
    _, place = process
    key, token, person_id = stranger()

    async def work() -> None:
        first = await Stream.opened(place, key, token)
        number = await first.said("hello")
        first.writer.close()
        other = await Stream.opened(place, key, token)
        live.tell_now([(person_topic(person_id), "wallet")])
        await other.said("wallet")
        again = await Stream.opened(place, key, token, since=number)
        await again.said("wallet")
        stranger_to_us = await Stream.opened(place, key, token, since="other-7")
        await stranger_to_us.said(REFRESH)

    waited(work())


def test_a_lost_listening_connection_makes_every_page_ask(
    process: Any, stranger: Any, owner_connection: psycopg.Connection
) -> None:
    _, place = process
    key, token, person_id = stranger()

    async def work() -> None:
        stream = await Stream.opened(place, key, token)
        await stream.said("hello")
        await asyncio.sleep(0.3)
        owner_connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name LIKE 'tessera-live%' AND datname = current_database()"
        )
        await stream.said(REFRESH)
        live.tell_now([(person_topic(person_id), "wallet")])
        await stream.said("wallet")
        assert (await Stream.opened(place, key, token)).status == 200  # the asking connection came back too

    waited(work())


def test_it_ends_at_once_with_its_streams(process: Any, stranger: Any) -> None:
    running, place = process
    key, token, _ = stranger()

    async def work() -> bytes:
        stream = await Stream.opened(place, key, token)
        await stream.said("hello")
        running.send_signal(signal.SIGTERM)
        return await stream.reader.read()

    assert waited(work()).strip() == b""
    assert running.wait(5) == 0
    assert not place.exists()


# --- The way through the web process --------------------------------------------------------------------------------


class Browser:
    """The ASGI side: what was sent to the browser, and a hand that hangs up."""

    def __init__(self, query: str, cookie: str) -> None:
        self.scope = {
            "type": "http", "method": "GET", "path": "/live", "query_string": query.encode(),
            "headers": [(b"cookie", cookie.encode()), (b"accept-encoding", b"gzip")],
        }  # fmt: skip
        self.sent: list[dict[str, Any]] = []
        self.more = asyncio.Event()
        self.hung_up = asyncio.Event()

    async def receive(self) -> dict[str, Any]:
        await self.hung_up.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: dict[str, Any]) -> None:
        self.sent.append(message)
        self.more.set()

    async def until(self, text: bytes) -> None:
        while text not in b"".join(message.get("body", b"") for message in self.sent):
            self.more.clear()
            await asyncio.wait_for(self.more.wait(), 5)


def test_a_stream_is_passed_on_as_it_comes(process: Any, stranger: Any) -> None:
    _, place = process
    key, token, person_id = stranger()

    async def work() -> dict[str, Any]:
        browser = Browser(f"token={token}", f"{settings.SESSION_COOKIE_NAME}={key}")
        passing = asyncio.ensure_future(pass_live(place, browser.scope, browser.receive, browser.send))
        await browser.until(b"data: hello")
        live.tell_now([(person_topic(person_id), "wallet")])
        await browser.until(b"data: wallet")
        browser.hung_up.set()
        await asyncio.wait_for(passing, 2)
        return browser.sent[0]

    start = waited(work())
    headers = dict(start["headers"])
    assert start["status"] == 200
    assert headers[b"content-type"].startswith(b"text/event-stream")
    assert headers[b"cache-control"] == b"no-store"
    assert b"content-encoding" not in headers


def test_without_the_live_process_the_answer_is_503(tmp_path: Path) -> None:
    async def work() -> int:
        browser = Browser("", "")
        await pass_live(tmp_path / "none.sock", browser.scope, browser.receive, browser.send)
        return int(browser.sent[0]["status"])

    assert waited(work()) == 503


def test_a_live_process_that_dies_ends_the_stream(process: Any, stranger: Any) -> None:
    running, place = process
    key, token, _ = stranger()

    async def work() -> bool:
        browser = Browser(f"token={token}", f"{settings.SESSION_COOKIE_NAME}={key}")
        passing = asyncio.ensure_future(pass_live(place, browser.scope, browser.receive, browser.send))
        await browser.until(b"data: hello")
        running.kill()
        await asyncio.wait_for(passing, 5)
        return bool(browser.sent[-1]["more_body"])

    assert waited(work()) is False
