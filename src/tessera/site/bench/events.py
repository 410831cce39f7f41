"""What is measured of events: check-ins one by one and from a queue, finding a guest in the circle."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import psycopg

from tessera.kit.ids import parse_id
from tessera.site.bench.ground import Ground
from tessera.site.bench.measures import Measure, Target
from tessera.site.bench.pace import Pace

__all__ = ["measure_events"]

_MEMORY = Target("MB", 300, at_most=True)
_QUEUE = 1_000
_QUEUES = 5
_WANTED = {
    16: [Target("p95 ms", 50, at_most=True)],
    32: [Target("ratio", 0.8), Target("p95 ms", 50, at_most=True)],
}


def measure_events(ground: Ground, pace: Pace) -> Iterator[Measure]:
    """Check-ins over HTTP by as many terminals, queues of a thousand, look-ups among as many guests."""
    guests = pace.event_guests
    wanted = {f"door{terminals}": guests for terminals in pace.terminals}
    queues = {f"queue{n}": _QUEUE for n in range(_QUEUES)}
    asked = {**ground.stage, "terminals": max(pace.terminals), "events": {"warm": 2_000, **wanted, **queues}}
    [staged] = ground.ask("event_staging", asked)
    with ground.serving():
        ground.ask("load", _arrivals(ground, staged["warm"], 16))
        for terminals in pace.terminals:
            event = staged[f"door{terminals}"]
            ground.checkpoint()
            name = f"check-ins over HTTP, {terminals} terminals, {guests:,} guests"
            measure = ground.measure(name, "load", _arrivals(ground, event, terminals))
            measure.targets = [*_WANTED.get(terminals, []), _MEMORY]
            ground.faults += [f"{name}: {fault}" for fault in _numbers(ground, event, 1)]
            yield measure
        yield _queues(ground, [staged[tag] for tag in queues])
    yield from _look_ups(ground, pace, staged[f"door{pace.terminals[0]}"])


def _arrivals(ground: Ground, event: dict[str, Any], terminals: int) -> dict[str, Any]:
    return {
        **ground.stage,
        "port": ground.port,
        "clients": terminals,
        "seconds": 600,
        "most": event["guests"],
        "arrivals": {**event, "credentials": event["credentials"][:terminals]},
    }


def _queues(ground: Ground, events: list[dict[str, Any]]) -> Measure:
    """Queues of a thousand arrivals that terminals recorded by themselves, one upload after another."""
    ground.checkpoint()
    asked = {
        **ground.stage,
        "port": ground.port,
        "clients": 1,
        "seconds": 600,
        "most": len(events),
        "items": _QUEUE,
        "queues": events,
    }
    name = f"uploaded queue of {_QUEUE:,} arrivals"
    measure = ground.measure(name, "load", asked)
    measure.targets = [Target("p95 ms", 1_000, at_most=True), _MEMORY]
    for event in events:
        ground.faults += [f"{name}: {fault}" for fault in _numbers(ground, event, event["leases"][0])]
    return measure


def _numbers(ground: Ground, event: dict[str, Any], first: int) -> Iterator[str]:
    """Say what is wrong where the numbers are not first, first + 1, ... each exactly once."""
    with psycopg.connect(ground.postgres.url("postgres", "tessera")) as connection:
        row = connection.execute(
            "SELECT count(*), count(DISTINCT number), min(number), max(number) FROM events_arrival WHERE event_id = %s",
            [parse_id("evt", event["event"])],
        ).fetchone()
    guests = event["guests"]
    if row != (guests, guests, first, first + guests - 1):
        yield f"numbers are not {first} to {first + guests - 1} each once: {row}"


def _look_ups(ground: Ground, pace: Pace, event: dict[str, Any]) -> Iterator[Measure]:
    """Finding a guest by number and by words of appearance, through the queries alone."""
    asked = {"event": str(UUID(int=parse_id("evt", event["event"]).int)), "seconds": pace.run_s / 2}
    ground.ask("circle", {**asked, "fill": event["guests"]})
    for kind, bound in (("number", 5), ("words", 20)):
        name = f"a guest found by {kind} among {event['guests']:,}, query alone"
        measure = ground.measure(name, "circle", {**asked, "kind": kind})
        measure.targets = [Target("p95 ms", bound, at_most=True)]
        yield measure
