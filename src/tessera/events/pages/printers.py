"""The organiser's printers: added, tried, bound to terminals, removed."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.urls.resolvers import URLPattern
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from tessera.events.actions.printers import add_printer, bind_terminal, print_trial, remove_printer
from tessera.events.gate import EventPlace, enter_event
from tessera.events.models import Terminal
from tessera.events.pages.badges_forms import (
    LANGUAGE_WORDS,
    BindingForm,
    PrinterForm,
    RemovalForm,
    fault_word,
)
from tessera.events.queries.badges import PrinterRow, get_printer, list_printers
from tessera.events.rules.badges import design_of
from tessera.events.rules.door import event_topic
from tessera.kit.actors import Actor
from tessera.kit.errors import NotFound
from tessera.kit.ids import parse_id, show_id
from tessera.kit.live import hear_also
from tessera.kit.pages import Did, do_once, on_form, page, signed_in
from tessera.kit.refusals import Refusal

__all__ = ["printers", "urlpatterns"]

_FIELD_OF = {"printer_address_forbidden": "host", "badge_size_invalid": "width_mm"}


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def printers(request: HttpRequest, event: str) -> HttpResponse:
    """List the event's printers; add one."""
    sending = request.method == "POST"
    place = enter_event(request, event, need="events:write" if sending else "events:read")
    design = design_of(place.event.badge)
    initial = {"width_mm": design.width_mm, "height_mm": design.height_mm}
    form = PrinterForm(request.POST if sending else None, initial=initial)
    status = 200
    if sending:
        status = 422
        if form.is_valid():
            try:
                return do_once(
                    request,
                    _adding(request, place, form),
                    actor=place.actor,
                    verb="add_printer",
                    kind="printer",
                )
            except Refusal as refusal:
                status = refusal.status
                on_form(form, refusal, _FIELD_OF.get(refusal.code))
    hear_also(request, event_topic(place.event.id))
    found = list_printers(place.event.id)
    terminals = Terminal.objects.filter(event_id=place.event.id, revoked_at__isnull=True).order_by(
        "door", "id"
    )[:200]
    context = {
        "place": place,
        "frame": place.frame,
        "workplace": place.workplace,
        "face": "events",
        "event": place.event,
        "form": form,
        "rows": [_shown(row, found) for row in found],
        "terminals": [(one, _binding(one, found)) for one in terminals] if found else [],
        "networks": ", ".join(settings.TESSERA_PRINTER_NETWORKS),
    }
    return page(request, "events/badges_printers.html", context, status=status)


def _adding(request: HttpRequest, place: EventPlace, form: PrinterForm) -> Callable[[Actor, datetime], Did]:
    def act(actor: Actor, now: datetime) -> Did:
        origin = request.build_absolute_uri("/").rstrip("/")
        made = add_printer(event_id=place.event.id, **form.cleaned_data, origin=origin, now=now, actor=actor)
        return _did(place, made.id, gettext("Added. Print a trial badge to see it work."))

    return act


def _shown(row: PrinterRow, found: Sequence[PrinterRow]) -> dict[str, Any]:
    others = [one for one in found if one.printer.id != row.printer.id]
    return {
        "row": row,
        "kind": LANGUAGE_WORDS[row.printer.language],
        "fault": fault_word(row.fault) if row.fault else "",
        "removal": RemovalForm(printers=_choices(others), auto_id=f"id_{row.printer.id}_%s"),
    }


def _choices(found: Sequence[PrinterRow]) -> list[tuple[str, str]]:
    return [(show_id("ptr", row.printer.id), row.printer.name) for row in found]


def _binding(terminal: Terminal, found: Sequence[PrinterRow]) -> BindingForm:
    bound = show_id("ptr", terminal.printer_id) if terminal.printer_id else ""
    return BindingForm(printers=_choices(found), initial={"printer": bound}, auto_id=f"id_{terminal.id}_%s")


@require_POST
@signed_in
def trial(request: HttpRequest, event: str, printer: str) -> HttpResponse:
    """Print a trial badge with the number 0."""
    place = enter_event(request, event, need="events:write")
    known = get_printer(place.event.id, parse_id("ptr", printer))

    def act(actor: Actor, now: datetime) -> Did:
        print_trial(event_id=place.event.id, printer_id=known.id, now=now, actor=actor)
        return _did(place, known.id, gettext("A trial badge is waiting to be printed."))

    return do_once(request, act, actor=place.actor, verb="print_trial", kind="printer", object_id=known.id)


@require_POST
@signed_in
def removal(request: HttpRequest, event: str, printer: str) -> HttpResponse:
    """Remove a printer; what was waiting there goes to another one, or fails."""
    place = enter_event(request, event, need="events:write")
    known = get_printer(place.event.id, parse_id("ptr", printer))
    instead = _named(request)

    def act(actor: Actor, now: datetime) -> Did:
        remove_printer(event_id=place.event.id, printer_id=known.id, instead_id=instead, now=now, actor=actor)
        return _did(place, known.id, gettext("Removed."))

    return do_once(request, act, actor=place.actor, verb="remove_printer", kind="printer", object_id=known.id)


@require_POST
@signed_in
def binding(request: HttpRequest, event: str, terminal: str) -> HttpResponse:
    """Let a terminal's check-ins print at a printer, or nowhere."""
    place = enter_event(request, event, need="events:write")
    terminal_id = parse_id("trm", terminal)
    if not Terminal.objects.filter(event_id=place.event.id, pk=terminal_id).exists():
        raise NotFound
    printer_id = _named(request)

    def act(actor: Actor, now: datetime) -> Did:
        bind_terminal(
            event_id=place.event.id, terminal_id=terminal_id, printer_id=printer_id, now=now, actor=actor
        )
        return _did(place, terminal_id, gettext("Saved. It holds from the next check-in on."))

    return do_once(
        request, act, actor=place.actor, verb="bind_terminal", kind="terminal", object_id=terminal_id
    )


def _named(request: HttpRequest) -> UUID | None:
    given = request.POST.get("printer", "")
    return parse_id("ptr", given) if given else None


def _did(place: EventPlace, object_id: UUID, say: str) -> Did:
    return Did(
        go=f"{place.address}/printers", object_id=object_id, merchant_id=place.event.merchant_id, say=say
    )


urlpatterns: list[URLPattern] = [
    path("organise/<str:event>/printers", printers, name="printers"),
    path("organise/<str:event>/printers/<str:printer>/trials", trial, name="printer-trial"),
    path("organise/<str:event>/printers/<str:printer>/removal", removal, name="printer-removal"),
    path("organise/<str:event>/terminals/<str:terminal>/printer", binding, name="terminal-printer"),
]
