"""Badges to print, their jobs and printers, as they stand."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Q

from tessera.events.errors.corrections import NotArrived
from tessera.events.models import Arrival, Event, Printer, PrintJob, Registration, Terminal
from tessera.events.rules.badges import STATES, Badge
from tessera.events.rules.door import shown_number
from tessera.kit.errors import CursorInvalid, NotFound
from tessera.kit.ids import show_id
from tessera.kit.paging import Page, page_of, position_of

__all__ = [
    "JobRow", "PrinterRow", "arrived_badges", "badge_of", "blank_badge", "count_arrived", "count_print_jobs", "due_printers",
    "find_arrival", "get_print_job", "get_printer", "last_job_of", "list_print_jobs", "list_printers",
]  # fmt: skip

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class JobRow:
    """A print job with what a person knows it by; `trial`: a trial print."""

    job: PrintJob
    printer: Printer | None
    shown: str
    name: str
    trial: bool


@dataclass(frozen=True, slots=True)
class PrinterRow:
    """A printer, how many badges wait for it, how many failed, what it last complained of, and the terminals bound to it."""

    printer: Printer
    waiting: int
    failed: int
    fault: str
    terminals: Sequence[Terminal]


def badge_of(event: Event, arrival: Arrival, *, name: str, group: str) -> Badge:
    """Return what the badge of an arrived guest says."""
    shown = shown_number(arrival.number, prefix=arrival.prefix, width=event.number_width)
    return Badge(shown, name, group, event.title, _address(event, arrival.number))


def blank_badge(event: Event, number: int, *, prefix: str = "") -> Badge:
    """Return a badge with a number and nobody's name, to be printed before the doors open."""
    shown = shown_number(number, prefix=prefix, width=event.number_width)
    return Badge(shown, title=event.title, address=_address(event, number))


def _address(event: Event, number: int) -> str:
    origin = settings.TESSERA_ADDRESS.rstrip("/") or str(event.badge.get("origin", ""))
    return f"{origin}/circle/{show_id('evt', event.id)}/{number}" if origin else ""


def find_arrival(event_id: UUID, registration_id: UUID) -> tuple[Arrival, Registration]:
    """Return a guest's arrival and registration; refuses `not_found`, and `not_arrived` before the arrival."""
    guest = Registration.objects.filter(event_id=event_id, id=registration_id).first()
    if guest is None:
        raise NotFound
    arrival = Arrival.objects.filter(event_id=event_id, registration_id=registration_id).first()
    if arrival is None:
        raise NotArrived
    return arrival, guest


def _arrived(event_id: UUID, numbers: Sequence[tuple[int, int]] | None) -> Q:
    meant = Q(event_id=event_id)
    if numbers is not None:
        wanted = Q(pk__in=[])
        for first, last in numbers:
            wanted |= Q(number__range=(first, last))
        meant &= wanted
    return meant


def count_arrived(event_id: UUID, numbers: Sequence[tuple[int, int]] | None = None) -> int:
    """Return how many guests have arrived, or those of them with such numbers (first, last)."""
    return Arrival.objects.filter(_arrived(event_id, numbers)).count()


def arrived_badges(
    event: Event, *, numbers: Sequence[tuple[int, int]] | None, start: int, limit: int
) -> Iterator[Badge]:
    """Yield the badges of arrived guests by number, without the first `start`, at most `limit`."""
    rows = Arrival.objects.filter(_arrived(event.id, numbers)).order_by("number")
    for first in range(start, start + limit, _AT_ONCE):
        batch = list(rows[first : min(first + _AT_ONCE, start + limit)])
        ids = [arrival.registration_id for arrival in batch]
        said = Registration.objects.filter(event_id=event.id, id__in=ids).values_list("id", "name", "group")
        known = {guest: (name, group) for guest, name, group in said}
        for arrival in batch:
            name, group = known.get(arrival.registration_id, ("", ""))
            yield badge_of(event, arrival, name=name, group=group)
        if len(batch) < _AT_ONCE:
            return


