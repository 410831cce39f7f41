"""The platform in figures: counted since a moment, for the operator."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from tessera.kit.sql import statement

__all__ = ["PlatformFigures", "figures_of_platform"]


@dataclass(frozen=True, slots=True)
class PlatformFigures:
    """What happened on the whole platform since a moment; `members` and `merchants` are all there are today."""

    purchases: int
    points: int
    returned_points: int
    registered: int
    members: int
    merchants: int


def figures_of_platform(since: datetime) -> PlatformFigures:
    """Return the platform's figures since `since`; purchases by when they were recorded."""
    with connection.cursor() as cursor:
        cursor.execute(statement("insights", "platform_figures"), {"since": since})
        row = cursor.fetchone()
    return PlatformFigures(*(int(value) for value in row))
