"""How arrivals are drawn over time, and when a terminal counts as away (spec/events.md, step 11)."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

__all__ = [
    "AWAY_AFTER",
    "LATELY",
    "MOST_STEPS",
    "STEPS_MIN",
    "percent_of",
    "step_of",
    "steps_between",
]

LATELY = timedelta(minutes=10)
"""What the board calls the last minutes."""

AWAY_AFTER = timedelta(minutes=3)
"""A terminal asks for news every half minute; one that has not asked for so long is without a network, or switched off."""

STEPS_MIN = (1, 2, 5, 10, 15, 30, 60, 120, 360, 1440, 10_080)
MOST_STEPS = 60
"""Bars of the chart of arrivals: more are not told apart."""


def step_of(first: datetime, last: datetime) -> int:
    """Return how many minutes a bar stands for, so that there are at most MOST_STEPS from `first` to `last`."""
    minutes = (last - first).total_seconds() / 60
    return next((step for step in STEPS_MIN if minutes < step * (MOST_STEPS - 1)), STEPS_MIN[-1])


def steps_between(counts: Mapping[datetime, int], step_min: int) -> Sequence[tuple[datetime, int]]:
    """Return every step from the first to the last that has arrivals, those without any too."""
    if not counts:
        return []
    step, at, last = timedelta(minutes=step_min), min(counts), max(counts)
    found: list[tuple[datetime, int]] = []
    while at <= last and len(found) <= MOST_STEPS:
        found.append((at.astimezone(UTC), counts.get(at, 0)))
        at += step
    return found


def percent_of(part: int, whole: int) -> int:
    """Return a share in whole per cent, rounded down, so that 100 means all; 0 of nothing."""
    return part * 100 // whole if whole else 0
