"""Purchases straight into the handler behind all doors, in batches on one connection: no HTTP, no gathering."""

import cProfile
import io
import itertools
import pstats
import random
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any
from uuid import UUID

import psycopg

__all__ = ["prepare"]

_TOP = 25


def prepare(asked: dict[str, Any]) -> Callable[[], dict[str, Any]]:
    """Return the run: batches of `batch` purchases for `seconds`; with `profile`, also where the time went."""
    from tessera.site.command import prepare_django

    prepare_django()
    from tessera.kit.connections import connect
    from tessera.orders.actions.receipts import handle_receipts

    connection = connect()
    number = itertools.count()
    chance = random.Random(asked["prefix"])  # noqa: S311 - a load is repeatable, not secret

    def batch() -> list[Any]:
        return [
            _purchase(asked, next(number), chance.randrange(asked["members"])) for _ in range(asked["batch"])
        ]

    for _ in range(7):  # psycopg prepares a statement at its sixth use
        _record(connection, handle_receipts, batch())

    def run() -> dict[str, Any]:
        statements: dict[str, list[int]] = {}
        profile = cProfile.Profile() if asked.get("profile") else None
        watched: Any = _Watched(connection, statements) if profile else connection
        measured: AbstractContextManager[object] = profile or nullcontext()
        latencies: list[int] = []
        begun = time.perf_counter()
        while time.perf_counter() < begun + asked["seconds"]:
            commands = batch()
            before = time.perf_counter_ns()
            with measured:
                _record(watched, handle_receipts, commands)
            latencies.append(time.perf_counter_ns() - before)
        purchases = len(latencies) * asked["batch"]
        return {
            "operations": purchases,
            "seconds": sum(latencies) / 1e9,
            "latencies_ns": latencies,
            "profile": _shown(profile, statements, purchases) if profile else "",
        }

    return run


def _purchase(asked: dict[str, Any], number: int, member: int) -> Any:
    from tessera.orders.rules import RecordPurchase, SoldLine

    return RecordPurchase(
        UUID(asked["merchant"]), f"{asked['prefix']}-{number}", ("number", f"M{member}"),
        (SoldLine(f"S{number % 10}", 2, 2500),), "bench", "api",
    )  # fmt: skip


def _record(
    connection: Any, handle: Callable[[Any, Sequence[Any]], Sequence[Any]], commands: Sequence[Any]
) -> None:
    from tessera.kit.refusals import Refusal

    outcomes = handle(connection, commands)
    connection.commit()
    refused = [outcome for outcome in outcomes if isinstance(outcome, Refusal)]
    if refused:
        raise RuntimeError(f"a purchase was refused: {refused[0]}")


class _Watched:
    """A connection that notes how long each statement takes, by the purpose that its file states.

    Pipelines are taken apart: their statements go one by one, or none could be told from the others.
    """

    def __init__(self, connection: psycopg.Connection[Any], statements: dict[str, list[int]]) -> None:
        self._connection, self._statements = connection, statements

    def execute(self, query: Any, *arguments: Any, **named: Any) -> Any:
        before = time.perf_counter_ns()
        cursor = self._connection.execute(query, *arguments, **named)
        first = str(query).strip().splitlines()[0].removeprefix("-- Purpose: ")
        self._statements.setdefault(first[:70], []).append(time.perf_counter_ns() - before)
        return cursor

    def pipeline(self) -> AbstractContextManager[None]:
        return nullcontext()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def commit(self) -> None:
        before = time.perf_counter_ns()
        self._connection.commit()
        self._statements.setdefault("COMMIT", []).append(time.perf_counter_ns() - before)


def _shown(profile: cProfile.Profile, statements: dict[str, list[int]], purchases: int) -> str:
    text = io.StringIO()
    stats = pstats.Stats(profile, stream=text)
    stats.strip_dirs().sort_stats("tottime").print_stats(_TOP)
    lines = ["Statements, microseconds per purchase (calls):"]
    for name, spent in sorted(statements.items(), key=lambda one: -sum(one[1])):
        lines.append(f"  {sum(spent) / 1000 / purchases:9.1f}  ({len(spent)})  {name}")
    return "\n".join([*lines, "", "Functions, by own time:", text.getvalue().strip()])
