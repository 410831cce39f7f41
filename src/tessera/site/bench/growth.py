"""The growth curve: time per purchase while the ledger grows to ten million entries."""

import shutil
from collections.abc import Callable, Iterator
from typing import Any

from tessera.site.bench.ground import BenchError, Ground
from tessera.site.bench.measures import Measure, Target
from tessera.site.bench.pace import Pace

__all__ = ["measure_growth"]

_BYTES_AN_ENTRY = 2_000
_DAYS = 1_000
_MOST_SLOWER = 1.2


def measure_growth(ground: Ground, pace: Pace, say: Callable[[str], None]) -> Iterator[Measure]:
    """Fill the chosen database to each size and measure purchases through the handler and over HTTP there.

    The median of several runs counts. The last size may take at most 1.2 times as long as the first.
    """
    needed = max(pace.growth_entries) * _BYTES_AN_ENTRY
    if shutil.disk_usage(ground.place).free < needed:
        raise BenchError(
            f"The growth curve needs {needed / 1e9:.0f} GB of free space in {ground.place.parent}."
        )
    firsts: dict[str, Measure] = {}
    written = 0
    for step, entries in enumerate(pace.growth_entries):
        say(f"  filling to {entries:,} entries")
        asked = {
            "purchases": entries // 2 - written,
            "first": 0,
            "last": pace.members - 1,
            "days": _DAYS - step,
        }
        ground.ask("staging", {**ground.stage, "fills": [asked]})
        written = entries // 2
        for measure in _at_this_size(ground, pace, entries):
            way = measure.name.partition(" at ")[0]
            first = firsts.setdefault(way, measure)
            if first is not measure:
                measure.compared = measure.us_each / first.us_each
                last = entries == pace.growth_entries[-1]
                measure.targets = [Target("x first", _MOST_SLOWER, at_most=True)] if last else []
            yield measure


def _at_this_size(ground: Ground, pace: Pace, entries: int) -> Iterator[Measure]:
    asked: dict[str, Any] = {**ground.stage, "batch": 100, "seconds": pace.run_s}
    runs = [
        ground.measure(
            f"handler, 100 at once, at {entries:,} entries", "handler", {**asked, "prefix": f"g{entries}-{n}"}
        )
        for n in range(pace.growth_runs)
    ]
    yield _middle(runs)
    with ground.serving():
        asked = {**ground.stage, "port": ground.port, "clients": 32, "items": 0}
        ground.ask("load", {**asked, "seconds": pace.warm_s, "prefix": f"gw{entries}"})
        name = f"purchases over HTTP, 32 clients, at {entries:,} entries"
        runs = [
            ground.measure(name, "load", {**asked, "seconds": pace.run_s, "prefix": f"gh{entries}-{n}"})
            for n in range(pace.growth_runs)
        ]
    yield _middle(runs)


def _middle(runs: list[Measure]) -> Measure:
    return sorted(runs, key=lambda run: run.us_each)[len(runs) // 2]
