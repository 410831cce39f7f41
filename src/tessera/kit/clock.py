"""The one place that asks the machine what time it is."""

from datetime import UTC, datetime

__all__ = ["EPOCH", "NEVER", "now"]

NEVER = datetime(9999, 1, 1, tzinfo=UTC)
"""A moment that does not come: points that wait for their owner become active then, unless he registers before."""


def now() -> datetime:
    """Return the present moment in UTC. Edges ask; actions and rules are told (`now` is their argument)."""
    return datetime.now(UTC)


EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
"""Before anything that can be recorded: what is effective from here on always was."""
