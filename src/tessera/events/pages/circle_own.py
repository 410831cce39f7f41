"""What a guest says about himself in the circle, and the numbers he notes (spec/events.md, step 8)."""

from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tessera.events.actions.circle import describe_guest, use_circle_picture
from tessera.events.actions.jotter import jot_number, unjot
from tessera.events.gate import GuestPlace, enter_circle
from tessera.events.models import CircleProfile
from tessera.events.pages.circle import circle_page, shown_circle
from tessera.events.queries.circle import eye_of, find_profile, list_jottings
from tessera.events.rules.circle import (
    HIGHEST_NUMBER,
    LONGEST,
    LONGEST_REMARK,
    initial_of,
    number_asked,
    seen_by_of,
    terms_of,
)
from tessera.kit.actors import Actor
from tessera.kit.ids import show_id
from tessera.kit.media import PICTURE_ACCEPT, keep_picture, remove_picture
from tessera.kit.pages import Did, do_once, on_form, page, safe_next, signed_in
from tessera.kit.reader import reader_language
from tessera.kit.refusals import Refusal

__all__ = ["ProfileForm", "urlpatterns"]

_INVALID = 422
_TO = [("circle", _("Everybody here")), ("talks", _("Whom I talk with")), ("nobody", _("Nobody"))]
_NAME_TO = [_TO[0], _TO[1], ("initial", _("First character only")), _TO[2]]


