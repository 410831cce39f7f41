"""What was measured, and what should be reached."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

__all__ = ["Measure", "Target", "Yardstick", "quantile_ms"]


@dataclass(frozen=True, slots=True)
class Target:
    """A bound on one figure: "ratio at least 0.8", "p95_ms below 50"."""

    figure: str
    bound: float
    at_most: bool = False
    found: float | None = None

    @property
    def reached(self) -> bool | None:
        """Whether the bound holds; None where the figure is not known."""
        if self.found is None:
            return None
        return self.found <= self.bound if self.at_most else self.found >= self.bound

    def __str__(self) -> str:
        return f"{self.figure} {'<=' if self.at_most else '>='} {self.bound:g}"


@dataclass(slots=True)
class Measure:
    """One figure of the sitting: operations in seconds of wall clock, latencies of calls, processor time by who used it.

    `cpu_s` has "postgresql", "server" and "client"; `peak_bytes` is the resident memory of the largest web process.
    """

    name: str
    operations: int
    seconds: float
    latencies_ns: Sequence[int] = ()
    cpu_s: dict[str, float] = field(default_factory=dict)
    peak_bytes: int = 0
    targets: list[Target] = field(default_factory=list)
    ratio: float | None = None
    compared: float | None = None

    @property
    def a_second(self) -> float:
        """Operations per second."""
        return self.operations / self.seconds if self.seconds else 0.0

    @property
    def us_each(self) -> float:
        """Microseconds of wall clock per operation."""
        return self.seconds / self.operations * 1e6 if self.operations else 0.0

    def judge(self, yardstick_tps: float) -> None:
        """Set the ratio to the yardstick and see whether the targets are reached."""
        self.ratio = self.a_second / yardstick_tps if yardstick_tps else None
        self.targets = [
            Target(target.figure, target.bound, target.at_most, self._figure(target.figure))
            for target in self.targets
        ]

    def _figure(self, name: str) -> float | None:
        known = {
            "ratio": self.ratio,
            "p95 ms": quantile_ms(self.latencies_ns, 95),
            "seconds": self.seconds,
            "MB": self.peak_bytes / 1e6 if self.peak_bytes else None,
            "x first": self.compared,
        }
        return known[name]

    def as_json(self) -> dict[str, Any]:
        """Return plain JSON values: milliseconds, microseconds per operation, megabytes."""
        shown = {f"p{percent}_ms": quantile_ms(self.latencies_ns, percent) for percent in (50, 95, 99)}
        return {
            "name": self.name,
            "operations": self.operations,
            "seconds": round(self.seconds, 3),
            "ops_per_s": round(self.a_second, 1),
            **{name: value and round(value, 3) for name, value in shown.items()},
            "cpu_us_per_op": {
                who: round(spent / self.operations * 1e6, 1)
                for who, spent in self.cpu_s.items()
                if self.operations
            },
            "peak_mb": round(self.peak_bytes / 1e6, 1) or None,
            "ratio": self.ratio and round(self.ratio, 3),
            "compared": self.compared and round(self.compared, 3),
            "targets": [
                {"target": str(t), "found": t.found and round(t.found, 3), "reached": t.reached}
                for t in self.targets
            ],
        }


@dataclass(slots=True)
class Yardstick:
    """pgbench's transactions per second, one figure for each time it ran in this sitting."""

    tps: list[float] = field(default_factory=list)

    @property
    def median_tps(self) -> float:
        """The figure to which all others are compared."""
        return median(self.tps) if self.tps else 0.0


def quantile_ms(latencies_ns: Sequence[int], percent: int) -> float | None:
    """Return the latency in milliseconds that `percent` of the calls did not exceed; None without calls."""
    if not latencies_ns:
        return None
    ordered = sorted(latencies_ns)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)] / 1e6
