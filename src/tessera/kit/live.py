"""Live words: "this topic has news", told after the commit to every open page that looks at it.

A word names a topic (`person:<uuid>`) and an event (`wallet`); it carries nothing that a page would show: the page asks
again. So a word may be told twice, or be lost: that costs freshness only, and pages also look by themselves now and
then. Words leave on a connection of their own, together: a NOTIFY inside a hot transaction would make commits wait for
one another (docs/decisions/0005 and 0008). See docs/internals/live-updates.md.
"""

import atexit
import hashlib
import threading
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

import psycopg
import structlog
from django.core import signing
from django.db import transaction
from django.http import HttpRequest

from tessera.kit.connections import connect

__all__ = [
    "CHANNEL", "TOKEN_LIFE_S", "Token", "Word", "drop_noted", "hear_also", "note", "person_topic", "read_token",
    "read_words", "renewed_token", "session_mark", "tell_live", "tell_noted", "tell_now", "token_for", "written_words",
]  # fmt: skip

CHANNEL = "tessera_live"
TOKEN_LIFE_S = 12 * 3600
_RENEWED_FOR_S = 7 * 24 * 3600
_SALT = "tessera.live"
_MOST_BYTES = 7_800
"""Of one notification: PostgreSQL takes 8,000."""

_MOST_NOTED = 5_000
_MOST_WAITING = 50_000
_PAUSE_S = 0.1
"""Between two tellings: a busy server tells ten times a second what hundreds of commits changed."""

_IDLE_S = 5.0

Word = tuple[str, str]
"""Topic and event."""

_noted: WeakKeyDictionary[psycopg.Connection[Any], set[Word]] = WeakKeyDictionary()
_log = structlog.get_logger()


# --- Who may hear ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Token:
    """What a page's token says: its topics, the mark of the session it was given to, and whose pages count together."""

    topics: tuple[str, ...]
    session: str
    whose: str


def person_topic(person_id: UUID) -> str:
    """Return the topic of what concerns one person: events `wallet`, `inbox`."""
    return f"person:{person_id}"


def session_mark(session_key: str) -> str:
    """Return what stands for a session in a token: of no use without the session's cookie."""
    return hashlib.sha256(f"{_SALT}:{session_key}".encode()).hexdigest()[:32]


def token_for(request: HttpRequest, topics: Iterable[str]) -> str:
    """Return a token that lets this session's pages hear of `topics` for TOKEN_LIFE_S; "" for a visitor."""
    key = getattr(request, "session", None) and request.session.session_key
    if not key or not request.user.is_authenticated:
        return ""
    said = {"t": list(topics), "s": session_mark(key), "w": UUID(str(request.user.pk)).hex}
    return signing.dumps(said, salt=_SALT, compress=True)


def hear_also(request: HttpRequest, topic: str) -> None:
    """Let the page that is being made hear of `topic` too; whoever calls this has seen that its reader may."""
    request.live_topics = [*getattr(request, "live_topics", ()), topic]  # type: ignore[attr-defined]  # kept for the template


def renewed_token(request: HttpRequest, old: str) -> str:
    """Return a new token with the topics of `old`, one of this very session of the last week; else for the person alone."""
    known = read_token(old, life_s=_RENEWED_FOR_S)
    own = [person_topic(UUID(str(request.user.pk)))]
    key = request.session.session_key
    kept = known.topics if known is not None and key and known.session == session_mark(key) else own
    return token_for(request, kept)


def read_token(text: str, *, life_s: int = TOKEN_LIFE_S) -> Token | None:
    """Return what a token says, or None when it is not ours or older than `life_s`."""
    try:
        said = signing.loads(text, salt=_SALT, max_age=life_s)
        return Token(tuple(said["t"]), said["s"], said["w"])
    except (signing.BadSignature, KeyError, TypeError, ValueError):
        return None


# --- Telling --------------------------------------------------------------------------------------------------------


def tell_live(topic: str, event: str) -> None:
    """Tell when Django's current transaction has committed, or now where there is none; nothing after a rollback."""
    transaction.on_commit(lambda: tell_now([(topic, event)]))


