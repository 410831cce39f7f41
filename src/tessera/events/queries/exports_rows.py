"""Rows of an event to take away: read in parts, however many there are, so that nothing is held open meanwhile."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tessera.events.models import Arrival, Correction, Decision, Question, Registration, UndoneArrival

__all__ = ["DoorEntry", "GuestRow", "iter_arrivals", "iter_door_log", "iter_guests", "list_asked"]

_PART = 1_000


@dataclass(frozen=True, slots=True)
class GuestRow:
    """A registration, its arrival if there is one, and the reason of the last decision about it."""

    registration: Registration
    arrival: Arrival | None
    reason: str


@dataclass(frozen=True, slots=True)
class DoorEntry:
    """What did not go straight at the door: `what` is "undone", "second_door", or a correction's state.

    `number` is the one that was; `new_number` the one that became of it, where there is one.
    """

    at: datetime
    what: str
    name: str
    number: int
    new_number: int | None
    door: str
    reason: str
    actor: str


def list_asked(event_id: UUID) -> Sequence[Question]:
    """Return an event's questions in their order, those that were retired last."""
    found = list(Question.objects.filter(event_id=event_id).order_by("position", "id"))
    return sorted(found, key=lambda one: one.retired_at is not None)


def iter_guests(event_id: UUID) -> Iterator[GuestRow]:
    """Give every registration of an event, the earliest first."""
    last: UUID | None = None
    while True:
        found = Registration.objects.filter(event_id=event_id)
        if last is not None:
            found = found.filter(id__gt=last)
        part = list(found.order_by("id")[:_PART])
        if not part:
            return
        ids = [one.id for one in part]
        of_part: dict[str, Any] = {"event_id": event_id, "registration_id__in": ids}
        here = {one.registration_id: one for one in Arrival.objects.filter(**of_part)}
        why = dict(Decision.objects.filter(**of_part).order_by("id").values_list("registration_id", "reason"))
        for one in part:
            yield GuestRow(one, here.get(one.id), why.get(one.id, ""))
        last = ids[-1]


def iter_arrivals(event_id: UUID) -> Iterator[tuple[Arrival, str, str]]:
    """Give every arrival in its order, with the guest's name and group."""
    found = Arrival.objects.filter(event_id=event_id).order_by("arrived_at", "number")
    order = list(found.values_list("registration_id", flat=True))
    for begin in range(0, len(order), _PART):
        ids = order[begin : begin + _PART]
        here = {
            one.registration_id: one
            for one in Arrival.objects.filter(event_id=event_id, registration_id__in=ids)
        }
        names = _names(event_id, ids)
        for id_ in ids:
            if id_ in here:
                yield (here[id_], *names.get(id_, ("", "")))


def iter_door_log(event_id: UUID) -> Iterator[DoorEntry]:
    """Give what did not go straight: undone arrivals, second doors with their void numbers, corrections; in order of time."""
    undone = list(UndoneArrival.objects.filter(event_id=event_id))
    corrections = list(Correction.objects.filter(event_id=event_id))
    ids = {one.registration_id for one in undone} | {one.registration_id for one in corrections}
    names = _names(event_id, sorted(ids))
    entries = [
        DoorEntry(
            one.at, one.why, names.get(one.registration_id, ("", ""))[0], one.number, None, one.door, one.reason, one.actor
        )
        for one in undone
    ] + [
        DoorEntry(
            one.decided_at or one.asked_at,
            one.state,
            names.get(one.registration_id, ("", ""))[0],
            one.number,
            one.new_number,
            "",
            " / ".join(part for part in (one.reason, one.decision_reason) if part),
            one.decided_by,
        )
        for one in corrections
    ]  # fmt: skip
    yield from sorted(entries, key=lambda one: one.at)


def _names(event_id: UUID, ids: Sequence[UUID]) -> dict[UUID, tuple[str, str]]:
    found: dict[UUID, tuple[str, str]] = {}
    for begin in range(0, len(ids), _PART):
        part = ids[begin : begin + _PART]
        rows = Registration.objects.filter(event_id=event_id, id__in=part)
        found |= {id_: (name, group) for id_, name, group in rows.values_list("id", "name", "group")}
    return found