class ProfileForm(forms.Form):
    """How the guest looks, who he is, and who sees what; a field that the organiser left out is not there."""

    appearance = forms.CharField(
        label=_("How do others find you?"),
        max_length=LONGEST["appearance"],
        required=False,
        help_text=_("Clothes, glasses, where you sit: red dress, glasses, second row."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "enterkeyhint": "done"}),
    )
    name = forms.CharField(label=_("My name"), max_length=LONGEST["name"], required=False)
    introduction = forms.CharField(
        label=_("Introduction"),
        max_length=LONGEST["introduction"],
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    interests = forms.CharField(
        label=_("Interests"),
        max_length=LONGEST["interests"],
        required=False,
        help_text=_("A few words: hiking, board games, ceramics."),
    )
    appearance_to = forms.ChoiceField(label=_("Who sees how I look"), choices=_TO)
    picture_to = forms.ChoiceField(label=_("Who sees my photo"), choices=_TO)
    name_to = forms.ChoiceField(label=_("Who sees my name"), choices=_NAME_TO)
    introduction_to = forms.ChoiceField(label=_("Who sees my introduction"), choices=_TO)
    interests_to = forms.ChoiceField(label=_("Who sees my interests"), choices=_TO)

    def __init__(
        self, given: Any = None, *, profile: CircleProfile | None, place: GuestPlace, fields: tuple[str, ...]
    ) -> None:
        to = seen_by_of(profile.seen_by if profile else {}, fields)
        known: dict[str, Any] = {field: getattr(profile, field, "") for field in LONGEST}
        known["name"] = known["name"] or place.registration.name
        super().__init__(given, initial=known | {f"{field}_to": to[field] for field in to})
        self.kept_fields = fields
        self.offered = {one for one in to if one in fields}
        for field in to:
            if field not in fields:
                self.fields.pop(field, None)
                del self.fields[f"{field}_to"]

    def described(self) -> dict[str, Any]:
        """Return what was given, as the action wants it."""
        given = self.cleaned_data
        seen_by = {field: given[f"{field}_to"] for field in self.offered}
        return {field: given[field] for field in self.offered if field in LONGEST} | {"seen_by": seen_by}


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@circle_page
def me(request: HttpRequest, event: str) -> HttpResponse:
    """Show and change what the guest says about himself in this circle."""
    place = enter_circle(request, event)
    profile = find_profile(place.event.id, place.person_id)
    fields = terms_of(place.event.circle).fields
    form = ProfileForm(
        request.POST if request.method == "POST" else None, profile=profile, place=place, fields=fields
    )
    status = 200
    if request.method == "POST":
        status = _INVALID
        if form.is_valid():
            try:
                return _described(request, place, form)
            except Refusal as refusal:
                on_form(form, refusal, refusal.details.get("field"))
                status = refusal.status
    return _own_page(request, place, form, profile, status=status)


def _own_page(
    request: HttpRequest,
    place: GuestPlace,
    form: ProfileForm,
    profile: CircleProfile | None,
    *,
    picture_error: str = "",
    status: int = 200,
) -> HttpResponse:
    shown = shown_circle(place, "me") | {
        "form": form,
        "profile": profile,
        "fields": form.kept_fields,
        "accept": PICTURE_ACCEPT,
        "picture_error": picture_error,
        "masked_name": initial_of((profile.name if profile else "") or place.registration.name),
    }
    return page(request, "events/circle_me.html", shown, status=status)


def _described(request: HttpRequest, place: GuestPlace, form: ProfileForm) -> HttpResponse:
    def act(actor: Actor, now: datetime) -> Did:
        describe_guest(
            event_id=place.event.id,
            person_id=place.person_id,
            described=form.described(),
            now=now,
            actor=actor,
        )
        return Did(
            go=place.address, object_id=place.registration.id, say=gettext("Saved. The circle sees it now.")
        )

    return do_once(request, act, actor=place.actor, verb="describe_guest", kind="registration")


@require_POST
@signed_in
@circle_page
def picture(request: HttpRequest, event: str) -> HttpResponse:
    """Take a photo for this circle; nothing of the file is kept but its pixels."""
    place = enter_circle(request, event)
    file = request.FILES.get("picture")
    said = "" if file else gettext("Choose a photo first.")
    status = _INVALID
    if file:
        used: list[str] = []
        try:
            name = keep_picture(file, square=True)
            try:
                return _with_picture(request, place, name, used)
            finally:
                if name not in used:
                    remove_picture(name)
        except Refusal as refusal:
            said, status = refusal.message(reader_language()), refusal.status
    profile = find_profile(place.event.id, place.person_id)
    form = ProfileForm(profile=profile, place=place, fields=terms_of(place.event.circle).fields)
    return _own_page(request, place, form, profile, picture_error=said, status=status)


@require_POST
@signed_in
@circle_page
def picture_removal(request: HttpRequest, event: str) -> HttpResponse:
    """Take the guest's photo out of this circle."""
    place = enter_circle(request, event)
    return _with_picture(request, place, "", [])


def _with_picture(request: HttpRequest, place: GuestPlace, name: str, used: list[str]) -> HttpResponse:
    def act(actor: Actor, now: datetime) -> Did:
        use_circle_picture(
            event_id=place.event.id, person_id=place.person_id, picture=name, now=now, actor=actor
        )
        said = gettext("The photo is changed.") if name else gettext("The photo is removed.")
        return Did(go=f"{place.address}/me", object_id=place.registration.id, say=said)

    response = do_once(request, act, actor=place.actor, verb="use_circle_picture", kind="registration")
    stored = find_profile(place.event.id, place.person_id)
    if name and stored is not None and stored.picture == name:
        used.append(name)
    return response


# --- Jotter -----------------------------------------------------------------------------------------------------------


class JotForm(forms.Form):
    """A number and a remark for oneself."""

    number = forms.CharField(
        label=_("Number on the badge"),
        max_length=16,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "enterkeyhint": "next"}),
    )
    remark = forms.CharField(
        label=_("Remark"),
        max_length=LONGEST_REMARK,
        required=False,
        help_text=_("Only you see it."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@circle_page
def jotter(request: HttpRequest, event: str) -> HttpResponse:
    """Show the numbers that the guest has noted; note one, also one that nobody has yet."""
    place = enter_circle(request, event)
    form = JotForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        status = _INVALID
        if form.is_valid():
            try:
                return _jotted(request, place, form.cleaned_data)
            except Refusal as refusal:
                on_form(form, refusal, refusal.details.get("field", "number"))
                status = refusal.status
    shown = shown_circle(place, "jotter") | _jottings(request, place) | {"form": form}
    return page(request, "events/circle_jotter.html", shown, status=status)


def _jottings(request: HttpRequest, place: GuestPlace) -> dict[str, Any]:
    cursor = request.GET.get("cursor") or None
    rows = list_jottings(place.event, eye_of(place.event.id, place.person_id), cursor=cursor)
    return {
        "rows": rows.items,
        "owner": show_id("reg", place.registration.id),
        "cursor": cursor,
        "next_cursor": rows.next_cursor,
        "first_query": "",
        "next_query": f"cursor={rows.next_cursor}",
    }


@require_safe
@signed_in
@circle_page
def noted(request: HttpRequest, event: str) -> HttpResponse:
    """Show the noted numbers alone: the part of the page that turns by itself."""
    place = enter_circle(request, event)
    return page(request, "events/circle_jottings.html", {"place": place} | _jottings(request, place))


def _jotted(request: HttpRequest, place: GuestPlace, given: dict[str, str]) -> HttpResponse:
    typed = number_asked(given["number"], [str(one) for one in place.event.prefixes.values()])

    def act(actor: Actor, now: datetime) -> Did:
        jotting = jot_number(
            event_id=place.event.id,
            person_id=place.person_id,
            number=typed.number if typed else HIGHEST_NUMBER + 1,
            remark=given["remark"],
            now=now,
            actor=actor,
        )
        return Did(
            go=safe_next(request, f"{place.address}/jotter"),
            object_id=place.registration.id,
            say=gettext("Number %(number)s is noted.") % {"number": jotting.number},
        )

    return do_once(request, act, actor=place.actor, verb="jot_number", kind="registration")


@require_POST
@signed_in
@circle_page
def jotting_removal(request: HttpRequest, event: str, number: int) -> HttpResponse:
    """Take a number out of the jotter."""
    place = enter_circle(request, event)

    def act(actor: Actor, now: datetime) -> Did:
        unjot(event_id=place.event.id, person_id=place.person_id, number=number, now=now, actor=actor)
        return Did(
            go=safe_next(request, f"{place.address}/jotter"),
            object_id=place.registration.id,
            say=gettext("The number is removed."),
        )

    return do_once(request, act, actor=place.actor, verb="unjot", kind="registration")


urlpatterns = [
    path("circle/<str:event>/me", me, name="circle-me"),
    path("circle/<str:event>/me/picture", picture, name="circle-picture"),
    path("circle/<str:event>/me/picture/removal", picture_removal, name="circle-picture-removal"),
    path("circle/<str:event>/jotter", jotter, name="circle-jotter"),
    path("circle/<str:event>/jotter/latest", noted, name="circle-noted"),
    path("circle/<str:event>/jotter/<int:number>/removal", jotting_removal, name="circle-jotting-removal"),
]
