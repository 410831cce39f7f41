"""Natural group commit: requests that arrive while a transaction is committing are committed together in the next.

One handler serves single requests, bulk calls, offline queues and imports: `handle(connection, commands) -> outcomes`,
one transaction, one outcome per command. There is no timer: an idle system adds no delay, a busy one shares its locks
and its fsync. See docs/internals/group-commit.md.

What it promises:
- an outcome is handed out only after the commit that made it true; a process killed earlier has answered nothing;
- a refusal is an outcome; an exception in one command is that command's alone: its batch is run again in halves;
- a fault that passes (serialization, deadlock, a racer's unique key) is retried, bounded, and not shown;
- a database that goes away is waited for, `patience_s` at most: commands carry request ids, so running one again whose
  commit was in doubt has effect once;
- the queue is bounded: beyond `most_waiting` commands `submit` refuses with `busy`, and nothing was done.
"""

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any, Generic, TypeVar

import psycopg
import structlog

from tessera.kit.errors import Busy, DatabaseAway
from tessera.kit.retry import retried

__all__ = ["GroupCommit"]

C = TypeVar("C")
O = TypeVar("O")  # noqa: E741 - outcome

_log = structlog.get_logger()

_WORTH_A_SECOND = 16
"""Commands that must wait before a second batch begins beside one under way: a batch of one costs as much as 15
commands of a large one (measured, docs/operating/benchmarks.md)."""


class _Parcel(Generic[C]):
    """Commands that arrived together and are answered together, and the one who waits for them."""

    __slots__ = ("answer", "commands", "loop")

    def __init__(self, commands: Sequence[C], answer: Any, loop: asyncio.AbstractEventLoop | None) -> None:
        self.commands = commands
        self.answer = answer
        self.loop = loop


