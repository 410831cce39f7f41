"""An organiser's events: the list, a new one, and one event's details, publication, cancellation, copy and poster."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import URLPattern, path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tessera.events.actions.copying import copy_event
from tessera.events.actions.publishing import (
    cancel_event,
    change_capacity,
    describe_event,
    draft_event,
    publish_event,
    set_picture,
)
from tessera.events.gate import EventPlace, enter_event
from tessera.events.pages import publishing_public, publishing_questions
from tessera.events.pages.publishing_forms import EventForm, TextsField, known_of
from tessera.events.pages.publishing_words import span_of, to_do_words
from tessera.events.queries.publishing import (
    EVENT_LISTS,
    are_numbers_in_use,
    asked_questions,
    iter_events,
    list_events,
    list_to_do,
)
from tessera.kit import clock
from tessera.kit.actors import Actor
from tessera.kit.csv_answers import csv_answer
from tessera.kit.ids import show_id
from tessera.kit.media import keep_picture, remove_picture
from tessera.kit.pages import Did, do_once, on_form, page, signed_in
from tessera.kit.qr import qr_svg
from tessera.kit.reader import reader_language
from tessera.kit.refusals import Refusal
from tessera.merchants.gate import Workplace, enter_merchant
from tessera.people.gate import enter_platform

__all__ = ["urlpatterns"]

_FIELD_OF = {
    "time_zone_unknown": "time_zone",
    "place_invalid": "latitude",
    "capacity_below_taken": "capacity",
    "picture_too_large": "picture",
    "picture_unreadable": "picture",
    "numbers_in_use": "number_start",
}
_FIELD_BY_WHY = {
    "end": "ends_at",
    "length": "ends_at",
    "past": "ends_at",
    "doors": "doors_at",
    "title": "title",
} | {
    "registration": "registration_until",
    "capacity": "capacity",
    "numbers": "number_start",
    "group_question": "group_question",
    "circle": "closing_days",
}
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
            answered = _tried(request, form, act, organiser.actor, kept, verb="draft_event")
            if isinstance(answered, HttpResponse):
                return answered
            status = answered
    shown = {**organiser.frame, "organiser": organiser, "form": form}
    return page(request, "events/publishing_new.html", shown, status=status)


def _tried(
    request: HttpRequest,
    form: EventForm,
    act: Any,
    actor: Actor,
    kept: list[str],
    *,
    verb: str,
    object_id: UUID | str = "",
) -> HttpResponse | int:
    """Keep the picture and act; on a refusal say so at its field, remove the picture, and return the status."""
    acted: list[bool] = []

    def noted(actor: Actor, now: datetime) -> Did:
        acted.append(True)
        did: Did = act(actor, now)
        return did

    try:
        if form.cleaned_data.get("picture"):
            kept.append(keep_picture(form.cleaned_data["picture"]))
        answered = do_once(request, noted, actor=actor, verb=verb, kind="event", object_id=object_id)
    except Refusal as refusal:
        _remove(kept)
        why = str(refusal.details.get("why", ""))
        on_form(form, refusal, _FIELD_OF.get(refusal.code) or _FIELD_BY_WHY.get(why))
        return refusal.status
    if not acted:  # the same form again: its first picture is the one that is shown
        _remove(kept)
    return answered


def _remove(pictures: Iterable[str]) -> None:
    for name in pictures:
        remove_picture(name)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def details(request: HttpRequest, event: str) -> HttpResponse:
    """Show and change an event; what it still needs, its link and QR, and what can be done with it."""
    posted = request.method == "POST"
    place = enter_event(request, event, need="events:write" if posted else "events:read")
    groups = [one for one in asked_questions(place.event.pk) if one.kind == "choice"]
    form = EventForm(
        request.POST if posted else None,
        request.FILES if posted else None,
        initial=known_of(place.row),
        row=place.row,
        groups=groups,
        numbered=are_numbers_in_use(place.event.pk),
    )
    status = 200
    if posted:
        status = _INVALID
        if form.is_valid():
            answered = _saved(request, place, form)
            if isinstance(answered, HttpResponse):
                return answered
            status = answered
    return page(request, "events/publishing_details.html", _shown(request, place, form), status=status)


def _saved(request: HttpRequest, place: EventPlace, form: EventForm) -> HttpResponse | int:
    kept: list[str] = []
    unused: list[str] = []
    given = form.cleaned_data

    def act(actor: Actor, now: datetime) -> Did:
        changed = set(describe_event(event_id=place.event.pk, changes=form.event(), now=now, actor=actor))
        if given["capacity"] != place.row.capacity:
            change_capacity(event_id=place.event.pk, capacity=given["capacity"], now=now, actor=actor)
            changed.add("capacity")
        if kept or given.get("no_picture"):
            picture = kept[0] if kept else ""
            unused.append(set_picture(event_id=place.event.pk, picture=picture, now=now, actor=actor))
            changed.add("picture")
        return Did(
            go=f"{place.address}/details",
            object_id=place.event.pk,
            merchant_id=place.event.merchant_id,
            details={"changed": sorted(changed)},
            say=gettext("Saved."),
        )

    answered = _tried(request, form, act, place.actor, kept, verb="change_event", object_id=place.event.pk)
    if isinstance(answered, HttpResponse):
        _remove(unused)
    return answered


def _shown(request: HttpRequest, place: EventPlace, form: EventForm, **also: Any) -> Mapping[str, Any]:
    address = request.build_absolute_uri(f"/e/{show_id('evt', place.event.pk)}")
    to_do = list_to_do(place.event, now=clock.now())
    return {
        "frame": place.frame,
        "workplace": place.workplace,
        "face": "events",
        "place": place,
        "status": place.row.status,
        "span": span_of(place.event),
        "form": form,
        "may_change": place.may_write and place.row.status not in {"cancelled", "over"},
        "to_do": to_do_words(to_do),
        "ready": all(one.done for one in to_do),
        "address": address,
        "qr": qr_svg(address),
        "list_address": f"{place.workplace.address}/events" if place.workplace else "/operator/events",
        "reason_form": ReasonForm(),
        **also,
    }


class ReasonForm(forms.Form):
    """Why an event is called off; guests read it."""

    reason = TextsField(
        label=_("Reason, as guests will read it"),
        max_length=500,
        rows=3,
        help_text=_("All who registered are told."),
    )


def _again(request: HttpRequest, place: EventPlace, refusal: Refusal) -> HttpResponse:
    """Show the details with the refusal above the form."""
    groups = [one for one in asked_questions(place.event.pk) if one.kind == "choice"]
    form = EventForm(
        initial=known_of(place.row),
        row=place.row,
        groups=groups,
        numbered=are_numbers_in_use(place.event.pk),
    )
    return page(
        request,
        "events/publishing_details.html",
        _shown(request, place, form, refusal=refusal.message(reader_language())),
        status=refusal.status,
    )


@require_POST
@signed_in
def publication(request: HttpRequest, event: str) -> HttpResponse:
    """Publish the event."""
    place = enter_event(request, event, need="events:write")

    def act(actor: Actor, now: datetime) -> Did:
        publish_event(event_id=place.event.pk, now=now, actor=actor)
        return Did(
            go=f"{place.address}/details",
            object_id=place.event.pk,
            merchant_id=place.event.merchant_id,
            say=gettext("The event is published. Guests can find it now."),
        )

    try:
        return do_once(
            request, act, actor=place.actor, verb="publish_event", kind="event", object_id=place.event.pk
        )
    except Refusal as refusal:
        return _again(request, place, refusal)


@require_POST
@signed_in
def cancellation(request: HttpRequest, event: str) -> HttpResponse:
    """Call the event off, with a reason."""
    place = enter_event(request, event, need="events:write")
    reasons = ReasonForm(request.POST)
    if not reasons.is_valid():
        form = EventForm(initial=known_of(place.row), row=place.row)
        shown = _shown(request, place, form, reason_form=reasons)
        return page(request, "events/publishing_details.html", shown, status=_INVALID)

    def act(actor: Actor, now: datetime) -> Did:
        cancel_event(event_id=place.event.pk, reason=reasons.cleaned_data["reason"], now=now, actor=actor)
        return Did(
            go=f"{place.address}/details",
            object_id=place.event.pk,
            merchant_id=place.event.merchant_id,
            say=gettext("The event is cancelled. Guests are being told."),
        )

    try:
        return do_once(
            request, act, actor=place.actor, verb="cancel_event", kind="event", object_id=place.event.pk
        )
    except Refusal as refusal:
        return _again(request, place, refusal)


@require_POST
@signed_in
def copy(request: HttpRequest, event: str) -> HttpResponse:
    """Draft the same event again, some weeks later."""
    place = enter_event(request, event, need="events:write")

    def act(actor: Actor, now: datetime) -> Did:
        made = copy_event(event_id=place.event.pk, now=now, actor=actor)
        return Did(
            go=f"/organise/{show_id('evt', made.pk)}/details",
            object_id=made.pk,
            merchant_id=made.merchant_id,
            details={"from": show_id("evt", place.event.pk)},
            say=gettext("This is the copy: a draft, moved to a later week. Look at its times."),
        )

    return do_once(request, act, actor=place.actor, verb="copy_event", kind="event", object_id=place.event.pk)


@require_safe
@signed_in
def poster(request: HttpRequest, event: str) -> HttpResponse:
    """Show a poster to print: what, when, where, and a code that opens the event's page."""
    place = enter_event(request, event)
    address = request.build_absolute_uri(f"/e/{show_id('evt', place.event.pk)}")
    shown = {
        "frame": place.frame,
        "workplace": place.workplace,
        "face": "events",
        "place": place,
        "span": span_of(place.event),
        "address": address,
        "qr": qr_svg(address),
    }
    return page(request, "events/publishing_poster.html", shown)


_ORGANISE = "organise/<str:event>"

urlpatterns: list[URLPattern] = [
    path("console/<str:merchant>/events", events, name="events-of-merchant"),
    path("console/<str:merchant>/events.csv", events_csv, name="events-of-merchant-csv"),
    path("console/<str:merchant>/events/new", new, name="new-event"),
    path("operator/events", events, name="events-of-platform"),
    path("operator/events.csv", events_csv, name="events-of-platform-csv"),
    path("operator/events/new", new, name="new-platform-event"),
    path(f"{_ORGANISE}/details", details, name="event-details"),
    path(f"{_ORGANISE}/publication", publication, name="event-publication"),
    path(f"{_ORGANISE}/cancellation", cancellation, name="event-cancellation"),
    path(f"{_ORGANISE}/copy", copy, name="event-copy"),
    path(f"{_ORGANISE}/poster", poster, name="event-poster"),
    *publishing_questions.urlpatterns,
    *publishing_public.urlpatterns,
]
