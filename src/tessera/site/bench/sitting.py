"""One sitting: everything is measured one after the other on one server, with pgbench before, in between and after."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from tessera.kit.ids import show_id
from tessera.site.bench.bringing_in import measure_import
from tessera.site.bench.ground import Ground
from tessera.site.bench.growth import measure_growth
from tessera.site.bench.measures import Measure, Target, Yardstick
from tessera.site.bench.pace import Pace
from tessera.site.bench.yardstick import run_pgbench, set_up_pgbench

__all__ = ["Sitting", "sit"]

_MAIN = "tessera"
_MEMORY = Target("MB", 300, at_most=True)
_prefixes = itertools.count(1)


@dataclass(slots=True)
class Sitting:
    """What a sitting found; `profile` is the handler's, where it was asked for."""

    measures: list[Measure] = field(default_factory=list)
    yardstick: Yardstick = field(default_factory=Yardstick)
    faults: list[str] = field(default_factory=list)
    profile: str = ""


def sit(
    ground: Ground,
    pace: Pace,
    *,
    parts: tuple[str, ...],
    file: Path | None,
    profile: bool,
    say: Callable[[str], None],
) -> Sitting:
    """Measure the named parts; `file` is the real retail set for the import, where it is at hand."""
    found = Sitting(faults=ground.faults)

    def note(*measures: Measure) -> None:
        for measure in measures:
            say(f"  {measure.name}: {measure.a_second:,.0f} a second")
            found.measures.append(measure)

    def yardstick() -> None:
        note(run_pgbench(ground, found.yardstick, seconds=pace.pgbench_s))

    say("pgbench ...")
    set_up_pgbench(ground)
    yardstick()
    say(f"Members: {pace.members:,} ...")
    ground.choose(_MAIN)
    [ground.stage] = ground.ask("staging", {"members": pace.members})
    if "growth" in parts:
        ground.copy(_MAIN, "growth")
    if "posting" in parts:
        say("Posting ...")
        note(*_posting(ground, pace))
    if {"purchases", "bulk"} & set(parts):
        say("Purchases over HTTP ...")
        with ground.serving():
            if "purchases" in parts:
                note(*_purchases(ground, pace))
            if "bulk" in parts:
                note(*_bulk(ground, pace))
    yardstick()
    if profile:
        [answer] = ground.ask("handler", {**ground.stage, **_handler(pace), "profile": True})
        found.profile = answer["profile"]
    if "import" in parts:
        say("Import ...")
        note(measure_import(ground, pace, file))
    if "reading" in parts:
        say("Reading ...")
        note(*_reading(ground, pace))
    if "growth" in parts:
        say("Growth ...")
        with _database(ground, "growth"):
            note(*measure_growth(ground, pace, say))
    yardstick()
    for measure in found.measures:
        measure.judge(found.yardstick.median_tps)
    return found


@contextmanager
def _database(ground: Ground, name: str) -> Iterator[None]:
    ground.choose(name)
    try:
        yield
    finally:
        ground.choose(_MAIN)
        ground.drop(name)


def _handler(pace: Pace) -> dict[str, Any]:
    return {"batch": 100, "seconds": pace.run_s, "prefix": f"h{next(_prefixes)}"}


def _posting(ground: Ground, pace: Pace) -> Iterator[Measure]:
    """The posting function: single transfers on 16 connections, batches of 100 on 4, in four processes each."""
    for name, connections, batch, targets in (
        ("posting, single, 16 connections", 4, 1, []),
        ("posting, batches of 100, 4 connections", 1, 100, [Target("ratio", 5)]),
    ):
        asked = {**ground.stage, "connections": connections, "batch": batch}
        ground.checkpoint()
        measure = ground.measure(name, "posting", *[{**asked, "seconds": pace.run_s}] * 4)
        measure.targets = targets
        yield measure


def _purchases(ground: Ground, pace: Pace) -> Iterator[Measure]:
    """Single purchases over HTTP by keep-alive clients."""
    wanted = {
        32: [Target("ratio", 0.8), Target("p95 ms", 50, at_most=True)],
        128: [Target("ratio", 1.2)],
    }
    for clients in pace.clients:
        measure = _over_http(ground, pace, f"purchases over HTTP, {clients} clients", clients, 0)
        measure.targets = [*wanted.get(clients, []), _MEMORY]
        yield measure


def _bulk(ground: Ground, pace: Pace) -> Iterator[Measure]:
    """Bulk purchases over HTTP, a thousand a call."""
    for clients in (1, 4):
        name = f"bulk purchases over HTTP, {clients} client{'s' * (clients > 1)}"
        measure = _over_http(ground, pace, name, clients, 1000)
        measure.targets = [Target("ratio", 3), _MEMORY]
        yield measure


def _over_http(ground: Ground, pace: Pace, name: str, clients: int, items: int) -> Measure:
    asked = {**ground.stage, "port": ground.port, "clients": clients, "items": items}
    ground.checkpoint()
    ground.ask("load", {**asked, "seconds": pace.warm_s, "prefix": f"w{next(_prefixes)}"})
    return ground.measure(name, "load", {**asked, "seconds": pace.run_s, "prefix": f"r{next(_prefixes)}"})


def _reading(ground: Ground, pace: Pace) -> Iterator[Measure]:
    """A member's balance and last 20 entries, with few and with many entries behind it."""
    histories = [_history(ground, place, entries) for place, entries in enumerate(pace.reading_entries)]
    for entries, person in zip(pace.reading_entries, histories, strict=True):
        asked = {"person": person, "merchant": ground.stage["merchant"], "seconds": pace.run_s / 2}
        yield ground.measure(f"balance and 20 entries, query alone, {entries:,} behind", "reading", asked)
    with ground.serving():
        for entries, person in zip(pace.reading_entries, histories, strict=True):
            member = f"/api/v1/members/{show_id('per', UUID(person))}"
            paths = [f"{member}/balances", f"{member}/entries?limit=20"]
            asked = {**ground.stage, "port": ground.port, "clients": 4, "paths": paths}
            ground.ask("load", {**asked, "seconds": pace.warm_s})
            name = f"balance or 20 entries over HTTP, 4 clients, {entries:,} behind"
            yield ground.measure(name, "load", {**asked, "seconds": pace.run_s / 2})


def _history(ground: Ground, place: int, entries: int) -> str:
    """Give one of the members who buy nothing that many entries; return his id."""
    number = ground.stage["members"] + place
    asked = {**ground.stage, "purchases": entries, "first": number, "last": number, "days": 100}
    [answer] = ground.ask("staging", asked)
    return str(answer["person"])
