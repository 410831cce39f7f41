"""The organiser's board: arrivals as they happen, what wants attention, and who met whom; a wall for a large screen."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_safe

from tessera.events.gate import EventPlace, enter_event
from tessera.events.pages.board_chart import chart_of_pace
from tessera.events.queries.board import count_jotted, get_board, list_doors, list_pace, list_terminals
from tessera.events.rules.board import percent_of
from tessera.events.rules.door import event_topic
from tessera.kit import clock
from tessera.kit.live import hear_also
from tessera.kit.pages import is_partial, page, signed_in
from tessera.talk.queries import count_meetings

__all__ = ["board", "urlpatterns", "wall"]

_PARTS = {
    "figures": "events/board_figures.html",
    "pace": "events/board_pace.html",
    "pace-table": "events/board_pace_table.html",
}


def _figures(place: EventPlace) -> dict[str, Any]:
    now = clock.now()
    terminals = list_terminals(place.event.id, now=now)
    return {
        "board": get_board(place.row, now=now),
        "doors": list_doors(place.event.id, now=now),
        "terminals": terminals,
        # before the doors open and after the end a terminal is silent because nobody needs it
        "away": sum(one.state == "away" for one in terminals) if place.row.status == "running" else 0,
        "now": now,
    }


def _meetings(place: EventPlace, arrived: int) -> dict[str, Any]:
    meetings = count_meetings(place.event.id)
    return {
        "meetings": meetings,
        "share": percent_of(min(meetings.talked, arrived), arrived),
        "median": meetings.median_partners(arrived),
        "jotted": count_jotted(place.event.id),
    }


def _pace(place: EventPlace) -> dict[str, Any]:
    found = get_board(place.row, now=clock.now())
    pace = list_pace(place.event.id, found.first_at, found.last_at)
    return {"pace": chart_of_pace(pace, place.event.time_zone)}


@require_safe
@signed_in
def board(request: HttpRequest, event: str) -> HttpResponse:
    """Show the board of an event; `part`, asked for by the page itself, is one region of it."""
    place = enter_event(request, event)
    hear_also(request, event_topic(place.event.id))
    shown: dict[str, Any] = {"place": place, "event": place.event}
    part = request.GET.get("part", "") if is_partial(request) else ""
    if part in _PARTS:
        shown |= _figures(place) if part == "figures" else _pace(place)
        return page(request, _PARTS[part], shown)
    figures = _figures(place)
    shown |= {
        "frame": place.frame,
        "workplace": place.workplace,
        "face": "events",
        **figures,
        **_pace(place),
        **_meetings(place, figures["board"].arrived),
    }
    return page(request, "events/board.html", shown)


@require_safe
@signed_in
def wall(request: HttpRequest, event: str) -> HttpResponse:
    """Show the numbers alone, large, for a screen at the entrance: no names."""
    place = enter_event(request, event)
    hear_also(request, event_topic(place.event.id))
    shown = {"place": place, "event": place.event, "board": get_board(place.row, now=clock.now())}
    return page(
        request, "events/board_wall_part.html" if is_partial(request) else "events/board_wall.html", shown
    )


urlpatterns: list[URLPattern] = [
    path("organise/<str:event>", board, name="event-board"),
    path("organise/<str:event>/wall", wall, name="event-wall"),
]
