"""One thing done again and again, each time measured."""

import time
from collections.abc import Callable
from typing import Any

__all__ = ["again"]

_WARM = 20


def again(do: Callable[[], None], seconds: float) -> Callable[[], dict[str, Any]]:
    """Warm up, and return the run: `do` again and again for `seconds`, answered as a worker answers."""
    for _ in range(_WARM):
        do()

    def run() -> dict[str, Any]:
        latencies: list[int] = []
        begun = time.perf_counter()
        while time.perf_counter() < begun + seconds:
            before = time.perf_counter_ns()
            do()
            latencies.append(time.perf_counter_ns() - before)
        return {
            "operations": len(latencies),
            "seconds": time.perf_counter() - begun,
            "latencies_ns": latencies,
        }

    return run
