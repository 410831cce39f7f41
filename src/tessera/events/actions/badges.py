"""How badges look and what is printed again. What the door prints by itself is asked for in the check-in's own statement."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from tessera.events.errors.badges import BadgeSizeInvalid, BadgeTermsInvalid, PrinterGone, PrintJobNotFailed
from tessera.events.models import Event, Printer, PrintJob
from tessera.events.queries.badges import find_arrival, get_print_job, get_printer
from tessera.events.rules.badges import NUMBER_SIZES, SHOWS, BadgeDesign, is_possible_size, terms_of
from tessera.events.rules.door import event_topic
from tessera.kit.actors import Actor
from tessera.kit.ids import new_id
from tessera.kit.live import tell_live

__all__ = ["ask_for_badge", "note_browser_print", "retry_print_jobs", "set_badge"]


def set_badge(*, event_id: UUID, design: BadgeDesign, origin: str = "", now: datetime, actor: Actor) -> Event:
    """Set how the event's badges look; `origin` (https://host) is what their QR codes begin with where no setting says it.

    Refuses `badge_size_invalid`, `badge_terms_invalid`.
    """
    if not is_possible_size(design.width_mm, design.height_mm):
        raise BadgeSizeInvalid
    unknown: Collection[str] = design.shows - set(SHOWS)
    if unknown or design.number not in NUMBER_SIZES:
        raise BadgeTermsInvalid(given=min(unknown, default=design.number))
    event = Event.objects.select_for_update().get(pk=event_id)
    kept = origin or str(event.badge.get("origin", ""))
    event.badge = {**event.badge, **terms_of(design), **({"origin": kept} if kept else {})}
    event.changed_at = now
    event.save(update_fields=["badge", "changed_at"])
    tell_live(event_topic(event_id), "badges")
    return event


def ask_for_badge(
    *, event_id: UUID, registration_id: UUID, printer_id: UUID, reason: str, now: datetime, actor: Actor
) -> PrintJob:
    """Put an arrived guest's badge into a printer's queue, with the reason of a reprint (spec/events.md, step 7).

    Refuses `not_found`, `not_arrived`, `printer_gone`.
    """
    arrival, _ = find_arrival(event_id, registration_id)
    printer = get_printer(event_id, printer_id)
    if printer.removed_at is not None:
        raise PrinterGone
    job = PrintJob.objects.create(
        event_id=event_id,
        id=new_id(),
        registration_id=registration_id,
        printer_id=printer_id,
        number=arrival.number,
        reason=reason,
        asked_at=now,
        asked_by=actor.name,
        due_at=now,
    )
    tell_live(event_topic(event_id), "badges")
    return job


def retry_print_jobs(
    *, event_id: UUID, job_id: UUID | None = None, printer_id: UUID | None = None, now: datetime, actor: Actor
) -> int:
    """Put a job that failed back into its queue, or all that failed at a printer; return how many.

    Refuses `not_found`, `print_job_not_failed` for a single one in another state, `printer_gone`.
    """
    failed = PrintJob.objects.filter(event_id=event_id, state="failed")
    if job_id is not None:
        printer_id = get_print_job(event_id, job_id).printer_id
        failed = failed.filter(id=job_id)
    assert printer_id is not None, "a job or a printer is named"
    if get_printer(event_id, printer_id).removed_at is not None:
        raise PrinterGone
    count = failed.filter(printer_id=printer_id).update(
        state="queued", due_at=now, attempts=0, fault="", sent_at=None, finished_at=None
    )
    if job_id is not None and not count:
        raise PrintJobNotFailed
    tell_live(event_topic(event_id), "badges")
    return count


def note_browser_print(*, event_id: UUID, registration_id: UUID, now: datetime, actor: Actor) -> int:
    """Note that a browser has printed the guest's badge: its waiting jobs for browsers are done; return how many.

    Refuses `not_found`, `not_arrived`.
    """
    arrival, _ = find_arrival(event_id, registration_id)
    waiting = PrintJob.objects.filter(event_id=event_id, registration_id=registration_id, state="queued")
    browsers = Printer.objects.filter(event_id=event_id, language="browser").values_list("id", flat=True)
    count = waiting.filter(printer_id__in=list(browsers)).update(
        state="printed", number=arrival.number, sent_at=now, finished_at=now, attempts=1
    )
    if count:
        tell_live(event_topic(event_id), "badges")
    return count
