"""Prints badges: takes a job, makes the printer's words out of the guest's badge, carries them there.

Rendering and sending hold no transaction; a printer that hangs holds up nobody but itself.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from PIL import Image

from tessera.events.actions.printing import Taken, finish_print_job, take_print_job
from tessera.events.badge_layout import arrange
from tessera.events.errors.corrections import NotArrived
from tessera.events.models import Event, Printer
from tessera.events.queries.badges import badge_of, blank_badge, find_arrival
from tessera.events.rules.badges import Badge, design_of
from tessera.kit import clock
from tessera.kit.actors import SYSTEM
from tessera.kit.errors import NotFound
from tessera.kit.print import escpos, tspl, zpl
from tessera.kit.print.bitmap import bitmap_of
from tessera.kit.print.port import PrinterFault, send

__all__ = ["content_for", "dots_for", "print_next"]


@dataclass(frozen=True, slots=True)
class _Tongue:
    """How a language asks a printer for its state, and reads the answer."""

    ask: bytes
    ask_done: bytes
    fault_of_status: Callable[[bytes], str]


_TONGUES = {
    "escpos": _Tongue(escpos.ASK, escpos.ASK_DONE, escpos.fault_of_status),
    "tspl": _Tongue(tspl.ASK, tspl.ASK, tspl.fault_of_status),
    "zpl": _Tongue(zpl.ASK, zpl.ASK, zpl.fault_of_status),
}


def dots_for(event: Event, badge: Badge, printer: Printer) -> Image.Image:
    """Return the badge as the dots that this printer prints: the event's design at the printer's size."""
    label = arrange(design_of(event.badge), badge, width_mm=printer.width_mm, height_mm=printer.height_mm)
    return bitmap_of(label, printer.dots_per_mm)


def content_for(printer: Printer, dots: Image.Image) -> bytes:
    """Return the dots in the printer's language."""
    if printer.language == "tspl":
        return tspl.tspl_of(dots, width_mm=printer.width_mm, height_mm=printer.height_mm)
    return zpl.zpl_of(dots) if printer.language == "zpl" else escpos.escpos_of(dots)


def print_next(
    printer_id: UUID,
    *,
    clocked: Callable[[], datetime] = clock.now,
    let_go: Callable[[], None] = lambda: None,
) -> str | None:
    """Print the next badge of a printer's queue; return what state its job is in then, None where none is due.

    `let_go` is called before the printer is spoken to, which may take long: the caller gives his connection back. A guest whose number was corrected since gets the number that holds; one who is no longer here gets none.
    """
    with transaction.atomic():
        taken = take_print_job(printer_id=printer_id, now=clocked(), actor=SYSTEM)
    if taken is None:
        return None
    fault, final, number = _print(taken, let_go)
    with transaction.atomic():
        return finish_print_job(
            taken=taken, fault=fault, final=final, number=number, now=clocked(), actor=SYSTEM
        )


def _print(taken: Taken, let_go: Callable[[], None]) -> tuple[str, bool, int | None]:
    """Render and send; return the fault ("" for none), whether another attempt is of no use, and the number printed."""
    job, printer = taken.job, taken.printer
    event = Event.objects.get(pk=job.event_id)
    number = None
    if job.registration_id == printer.id:
        badge = blank_badge(event, job.number)
    else:
        try:
            arrival, guest = find_arrival(event.id, job.registration_id)
        except (NotArrived, NotFound):
            return "not_arrived", True, None
        badge = badge_of(event, arrival, name=guest.name, group=guest.group)
        number = arrival.number
    tongue = _TONGUES[printer.language]
    content = content_for(printer, dots_for(event, badge, printer))
    let_go()
    try:
        send(
            printer.host,
            printer.port,
            content,
            ask=tongue.ask,
            ask_done=tongue.ask_done,
            fault_of_status=tongue.fault_of_status,
        )
    except PrinterFault as fault:
        return fault.word, fault.sent or fault.word == "address_forbidden", None
    return "", False, number