def note(connection: psycopg.Connection[Any], words: Collection[Word]) -> None:
    """Remember words that come true with the transaction on `connection`.

    A plain connection's are told by `tell_noted` (kit.retry does so after its commit), those of Django's own, lent to
    a function of the hot paths, after its commit.
    """
    if not words:
        return
    if not isinstance(connection, psycopg.Connection):
        told = list(words)
        transaction.on_commit(lambda: tell_now(told))
        return
    waiting = _noted.setdefault(connection, set())
    if len(waiting) < _MOST_NOTED:
        waiting.update(words)


def tell_noted(connection: psycopg.Connection[Any]) -> None:
    """Tell what was noted on a connection whose transaction has committed."""
    if words := _noted.pop(connection, None):
        tell_now(words)


def drop_noted(connection: psycopg.Connection[Any]) -> None:
    """Forget what was noted: the transaction was rolled back."""
    _noted.pop(connection, None)


def tell_now(words: Collection[Word]) -> None:
    """Hand words to the teller; returns at once and never fails."""
    _teller.take(words)


def read_words(payload: str) -> list[Word]:
    """Return the words of one notification; what is not in our form is left out."""
    found = []
    for line in payload.split("\n"):
        event, _, topics = line.partition(" ")
        found += [(topic, event) for topic in topics.split() if event]
    return found


def written_words(words: Collection[Word]) -> list[str]:
    """Return notifications that carry these words: a line for each event, in parts that PostgreSQL takes."""
    by_event: dict[str, list[str]] = {}
    for topic, event in sorted(words):
        by_event.setdefault(event, []).append(topic)
    payloads = []
    for event, topics in by_event.items():
        line = event
        for topic in topics:
            if len(line) + len(topic) + 1 > _MOST_BYTES:
                payloads.append(line)
                line = event
            line += f" {topic}"
        payloads.append(line)
    return payloads


class _Teller:
    """A thread that comes when there is something to tell and goes after a while without."""

    def __init__(self) -> None:
        self._wake = threading.Condition()
        self._waiting: set[Word] = set()
        self._thread: threading.Thread | None = None
        self._stopping = False

    def take(self, words: Collection[Word]) -> None:
        with self._wake:
            if self._stopping or len(self._waiting) > _MOST_WAITING:
                return
            self._waiting.update(words)
            if self._thread is None or not self._thread.is_alive():  # not alive: this process was forked
                self._thread = threading.Thread(target=self._work, name="live-teller", daemon=True)
                self._thread.start()
            self._wake.notify()

    def stop(self) -> None:
        """Tell what waits, then end; for the end of the program."""
        with self._wake:
            self._stopping = True
            self._wake.notify()
            thread = self._thread
        if thread is not None:
            thread.join(2)

    def _next(self) -> set[Word] | None:
        with self._wake:
            if not self._waiting and not self._stopping:
                self._wake.wait(_IDLE_S)
            if not self._waiting:
                self._thread = None
                return None
            words, self._waiting = self._waiting, set()
            return words

    def _work(self) -> None:
        connection: psycopg.Connection[Any] | None = None
        try:
            while (words := self._next()) is not None:
                connection = _told(connection, words)
                with self._wake:
                    if not self._stopping:
                        self._wake.wait_for(lambda: self._stopping, _PAUSE_S)
        finally:
            if connection is not None:
                connection.close()


def _told(
    connection: psycopg.Connection[Any] | None, words: Collection[Word]
) -> psycopg.Connection[Any] | None:
    """Tell the words; on a new connection where the old one has broken. Return the one that works, if any does."""
    for kept in (connection, None):
        working = kept
        try:
            working = working or _telling_connection()
            _notify(working, words)
        except psycopg.Error as error:
            if working is not None:
                working.close()
            if kept is None:
                _log.debug("live words were lost", words=len(words), fault=type(error).__name__)
                return None
        else:
            return working
    raise AssertionError("unreachable")


def _telling_connection() -> psycopg.Connection[Any]:
    connection = connect(application_name="tessera-live-teller")
    connection.autocommit = True
    # A word is worth no flush of the log: after a crash of the server every page asks anew.
    connection.execute("SET synchronous_commit = off")
    return connection


def _notify(connection: psycopg.Connection[Any], words: Collection[Word]) -> None:
    connection.execute(
        "SELECT pg_notify(%s, line) FROM unnest(%s::text[]) line", (CHANNEL, written_words(words))
    )


_teller = _Teller()
atexit.register(_teller.stop)
