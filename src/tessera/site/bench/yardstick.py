"""The yardstick: PostgreSQL's own TPC-B-like benchmark on the same server, in the same sitting."""

import re
import secrets
import time

from tessera.site.bench.ground import BenchError, Ground
from tessera.site.bench.measures import Measure, Yardstick
from tessera.site.bench.meters import Meter, children_cpu_s
from tessera.site.postgres_tools import run_tool

__all__ = ["run_pgbench", "set_up_pgbench"]

_DATABASE = "pgbench"
SCALE, CLIENTS, THREADS = 10, 16, 2


def set_up_pgbench(ground: Ground) -> None:
    """Make pgbench's tables: scale 10, a million accounts."""
    ground.copy("template0", _DATABASE)
    run_tool(ground.postgres.bin_dir / "pgbench", "-i", "-q", "-s", str(SCALE), *_place(ground))


def run_pgbench(ground: Ground, yardstick: Yardstick, *, seconds: int) -> Measure:
    """Run it once more with 16 clients, note its transactions per second, return it as a measure among the others."""
    ground.checkpoint()
    log = ground.place / f"pgbench-{secrets.token_hex(4)}"
    log.mkdir()
    spent = children_cpu_s()
    begun = time.perf_counter()
    with Meter(ground.postmaster, None) as meter:
        said = run_tool(
            ground.postgres.bin_dir / "pgbench", "-c", str(CLIENTS), "-j", str(THREADS), "-T", str(seconds),
            "-l", f"--log-prefix={log}/run", *_place(ground),
        )  # fmt: skip
    found = re.search(r"tps = ([0-9.]+)", said)
    if found is None:
        raise BenchError(f"pgbench said nothing of tps: {said[-200:]}")
    yardstick.tps.append(float(found[1]))
    latencies = [
        int(line.split(maxsplit=3)[2]) * 1000
        for file in log.iterdir()
        for line in file.open(encoding="ascii")
    ]
    return Measure(
        name=f"pgbench, {CLIENTS} clients ({len(yardstick.tps)})",
        operations=len(latencies),
        seconds=min(len(latencies) / float(found[1]), time.perf_counter() - begun),
        latencies_ns=latencies,
        cpu_s={**meter.cpu_s, "client": children_cpu_s() - spent},
    )


def _place(ground: Ground) -> tuple[str, ...]:
    return ("-h", str(ground.postgres.socket_dir), "-U", "postgres", _DATABASE)
