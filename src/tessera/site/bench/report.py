"""What a sitting found, as a table for people and as JSON for machines."""

import os
import platform
from pathlib import Path
from typing import Any

import psutil
from rich.console import Console
from rich.table import Table
from rich.text import Text

from tessera import __version__
from tessera.kit import clock
from tessera.site.bench.measures import Measure, Target, quantile_ms
from tessera.site.bench.sitting import Sitting

__all__ = ["as_json", "show"]

_NOTHING = "-"


def _machine() -> dict[str, Any]:
    names = Path("/proc/cpuinfo")
    models = [
        line.partition(":")[2].strip()
        for line in (names.read_text(encoding="utf-8").splitlines() if names.exists() else ())
        if line.startswith("model name")
    ]
    return {
        "processor": models[0] if models else platform.processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 1e9, 1),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "load_average": [round(one, 2) for one in psutil.getloadavg()],
    }


def as_json(found: Sitting, *, quick: bool) -> dict[str, Any]:
    """Return everything as plain JSON values."""
    return {
        "tessera": __version__,
        "taken_at": clock.now().isoformat(timespec="seconds"),
        "quick": quick,
        "machine": _machine(),
        "pgbench_tps": {
            "runs": [round(tps, 1) for tps in found.yardstick.tps],
            "median": found.yardstick.median_tps,
        },
        "measures": [measure.as_json() for measure in found.measures],
        "missed": [
            f"{measure.name}: {target}"
            for measure in found.measures
            for target in measure.targets
            if target.reached is False
        ],
        "faults": found.faults,
    }


def show(found: Sitting, console: Console) -> None:
    """Print the table, what was missed, and what went wrong."""
    machine = _machine()
    console.print(
        f"{machine['processor']}, {machine['cores']} cores, {machine['memory_gb']} GB, {machine['system']}; "
        f"pgbench {found.yardstick.median_tps:,.0f} tps (median of {len(found.yardstick.tps)})",
        highlight=False,
    )
    table = Table(
        caption="CPU in microseconds per operation: PostgreSQL, server, client. MB: largest web process."
    )
    table.add_column("measured", overflow="fold")
    for heading in (
        "ops/s",
        "p50 ms",
        "p95 ms",
        "p99 ms",
        "CPU pg",
        "srv",
        "cli",
        "MB",
        "x pgbench",
        "us each",
    ):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("targets", overflow="fold")
    for measure in found.measures:
        table.add_row(*_row(measure))
    console.print(table)
    for fault in found.faults:
        console.print(Text(f"FAULT  {fault}", style="bold red"))
    if found.profile:
        console.print(Text(found.profile))


def _row(measure: Measure) -> list[str | Text]:
    times = [_number(quantile_ms(measure.latencies_ns, percent), 2) for percent in (50, 95, 99)]
    each = measure.operations or 1
    cpu = [
        _number(measure.cpu_s[who] / each * 1e6 if who in measure.cpu_s else None, 0)
        for who in ("postgresql", "server", "client")
    ]
    return [
        measure.name,
        f"{measure.a_second:,.0f}",
        *times,
        *cpu,
        _number(measure.peak_bytes / 1e6 if measure.peak_bytes else None, 0),
        _number(measure.ratio, 2),
        _number(measure.us_each, 0),
        Text("\n").join(_judged(target) for target in measure.targets),
    ]


def _judged(target: Target) -> Text:
    found = f"{target.found:.3g}" if target.found is not None else "?"
    if target.reached:
        return Text(f"{target}: {found} reached", style="green")
    return Text(f"{target}: {found} MISSED", style="bold red")


def _number(value: float | None, places: int) -> str:
    return _NOTHING if value is None else f"{value:,.{places}f}"