class GroupCommit(Generic[C, O]):
    """Gathers commands of one kind in threads of its own, each with a connection of its own.

    `handle` gets the connection (transaction open, the gatherer commits) and the commands; it returns one outcome per
    command, in order, and treats a command that was already carried out as a repeat. `connect` opens a connection.
    `most_at_once`: commands of one transaction, unless a single parcel holds more. `patience_s`: how long a database
    that went away is waited for. `threads`: how many batches may be under way at once; a second one begins only when
    _WORTH_A_SECOND commands wait: smaller batches would cost more than they gain.
    """

    def __init__(
        self,
        handle: Callable[[psycopg.Connection[Any], Sequence[C]], Sequence[O]],
        *,
        connect: Callable[[], psycopg.Connection[Any]],
        name: str,
        most_at_once: int = 256,
        most_waiting: int = 4096,
        patience_s: float = 20.0,
        threads: int = 1,
    ) -> None:
        self._handle = handle
        self._connect = connect
        self._name = name
        self._most_at_once = most_at_once
        self._most_waiting = most_waiting
        self._patience_s = patience_s
        self._parcels: deque[_Parcel[C]] = deque()
        self._waiting = 0
        self._under_way = 0
        self._wake = threading.Condition()
        self._stopping = False
        self._own = threading.local()
        self._threads: list[threading.Thread] = []
        self._most_threads = threads
        self.batches = 0
        self.commands = 0

    # --- asking -------------------------------------------------------------------------------------------------

    def submit(self, commands: Sequence[C]) -> "Future[list[O | BaseException]]":
        """Hand in commands from a thread; the future yields an outcome (or the exception) per command, in order.

        Refuses `busy` when the queue is full: nothing was taken.
        """
        future: Future[list[O | BaseException]] = Future()
        self._put(_Parcel(commands, future, None))
        return future

    async def run(self, commands: Sequence[C]) -> list[O | BaseException]:
        """Hand in commands from an event loop and wait for their outcomes; refuses `busy` like `submit`."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[list[O | BaseException]] = loop.create_future()
        self._put(_Parcel(commands, future, loop))
        return await future

    @property
    def waiting(self) -> int:
        """How many commands wait for the next transaction."""
        return self._waiting

    def stop(self) -> None:
        """Carry out what waits, then end the thread. Further commands are refused as `busy`."""
        with self._wake:
            self._stopping = True
            self._wake.notify_all()
        for thread in self._threads:
            thread.join()

    def _put(self, parcel: _Parcel[C]) -> None:
        with self._wake:
            if self._stopping or (
                self._waiting and self._waiting + len(parcel.commands) > self._most_waiting
            ):
                raise Busy(retry_after_s=1)
            self._waiting += len(parcel.commands)
            self._parcels.append(parcel)
            if len(self._threads) < self._most_threads:
                name = f"group-commit-{self._name}-{len(self._threads)}"
                self._threads.append(threading.Thread(target=self._work, name=name, daemon=True))
                self._threads[-1].start()
            self._wake.notify()

    # --- working ------------------------------------------------------------------------------------------------

    def _work(self) -> None:
        while (parcels := self._next_batch()) is not None:
            commands = [command for parcel in parcels for command in parcel.commands]
            outcomes = self._carry_out(commands)
            with self._wake:
                self._under_way -= 1
                self.batches += 1
                self.commands += len(commands)
                self._wake.notify_all()
            _hand_out(parcels, outcomes)
        self._drop_connection()

    def _next_batch(self) -> list[_Parcel[C]] | None:
        with self._wake:
            while not self._may_begin():
                if self._stopping and not self._parcels:
                    return None
                self._wake.wait()
            taken = [self._parcels.popleft()]
            size = len(taken[0].commands)
            while self._parcels and size + len(self._parcels[0].commands) <= self._most_at_once:
                taken.append(self._parcels.popleft())
                size += len(taken[-1].commands)
            self._waiting -= size
            self._under_way += 1
            return taken

    def _may_begin(self) -> bool:
        """Whether a batch may begin: none is under way, or so many wait that a second one is worth its own commit."""
        if not self._parcels:
            return False
        return not self._under_way or self._waiting >= _WORTH_A_SECOND

    def _carry_out(self, commands: Sequence[C]) -> list[O | BaseException]:
        """Run the commands in one transaction; after an exception, in halves, so that it stays with its cause."""
        try:
            return list(self._in_transaction(commands))
        except DatabaseAway as away:
            return [away] * len(commands)
        except Exception as error:  # noqa: BLE001 - it goes to the one whose command it is
            if len(commands) == 1:
                _log.exception("a command failed", group=self._name)
                return [error]
            middle = len(commands) // 2
            return self._carry_out(commands[:middle]) + self._carry_out(commands[middle:])

    def _in_transaction(self, commands: Sequence[C]) -> Sequence[O]:
        until = time.monotonic() + self._patience_s
        pause = 0.05
        while True:
            try:
                connection = self._usable_connection()
                outcomes = retried(connection, lambda c: self._handle(c, commands))
            except psycopg.OperationalError as error:
                if not _is_gone(error):
                    raise
                self._drop_connection()
                if time.monotonic() + pause > until or self._stopping:
                    _log.warning("the database is away", group=self._name, waiting=self._waiting)
                    raise DatabaseAway(retry_after_s=5) from error
                time.sleep(pause)
                pause = min(pause * 2, 1.0)
            else:
                if len(outcomes) != len(commands):
                    raise RuntimeError(f"{self._name}: {len(commands)} commands, {len(outcomes)} outcomes")
                return outcomes

    def _usable_connection(self) -> psycopg.Connection[Any]:
        connection: psycopg.Connection[Any] | None = getattr(self._own, "connection", None)
        if connection is None or connection.closed:
            connection = self._own.connection = self._connect()
        return connection

    def _drop_connection(self) -> None:
        connection: psycopg.Connection[Any] | None = getattr(self._own, "connection", None)
        if connection is not None:
            connection.close()
            self._own.connection = None


def _is_gone(error: psycopg.OperationalError) -> bool:
    """Say whether the server went away or cannot work for now.

    No SQLSTATE (link lost), class 08 (link), 53 (disk full, no connections left), 57P (shutting down, starting up).
    """
    return error.sqlstate is None or error.sqlstate.startswith(("08", "53", "57P"))


def _hand_out(parcels: Sequence[_Parcel[Any]], outcomes: Sequence[Any]) -> None:
    """Give every waiter its outcomes: one call into each event loop, however many wait there."""
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[Any, list[Any]]]] = {}
    start = 0
    for parcel in parcels:
        end = start + len(parcel.commands)
        part = list(outcomes[start:end])
        start = end
        if parcel.loop is None:
            if parcel.answer.set_running_or_notify_cancel():
                parcel.answer.set_result(part)
        else:
            by_loop.setdefault(parcel.loop, []).append((parcel.answer, part))
    for loop, answers in by_loop.items():
        try:
            loop.call_soon_threadsafe(_set_results, answers)
        except RuntimeError:
            _log.info("an event loop ended before its answers came")


def _set_results(answers: list[tuple[Any, list[Any]]]) -> None:
    for future, part in answers:
        if not future.done():  # the caller may have gone
            future.set_result(part)
