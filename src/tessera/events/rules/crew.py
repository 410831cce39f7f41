"""What crew and terminals may do, and for how long (spec/events.md, step 5 and Offline door; docs/decisions/0018)."""

from datetime import datetime, timedelta

from tessera.events.rules.door import GRACE

__all__ = [
    "CHANGES_OVERLAP",
    "LAST_UPLOAD",
    "MOST_IN_ROSTER_PAGE",
    "MOST_TERMINALS",
    "MOST_UNUSED_NUMBERS",
    "MOST_WALK_INS",
    "ROLES",
    "may_take_numbers",
    "terminal_is_done",
]

ROLES = ("crew", "supervisor")

MOST_TERMINALS = 10
"""Of one person at one event."""

MOST_UNUSED_NUMBERS = 200
"""That one terminal holds: what is lost from the block's range with a lost terminal."""

MOST_WALK_INS = 250
"""In one call."""

MOST_IN_ROSTER_PAGE = 2_000
CHANGES_OVERLAP = timedelta(seconds=10)
"""A change becomes visible up to so long after the moment it carries: what changed is asked for from that much earlier."""

LAST_UPLOAD = timedelta(days=7)
"""How long after the end a terminal that may still hold arrivals can bring them."""


def may_take_numbers(*, unused: int, wanted: int) -> bool:
    """Say whether a terminal with `unused` numbers may lease `wanted` more."""
    return unused + wanted <= MOST_UNUSED_NUMBERS


def terminal_is_done(
    *, now: datetime, ends_at: datetime, seen_at: datetime | None, waiting: int | None, has_lease: bool
) -> bool:
    """Say whether a terminal of an event that ended has nothing more to bring, so that its credential can go.

    After the grace: without a lease it cannot have given a number; seen after the end with nothing waiting it has brought
    all. Any other one may come late, out of a drawer with an empty battery, until LAST_UPLOAD.
    """
    if now <= ends_at + GRACE:
        return False
    if now > ends_at + LAST_UPLOAD or not has_lease:
        return True
    return seen_at is not None and seen_at > ends_at and waiting == 0
