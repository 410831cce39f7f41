"""Natural group commit alone: what waits is committed together, and nobody pays for another's fault."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import psycopg
import pytest

from tessera.kit.errors import Busy, DatabaseAway
from tessera.kit.group_commit import GroupCommit
from tessera.kit.ids import new_id

PATIENCE_S = 5.0


class Bench:
    """A gatherer over rows of its own; `handle` is what a test makes of it.

    A command is the number of a row; carrying it out again is a repeat.
    """

    def __init__(self) -> None:
        self.owner = new_id()
        self.batches: list[list[int]] = []
        self.gate = threading.Event()
        self.gate.set()
        self.before: Callable[[psycopg.Connection[Any], Sequence[int]], object] = lambda *_: None

    def handle(self, connection: psycopg.Connection[Any], commands: Sequence[int]) -> list[str]:
        self.batches.append(list(commands))
        self.gate.wait(30)
        self.before(connection, commands)
        outcomes = []
        for number in commands:
            done = connection.execute(
                "INSERT INTO kit_request (owner_id, request_id, digest, status, answer, made_at)"
                " VALUES (%s, %s, ''::bytea, 200, ''::bytea, now()) ON CONFLICT DO NOTHING",
                (self.owner, str(number)),
            )
            outcomes.append("done" if done.rowcount else "repeat")
        return outcomes

    def rows(self) -> list[int]:
        from tessera.kit.connections import connect

        with connect() as connection:
            found = connection.execute(
                "SELECT request_id FROM kit_request WHERE owner_id = %s", (self.owner,)
            )
            return sorted(int(row[0]) for row in found)


@pytest.fixture
def bench(committed: None) -> Bench:
    return Bench()


@pytest.fixture
def make(bench: Bench) -> Iterator[Callable[..., GroupCommit[int, str]]]:
    """Makes gatherers that are stopped after the test."""
    from tessera.kit.connections import connect

    made: list[GroupCommit[int, str]] = []

    def make(**how: Any) -> GroupCommit[int, str]:
        usual: dict[str, Any] = {"connect": connect, "name": "test", "patience_s": PATIENCE_S}
        made.append(GroupCommit(bench.handle, **{**usual, **how}))
        return made[-1]

    yield make
    bench.gate.set()
    for one in made:
        one.stop()


def until(true: Callable[[], bool]) -> None:
    """Wait until something is so."""
    end = time.monotonic() + 10
    while not true():
        assert time.monotonic() < end
        time.sleep(0.002)


def test_what_waits_during_a_batch_is_the_next_batch(bench: Bench, make: Callable[..., Any]) -> None:
    group = make()
    bench.gate.clear()
    first = group.submit([0])
    until(lambda: bench.batches == [[0]])
    rest = [group.submit([number]) for number in range(1, 51)]
    assert group.waiting == 50
    bench.gate.set()
    assert first.result(10) == ["done"]
    assert [future.result(10) for future in rest] == [["done"]] * 50
    assert bench.batches == [[0], list(range(1, 51))]
    assert (group.batches, group.commands, group.waiting) == (2, 51, 0)
    assert bench.rows() == list(range(51))


def test_an_idle_gatherer_waits_for_nobody(bench: Bench, make: Callable[..., Any]) -> None:
    group = make()
    group.submit([0]).result(10)
    began = time.monotonic()
    for number in range(1, 21):
        assert group.submit([number]).result(10) == ["done"]
    assert time.monotonic() - began < 1.0
    assert bench.batches == [[number] for number in range(21)]


def test_a_batch_is_bounded(bench: Bench, make: Callable[..., Any]) -> None:
    group = make(most_at_once=10)
    bench.gate.clear()
    futures = [group.submit([0])]
    until(lambda: len(bench.batches) == 1)
    futures += [group.submit([number]) for number in range(1, 26)]
    futures.append(group.submit(list(range(100, 130))))
    bench.gate.set()
    for future in futures:
        future.result(10)
    assert [len(batch) for batch in bench.batches] == [1, 10, 10, 5, 30]


def test_the_queue_is_bounded(bench: Bench, make: Callable[..., Any]) -> None:
    group = make(most_waiting=3)
    bench.gate.clear()
    first = group.submit([0])
    until(lambda: len(bench.batches) == 1)
    waiting = group.submit([1, 2, 3])
    with pytest.raises(Busy) as refused:
        group.submit([4])
    assert refused.value.details == {"retry_after_s": 1}
    bench.gate.set()
    assert (first.result(10), waiting.result(10)) == (["done"], ["done"] * 3)
    assert bench.rows() == [0, 1, 2, 3]
    assert group.submit([4]).result(10) == ["done"]


def test_an_exception_stays_with_its_command(bench: Bench, make: Callable[..., Any]) -> None:
    group = make()

    def fail(_: Any, commands: Sequence[int]) -> None:
        if {13, 37} & set(commands):
            raise ZeroDivisionError("13 or 37")

    bench.before = fail
    outcomes = group.submit(list(range(50))).result(10)
    assert [number for number, one in enumerate(outcomes) if isinstance(one, ZeroDivisionError)] == [13, 37]
    assert bench.rows() == sorted(set(range(50)) - {13, 37})


def test_a_wrong_number_of_outcomes_is_a_fault(make: Callable[..., Any]) -> None:
    from tessera.kit.connections import connect

    group = GroupCommit(lambda *_: ["one"], connect=connect, name="wrong")
    try:
        outcomes = group.submit([1, 2]).result(10)
    finally:
        group.stop()
    assert outcomes == ["one", "one"]  # in halves, each is right


@pytest.mark.parametrize("fault", [psycopg.errors.SerializationFailure, psycopg.errors.DeadlockDetected])
def test_a_fault_that_passes_is_not_shown(
    bench: Bench, make: Callable[..., Any], fault: type[Exception]
) -> None:
    group = make()
    left = [3]

    def fail(*_: Any) -> None:
        if left[0]:
            left[0] -= 1
            raise fault("later")

    bench.before = fail
    assert group.submit([1, 2]).result(10) == ["done", "done"]
    assert len(bench.batches) == 4
    assert bench.rows() == [1, 2]


def test_a_fault_that_does_not_pass_is_shown(bench: Bench, make: Callable[..., Any]) -> None:
    group = make()

    def fail(*_: Any) -> None:
        raise psycopg.errors.SerializationFailure("always")

    bench.before = fail
    [outcome] = group.submit([1]).result(30)
    assert isinstance(outcome, psycopg.errors.SerializationFailure)
    assert bench.rows() == []


def test_a_database_that_comes_back_is_waited_for(bench: Bench, make: Callable[..., Any]) -> None:
    from tessera.kit.connections import connect

    away_until = time.monotonic() + 0.6

    def connecting() -> Any:
        if time.monotonic() < away_until:
            raise psycopg.OperationalError("connection refused")
        return connect()

    group = make(connect=connecting)
    futures = [group.submit([number]) for number in range(5)]
    assert [future.result(10) for future in futures] == [["done"]] * 5
    assert bench.rows() == [0, 1, 2, 3, 4]


def test_a_database_that_stays_away(bench: Bench, make: Callable[..., Any]) -> None:
    def connecting() -> Any:
        raise psycopg.OperationalError("connection refused")

    group = make(connect=connecting, patience_s=0.3)
    outcomes = group.submit([1, 2]).result(10)
    assert [type(one) for one in outcomes] == [DatabaseAway, DatabaseAway]


def backend_of(connection: psycopg.Connection[Any]) -> int:
    return connection.info.backend_pid


def test_a_killed_connection_has_effect_once(
    bench: Bench, make: Callable[..., Any], owner_connection: psycopg.Connection[Any]
) -> None:
    """The link dies within a batch: it is run again on a new one, and each command takes effect once."""
    group = make()
    killed: list[int] = []

    def kill(connection: psycopg.Connection[Any], _: Sequence[int]) -> None:
        if not killed:
            connection.execute(
                "INSERT INTO kit_request VALUES (%s, 'half', '', 200, '', now())", (bench.owner,)
            )
            killed.append(backend_of(connection))
            owner_connection.execute("SELECT pg_terminate_backend(%s)", (killed[0],))
            until(
                lambda: (
                    not owner_connection.execute(
                        "SELECT 1 FROM pg_stat_activity WHERE pid = %s", (killed[0],)
                    ).fetchone()
                )
            )

    bench.before = kill
    assert group.submit([1, 2, 3]).result(20) == ["done"] * 3
    assert len(bench.batches) == 2
    assert bench.rows() == [1, 2, 3]


def test_a_commit_in_doubt_has_effect_once(bench: Bench, make: Callable[..., Any]) -> None:
    """The commit went through, but its answer was lost: run again, the commands are repeats."""
    from tessera.kit.connections import connect

    class Doubtful:
        def __init__(self, real: psycopg.Connection[Any]) -> None:
            self.real = real

        def __getattr__(self, name: str) -> Any:
            return getattr(self.real, name)

        def commit(self) -> None:
            self.real.commit()
            self.real.close()
            raise psycopg.OperationalError("the connection is lost")

    made: list[int] = []

    def connecting() -> Any:
        made.append(1)
        return Doubtful(connect()) if len(made) == 1 else connect()

    group = make(connect=connecting)
    assert group.submit([1, 2]).result(10) == ["repeat", "repeat"]
    assert bench.rows() == [1, 2]


def test_stop_carries_out_what_waits(bench: Bench, make: Callable[..., Any]) -> None:
    group = make()
    bench.gate.clear()
    futures = [group.submit([number]) for number in range(4)]
    stopping = threading.Thread(target=group.stop)
    stopping.start()
    until(lambda: group._stopping)
    with pytest.raises(Busy):
        group.submit([9])
    bench.gate.set()
    stopping.join(10)
    assert [future.result(0) for future in futures] == [["done"]] * 4
    assert bench.rows() == [0, 1, 2, 3]


def test_loops_and_threads_mixed(bench: Bench, make: Callable[..., Any]) -> None:
    group = make()
    answers: list[Any] = []

    async def many(start: int) -> list[Any]:
        return await asyncio.gather(*(group.run([start + number]) for number in range(40)))

    def loop(start: int) -> None:
        answers.extend(asyncio.run(many(start)))

    def thread(start: int) -> None:
        answers.extend(group.submit([start + number]).result(20) for number in range(40))

    runners = [
        threading.Thread(target=kind, args=(place * 100,))
        for place, kind in enumerate([loop, thread, loop, thread, thread])
    ]
    for one in runners:
        one.start()
    for one in runners:
        one.join(30)
    assert answers == [["done"]] * 200
    assert len(bench.rows()) == 200
    assert group.batches < 200


def test_a_caller_who_left_harms_nobody(bench: Bench, make: Callable[..., Any]) -> None:
    group = make()
    bench.gate.clear()

    async def leave() -> None:
        await asyncio.wait_for(group.run([0]), 0.05)

    with pytest.raises(TimeoutError):
        asyncio.run(leave())
    cancelled = group.submit([1])
    cancelled.cancel()
    stays = group.submit([2])
    bench.gate.set()
    assert stays.result(10) == ["done"]
    assert group.submit([3]).result(10) == ["done"]
    assert bench.rows() == [0, 1, 2, 3]


def test_two_batches_at_once_only_when_many_wait(bench: Bench, make: Callable[..., Any]) -> None:
    group = make(threads=2, most_at_once=32)
    bench.gate.clear()
    futures = [group.submit([0])]
    until(lambda: len(bench.batches) == 1)
    futures += [group.submit([number]) for number in range(1, 16)]
    time.sleep(0.05)
    assert len(bench.batches) == 1
    futures.append(group.submit([16]))
    until(lambda: len(bench.batches) == 2)
    bench.gate.set()
    assert [future.result(10) for future in futures] == [["done"]] * 17
