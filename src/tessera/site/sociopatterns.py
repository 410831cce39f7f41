"""The SFHH conference of 2009: 403 badge wearers, when each was first seen, and who met whom (SocioPatterns, CC0)."""

import csv
import gzip
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path

__all__ = ["BEGIN", "Meeting", "Slot", "moment_of", "read_meetings", "read_slots"]

BEGIN = datetime(2009, 6, 3, 22, tzinfo=UTC)
"""Midnight before the first day, in Nice."""


@dataclass(frozen=True, slots=True)
class Slot:
    """Twenty seconds in which these persons were first seen, in no order among themselves; the numbers they may get."""

    second: int
    persons: Sequence[str]
    numbers: range


@dataclass(frozen=True, slots=True)
class Meeting:
    """Two persons face to face from one second to another."""

    begins: int
    ends: int
    one: str
    other: str


def moment_of(second: int) -> datetime:
    """Return the moment that the set's clock calls `second`."""
    return BEGIN + timedelta(seconds=second)


def read_slots(folder: Path) -> list[Slot]:
    """Return who came when, in order. Raises OSError and ValueError when the file is not there or not as it should be."""
    with (folder / "expected_arrivals.csv").open(encoding="utf-8", newline="") as lines:
        rows = [(int(row["first_seen_s"]), row["person"]) for row in csv.DictReader(lines)]
    slots, given = [], 0
    for second, group in groupby(rows, key=lambda row: row[0]):
        persons = [person for _, person in group]
        slots.append(Slot(second, persons, range(given + 1, given + 1 + len(persons))))
        given += len(persons)
    return slots


def read_meetings(folder: Path) -> list[Meeting]:
    """Return the meetings in order of their beginning; raises as `read_slots`."""
    with gzip.open(folder / "expected_contact_runs.csv.gz", "rt", encoding="utf-8", newline="") as lines:
        return [
            Meeting(int(row["start_s"]), int(row["end_s"]), row["person_a"], row["person_b"])
            for row in csv.DictReader(lines)
        ]
