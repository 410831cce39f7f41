"""A guest's tickets: what is to come, what is past, and the ticket that turns when the door has checked him in."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_safe

from tessera.events.models import Registration
from tessera.events.pages.publishing_words import Span, map_addresses, span_of
from tessera.events.queries.events import get_event
from tessera.events.queries.registrations import (
    Ticket,
    count_ahead,
    find_arrival,
    find_by_ticket,
    find_decision_reason,
    is_crew,
    list_tickets,
)
from tessera.events.rules.door import shown_number
from tessera.kit import clock
from tessera.kit.errors import NotFound
from tessera.kit.ids import show_id
from tessera.kit.pages import go, page, signed_in
from tessera.kit.qr import qr_svg

__all__ = ["urlpatterns"]

_A_PAGE = 30


@require_safe
@signed_in
def tickets(request: HttpRequest, *, past: bool = False) -> HttpResponse:
    """Show the reader's events: those to come, or the `past` ones."""
    cursor = request.GET.get("cursor") or None
    found = list_tickets(UUID(str(request.user.pk)), past=past, cursor=cursor, limit=_A_PAGE, now=clock.now())
    shown = {
        "face": "events",
        "past": past,
        "tickets": [_card(request, one, past=past) for one in found.items],
        "cursor": cursor,
        "next_cursor": found.next_cursor,
        "first_query": "",
        "next_query": urlencode({"cursor": found.next_cursor or ""}),
    }
    return page(request, "events/tickets.html", shown)


def _card(request: HttpRequest, ticket: Ticket, *, past: bool) -> dict[str, Any]:
    row, arrival = ticket.registration, ticket.arrival
    admits = row.state == "accepted" and arrival is None and not past
    return {
        "registration": row,
        "event": ticket.event,
        "span": span_of(ticket.event),
        "state": "arrived" if arrival else row.state,
        "cancelled": ticket.row.status == "cancelled",
        "shown": _number(ticket) if arrival else "",
        "address": f"/t/{row.ticket}"
        if row.state == "accepted"
        else f"/e/{show_id('evt', row.event_id)}/registration",
        "qr": qr_svg(request.build_absolute_uri(f"/t/{row.ticket}")) if admits else "",
    }


def _number(ticket: Ticket) -> str:
    assert ticket.arrival is not None, "who is here has a number"
    width = ticket.event.number_width
    return shown_number(ticket.arrival.number, prefix=ticket.arrival.prefix, width=width)


@require_safe
@signed_in
def ticket(request: HttpRequest, ticket: str) -> HttpResponse:
    """Show the ticket to its owner; send the event's crew to the door with it. Others learn nothing."""
    person_id = UUID(str(request.user.pk))
    row = find_by_ticket(ticket, person_id)
    if row is None:
        raise NotFound
    if row.person_id == person_id:
        return page(request, "events/ticket.html", _owners(request, row))
    if is_crew(row.event_id, person_id):
        return go(
            request, f"/door/{show_id('evt', row.event_id)}?{urlencode({'ticket': ticket})}", status=302
        )
    raise NotFound


def _owners(request: HttpRequest, row: Registration) -> dict[str, Any]:
    event_row, arrival = get_event(row.event_id, now=clock.now()), find_arrival(row)
    own = Ticket(row, event_row, arrival)
    span: Span = span_of(own.event)
    admits = row.state == "accepted" and event_row.status in {"published", "running"}
    return {
        "face": "events",
        "row": event_row,
        "event": own.event,
        "span": span,
        "map": map_addresses(own.event)[0],
        "registration": row,
        "state": "arrived" if arrival else row.state,
        "arrival": arrival,
        "shown": _number(own) if arrival else "",
        "admits": admits,
        "reason": find_decision_reason(row),
        "ahead": count_ahead(row) if row.state == "waitlisted" and row.waitlisted_at else None,
        "code": f"{row.code[:3]} {row.code[3:]}" if row.code else "",
        "qr": qr_svg(request.build_absolute_uri(f"/t/{row.ticket}")) if admits and arrival is None else "",
    }


urlpatterns: list[URLPattern] = [
    path("tickets", tickets),
    path("tickets/past", tickets, {"past": True}),
    path("t/<str:ticket>", ticket),
]
