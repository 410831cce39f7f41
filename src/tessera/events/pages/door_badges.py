"""A guest's badge at the door: printed by the crew's own browser, or once more at a printer."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.urls.resolvers import URLPattern
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tessera.events.actions.badges import ask_for_badge, note_browser_print
from tessera.events.badge_layout import arrange
from tessera.events.gate import DoorPlace, enter_door
from tessera.events.pages.badges_forms import STATE_WORDS, ReasonForm, fault_word
from tessera.events.queries.badges import badge_of, find_arrival, last_job_of, list_printers
from tessera.events.rules.badges import design_of, is_possible_size
from tessera.events.rules.door import event_topic
from tessera.kit.actors import Actor
from tessera.kit.ids import parse_id, show_id
from tessera.kit.live import hear_also
from tessera.kit.pages import Did, do_once, on_form, page, signed_in
from tessera.kit.print.svg import svg_of
from tessera.kit.refusals import Refusal

__all__ = ["door_badge", "urlpatterns"]


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def door_badge(request: HttpRequest, event: str, guest: str) -> HttpResponse:
    """Show a guest's badge, ready for the browser's printer (`?print` opens its dialog); print it anew with a reason."""
    place = enter_door(request, event)
    registration_id = parse_id("reg", guest)
    found = list_printers(place.event.id)
    choices = [
        (show_id("ptr", row.printer.id), row.printer.name)
        for row in found
        if row.printer.language != "browser"
    ]
    form = ReasonForm(request.POST if request.method == "POST" else None, printers=choices)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                return _again(request, place, registration_id, form)
            except Refusal as refusal:
                status = refusal.status
                on_form(form, refusal)
    return _shown(request, place, registration_id, form, status=status, printers=bool(choices))


def _again(request: HttpRequest, place: DoorPlace, registration_id: UUID, form: ReasonForm) -> HttpResponse:
    said = form.cleaned_data

    def act(actor: Actor, now: datetime) -> Did:
        job = ask_for_badge(
            event_id=place.event.id,
            registration_id=registration_id,
            printer_id=parse_id("ptr", said["printer"]),
            reason=said["reason"],
            now=now,
            actor=actor,
        )
        return Did(
            go=_address(place, registration_id),
            object_id=job.id,
            merchant_id=place.event.merchant_id,
            details={"reason": said["reason"]},
            say=gettext("Waiting to be printed."),
        )

    return do_once(request, act, actor=place.actor, verb="reprint_badge", kind="print_job")


def _address(place: DoorPlace, registration_id: UUID) -> str:
    return f"/door/{show_id('evt', place.event.id)}/badges/{show_id('reg', registration_id)}"


def _shown(
    request: HttpRequest,
    place: DoorPlace,
    registration_id: UUID,
    form: ReasonForm,
    *,
    status: int,
    printers: bool,
) -> HttpResponse:
    arrival, guest = find_arrival(place.event.id, registration_id)
    badge = badge_of(place.event, arrival, name=guest.name, group=guest.group)
    design = design_of(place.event.badge)
    last = last_job_of(place.event.id, registration_id)
    hear_also(request, event_topic(place.event.id))
    context: dict[str, Any] = {
        "place": place,
        "event": place.event,
        "address": _address(place, registration_id),
        "door_address": f"/door/{show_id('evt', place.event.id)}",
        "shown": badge.shown,
        "name": guest.name,
        "drawing": svg_of(arrange(design, badge), name=gettext("Badge %(number)s") % {"number": badge.shown}),
        "design": design,
        "form": form,
        "has_printers": printers,
        "last": last,
        "last_word": STATE_WORDS[last.job.state] if last else "",
        "last_fault": fault_word(last.job.fault) if last and last.job.fault else "",
        "prints": "print" in request.GET,
    }
    return page(request, "events/badges_door.html", context, status=status)


@require_POST
@signed_in
def browser_print(request: HttpRequest, event: str, guest: str) -> HttpResponse:
    """Note that this browser has printed the badge."""
    place = enter_door(request, event)
    registration_id = parse_id("reg", guest)

    def act(actor: Actor, now: datetime) -> Did:
        note_browser_print(event_id=place.event.id, registration_id=registration_id, now=now, actor=actor)
        return Did(
            go=_address(place, registration_id),
            object_id=registration_id,
            merchant_id=place.event.merchant_id,
        )

    return do_once(
        request, act, actor=place.actor, verb="print_badge", kind="registration", object_id=registration_id
    )


@require_safe
def paper(_request: HttpRequest, width: int, height: int) -> HttpResponse:
    """Give the style sheet that makes a printed page as large as the label: no page of ours may hold styles of its own."""
    if not is_possible_size(width, height):
        width, height = 80, 50
    sheet = f"@page {{ size: {width}mm {height}mm; margin: 0; }}\n"
    response = HttpResponse(sheet, content_type="text/css; charset=utf-8")
    response["Cache-Control"] = "public, max-age=86400"
    return response


urlpatterns: list[URLPattern] = [
    path("door/<str:event>/badges/<str:guest>", door_badge, name="door-badge"),
    path("door/<str:event>/badges/<str:guest>/printing", browser_print, name="door-badge-printing"),
    path("badge-paper/<int:width>x<int:height>.css", paper, name="badge-paper"),
]
