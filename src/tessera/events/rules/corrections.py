"""Which number a correction may give, and what the run goes on with (spec/events.md, steps 6 and 10)."""

from collections.abc import Collection
from dataclasses import dataclass

__all__ = ["LONGEST_REASON", "MOST_NUMBER", "RUN_AFTER_BLOCKS", "Run", "next_of_run", "standing_of_number"]

MOST_NUMBER = 99_999_999
LONGEST_REASON = 300
RUN_AFTER_BLOCKS = 1_000
"""How many numbers the run takes behind the blocks when its own are used up, as check_in_v1.sql does."""


@dataclass(frozen=True, slots=True)
class Run:
    """Where an event's numbers stand (Numbering): the next one, the run's end, and the first that nobody holds."""

    next_number: int
    run_end: int
    next_block: int


def next_of_run(run: Run, set_aside: Collection[int]) -> tuple[int, Run]:
    """Return the next number that the run gives, passing over those set aside, and the run behind it."""
    following, end, block = run.next_number, run.run_end, run.next_block
    while True:
        if following >= end:
            following, end = block, block + RUN_AFTER_BLOCKS
            block = end
        number, following = following, following + 1
        if number not in set_aside:
            return number, Run(following, end, block)


def standing_of_number(
    number: int,
    *,
    own: int,
    first: int,
    run_end: int,
    taken: Collection[int],
    void: Collection[int],
    leases: Collection[tuple[int, int]],
) -> str:
    """Return whether a correction may give `number`: "free", or why not: "own", "taken", "void", "leased", "outside".

    `leases`: first and last numbers of terminals' blocks. Numbers from `run_end` on belong to blocks yet to come.
    """
    if number == own:
        return "own"
    if number in taken:
        return "taken"
    if number in void:
        return "void"
    if any(begin <= number <= end for begin, end in leases):
        return "leased"
    return "free" if first <= number < run_end else "outside"
