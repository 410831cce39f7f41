"""The organiser looks after the circle: reports with their evidence, mutes. What guests say otherwise he does not see."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tessera.events.actions.talks import close_report, mute_guest, unmute_guest
from tessera.events.gate import EventPlace, enter_event
from tessera.events.queries.circle import find_guest
from tessera.events.queries.talks import get_person_of, guests_by_person, moderation_of
from tessera.events.rules.door import event_topic
from tessera.kit.actors import Actor
from tessera.kit.ids import parse_id, show_id
from tessera.kit.live import hear_also
from tessera.kit.pages import Did, do_once, on_form, page, signed_in
from tessera.kit.refusals import Refusal
from tessera.talk.errors import PersonUnavailable
from tessera.talk.queries import Report, find_mute, get_report, list_mutes, list_reports
from tessera.talk.rules import MOST_CHARACTERS

__all__ = ["case", "mute_end", "mutes", "reports", "urlpatterns"]

_A_PAGE = 30
KINDS = {
    "harassment": _("Insults or harassment"),
    "advertising": _("Advertising or sales"),
    "impersonation": _("Pretends to be somebody else"),
    "other": _("Something else"),
}
OUTCOMES = {"muted": _("Muted"), "nothing": _("Nothing done")}


class ReasonForm(forms.Form):
    """Why a guest is muted; he is told."""

    reason = forms.CharField(
        label=_("Reason"), max_length=200, help_text=_("The guest reads it."), widget=forms.TextInput
    )


class MuteForm(ReasonForm):
    """Whom to mute, and why."""

    number = forms.IntegerField(
        label=_("Guest number"),
        min_value=0,
        max_value=99_999_999,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )
    field_order = ("number", "reason")


def _frame(place: EventPlace) -> dict[str, Any]:
    return {
        "place": place,
        "event": place.event,
        "frame": place.frame,
        "workplace": place.workplace,
        "face": "events",
        "tab": "circle",
        "moderation": moderation_of(place.event.id),
    }


def _shown(place: EventPlace, found: Sequence[Report]) -> list[dict[str, Any]]:
    guests = guests_by_person(place.event, {one for row in found for one in (row.by_id, row.about_id)})
    return [
        {
            "id": row.id,
            "about": guests.get(row.about_id),
            "by": guests.get(row.by_id),
            "kind": KINDS.get(row.kind, row.kind),
            "text": row.text,
            "at": row.at,
            "handled_at": row.handled_at,
            "outcome": OUTCOMES.get(row.outcome, row.outcome),
            "evidence": [{"at": parse_datetime(one["at"]), "text": one["text"]} for one in row.evidence],
        }
        for row in found
    ]


@require_safe
@signed_in
def reports(request: HttpRequest, event: str) -> HttpResponse:
    """Show the reports that wait, or (?handled=1) those that were handled."""
    place = enter_event(request, event)
    hear_also(request, event_topic(place.event.id))
    handled = request.GET.get("handled") == "1"
    cursor = request.GET.get("cursor")
    found = list_reports(place.event.id, handled=handled, cursor=cursor, limit=_A_PAGE)
    context = {
        **_frame(place),
        "reports": _shown(place, found.items),
        "handled": handled,
        "cursor": cursor,
        "next_cursor": found.next_cursor,
        "first_query": "handled=1" if handled else "",
        "next_query": f"{'handled=1&' if handled else ''}cursor={found.next_cursor}",
    }
    return page(request, "events/talks_reports.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def case(request: HttpRequest, event: str, report: str) -> HttpResponse:
    """Show a report with its evidence; mute the guest it is about, or close it without."""
    writes = request.method == "POST"
    place = enter_event(request, event, need="events:write" if writes else "events:read")
    row = get_report(place.event.id, parse_id("rpt", report))
    mutes_him = request.POST.get("outcome") == "muted"
    form, status = ReasonForm(request.POST if writes and mutes_him else None), 200
    if writes:
        status = 422
        try:
            if not mutes_him or form.is_valid():
                return _handled(request, place, row, form.cleaned_data["reason"] if mutes_him else None)
        except Refusal as refusal:
            status = refusal.status
            form = form if form.is_bound else ReasonForm({"reason": "."})
            form.is_valid()
            on_form(form, refusal)
    [shown] = _shown(place, [get_report(place.event.id, row.id)])
    context = {
        **_frame(place),
        "report": shown,
        "form": form,
        "mute": find_mute(place.event.id, row.about_id),
    }
    return page(request, "events/talks_case.html", context, status=status)


def _handled(request: HttpRequest, place: EventPlace, row: Report, reason: str | None) -> HttpResponse:
    def act(actor: Actor, now: datetime) -> Did:
        if reason is None:
            close_report(event=place.event, report_id=row.id, now=now, actor=actor)
        else:
            mute_guest(
                event=place.event,
                person_id=row.about_id,
                reason=reason,
                report_id=row.id,
                now=now,
                actor=actor,
            )
        return Did(
            go=f"{place.address}/circle/reports",
            object_id=row.id,
            merchant_id=place.event.merchant_id,
            details={"outcome": "nothing" if reason is None else "muted"},
            say=gettext("The report is closed.") if reason is None else gettext("Muted."),
        )

    return do_once(request, act, actor=place.actor, verb="handle_report", kind="report", object_id=row.id)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def mutes(request: HttpRequest, event: str) -> HttpResponse:
    """Show who is muted; mute a guest by number."""
    writes = request.method == "POST"
    place = enter_event(request, event, need="events:write" if writes else "events:read")
    hear_also(request, event_topic(place.event.id))
    form, status = MuteForm(request.POST if writes else None), 200
    if writes:
        status = 422
        if form.is_valid():
            try:
                return _muted(request, place, form.cleaned_data["number"], form.cleaned_data["reason"])
            except Refusal as refusal:
                status = refusal.status
                on_form(form, refusal, "number")
    cursor = request.GET.get("cursor")
    found = list_mutes(place.event.id, cursor=cursor, limit=_A_PAGE)
    guests = guests_by_person(place.event, {one.person_id for one in found.items})
    context = {
        **_frame(place),
        "form": form,
        "mutes": [
            {"guest": guests.get(one.person_id), "reason": one.reason, "at": one.at} for one in found.items
        ],
        "longest": MOST_CHARACTERS,
        "cursor": cursor,
        "next_cursor": found.next_cursor,
        "first_query": "",
        "next_query": f"cursor={found.next_cursor}",
    }
    return page(request, "events/talks_mutes.html", context, status=status)


def _muted(request: HttpRequest, place: EventPlace, number: int, reason: str) -> HttpResponse:
    def act(actor: Actor, now: datetime) -> Did:
        person_id = find_guest(place.event.id, number)
        if person_id is None:
            raise PersonUnavailable
        mute_guest(event=place.event, person_id=person_id, reason=reason, now=now, actor=actor)
        return _back(place, person_id, gettext("Muted."))

    return do_once(request, act, actor=place.actor, verb="mute_guest", kind="person")


def _back(place: EventPlace, person_id: UUID, said: str) -> Did:
    return Did(
        go=f"{place.address}/circle/mutes",
        object_id=person_id,
        merchant_id=place.event.merchant_id,
        details={"event": show_id("evt", place.event.id)},
        say=said,
    )


@require_POST
@signed_in
def mute_end(request: HttpRequest, event: str, guest: str) -> HttpResponse:
    """Let a guest write again."""
    place = enter_event(request, event, need="events:write")
    person_id = get_person_of(place.event.id, parse_id("reg", guest))

    def act(actor: Actor, now: datetime) -> Did:
        unmute_guest(event=place.event, person_id=person_id, now=now, actor=actor)
        return _back(place, person_id, gettext("This guest can write again."))

    return do_once(request, act, actor=place.actor, verb="unmute_guest", kind="person", object_id=person_id)


_CIRCLE = "organise/<str:event>/circle"

urlpatterns: list[URLPattern] = [
    path(f"{_CIRCLE}/reports", reports, name="circle-reports"),
    path(f"{_CIRCLE}/reports/<str:report>", case, name="circle-report"),
    path(f"{_CIRCLE}/mutes", mutes, name="circle-mutes"),
    path(f"{_CIRCLE}/mutes/<str:guest>/end", mute_end, name="circle-mute-end"),
]
