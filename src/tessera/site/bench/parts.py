"""What is measured: posting, purchases over HTTP one by one and in bulk, reading."""

import itertools
from collections.abc import Iterator, Sequence
from uuid import UUID

from tessera.kit.ids import show_id
from tessera.site.bench.ground import Ground
from tessera.site.bench.measures import Measure, Target
from tessera.site.bench.pace import Pace

__all__ = ["measure_bulk", "measure_posting", "measure_purchases", "measure_reading"]

_MEMORY = Target("MB", 300, at_most=True)
_prefixes = itertools.count(1)


def measure_posting(ground: Ground, pace: Pace) -> Iterator[Measure]:
    """The posting function, from several processes: single transfers on 16 connections, batches of 100 on 4."""
    for name, connections, batch, targets in (
        ("posting, single, 16 connections", 16, 1, []),
        ("posting, batches of 100, 4 connections", 4, 100, [Target("ratio", 5)]),
    ):
        asked = {**ground.stage, "batch": batch, "seconds": pace.run_s}
        each = connections // pace.posting_processes
        ground.checkpoint()
        measure = ground.measure(name, "posting", *[{**asked, "connections": each}] * pace.posting_processes)
        measure.targets = targets
        yield measure


def measure_purchases(ground: Ground, pace: Pace) -> Iterator[Measure]:
    """Single purchases over HTTP by keep-alive clients."""
    wanted = {
        32: [Target("ratio", 0.8), Target("p95 ms", 50, at_most=True)],
        128: [Target("ratio", 1.2)],
    }
    with ground.serving():
        for clients in pace.clients:
            measure = _over_http(ground, pace, f"purchases over HTTP, {clients} clients", clients, 0)
            measure.targets = [*wanted.get(clients, []), _MEMORY]
            yield measure


def measure_bulk(ground: Ground, pace: Pace) -> Iterator[Measure]:
    """Bulk purchases over HTTP, a thousand a call."""
    with ground.serving():
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


def measure_reading(ground: Ground, pace: Pace) -> Iterator[Measure]:
    """A member's balance and last 20 entries, with few and with many entries behind it."""
    histories = _histories(ground, pace.reading_entries)
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


def _histories(ground: Ground, lengths: Sequence[int]) -> list[str]:
    """Give members who buy nothing so many entries each; return their ids."""
    first = ground.stage["members"]
    wanted = [
        {"purchases": entries, "first": first + place, "last": first + place, "days": 100}
        for place, entries in enumerate(lengths)
    ]
    [answer] = ground.ask("staging", {**ground.stage, "fills": wanted})
    return list(answer["persons"])