def list_print_jobs(
    event_id: UUID,
    *,
    state: str = "",
    printer_id: UUID | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[JobRow]:
    """Return an event's print jobs, the latest first; refuses `cursor_invalid`."""
    rows = PrintJob.objects.filter(event_id=event_id)
    if state in STATES:
        rows = rows.filter(state=state)
    if printer_id is not None:
        rows = rows.filter(printer_id=printer_id)
    if (position := position_of(cursor)) is not None:
        last = PrintJob.objects.filter(event_id=event_id, id=position).first()
        if last is None:
            raise CursorInvalid
        rows = rows.filter(Q(asked_at__lt=last.asked_at) | Q(asked_at=last.asked_at, id__lt=last.id))
    found = list(rows.order_by("-asked_at", "-id")[: limit + 1])
    return page_of(_rows(event_id, found), limit=limit, key=lambda row: row.job.id)


def _rows(event_id: UUID, jobs: Sequence[PrintJob]) -> list[JobRow]:
    guests = [job.registration_id for job in jobs]
    width = Event.objects.values_list("number_width", flat=True).get(pk=event_id)
    names = dict(Registration.objects.filter(event_id=event_id, id__in=guests).values_list("id", "name"))
    prefixes = dict(
        Arrival.objects.filter(event_id=event_id, registration_id__in=guests).values_list(
            "registration_id", "prefix"
        )
    )
    printers = Printer.objects.in_bulk({job.printer_id for job in jobs})
    return [
        JobRow(
            job,
            printers.get(job.printer_id),
            shown_number(job.number, prefix=prefixes.get(job.registration_id, ""), width=width),
            names.get(job.registration_id, ""),
            job.registration_id == job.printer_id,
        )
        for job in jobs
    ]


def count_print_jobs(event_id: UUID) -> Mapping[str, int]:
    """Return how many of an event's jobs are in each state."""
    rows = PrintJob.objects.filter(event_id=event_id).values_list("state").annotate(count=Count("*"))
    return {**dict.fromkeys(STATES, 0), **dict(rows)}


def get_print_job(event_id: UUID, job_id: UUID) -> PrintJob:
    """Return the job; refuses `not_found`."""
    job = PrintJob.objects.filter(event_id=event_id, id=job_id).first()
    if job is None:
        raise NotFound
    return job


def last_job_of(event_id: UUID, registration_id: UUID) -> JobRow | None:
    """Return the latest print job of a guest, if there is one."""
    jobs = PrintJob.objects.filter(event_id=event_id, registration_id=registration_id).order_by(
        "-asked_at", "-id"
    )
    return next(iter(_rows(event_id, list(jobs[:1]))), None)


def get_printer(event_id: UUID, printer_id: UUID) -> Printer:
    """Return a printer of the event, also one that was removed; refuses `not_found`."""
    printer = Printer.objects.filter(event_id=event_id, pk=printer_id).first()
    if printer is None:
        raise NotFound
    return printer


def list_printers(event_id: UUID) -> Sequence[PrinterRow]:
    """Return an event's printers by name, without those removed."""
    printers = Printer.objects.filter(event_id=event_id, removed_at__isnull=True).order_by("name", "id")[:100]
    counted = (
        PrintJob.objects.filter(event_id=event_id, state__in=["queued", "sent", "failed"])
        .values_list("printer_id")
        .annotate(
            waiting=Count("printer_id", filter=~Q(state="failed")),
            failed=Count("printer_id", filter=Q(state="failed")),
        )
    )
    counts = {printer: (waiting, failed) for printer, waiting, failed in counted}
    bound = Terminal.objects.filter(event_id=event_id, printer_id__isnull=False, revoked_at__isnull=True)
    terminals = list(bound.order_by("door", "id")[:500])
    return [
        PrinterRow(
            printer,
            *counts.get(printer.id, (0, 0)),
            _fault_of(event_id, printer.id),
            [one for one in terminals if one.printer_id == printer.id],
        )
        for printer in printers
    ]


def _fault_of(event_id: UUID, printer_id: UUID) -> str:
    """Return what the job at the head of the printer's queue waits for."""
    waiting = PrintJob.objects.filter(printer_id=printer_id, event_id=event_id, state__in=["queued", "sent"])
    head = waiting.order_by("asked_at", "number", "id").values_list("fault", flat=True).first()
    return head or ""


def due_printers(*, now: datetime) -> Sequence[UUID]:
    """Return the printers, of all events, at which the first job in the queue is due; a browser prints by itself."""
    heads = """
        SELECT p.id FROM events_printer p
        CROSS JOIN LATERAL (
            SELECT j.due_at FROM events_print_job j
            WHERE j.printer_id = p.id AND j.state IN ('queued', 'sent')
            ORDER BY j.asked_at, j.number, j.id LIMIT 1 OFFSET 0
        ) AS head
        WHERE p.language <> 'browser' AND head.due_at <= %s
        ORDER BY p.id LIMIT 500
    """
    return [printer.id for printer in Printer.objects.raw(heads, [now])]
