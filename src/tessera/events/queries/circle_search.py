"""Finding guests of one circle: by number, by its beginning, by words (spec/events.md, step 8)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import Q

from tessera.events.models import Arrival
from tessera.events.rules.circle import NumberAsked, number_ranges
from tessera.events.rules.words import asked_words

__all__ = ["Found", "find_by_beginning", "find_by_words", "look_up_number"]

_STATEMENT = "SELECT person_id, number, prefix, fits, score FROM events_find_in_circle_v1(%s, %s::text[], %s::int[], %s::text[], %s::text[], %s::uuid[], %s)"


@dataclass(frozen=True, slots=True)
class Found:
    """A guest who was found; `fits` of `asked`: how much of what was asked for he has."""

    person_id: UUID
    number: int
    prefix: str
    arrived_at: datetime | None = None
    fits: int = 1
    asked: int = 1


def look_up_number(event_id: UUID, number: int, *, hidden: Collection[UUID] = ()) -> Found | None:
    """Return the guest with this number, or None; `hidden`: persons who are not found."""
    row = (
        Arrival.objects.filter(event_id=event_id, number=number)
        .values_list("person_id", "number", "prefix", "arrived_at")
        .first()
    )
    return Found(*row) if row is not None and row[0] not in hidden else None


def find_by_beginning(
    event_id: UUID, asked: NumberAsked, *, width: int, limit: int, hidden: Collection[UUID] = ()
) -> list[Found]:
    """Return up to `limit` guests whose number is `asked` or begins so, the exact one first, then by number."""
    exact = Q(number=asked.number)
    begins = exact
    for first, last in number_ranges(asked.digits, width=width):
        begins |= Q(number__range=(first, last))
    rows = Arrival.objects.filter(begins, event_id=event_id)
    if asked.prefix is not None:
        rows = rows.filter(prefix__iexact=asked.prefix)
    if hidden:
        rows = rows.exclude(person_id__in=hidden)
    ordered = rows.order_by("number").values_list("person_id", "number", "prefix", "arrived_at")[:limit]
    return sorted((Found(*row) for row in ordered), key=lambda one: one.number != asked.number)


def find_by_words(event_id: UUID, text: str, limit: int, *, hidden: Collection[UUID] = ()) -> Sequence[Found]:
    """Return up to `limit` guests whom the words fit, the best first; nobody for a text that says nothing.

    The words are those that guests show to the whole circle: appearance, interests, name (actions.circle).
    """
    asked = asked_words(event_id, text)
    for groups in (asked.groups, asked.looser):
        found = _found(event_id, groups, asked.pairs, asked.bonus, limit, hidden)
        if found:
            return found
    return []


def _found(
    event_id: UUID,
    groups: Sequence[Sequence[str]],
    pairs: Sequence[str],
    bonus: Sequence[str],
    limit: int,
    hidden: Collection[UUID],
) -> list[Found]:
    if not groups:
        return []
    numbered = [(token, number) for number, group in enumerate(groups, 1) for token in group]
    with connection.cursor() as cursor:
        cursor.execute(
            _STATEMENT,
            [
                event_id,
                [token for token, _ in numbered],
                [number for _, number in numbered],
                list(pairs),
                list(bonus),
                list(hidden),
                limit,
            ],
        )
        return [
            Found(person_id, number, prefix, fits=fits, asked=len(groups))
            for person_id, number, prefix, fits, _ in cursor.fetchall()
        ]
