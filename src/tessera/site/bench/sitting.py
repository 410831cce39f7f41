"""One sitting: everything is measured one after the other on one server, with pgbench before, in between and after."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tessera.site.bench.bringing_in import measure_import
from tessera.site.bench.events import measure_events
from tessera.site.bench.ground import BenchError, Ground
from tessera.site.bench.growth import measure_growth
from tessera.site.bench.measures import Measure, Yardstick
from tessera.site.bench.pace import Pace
from tessera.site.bench.parts import (
    measure_bulk,
    measure_posting,
    measure_purchases,
    measure_reading,
)
from tessera.site.bench.yardstick import run_pgbench, set_up_pgbench

__all__ = ["Sitting", "sit"]

_MAIN, _GROWING = "tessera", "growth"


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

    def note(measures: Iterable[Measure]) -> None:
        for measure in measures:
            say(f"  {measure.name}: {measure.a_second:,.0f} a second")
            found.measures.append(measure)

    def yardstick() -> None:
        note([run_pgbench(ground, found.yardstick, seconds=pace.pgbench_s)])

    set_up_pgbench(ground)
    say("The yardstick ...")
    yardstick()
    say(f"{pace.members:,} members ...")
    ground.choose(_MAIN)
    [ground.stage] = ground.ask("staging", {"members": pace.members})
    ground.copy(_MAIN, _GROWING)
    for number, (name, measures) in enumerate(_ways(ground, pace, parts, file, say)):
        if number == len(parts) // 2:
            yardstick()
        say(f"{name.capitalize()} ...")
        try:
            note(measures)
        except BenchError as error:  # the other parts of a long sitting are still worth having
            say(f"  {error}")
            found.faults.append(f"{name}: {error}")
    if profile:
        say("Profile ...")
        asked = {"batch": 100, "seconds": pace.run_s, "prefix": "profile", "profile": True}
        [answer] = ground.ask("handler", {**ground.stage, **asked})
        found.profile = answer["profile"]
    yardstick()
    for measure in found.measures:
        measure.judge(found.yardstick.median_tps)
    return found


def _ways(
    ground: Ground, pace: Pace, parts: tuple[str, ...], file: Path | None, say: Callable[[str], None]
) -> Iterator[tuple[str, Iterable[Measure]]]:
    """Yield each part that is wanted, by name, in the order of a sitting; nothing is measured before it is read."""
    known: dict[str, Callable[[], Iterator[Measure]]] = {
        "posting": lambda: measure_posting(ground, pace),
        "purchases": lambda: measure_purchases(ground, pace),
        "bulk": lambda: measure_bulk(ground, pace),
        "import": lambda: measure_import(ground, pace, file),
        "reading": lambda: measure_reading(ground, pace),
        "events": lambda: measure_events(ground, pace),
        "growth": lambda: _growth(ground, pace, say),
    }
    for name, measure in known.items():
        if name in parts:
            yield name, measure()


def _growth(ground: Ground, pace: Pace, say: Callable[[str], None]) -> Iterator[Measure]:
    """Let a database grow that holds the stage and nothing else, then give its space back."""
    ground.choose(_GROWING)
    try:
        yield from measure_growth(ground, pace, say)
    finally:
        ground.choose(_MAIN)
        ground.drop(_GROWING)
