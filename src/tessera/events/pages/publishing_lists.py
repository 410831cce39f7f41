"""An organiser's events: the list, the same as a table to take away, and a new one."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import URLPattern, path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from tessera.events.actions.publishing import draft_event
from tessera.events.pages.publishing_forms import EventForm
from tessera.events.pages.publishing_saving import save_event
from tessera.events.pages.publishing_words import span_of
from tessera.events.queries.publishing import EVENT_LISTS, iter_events, list_events
from tessera.kit import clock
from tessera.kit.actors import Actor
from tessera.kit.csv_answers import csv_answer
from tessera.kit.ids import show_id
from tessera.kit.pages import Did, page, signed_in
from tessera.merchants.gate import Workplace, enter_merchant
from tessera.people.gate import enter_platform

__all__ = ["urlpatterns"]

_LISTS = {
    "upcoming": _("Upcoming"),
    "draft": _("Drafts"),
    "past": _("Past"),
    "cancelled": _("Cancelled"),
}
_A_PAGE = 50
_INVALID = 422


@dataclass(frozen=True, slots=True)
class Organiser:
    """Whose events are looked at: a merchant's console, or the operator's."""

    actor: Actor
    merchant_id: UUID | None
    workplace: Workplace | None
    may_write: bool

    @property
    def address(self) -> str:
        """Where the list is."""
        return f"{self.workplace.address}/events" if self.workplace else "/operator/events"

    @property
    def frame(self) -> dict[str, Any]:
        """What the template's frame wants."""
        frame = "site/console.html" if self.workplace else "site/operator.html"
        return {"frame": frame, "workplace": self.workplace, "face": "events"}


def _enter(request: HttpRequest, merchant: str | None, need: str = "events:read") -> Organiser:
    if merchant is None:
        return Organiser(enter_platform(request), None, None, may_write=True)
    workplace = enter_merchant(request, merchant, need=need)
    return Organiser(workplace.actor, workplace.merchant.id, workplace, workplace.may("events:write"))


@require_safe
@signed_in
def events(request: HttpRequest, merchant: str | None = None) -> HttpResponse:
    """List the organiser's events: upcoming ones, drafts, past and cancelled ones."""
    organiser = _enter(request, merchant)
    which = request.GET.get("show", "upcoming")
    which = which if which in EVENT_LISTS else "upcoming"
    search, cursor = request.GET.get("q", "").strip()[:100], request.GET.get("cursor") or None
    found = list_events(
        organiser.merchant_id, which=which, search=search, cursor=cursor, limit=_A_PAGE, now=clock.now()
    )
    narrowed = {"show": which} | ({"q": search} if search else {})
    shown = {
        **organiser.frame,
        "organiser": organiser,
        "which": which,
        "lists": _LISTS.items(),
        "search": search,
        "rows": [(one, span_of(one.event)) for one in found.items],
        "cursor": cursor,
        "next_cursor": found.next_cursor,
        "first_query": urlencode(narrowed),
        "next_query": urlencode({**narrowed, "cursor": found.next_cursor or ""}),
    }
    return page(request, "events/publishing_events.html", shown)


@require_safe
@signed_in
def events_csv(request: HttpRequest, merchant: str | None = None) -> HttpResponseBase:
    """Hand the list out as a table; times by the clocks of each event's place."""
    organiser = _enter(request, merchant)
    which = request.GET.get("show", "upcoming")
    which = which if which in EVENT_LISTS else "upcoming"
    headings = [
        gettext(one)
        for one in ("Title", "Status", "Begins", "Ends", "Time zone", "Place", "Address", "District", "Places", "Accepted", "Arrived")
    ]  # fmt: skip
    rows = (
        (
            one.event.title,
            one.status,
            f"{span_of(one.event).starts:%Y-%m-%d %H:%M}",
            f"{span_of(one.event).ends:%Y-%m-%d %H:%M}",
            one.event.time_zone,
            one.event.place,
            one.event.address,
            one.event.district,
            "" if one.capacity is None else one.capacity,
            one.taken,
            one.arrived,
        )
        for one in iter_events(organiser.merchant_id, which=which, now=clock.now())
    )
    return csv_answer(f"{gettext('Events')} {which}", headings, rows)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def new(request: HttpRequest, merchant: str | None = None) -> HttpResponse:
    """Draft an event."""
    organiser = _enter(request, merchant, "events:write")
    zone = organiser.workplace.merchant.time_zone if organiser.workplace else "Asia/Shanghai"
    posted = request.method == "POST"
    form = EventForm(
        request.POST if posted else None,
        request.FILES if posted else None,
        initial={"time_zone": zone, "walk_ins": True},
    )

    def act(actor: Actor, now: datetime) -> Did:
        event = draft_event(
            merchant_id=organiser.merchant_id,
            capacity=form.cleaned_data["capacity"],
            picture=kept[0] if kept else "",
            now=now,
            actor=actor,
            **form.event(),
        )
        return Did(
            go=f"/organise/{show_id('evt', event.pk)}/details",
            object_id=event.pk,
            merchant_id=organiser.merchant_id,
            say=gettext("The draft is saved. Guests do not see it yet."),
        )

    kept: list[str] = []
    status = 200
    if posted:
        status = _INVALID
        if form.is_valid():
            answered = save_event(request, form, act, organiser.actor, kept, verb="draft_event")
            if isinstance(answered, HttpResponse):
                return answered
            status = answered
    shown = {**organiser.frame, "organiser": organiser, "form": form}
    return page(request, "events/publishing_new.html", shown, status=status)


urlpatterns: list[URLPattern] = [
    path("console/<str:merchant>/events", events, name="events-of-merchant"),
    path("console/<str:merchant>/events.csv", events_csv, name="events-of-merchant-csv"),
    path("console/<str:merchant>/events/new", new, name="new-event"),
    path("operator/events", events, name="events-of-platform"),
    path("operator/events.csv", events_csv, name="events-of-platform-csv"),
    path("operator/events/new", new, name="new-platform-event"),
]
