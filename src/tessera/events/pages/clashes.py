"""Other events of the organiser at the same time: a gentle word on the page of an event's details."""

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_safe

from tessera.events.gate import enter_event
from tessera.events.queries.clashes import list_clashes
from tessera.kit.pages import page, signed_in

__all__ = ["urlpatterns"]


@require_safe
@signed_in
def clashes(request: HttpRequest, event: str) -> HttpResponse:
    """Show which of the organiser's other events overlap this one, as a part of a page; nothing where none does."""
    place = enter_event(request, event)
    one = place.event
    found = list_clashes(
        one.merchant_id, starts_at=one.starts_at, ends_at=one.ends_at, place=one.place, but=one.id
    )
    shown = found if place.row.status != "cancelled" else []
    return page(request, "events/parts/clashes_found.html", {"event": one, "clashes": shown})


urlpatterns: list[URLPattern] = [
    path("organise/<str:event>/clashes", clashes, name="event-clashes"),
]
