"""The audit trail: searched, read line by line, taken away."""

from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from tessera.kit.csv_answers import csv_answer
from tessera.kit.errors import PhoneInvalid
from tessera.kit.ids import show_id
from tessera.kit.pages import go, on_form, page, signed_in
from tessera.kit.phones import normal_phone
from tessera.kit.reader import reader_language
from tessera.kit.refusals import Refusal
from tessera.people.gate import enter_platform
from tessera.people.queries import find_by_phone
from tessera.site.trails import Sought, iterate_lines, list_verbs, search_lines

__all__ = ["audit", "audit_csv"]

_MOST_LINES = 100_000


class SearchForm(forms.Form):
    """What is looked for in the trail."""

    actor = forms.CharField(label=_("Who (number)"), max_length=60, required=False)
    verb = forms.CharField(
        label=_("Did what"), max_length=60, required=False, widget=forms.TextInput({"list": "verbs"})
    )
    object = forms.CharField(label=_("To what (number)"), max_length=80, required=False)
    merchant = forms.CharField(label=_("Merchant (number)"), max_length=40, required=False)
    outcome = forms.ChoiceField(
        label=_("Outcome"),
        required=False,
        choices=[("", _("All")), ("done", _("Done")), ("refused", _("Refused"))],
    )
    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput({"type": "date"}))
    until = forms.DateField(label=_("To"), required=False, widget=forms.DateInput({"type": "date"}))


def _midnight(day: date | None) -> datetime | None:
    zone = ZoneInfo(settings.TESSERA_TIME_ZONE)
    return datetime(day.year, day.month, day.day, tzinfo=zone) if day else None


def _sought(form: SearchForm) -> Sought:
    given: dict[str, Any] = form.cleaned_data
    until = given["until"] + timedelta(days=1) if given["until"] and given["until"] < date.max else None
    words = {name: given[name] for name in ("actor", "verb", "object", "merchant", "outcome")}
    return Sought(**words, since=_midnight(given["since"]), until=_midnight(until))


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def audit(request: HttpRequest) -> HttpResponse:
    """Show the trail, newest first, narrowed by what is looked for."""
    enter_platform(request)
    if request.method == "POST":
        return _found_person(request)
    return _audit(request)


def _found_person(request: HttpRequest) -> HttpResponse:
    """Go on to what a person did by his number: a phone number does not stand in an address, since these are logged."""
    try:
        person = find_by_phone(normal_phone(request.POST.get("phone", "")))
    except PhoneInvalid as refusal:
        return _audit(request, refused=refusal.message(reader_language()), status=refusal.status)
    if person is None:
        return _audit(request, refused=gettext("Nobody has this number."), status=404)
    return go(request, f"/operator/audit?actor={show_id('per', person.id)}")


def _audit(request: HttpRequest, *, refused: str = "", status: int = 200) -> HttpResponse:
    form = SearchForm(request.GET)
    cursor = request.GET.get("cursor")
    shown: dict[str, Any] = {"face": "audit", "form": form, "verbs": list_verbs(), "lines": []}
    shown["phone_refused"] = refused
    if form.is_valid():
        kept = {name: request.GET[name] for name in form.fields if request.GET.get(name)}
        try:
            found = search_lines(_sought(form), cursor=cursor, limit=50)
        except Refusal as refusal:
            status = refusal.status
            on_form(form, refusal, "merchant" if refusal.code == "invalid_id" else None)
        else:
            shown |= {
                "lines": found.items,
                "searched": bool(kept),
                "cursor": cursor,
                "next_cursor": found.next_cursor,
                "first_query": urlencode(kept),
                "next_query": urlencode({**kept, "cursor": found.next_cursor or ""}),
            }
    else:
        status = 422
    return page(request, "site/operator/audit.html", shown, status=status)


@require_safe
@signed_in
def audit_csv(request: HttpRequest) -> HttpResponseBase:
    """Return what the search finds as a table, at most a hundred thousand lines."""
    enter_platform(request)
    form = SearchForm(request.GET)
    sought = _sought(form) if form.is_valid() else Sought()
    search_lines(sought, limit=1)  # refuses here, before the download has begun
    headings = [
        _("Number"), _("Moment (UTC)"), _("Who"), _("Who (number)"), _("Merchant"), _("Did what"), _("Kind"),
        _("To what (number)"), _("Outcome"),
    ]  # fmt: skip
    rows = (
        (
            one.shown_id,
            one.line.happened_at.isoformat(timespec="seconds"),
            one.actor,
            one.actor_id,
            one.merchant,
            one.line.verb,
            one.line.object_kind,
            one.object,
            one.line.outcome,
        )
        for one in iterate_lines(sought, most=_MOST_LINES)
    )
    return csv_answer("audit-trail", headings, rows)
