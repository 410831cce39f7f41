"""The door on a crew member's phone: the events he works at, and the page that makes a terminal of his device.

The page holds no guest and is the same for the whole crew: guests come to it over the API and are kept sealed
(docs/internals/door.md).
"""

from uuid import UUID

import phonenumbers
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.templatetags.static import static
from django.urls import URLPattern, path
from django.views.decorators.http import require_safe

from tessera.events.gate import enter_door
from tessera.events.models import CrewMember, Event, Printer, Terminal
from tessera.events.queries.events import events_by_id
from tessera.events.rules.door import GRACE
from tessera.kit import clock
from tessera.kit.ids import show_id
from tessera.kit.pages import page, signed_in
from tessera.kit.reader import reader_language

__all__ = ["urlpatterns"]

_MOST_DOORS = 50
_MOST_NAMES = 20


@require_safe
@signed_in
def doors(request: HttpRequest) -> HttpResponse:
    """Show the events whose door the person works at, those under way and the next ones first."""
    now = clock.now()
    mine = CrewMember.objects.filter(person_id=str(request.user.pk), until__isnull=True)
    roles = dict(mine.values_list("event_id", "role"))
    coming = Event.objects.filter(pk__in=roles, ends_at__gte=now - GRACE).order_by("starts_at")
    rows = events_by_id([event.id for event in coming[:_MOST_DOORS]], now=now)
    shown = [
        {"row": row, "address": f"/door/{show_id('evt', row.event.id)}", "role": roles[row.event.id]}
        for row in sorted(rows.values(), key=lambda row: row.event.starts_at)
    ]
    return page(request, "events/door/doors.html", {"doors": shown})


@require_safe
@signed_in
def door(request: HttpRequest, event: str) -> HttpResponse:
    """Show the door's page: sets the device up as a terminal, then checks guests in, without a network too."""
    place = enter_door(request, event)
    terminals = Terminal.objects.filter(event_id=place.event.id)
    names = terminals.order_by("door").values_list("door", flat=True).distinct()[:_MOST_NAMES]
    last = terminals.filter(person_id=str(request.user.pk)).order_by("-made_at").first()
    printers = Printer.objects.filter(event_id=place.event.id, removed_at__isnull=True).order_by("name")
    request.scans = True  # type: ignore[attr-defined]  # for the content policy (site.middleware)
    shown = {
        "event": place.event,
        "event_id": show_id("evt", place.event.id),
        "address": f"/door/{show_id('evt', place.event.id)}",
        "who": show_id("per", UUID(str(request.user.pk))),
        "calling_code": phonenumbers.country_code_for_region(settings.TESSERA_DEFAULT_REGION),
        "doors": list(names),
        "last_door": last.door if last else "",
        "printers": [{"shown_id": show_id("ptr", one.id), "name": one.name} for one in printers],
    }
    return page(request, "events/door/app.html", shown)


@require_safe
@signed_in
def manifest(request: HttpRequest, event: str) -> HttpResponse:
    """Say how the door is called and looks on a home screen; the event's title is its name."""
    place = enter_door(request, event)
    address = f"/door/{show_id('evt', place.event.id)}"
    told = {
        "id": address,
        "name": place.event.title,
        "short_name": place.event.title[:12],
        "lang": reader_language(),
        "start_url": address,
        "scope": address,
        "display": "standalone",
        "background_color": "#fcfbf8",
        "theme_color": "#fcfbf8",
        "icons": [
            {"src": static(f"tessera/icon-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png"}
            for size in (192, 512)
        ],
    }
    response = JsonResponse(told, content_type="application/manifest+json")
    response["Cache-Control"] = "private, no-cache"
    return response


urlpatterns: list[URLPattern] = [
    path("door", doors, name="doors"),
    path("door/<str:event>", door, name="door"),
    path("door/<str:event>/manifest.webmanifest", manifest, name="door-manifest"),
]
