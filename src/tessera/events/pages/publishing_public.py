"""Events as everybody sees them: what is on, one event, and its entry for a calendar."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from tessera.events.gate import enter_event
from tessera.events.models import Arrival, Registration
from tessera.events.pages.publishing_words import map_addresses, span_of
from tessera.events.queries.events import EventRow, get_event
from tessera.events.queries.publishing import (
    ListedEvent,
    find_arrival,
    find_registration,
    list_event_districts,
    list_events_near,
    list_public_events,
    states_of,
)
from tessera.events.rules.calendar import CalendarEntry, calendar_of
from tessera.events.rules.door import shown_number
from tessera.events.rules.publishing import reader_standing
from tessera.kit import clock
from tessera.kit.errors import NotFound
from tessera.kit.ids import parse_id, show_id
from tessera.kit.pages import page
from tessera.kit.refusals import Refusal

__all__ = ["urlpatterns"]

_WHEN = {"": _("Any time"), "week": _("Within 7 days"), "month": _("Within 30 days"), "past": _("Past")}
_UNTIL = {"week": timedelta(days=7), "month": timedelta(days=30)}
_STATES = {
    "accepted": _("You are coming"),
    "pending": _("Being reviewed"),
    "waitlisted": _("On the waitlist"),
    "declined": _("Not accepted"),
}


class PlaceForm(forms.Form):
    """Where the reader is, in ten-millionths of a degree."""

    latitude_e7 = forms.IntegerField(min_value=-900_000_000, max_value=900_000_000)
    longitude_e7 = forms.IntegerField(min_value=-1_800_000_000, max_value=1_800_000_000)


@require_safe
def events(request: HttpRequest) -> HttpResponse:
    """List what is to come, the next first; or what is over."""
    now = clock.now()
    districts = list_event_districts(now=now)
    when = request.GET.get("when", "")
    when = when if when in _WHEN else ""
    district, search = request.GET.get("district", "")[:60], request.GET.get("q", "").strip()[:100]
    district = district if district in districts else ""
    cursor = request.GET.get("cursor") or None
    found = list_public_events(
        past=when == "past",
        district=district,
        search=search,
        until=now + _UNTIL[when] if when in _UNTIL else None,
        cursor=cursor,
        now=now,
    )
    narrowed = {key: value for key, value in (("when", when), ("district", district), ("q", search)) if value}
    shown = {
        "face": "events",
        "whens": [(key, words, _query(narrowed, when=key)) for key, words in _WHEN.items()],
        "when": when,
        "districts": [(one, _query(narrowed, district=one)) for one in districts],
        "everywhere": _query(narrowed, district=""),
        "district": district,
        "search": search,
        "rows": _cards(request, found.items),
        "narrowed": bool(narrowed),
        "cursor": cursor,
        "next_cursor": found.next_cursor,
        "first_query": urlencode(narrowed),
        "next_query": urlencode({**narrowed, "cursor": found.next_cursor or ""}),
    }
    return page(request, "events/publishing_list.html", shown)


def _query(narrowed: dict[str, str], **other: str) -> str:
    return urlencode({key: value for key, value in {**narrowed, **other}.items() if value})


@require_POST
def near(request: HttpRequest) -> HttpResponse:
    """List what is to come near a place, which is not written down anywhere; asked by POST, so that no log has it."""
    form = PlaceForm(request.POST)
    if not form.is_valid():
        return page(request, "events/publishing_near.html", {"rows": [], "lost": True}, status=422)
    found = list_events_near(
        latitude_e7=form.cleaned_data["latitude_e7"],
        longitude_e7=form.cleaned_data["longitude_e7"],
        now=clock.now(),
    )
    return page(request, "events/publishing_near.html", {"rows": _cards(request, found)})


def _cards(request: HttpRequest, found: Sequence[ListedEvent]) -> list[dict[str, Any]]:
    states: dict[UUID, str] = {}
    if request.user.is_authenticated:
        states = states_of(UUID(str(request.user.pk)), [one.event.pk for one in found])
    return [
        {
            "row": one,
            "event": one.event,
            "span": span_of(one.event),
            "organiser": _organiser(one.event.merchant),
            "state": _STATES.get(states.get(one.event.pk, "")),
            "comes": states.get(one.event.pk) == "accepted",
        }
        for one in found
    ]


def _organiser(merchant: Any) -> str:
    return str(merchant.name if merchant is not None else settings.TESSERA_OPERATOR_NAME)


@require_safe
def event(request: HttpRequest, event: str) -> HttpResponse:
    """Show one event to anybody: what, when, where, how many places are left, and what the reader can do now.

    A draft is shown to its organiser alone.
    """
    now = clock.now()
    row = get_event(parse_id("evt", event), now=now)
    organising = _organises(request, event)
    if row.status == "draft" and not organising:
        raise NotFound
    person_id = UUID(str(request.user.pk)) if request.user.is_authenticated else None
    registration = find_registration(row.event.pk, person_id) if person_id else None
    arrival = find_arrival(row.event.pk, registration.id) if registration else None
    there, at_phone = map_addresses(row.event)
    shown = {
        "face": "events",
        "event": row.event,
        "status": row.status,
        "organising": organising,
        "organiser": _organiser(row.event.merchant),
        "span": span_of(row.event),
        "left": None if row.capacity is None else max(0, row.capacity - row.taken),
        "capacity": row.capacity,
        "taken": row.taken,
        "standing": _standing(row, registration, arrival, now),
        "registration": registration,
        "number": _number(row, arrival) if arrival else "",
        "map_address": there,
        "phone_map": at_phone,
    }
    return page(request, "events/publishing_event.html", shown)


def _organises(request: HttpRequest, event: str) -> bool:
    if not request.user.is_authenticated:
        return False
    try:
        enter_event(request, event)
    except Refusal:
        return False
    return True


def _standing(
    row: EventRow, registration: Registration | None, arrival: Arrival | None, now: datetime
) -> str:
    return reader_standing(
        status=row.status,
        registration=registration.state if registration else "",
        arrived=arrival is not None,
        registration_from=row.event.registration_from,
        registration_until=row.event.registration_until,
        full=row.capacity is not None and row.taken >= row.capacity,
        now=now,
    )


def _number(row: EventRow, arrival: Arrival) -> str:
    return shown_number(arrival.number, prefix=arrival.prefix, width=row.event.number_width)


@require_safe
def calendar(request: HttpRequest, event: str) -> HttpResponse:
    """Hand the event out as a calendar takes it over; a cancelled one says so."""
    row = get_event(parse_id("evt", event), now=clock.now())
    if row.status == "draft":
        raise NotFound
    shown_id = show_id("evt", row.event.pk)
    entry = CalendarEntry(
        uid=f"{shown_id}@{request.get_host().split(':')[0]}",
        title=row.event.title,
        text=row.event.text,
        place=", ".join(one for one in (row.event.place, row.event.address) if one),
        address=request.build_absolute_uri(f"/e/{shown_id}"),
        starts_at=row.event.starts_at,
        ends_at=row.event.ends_at,
        changed_at=row.event.changed_at,
        created_at=row.event.created_at,
        cancelled=row.status == "cancelled",
        latitude_e7=row.event.latitude_e7,
        longitude_e7=row.event.longitude_e7,
    )
    response = HttpResponse(calendar_of(entry), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{shown_id}.ics"'
    response["Cache-Control"] = "no-cache"
    return response


urlpatterns: list[URLPattern] = [
    path("events", events, name="events"),
    path("events/near", near, name="events-near"),
    path("e/<str:event>", event, name="event"),
    path("e/<str:event>/calendar.ics", calendar, name="event-calendar"),
]
