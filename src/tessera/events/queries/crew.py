"""Who works at an event's door, with which terminals, and what is locked there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from tessera.events.models import Arrival, CrewMember, Event, Guess, Registration, Terminal
from tessera.events.queries.leases import list_leases
from tessera.events.rules.door import GRACE, shown_number
from tessera.kit.errors import NotFound
from tessera.kit.keyed import keyed_digest
from tessera.kit.phones import masked_phone

__all__ = [
    "DoorGuest",
    "Lock",
    "TerminalRow",
    "find_lock",
    "get_crew",
    "list_crew",
    "list_locks",
    "list_terminals",
    "search_guests",
    "works_at_door",
]

MOST_CREW = 500
MOST_LOCKS = 200
_ONLINE_S = 120


@dataclass(frozen=True, slots=True)
class TerminalRow:
    """A terminal with what it holds; `used` and `unused` are numbers of its blocks."""

    terminal: Terminal
    used: int
    unused: int
    online: bool


@dataclass(frozen=True, slots=True)
class Lock:
    """What wrong codes have locked: `kind` "phone", "terminal" or "event".

    `id` names it to who unlocks; `shown` is a masked number, "*1234", the terminal's door, or empty.
    """

    id: str
    kind: str
    subject: str
    shown: str
    wrong: int
    locked_at: datetime
    terminal_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class DoorGuest:
    """A guest as a supervisor sees him: the phone number masked."""

    registration: Registration
    phone: str
    arrival: Arrival | None
    shown: str


def get_crew(event_id: UUID, crew_id: UUID) -> CrewMember:
    """Return the member of the event's crew; refuses `not_found`."""
    found = CrewMember.objects.filter(pk=crew_id, event_id=event_id).first()
    if found is None:
        raise NotFound
    return found


def list_crew(event_id: UUID) -> Sequence[CrewMember]:
    """Return who works at the event's door today, in the order in which they came; at most MOST_CREW."""
    return list(CrewMember.objects.filter(event_id=event_id, until__isnull=True).order_by("id")[:MOST_CREW])


def list_terminals(event_id: UUID, *, now: datetime) -> Sequence[TerminalRow]:
    """Return the event's terminals, those in use first, then the newest; at most MOST_CREW."""
    held: dict[UUID, tuple[int, int]] = {}
    for lease in list_leases(event_id):
        used, unused = held.get(lease.terminal_id, (0, 0))
        held[lease.terminal_id] = (used + len(lease.used), unused + lease.unused)
    terminals = Terminal.objects.filter(event_id=event_id).order_by("revoked_at", "-id")[:MOST_CREW]
    rows = [
        TerminalRow(
            one,
            *held.get(one.id, (0, 0)),
            online=one.seen_at is not None and (now - one.seen_at).total_seconds() < _ONLINE_S,
        )
        for one in terminals
    ]
    return sorted(rows, key=lambda row: row.terminal.revoked_at is not None)


def list_locks(event_id: UUID) -> Sequence[Lock]:
    """Return what is locked at the event, the latest first; at most MOST_LOCKS."""
    rows = Guess.objects.filter(event_id=event_id, locked_at__isnull=False).order_by("-locked_at")[
        :MOST_LOCKS
    ]
    doors = {
        str(pk): door for pk, door in Terminal.objects.filter(event_id=event_id).values_list("id", "door")
    }
    return [_lock(row, doors) for row in rows]


def find_lock(event_id: UUID, lock_id: str) -> Lock | None:
    """Return the lock with this id, or None."""
    return next((lock for lock in list_locks(event_id) if lock.id == lock_id), None)


def _lock(row: Guess, doors: dict[str, str]) -> Lock:
    assert row.locked_at is not None
    way, _, typed = row.subject.partition(":")
    shown = ""
    if row.kind == "phone":
        shown = masked_phone(typed) if way == "phone" else f"*{typed}"
    elif row.kind == "terminal":
        shown = doors.get(row.subject, "")
    known = row.kind == "terminal" and row.subject in doors
    return Lock(
        id=keyed_digest("door lock", str(row.event_id), row.kind, row.subject).hex()[:32],
        kind=row.kind,
        subject=row.subject,
        shown=shown,
        wrong=row.wrong,
        locked_at=row.locked_at,
        terminal_id=UUID(row.subject) if known else None,
    )


def search_guests(event: Event, text: str, *, limit: int = 20) -> Sequence[DoorGuest]:
    """Return guests whose name contains `text`, or whose phone number is or ends in it, by name; at most `limit`."""
    text = text.strip()
    if not text:
        return []
    digits = text.replace(" ", "").replace("-", "")
    wanted = Q(name__icontains=text)
    if digits.removeprefix("+").isdecimal() and len(digits) >= 4:
        wanted |= Q(phone_tail=digits) if len(digits) == 4 else Q(phone__endswith=digits.removeprefix("+"))
    rows = list(Registration.objects.filter(wanted, event_id=event.id).order_by("name", "id")[:limit])
    ids = [row.id for row in rows]
    here = {
        one.registration_id: one for one in Arrival.objects.filter(event_id=event.id, registration_id__in=ids)
    }
    return [_door_guest(row, here.get(row.id), event) for row in rows]


def _door_guest(row: Registration, arrival: Arrival | None, event: Event) -> DoorGuest:
    shown = shown_number(arrival.number, prefix=arrival.prefix, width=event.number_width) if arrival else ""
    return DoorGuest(row, masked_phone(row.phone) if row.phone else "", arrival, shown)


def works_at_door(person_id: UUID, *, now: datetime) -> bool:
    """Say whether the person is on the crew of an event that is not long over."""
    mine = CrewMember.objects.filter(person_id=person_id, until__isnull=True)
    return Event.objects.filter(pk__in=mine.values("event_id"), ends_at__gte=now - GRACE).exists()
