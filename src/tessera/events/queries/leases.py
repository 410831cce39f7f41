"""Blocks of numbers: who holds which, and how much of them is left."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tessera.kit.lent import lent_connection
from tessera.kit.sql import statement

__all__ = ["LeaseRow", "count_unused", "list_leases"]

MOST_LEASES = 1_000


@dataclass(frozen=True, slots=True)
class LeaseRow:
    """A block with the numbers that were given out of it, or are void."""

    first_number: int
    last_number: int
    terminal_id: UUID
    used: Sequence[int]

    @property
    def unused(self) -> int:
        """How many are left."""
        return self.last_number - self.first_number + 1 - len(self.used)


def list_leases(event_id: UUID, terminal_id: UUID | None = None) -> list[LeaseRow]:
    """Return the blocks of the event, or of one of its terminals, by number; at most MOST_LEASES."""
    asked: dict[str, Any] = {"event": event_id, "terminal": terminal_id, "most": MOST_LEASES}
    rows = lent_connection().execute(statement("events", "leases"), asked).fetchall()
    return [LeaseRow(first, last, terminal, used) for first, last, terminal, used in rows]


def count_unused(event_id: UUID, terminal_id: UUID) -> int:
    """Return how many numbers the terminal holds that nobody has and that are not void."""
    return sum(row.unused for row in list_leases(event_id, terminal_id))
