"""The one place that asks the machine what time it is."""

from datetime import UTC, datetime

__all__ = ["now"]


def now() -> datetime:
    """Return the present moment in UTC. Edges ask; actions and rules are told (`now` is their argument)."""
    return datetime.now(UTC)
