"""An event's tables to take away (CSV): guests, arrivals, the door's log, meetings, arrivals over time."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponseBase
from django.urls import URLPattern, path
from django.utils.translation import gettext, pgettext
from django.views.decorators.http import require_safe

from tessera.events.gate import EventPlace, enter_event
from tessera.events.models import Question
from tessera.events.pages.states import state_word
from tessera.events.queries.board import count_jotted, get_board, list_pace
from tessera.events.queries.exports_rows import (
    GuestRow,
    iter_arrivals,
    iter_door_log,
    iter_guests,
    list_asked,
)
from tessera.events.rules.board import percent_of
from tessera.events.rules.door import shown_number
from tessera.kit import clock
from tessera.kit.csv_answers import csv_answer
from tessera.kit.pages import signed_in
from tessera.talk.queries import count_meetings

__all__ = ["urlpatterns"]


def _named(place: EventPlace, what: str) -> str:
    return f"{what}-{place.event.title[:60]}"


def _local(at: datetime | None, zone: ZoneInfo) -> str:
    return "" if at is None else f"{at.astimezone(zone):%Y-%m-%d %H:%M:%S}"


def _answer(question: Question, given: Any) -> Any:
    if given is None:
        return ""
    if question.kind == "file":
        return gettext("file given")
    return "; ".join(str(one) for one in given) if isinstance(given, list) else given


def _bom(request: HttpRequest) -> bool:
    return request.GET.get("bom") != "0"


@require_safe
@signed_in
def guests_csv(request: HttpRequest, event: str) -> HttpResponseBase:
    """Give every registration with its answers as columns, its decision, arrival and number.

    Phone numbers are whole: the organiser who asks has collected them. The door's code is not in it.
    """
    place = enter_event(request, event)
    zone, questions = ZoneInfo(place.event.time_zone), list_asked(place.event.id)
    headings = [
        pgettext("guest", "Name"), gettext("Phone"), gettext("Group"), gettext("State"), gettext("Registered at"), gettext("Decided at"),
        gettext("Reason"), gettext("Walk-in"), pgettext("arrival", "Number"), gettext("Arrived at"), pgettext("entrance", "Door"),
        *[one.label for one in questions],
    ]  # fmt: skip

    def cells(one: GuestRow) -> Sequence[Any]:
        guest, here = one.registration, one.arrival
        number = shown_number(here.number, prefix=here.prefix, width=place.event.number_width) if here else ""
        return [
            guest.name, guest.phone or "", guest.group, state_word("arrived" if here else guest.state),
            _local(guest.registered_at, zone), _local(guest.decided_at, zone), one.reason,
            gettext("yes") if guest.walk_in else "", number, _local(here.arrived_at if here else None, zone),
            here.door if here else "", *[_answer(asked, guest.answers.get(str(asked.id))) for asked in questions],
        ]  # fmt: skip

    rows = (cells(one) for one in iter_guests(place.event.id))
    return csv_answer(_named(place, gettext("Guests")), headings, rows, bom=_bom(request))


@require_safe
@signed_in
def arrivals_csv(request: HttpRequest, event: str) -> HttpResponseBase:
    """Give every arrival in its order: number, guest, when, through which door, and how."""
    place = enter_event(request, event)
    zone = ZoneInfo(place.event.time_zone)
    headings = [
        pgettext("arrival", "Number"), pgettext("guest", "Name"), gettext("Group"), gettext("Arrived at"), gettext("Recorded at"), pgettext("entrance", "Door"),
        gettext("Without a network"), gettext("Number corrected"),
    ]  # fmt: skip
    rows = (
        [
            shown_number(here.number, prefix=here.prefix, width=place.event.number_width),
            name,
            group,
            _local(here.arrived_at, zone),
            _local(here.recorded_at, zone),
            here.door,
            gettext("yes") if here.offline else "",
            gettext("yes") if here.corrected else "",
        ]
        for here, name, group in iter_arrivals(place.event.id)
    )
    return csv_answer(_named(place, gettext("Arrivals")), headings, rows, bom=_bom(request))


def _deeds() -> dict[str, str]:
    return {
        "undone": gettext("Arrival undone"),
        "second_door": gettext("Second door, number void"),
        "open": gettext("Correction asked for"),
        "accepted": gettext("Number corrected"),
        "swapped": gettext("Numbers swapped"),
        "refused": gettext("Correction refused"),
        "withdrawn": gettext("Correction withdrawn"),
    }


@require_safe
@signed_in
def door_log_csv(request: HttpRequest, event: str) -> HttpResponseBase:
    """Give what did not go straight at the door, with who did what and why."""
    place = enter_event(request, event)
    zone, deeds = ZoneInfo(place.event.time_zone), _deeds()
    headings = [
        gettext("Time"), pgettext("door log", "What happened"), pgettext("guest", "Name"), pgettext("arrival", "Number"), gettext("New number"),
        pgettext("entrance", "Door"), gettext("Reason"), gettext("By"),
    ]  # fmt: skip
    rows = (
        [
            _local(one.at, zone),
            deeds[one.what],
            one.name,
            one.number,
            "" if one.new_number is None else one.new_number,
            one.door,
            one.reason,
            one.actor.partition(":")[0],
        ]
        for one in iter_door_log(place.event.id)
    )
    return csv_answer(_named(place, gettext("Door log")), headings, rows, bom=_bom(request))


@require_safe
@signed_in
def meetings_csv(request: HttpRequest, event: str) -> HttpResponseBase:
    """Give what the event came to: counts alone."""
    place = enter_event(request, event)
    found = get_board(place.row, now=clock.now())
    meetings, jotted = count_meetings(place.event.id), count_jotted(place.event.id)

    def rows() -> Iterator[Sequence[Any]]:
        yield gettext("Accepted guests"), found.accepted
        yield gettext("Arrived"), found.arrived
        yield gettext("Requests"), meetings.requests
        yield gettext("Requests accepted"), meetings.accepted
        yield gettext("Requests declined"), meetings.declined
        yield gettext("Messages"), meetings.messages
        yield gettext("Guests who talked with at least one other"), meetings.talked
        yield (
            gettext("Rate of acquaintance, per cent"),
            percent_of(min(meetings.talked, found.arrived), found.arrived),
        )
        yield gettext("Others talked with, median"), meetings.median_partners(found.arrived)
        yield gettext("Numbers jotted"), jotted.jottings
        yield gettext("Guests who jotted"), jotted.jotters
        yield gettext("Mutual interest"), jotted.mutual
        for partners, people in meetings.by_partners.items():
            yield (
                gettext("Guests who talked with %(n)s others") % {"n": partners},
                people,
            )

    headings = [gettext("Figure"), pgettext("how many", "Count")]
    return csv_answer(_named(place, gettext("Meetings")), headings, rows(), bom=_bom(request))


@require_safe
@signed_in
def pace_csv(request: HttpRequest, event: str) -> HttpResponseBase:
    """Give arrivals minute by minute."""
    place = enter_event(request, event)
    zone = ZoneInfo(place.event.time_zone)
    found = get_board(place.row, now=clock.now())
    pace = list_pace(place.event.id, found.first_at, found.last_at, step_min=1)
    rows = ([_local(at, zone), count] for at, count in pace.steps)
    headings = [gettext("Minute"), gettext("Arrivals")]
    return csv_answer(_named(place, gettext("Arrivals per minute")), headings, rows, bom=_bom(request))


urlpatterns: list[URLPattern] = [
    path("organise/<str:event>/exports/guests.csv", guests_csv, name="event-guests-csv"),
    path("organise/<str:event>/exports/arrivals.csv", arrivals_csv, name="event-arrivals-csv"),
    path("organise/<str:event>/exports/door-log.csv", door_log_csv, name="event-door-log-csv"),
    path("organise/<str:event>/exports/meetings.csv", meetings_csv, name="event-meetings-csv"),
    path("organise/<str:event>/exports/pace.csv", pace_csv, name="event-pace-csv"),
]
