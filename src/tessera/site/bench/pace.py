"""How long a sitting measures, and how much it makes up."""

from dataclasses import dataclass

__all__ = ["FULL", "PARTS", "QUICK", "Pace"]

PARTS = ("posting", "purchases", "bulk", "import", "reading", "events", "growth")
"""What can be named with --only; pgbench always runs, it is the yardstick."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds of each run and of the warming up before it, members, processes that post, and sizes in entries."""

    run_s: float
    warm_s: float
    pgbench_s: int
    members: int
    posting_processes: int
    clients: tuple[int, ...]
    import_events: int | None
    reading_entries: tuple[int, ...]
    growth_entries: tuple[int, ...]
    growth_runs: int
    event_guests: int
    terminals: tuple[int, ...]


QUICK = Pace(
    run_s=1, warm_s=0.3, pgbench_s=2, members=20_000, posting_processes=2, clients=(16, 32, 128, 512), import_events=5_000,
    reading_entries=(1_000, 100_000), growth_entries=(100_000,), growth_runs=1,
    event_guests=2_000, terminals=(16, 32),
)  # fmt: skip
FULL = Pace(
    run_s=15, warm_s=3, pgbench_s=20, members=100_000, posting_processes=4, clients=(16, 32, 128, 512), import_events=None,
    reading_entries=(1_000, 100_000), growth_entries=(100_000, 1_000_000, 10_000_000), growth_runs=3,
    event_guests=20_000, terminals=(16, 32, 128),
)  # fmt: skip
