"""What a person says about himself: profile and picture."""

from datetime import date, datetime
from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tessera.kit.actors import Actor
from tessera.kit.media import PICTURE_ACCEPT, keep_picture, remove_picture
from tessera.kit.pages import Did, do_once, on_form, page, person_actor, signed_in
from tessera.kit.reader import reader_language
from tessera.kit.refusals import Refusal
from tessera.people.accounts import own_id
from tessera.people.actions.persons import describe_person
from tessera.people.actions.pictures import take_picture_away, use_picture
from tessera.people.models import Person
from tessera.people.queries import get_person
from tessera.people.rules import EARLIEST_BIRTHDAY

__all__ = ["me", "picture", "picture_removal", "profile"]

_INVALID = 422
_COOKIE_OF = {"zh-Hans": "zh-hans", "en": "en"}


class ProfileForm(forms.Form):
    """How the person is called, and what shops may use for birthday points and for what is near."""

    nickname = forms.CharField(
        label=_("Nickname"),
        max_length=40,
        required=False,
        help_text=_("Cashiers see it when they scan your code."),
        widget=forms.TextInput(attrs={"autocomplete": "nickname"}),
    )
    birthday = forms.DateField(
        label=_("Birthday"),
        required=False,
        help_text=_("For birthday points. It can be given once; after that only the operator changes it."),
        widget=forms.DateInput(
            attrs={"type": "date", "min": EARLIEST_BIRTHDAY.isoformat()}, format="%Y-%m-%d"
        ),
    )
    district = forms.CharField(
        label=_("District"),
        max_length=60,
        required=False,
        help_text=_("Shops there are shown first."),
        widget=forms.TextInput(attrs={"autocomplete": "address-level3"}),
    )
    language = forms.ChoiceField(
        label=_("Language of messages"),
        choices=[("zh-Hans", "中文"), ("en", "English")],
        widget=forms.RadioSelect,
    )

    def __init__(self, given: Any = None, *, person: Person) -> None:
        known = {name: getattr(person, name) for name in ("nickname", "district", "language")}
        super().__init__(given, initial=known)
        if person.birthday:
            del self.fields["birthday"]


@require_safe
@signed_in
def me(request: HttpRequest) -> HttpResponse:
    """Show who is signed in, and lead to everything that is his to decide."""
    person = get_person(own_id(request))
    return page(request, "people/me.html", {"face": "me", "person": person, "accept": PICTURE_ACCEPT})


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def profile(request: HttpRequest) -> HttpResponse:
    """Change nickname, district, language, and once the birthday."""
    person = get_person(own_id(request))
    form = ProfileForm(request.POST or None, person=person)
    status = 200
    if request.method == "POST":
        status = _INVALID
        if form.is_valid():
            try:
                return _described(request, form.cleaned_data)
            except Refusal as refusal:
                on_form(form, refusal, "birthday")
                status = refusal.status
    shown = {"face": "me", "person": person, "form": form, "accept": PICTURE_ACCEPT}
    return page(request, "people/profile.html", shown, status=status)


def _described(request: HttpRequest, given: dict[str, Any]) -> HttpResponse:
    birthday: date | None = given.get("birthday")
    described = {name: given[name] for name in ("nickname", "district", "language")}
    if birthday is not None:
        described["birthday"] = birthday

    def act(actor: Actor, now: datetime) -> Did:
        person = describe_person(person_id=own_id(request), described=described, now=now, actor=actor)
        return Did(go="/me", object_id=person.id, say=gettext("Saved."))

    response = do_once(request, act, actor=person_actor(request), verb="describe_person", kind="person")
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        _COOKIE_OF[given["language"]],
        max_age=settings.LANGUAGE_COOKIE_AGE,
        samesite="Lax",
        secure=settings.TESSERA_HTTPS,
    )
    return response


@require_POST
@signed_in
def picture(request: HttpRequest) -> HttpResponse:
    """Take an uploaded picture; what is none is refused, and nothing of it is kept but its pixels."""
    person = get_person(own_id(request))
    file = request.FILES.get("picture")
    form = ProfileForm(person=person)
    shown = {"face": "me", "person": person, "form": form, "accept": PICTURE_ACCEPT}
    if file is None:
        said = gettext("Choose a picture first.")
        return page(request, "people/profile.html", {**shown, "picture_error": said}, status=_INVALID)
    used: list[str] = []
    try:
        name = keep_picture(file, square=True)
        try:
            return _with_picture(request, name, used)
        finally:
            if name not in used:
                remove_picture(name)
    except Refusal as refusal:
        return page(
            request,
            "people/profile.html",
            {**shown, "picture_error": refusal.message(reader_language())},
            status=refusal.status,
        )


def _with_picture(request: HttpRequest, name: str, used: list[str]) -> HttpResponse:
    def act(actor: Actor, now: datetime) -> Did:
        use_picture(person_id=own_id(request), picture=name, now=now, actor=actor)
        return Did(go="/me", object_id=own_id(request), say=gettext("The picture is changed."))

    response = do_once(request, act, actor=person_actor(request), verb="use_picture", kind="person")
    if get_person(own_id(request)).picture == name:
        used.append(name)
    return response


@require_POST
@signed_in
def picture_removal(request: HttpRequest) -> HttpResponse:
    """Remove the picture and its files."""

    def act(actor: Actor, now: datetime) -> Did:
        take_picture_away(person_id=own_id(request), now=now, actor=actor)
        return Did(go="/me", object_id=own_id(request), say=gettext("The picture is removed."))

    return do_once(request, act, actor=person_actor(request), verb="remove_picture", kind="person")
