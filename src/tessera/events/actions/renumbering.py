"""Numbers change hands: under the event's numbering, as the door gives them (spec/events.md, steps 6 and 10).

Locks: events_numbering of the event first, as check-ins do; then events_correction and events_arrival, whose numbers only
holders of the numbering change.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Case, Value, When

from tessera.events.actions.jotter import settle_mutual
from tessera.events.errors.corrections import (
    NotArrived,
    NumberIsOwn,
    NumberLeased,
    NumberOutOfRange,
    NumberTaken,
    NumberVoid,
)
from tessera.events.models import (
    Arrival,
    Event,
    Lease,
    Numbering,
    NumberSetAside,
    Printer,
    PrintJob,
    Terminal,
)
from tessera.events.rules.corrections import Run, next_of_run, standing_of_number
from tessera.events.rules.door import event_topic, shown_number
from tessera.kit.actors import Actor
from tessera.kit.errors import NotFound
from tessera.kit.ids import new_id, show_id
from tessera.kit.live import person_topic, tell_live
from tessera.notices.actions.inbox import send_notice

__all__ = ["Numbers", "lock_numbers", "tell_corrected"]


@dataclass(frozen=True, slots=True)
class Numbers:
    """An event's numbers, held until the transaction ends: nobody else gives, voids or changes one meanwhile."""

    event: Event
    numbering: Numbering

    def arrival_of(self, registration_id: UUID) -> Arrival:
        """Return the guest's arrival; refuses `not_arrived`."""
        found = Arrival.objects.filter(event_id=self.event.id, registration_id=registration_id).first()
        if found is None:
            raise NotArrived
        return found

    def find_holder(self, number: int) -> Arrival | None:
        """Return who has `number`, or None."""
        return Arrival.objects.filter(event_id=self.event.id, number=number).first()

    def checked(self, number: int, *, own: int) -> int:
        """Return `number` if a correction may give it to the guest who has `own`.

        Refuses `number_is_own`, `number_taken`, `number_void`, `number_leased` and `number_out_of_range`.
        """
        event_id, run = self.event.id, self.numbering
        aside = NumberSetAside.objects.filter(event_id=event_id, number=number)
        lease = Lease.objects.filter(
            event_id=event_id, first_number__lte=number, last_number__gte=number
        ).first()
        standing = standing_of_number(
            number,
            own=own,
            first=self.event.number_start,
            run_end=run.run_end,
            taken=[number] if self.find_holder(number) else [],
            void=[number] if aside.exists() else [],
            leases=[(lease.first_number, lease.last_number)] if lease else [],
        )
        if standing == "leased":
            assert lease is not None
            doors = Terminal.objects.filter(pk=lease.terminal_id).values_list("door", flat=True)
            raise NumberLeased(number=number, door=doors.first() or "")
        if standing == "outside":
            raise NumberOutOfRange(first=self.event.number_start, last=run.run_end - 1)
        if standing != "free":
            raise {"own": NumberIsOwn, "taken": NumberTaken, "void": NumberVoid}[standing](number=number)
        return number

    def next_number(self) -> int:
        """Take the next number of the run."""
        run = self.numbering
        aside = NumberSetAside.objects.filter(event_id=self.event.id, number__gte=run.next_number)
        number, after = next_of_run(
            Run(run.next_number, run.run_end, run.next_block), set(aside.values_list("number", flat=True))
        )
        run.next_number, run.run_end, run.next_block = after.next_number, after.run_end, after.next_block
        run.save(update_fields=["next_number", "run_end", "next_block"])
        return number

    def give(self, arrival: Arrival, number: int, *, now: datetime, actor: Actor) -> None:
        """Give the guest a free number; a run that has not come so far will pass it over."""
        if number >= self.numbering.next_number:
            self.set_aside(number, "out_of_turn", arrival.registration_id, now=now, actor=actor)
        Arrival.objects.filter(event_id=self.event.id, registration_id=arrival.registration_id).update(
            number=number, corrected=True
        )

    def swap(self, one: Arrival, other: Arrival) -> None:
        """Let two guests change numbers, in one statement: a number is unique at the end of each."""
        Arrival.objects.filter(
            event_id=self.event.id, registration_id__in=[one.registration_id, other.registration_id]
        ).update(
            number=Case(
                When(registration_id=one.registration_id, then=Value(other.number)), default=Value(one.number)
            ),
            corrected=True,
        )

    def set_aside(
        self, number: int, kind: str, registration_id: UUID, *, now: datetime, actor: Actor
    ) -> None:
        """Note that the run must not give `number`: it is "void", or was given "out_of_turn"."""
        NumberSetAside.objects.update_or_create(
            event_id=self.event.id,
            number=number,
            defaults={"kind": kind, "registration_id": registration_id, "at": now, "actor": actor.name},
        )


def lock_numbers(event_id: UUID) -> Numbers:
    """Hold the event's numbers in the caller's transaction; refuses `not_found`."""
    numbering = Numbering.objects.select_for_update().filter(pk=event_id).first()
    if numbering is None:
        raise NotFound
    return Numbers(Event.objects.get(pk=event_id), numbering)


def tell_corrected(
    *, event_id: UUID, registration_ids: Collection[UUID], now: datetime, actor: Actor
) -> None:
    """Tell the guests whose number has changed, let their badges be printed anew, and every open page turn."""
    event = Event.objects.get(pk=event_id)
    arrivals = Arrival.objects.filter(event_id=event_id, registration_id__in=registration_ids)
    for arrival in arrivals.order_by("registration_id"):
        send_notice(
            person_id=arrival.person_id,
            kind="events",
            template="number_corrected",
            context={
                "title": event.title,
                "event_id": show_id("evt", event_id),
                "number": shown_number(arrival.number, prefix=arrival.prefix, width=event.number_width),
            },
            now=now,
            actor=actor,
        )
        for word in ("correction", "arrival", "circle"):
            tell_live(person_topic(arrival.person_id), word)
        settle_mutual(event_id=event_id, person_id=arrival.person_id, now=now, actor=actor)
        _print_anew(arrival, now=now, actor=actor)
    for word in ("corrections", "arrivals"):
        tell_live(event_topic(event_id), word)


def _print_anew(arrival: Arrival, *, now: datetime, actor: Actor) -> None:
    """Queue a badge with the new number where the old one came from, if that printer is still there."""
    terminals = Terminal.objects.filter(event_id=arrival.event_id, id__in=[arrival.terminal_id])
    jobs = PrintJob.objects.filter(event_id=arrival.event_id, registration_id=arrival.registration_id)
    wanted = [
        terminals.values_list("printer_id", flat=True).first() if arrival.terminal_id else None,
        jobs.order_by("-id").values_list("printer_id", flat=True).first(),
    ]
    known = set(
        Printer.objects.filter(
            event_id=arrival.event_id,
            pk__in=[one for one in wanted if one],
            removed_at__isnull=True,
        ).values_list("pk", flat=True)
    )
    printer_id = next((one for one in wanted if one in known), None)
    if printer_id is None:
        return
    PrintJob.objects.create(
        event_id=arrival.event_id,
        id=new_id(),
        registration_id=arrival.registration_id,
        printer_id=printer_id,
        number=arrival.number,
        reason="corrected",
        asked_at=now,
        asked_by=actor.name,
        due_at=now,
    )
    tell_live(event_topic(arrival.event_id), "badges")
