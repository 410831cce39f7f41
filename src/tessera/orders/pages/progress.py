"""How far an import is: lines, share, and the time that is left at the present pace."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from tessera.orders.models import Import

__all__ = ["Progress", "progress_of"]

_STILL = timedelta(seconds=90)
_PAUSE = timedelta(seconds=10)
"""Of an import that has not moved for so long nobody knows when it ends."""


@dataclass(frozen=True, slots=True)
class Progress:
    """`state`: waiting, running, still (it has not moved for a while) or done; seconds left are None where unknown."""

    state: str
    lines: int
    total: int
    percent: int
    left_s: int | None

    @property
    def left_minutes(self) -> int:
        """Whole minutes that are left, rounded up."""
        return -(-(self.left_s or 0) // 60)


def progress_of(row: Import, *, now: datetime) -> Progress:
    """Return how far `row` is at `now`."""
    lines, total = int(row.counts.get("lines", 0)), int(row.counts.get("lines_in_file", 0))
    if row.finished_at is not None:
        return Progress("done", lines, max(total, lines), 100, 0)
    percent = lines * 100 // total if total else 0
    state = "still" if now - row.moved_at > _STILL else "running" if total else "waiting"
    done = lines - int(row.counts.get("lines_before_run", 0))
    seconds = int(now.timestamp()) - int(row.counts.get("run_began_s", 0))
    known = total and done > 0 and seconds > 0 and now - row.moved_at < _PAUSE
    left = (total - lines) * seconds // done if known else None
    return Progress(state, lines, total, percent, left)
