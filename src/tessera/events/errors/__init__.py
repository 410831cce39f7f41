"""Every way this room says no, a file for each step; all are loaded together, so that their codes stay unique."""

from tessera.events.errors import (
    badges,
    circle,
    corrections,
    crew,
    door,
    publishing,
    registering,
)

__all__ = [
    "badges",
    "circle",
    "corrections",
    "crew",
    "door",
    "publishing",
    "registering",
]
