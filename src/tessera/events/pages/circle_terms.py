"""The circle for its organiser: the terms, what came of it, and whatever has to be moderated (spec/events.md, 8, 9 and 11)."""

from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from tessera.events.actions.circle import MOST_CLOSING_DAYS, MOST_REQUESTS, set_circle_terms
from tessera.events.gate import EventPlace, enter_event
from tessera.events.queries.circle import count_circle
from tessera.events.queries.talks import moderation_of
from tessera.events.rules.circle import FIELDS, closes_at, terms_of
from tessera.kit.actors import Actor
from tessera.kit.pages import Did, do_once, on_form, page, signed_in
from tessera.kit.refusals import Refusal
from tessera.talk.queries import count_meetings

__all__ = ["TermsForm", "urlpatterns"]

_INVALID = 422
_LABELS = {
    "appearance": _("How guests look"),
    "picture": _("Photo"),
    "name": _("Name of the guest"),
    "introduction": _("Introduction"),
    "interests": _("Interests"),
}


class TermsForm(forms.Form):
    """When the circle closes, how many requests may wait, and what guests may show."""

    closing_days = forms.IntegerField(
        label=_("Days from the end until the circle closes"),
        min_value=1,
        max_value=MOST_CLOSING_DAYS,
        help_text=_("Then photos, profiles, jotters, conversations and door codes are erased for good."),
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    requests = forms.IntegerField(
        label=_("Unanswered requests that one guest may have"),
        min_value=1,
        max_value=MOST_REQUESTS,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    fields_shown = forms.MultipleChoiceField(
        label=_("What guests may show"),
        choices=[(field, _LABELS[field]) for field in FIELDS],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def terms(self) -> dict[str, Any]:
        """Return what was given, as the action wants it."""
        given = self.cleaned_data
        return {
            "closing_days": given["closing_days"],
            "requests": given["requests"],
            "fields": [field for field in FIELDS if field in given["fields_shown"]],
        }


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def terms(request: HttpRequest, event: str) -> HttpResponse:
    """Show what came of the circle, and change its terms."""
    place = enter_event(request, event, need="events:write" if request.method == "POST" else "events:read")
    known = terms_of(place.event.circle)
    form = TermsForm(
        request.POST if request.method == "POST" else None,
        initial={
            "closing_days": known.closing_days,
            "requests": known.requests,
            "fields_shown": known.fields,
        },
    )
    status = 200
    if request.method == "POST":
        status = _INVALID
        if form.is_valid():
            try:
                return _set(request, place, form)
            except Refusal as refusal:
                on_form(form, refusal, refusal.details.get("field"))
                status = refusal.status
    shown = {
        "frame": place.frame,
        "workplace": place.workplace,
        "place": place,
        "event": place.event,
        "face": "events",
        "form": form,
        "counts": count_circle(place.event.id),
        "meetings": count_meetings(place.event.id),
        "moderation": moderation_of(place.event.id),
        "closes_at": closes_at(place.event.ends_at, place.event.circle),
    }
    return page(request, "events/circle_terms.html", shown, status=status)


def _set(request: HttpRequest, place: EventPlace, form: TermsForm) -> HttpResponse:
    def act(actor: Actor, now: datetime) -> Did:
        set_circle_terms(event_id=place.event.id, terms=form.terms(), now=now, actor=actor)
        return Did(
            go=f"{place.address}/circle",
            object_id=place.event.id,
            merchant_id=place.event.merchant_id,
            say=gettext("Saved."),
        )

    return do_once(
        request, act, actor=place.actor, verb="set_circle_terms", kind="event", object_id=place.event.id
    )


urlpatterns = [path("organise/<str:event>/circle", terms, name="organise-circle")]
