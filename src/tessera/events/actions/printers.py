"""Printers of an event: added, tried, bound to terminals, removed."""

from datetime import datetime
from uuid import UUID

from tessera.events.errors.badges import (
    BadgeSizeInvalid,
    PrinterAddressForbidden,
    PrinterGone,
    PrintersTooMany,
)
from tessera.events.models import Event, Printer, PrintJob, Terminal
from tessera.events.queries.badges import get_printer
from tessera.events.rules.badges import LANGUAGES, is_possible_size
from tessera.events.rules.door import event_topic
from tessera.events.terminals import forget_terminals
from tessera.kit.actors import Actor
from tessera.kit.errors import NotFound, RequestInvalid
from tessera.kit.ids import new_id
from tessera.kit.live import tell_live
from tessera.kit.print.port import host_is_forbidden, port_is_allowed

__all__ = ["add_printer", "bind_terminal", "print_trial", "remove_printer"]

MOST_PRINTERS = 50
_DENSITIES = range(6, 25)


def add_printer(
    *,
    event_id: UUID,
    name: str,
    language: str,
    host: str = "",
    port: int = 9100,
    width_mm: int,
    height_mm: int,
    dots_per_mm: int = 8,
    origin: str = "",
    now: datetime,
    actor: Actor,
) -> Printer:
    """Add a printer; `language`: "escpos", "tspl", "zpl", or "browser" where the terminal prints by itself.

    `origin` (https://host): what QR codes begin with where nothing has said it yet. Refuses `badge_size_invalid`,
    `printer_address_forbidden` (of a name only the connection can tell), `printers_too_many`, `request_invalid`.
    """
    if language not in LANGUAGES or dots_per_mm not in _DENSITIES:
        raise RequestInvalid(reason="language, dots_per_mm")
    if not is_possible_size(width_mm, height_mm):
        raise BadgeSizeInvalid
    if language != "browser" and (not host or host_is_forbidden(host) or not port_is_allowed(port)):
        raise PrinterAddressForbidden(host=host or "?", port=port)
    event = Event.objects.select_for_update().get(pk=event_id)
    if Printer.objects.filter(event_id=event_id, removed_at__isnull=True).count() >= MOST_PRINTERS:
        raise PrintersTooMany(most=MOST_PRINTERS)
    if origin and not event.badge.get("origin"):
        event.badge = {**event.badge, "origin": origin}
        event.save(update_fields=["badge"])
    tell_live(event_topic(event_id), "badges")
    return Printer.objects.create(
        event_id=event_id,
        name=name,
        language=language,
        host="" if language == "browser" else host,
        port=port,
        width_mm=width_mm,
        height_mm=height_mm,
        dots_per_mm=dots_per_mm,
        made_at=now,
    )


def print_trial(*, event_id: UUID, printer_id: UUID, now: datetime, actor: Actor) -> PrintJob:
    """Put a badge with the number 0 into a printer's queue, to see it work; refuses `not_found`, `printer_gone`."""
    printer = _present(event_id, printer_id)
    job = PrintJob.objects.create(
        event_id=event_id,
        id=new_id(),
        registration_id=printer.id,
        printer_id=printer.id,
        number=0,
        asked_at=now,
        asked_by=actor.name,
        due_at=now,
    )
    tell_live(event_topic(event_id), "badges")
    return job


def bind_terminal(
    *, event_id: UUID, terminal_id: UUID, printer_id: UUID | None, now: datetime, actor: Actor
) -> Terminal:
    """Let every check-in at a terminal print at this printer (None: print nothing); refuses `not_found`, `printer_gone`.

    It holds within seconds: the hot lane remembers terminals that long.
    """
    terminal = Terminal.objects.select_for_update().filter(event_id=event_id, pk=terminal_id).first()
    if terminal is None:
        raise NotFound
    if printer_id is not None:
        _present(event_id, printer_id)
    terminal.printer_id = printer_id
    terminal.save(update_fields=["printer_id"])
    forget_terminals()
    tell_live(event_topic(event_id), "badges")
    return terminal


def remove_printer(
    *, event_id: UUID, printer_id: UUID, instead_id: UUID | None = None, now: datetime, actor: Actor
) -> int:
    """Remove a printer; its waiting jobs and its terminals go to the printer `instead_id`, else the jobs fail.

    Return how many jobs were waiting. A second removal changes nothing. Refuses `not_found`, `printer_gone`.
    """
    printer = Printer.objects.select_for_update().filter(event_id=event_id, pk=printer_id).first()
    if printer is None:
        raise NotFound
    if instead_id is not None:
        _present(event_id, instead_id)
    if printer.removed_at is None:
        printer.removed_at = now
        printer.save(update_fields=["removed_at"])
    waiting = PrintJob.objects.filter(event_id=event_id, printer_id=printer_id, state__in=["queued", "sent"])
    if instead_id is not None:
        count = (
            waiting.filter(state="queued")
            .exclude(registration_id=printer_id)
            .update(printer_id=instead_id, due_at=now)
        )
        count += waiting.update(state="failed", fault="printer_gone", finished_at=now)
    else:
        count = waiting.update(state="failed", fault="printer_gone", finished_at=now)
    Terminal.objects.filter(event_id=event_id, printer_id=printer_id).update(printer_id=instead_id)
    forget_terminals()
    tell_live(event_topic(event_id), "badges")
    return count


def _present(event_id: UUID, printer_id: UUID) -> Printer:
    printer = get_printer(event_id, printer_id)
    if printer.removed_at is not None:
        raise PrinterGone
    return printer
