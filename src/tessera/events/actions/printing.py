"""The print queue: who takes the next badge of a printer, and what became of it.

A printer's jobs go one after another, in the order in which they were asked for. Whoever takes one marks it "sent" before
the first byte leaves; if he dies, another takes it again when its time is over, and the badge may be printed twice: a
number on paper twice is seen and thrown away, one that is missing keeps a guest waiting.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from tessera.events.models import Printer, PrintJob
from tessera.events.rules.badges import MOST_ATTEMPTS, next_pause_s
from tessera.events.rules.door import event_topic
from tessera.kit.actors import Actor
from tessera.kit.live import tell_live

__all__ = ["SENDING_FOR", "Taken", "finish_print_job", "take_print_job"]

SENDING_FOR = timedelta(seconds=90)
"""Longer than any printer may take (kit.print.port); then whoever sent the job is taken for dead."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A job that the caller is to print now, and where."""

    job: PrintJob
    printer: Printer


def take_print_job(*, printer_id: UUID, now: datetime, actor: Actor) -> Taken | None:
    """Take the first job of the printer's queue and mark it as sent; None where none is due or another takes it now."""
    printer = Printer.objects.select_for_update(skip_locked=True, no_key=True).filter(pk=printer_id).first()
    if printer is None:
        return None
    waiting = PrintJob.objects.filter(printer_id=printer_id, state__in=["queued", "sent"])
    if printer.removed_at is not None:
        waiting.update(state="failed", fault="printer_gone", finished_at=now)
        tell_live(event_topic(printer.event_id), "badges")
        return None
    job = waiting.order_by("asked_at", "number", "id").first()
    if job is None or job.due_at > now:
        return None
    if job.attempts >= MOST_ATTEMPTS:  # whoever tried it last died of it, or with it
        _update(job, state="failed", fault=job.fault or "stopped", finished_at=now)
        return None
    _update(job, state="sent", sent_at=now, due_at=now + SENDING_FOR, attempts=job.attempts + 1)
    return Taken(job, printer)


def finish_print_job(
    *, taken: Taken, fault: str, final: bool = False, number: int | None = None, now: datetime, actor: Actor
) -> str:
    """Write down what became of a job that was taken; return its state.

    No `fault`: printed, with `number` where the guest's had changed. A fault: it waits for its next attempt, or has failed
    after the last one or where another cannot help (`final`). A job that another has taken meanwhile is left alone.
    """
    job = taken.job
    mine = PrintJob.objects.filter(event_id=job.event_id, id=job.id, state="sent", attempts=job.attempts)
    pause_s = next_pause_s(job.attempts)
    if not fault:
        said = {
            "state": "printed",
            "fault": "",
            "finished_at": now,
            "number": job.number if number is None else number,
        }
    elif final or pause_s is None:
        said = {"state": "failed", "fault": fault, "finished_at": now}
    else:
        said = {"state": "queued", "fault": fault, "due_at": now + timedelta(seconds=pause_s)}
    mine.update(**said)
    tell_live(event_topic(job.event_id), "badges")
    return str(said["state"])


def _update(job: PrintJob, **said: object) -> None:
    for name, value in said.items():
        setattr(job, name, value)
    PrintJob.objects.filter(event_id=job.event_id, id=job.id).update(**said)
    tell_live(event_topic(job.event_id), "badges")
