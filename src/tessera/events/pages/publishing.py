"""An organiser's event: its details, publication, cancellation, copy and poster."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tessera.events.actions.copying import copy_event
from tessera.events.actions.publishing import (
    cancel_event,
    change_capacity,
    describe_event,
    publish_event,
    set_picture,
)
from tessera.events.gate import EventPlace, enter_event
from tessera.events.pages import publishing_lists, publishing_public, publishing_questions
from tessera.events.pages.publishing_forms import EventForm, TextsField, known_of
from tessera.events.pages.publishing_saving import remove_pictures, save_event
from tessera.events.pages.publishing_words import span_of, to_do_words
from tessera.events.queries.publishing import (
    are_numbers_in_use,
    asked_questions,
    list_to_do,
)
from tessera.kit import clock
from tessera.kit.actors import Actor
from tessera.kit.ids import show_id
from tessera.kit.pages import Did, do_once, page, signed_in
from tessera.kit.qr import qr_svg
from tessera.kit.reader import reader_language
from tessera.kit.refusals import Refusal

__all__ = ["urlpatterns"]

_INVALID = 422


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

    answered = save_event(
        request, form, act, place.actor, kept, verb="change_event", object_id=place.event.pk
    )
    if isinstance(answered, HttpResponse):
        remove_pictures(unused)
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
    path(f"{_ORGANISE}/details", details, name="event-details"),
    path(f"{_ORGANISE}/publication", publication, name="event-publication"),
    path(f"{_ORGANISE}/cancellation", cancellation, name="event-cancellation"),
    path(f"{_ORGANISE}/copy", copy, name="event-copy"),
    path(f"{_ORGANISE}/poster", poster, name="event-poster"),
    *publishing_lists.urlpatterns,
    *publishing_questions.urlpatterns,
    *publishing_public.urlpatterns,
]
