"""The import, as a person starts it: the real retail set by `tessera replay`, a made-up file by `tessera import`."""

import csv
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

from tessera.kit.ids import show_id
from tessera.site.bench.ground import BenchError, Ground
from tessera.site.bench.measures import Measure, Target
from tessera.site.bench.meters import Meter
from tessera.site.bench.pace import Pace

__all__ = ["measure_import"]

_EVENTS_OF_THE_SET = 396_681
_MADE_UP = 50_000
_LINES_A_RECEIPT = 5


def measure_import(ground: Ground, pace: Pace, file: Path | None) -> Iterator[Measure]:
    """Bring files in and yield the wall clock of each whole command, start-up included; an operation is a line.

    A made-up file, and the real set where it is at hand (in a quick sitting, instead of the made-up one).
    """
    some = pace.import_events
    if file is None or some is None:
        lines = some or _MADE_UP
        merchant = show_id("mer", UUID(ground.stage["merchant"]))
        made_up = str(_made_up(ground, lines))
        yield _timed(
            ground,
            f"import of {lines:,} lines",
            lines,
            "import",
            "purchases",
            made_up,
            "--merchant",
            merchant,
        )
    if file is not None:
        events = some or _EVENTS_OF_THE_SET
        arguments = (
            "replay",
            "online-retail",
            str(file.absolute()),
            *(["--events", str(some)] if some else []),
        )
        measure = _timed(ground, f"replay of {events:,} real events", events, *arguments)
        measure.targets = [] if some else [Target("seconds", 180, at_most=True)]
        yield measure


def _made_up(ground: Ground, lines: int) -> Path:
    path = ground.place / "purchases.csv"
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(("receipt", "date", "sku", "quantity", "amount", "customer number"))
        for n in range(lines):
            receipt = n // _LINES_A_RECEIPT
            member = receipt * 7919 % ground.stage["members"]
            row = (f"C{receipt}", "2025-06-01 12:00:00", f"S{n % 10}", n % 3 + 1, "12.50", f"M{member}")
            writer.writerow(row)
    return path


def _timed(ground: Ground, name: str, events: int, *arguments: str) -> Measure:
    said = ground.place / "said"
    begun = time.perf_counter()
    with said.open("w+", encoding="utf-8") as out, Meter(ground.postmaster, None) as meter:
        process = subprocess.Popen([sys.executable, "-m", "tessera", *arguments], stdout=out, stderr=out)
        _, status, spent = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - begun
    if process.returncode != 0:
        raise BenchError(f"tessera {arguments[0]} failed: {said.read_text(encoding='utf-8')[-500:].strip()}")
    cpu_s = {**meter.cpu_s, "client": spent.ru_utime + spent.ru_stime}
    return Measure(name=name, operations=events, seconds=seconds, cpu_s=cpu_s)
