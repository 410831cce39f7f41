"""A password, for those who want one: signing in with it, setting, changing and removing it."""

from datetime import datetime

from django import forms
from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.password_validation import validate_password
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from tessera.kit import clock, trail
from tessera.kit.actors import Actor
from tessera.kit.pages import Did, do_once, go, on_form, page, person_actor, safe_next, signed_in
from tessera.kit.refusals import Refusal
from tessera.people.accounts import (
    keep_signed_in,
    network_of,
    own_id,
    sender_address,
    signed_in_recently,
)
from tessera.people.actions.passwords import remove_password, set_password
from tessera.people.actions.signing import forget_password_try, take_password_try
from tessera.people.errors import SignInMismatch
from tessera.people.models import Person
from tessera.people.pages.signing import VISITOR, PhoneForm, finish
from tessera.people.queries import get_person

__all__ = ["AGAIN", "password", "password_removal", "sign_in_password"]

AGAIN = "/sign-in/again"
_HOME = "/wallet"
_INVALID = 422


_WEAK = {
    "password_too_short": _("This password is too short; it needs at least 10 characters."),
    "password_too_common": _("This password is one of those that are tried first."),
    "password_entirely_numeric": _("A password of digits alone is guessed too soon."),
    "password_too_similar": _("This password is too much like your phone number or your nickname."),
}
"""What Django's validators find, in our words: by their codes."""


class SignInForm(PhoneForm):
    """Phone number and password."""

    password = forms.CharField(
        label=_("Password"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class PasswordForm(forms.Form):
    """A new password; one field, shown on demand, instead of typing it twice unseen."""

    password = forms.CharField(
        label=_("New password"),
        max_length=200,
        strip=False,
        help_text=_(
            "At least 10 characters. Several words that you can remember are better than one with signs."
        ),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *given: object, person: Person) -> None:
        super().__init__(*given)  # type: ignore[arg-type]  # as django.forms takes them
        self._person = person

    def clean_password(self) -> str:
        """Return a password that Django's validators accept."""
        password = str(self.cleaned_data["password"])
        try:
            validate_password(password, self._person)
        except forms.ValidationError as refused:
            said = [_WEAK.get(one.code or "", one.message) for one in refused.error_list]
            raise forms.ValidationError([str(sentence) for sentence in said]) from None
        return password


@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_password(request: HttpRequest) -> HttpResponse:
    """Sign in with number and password; the answer does not tell whether the number is known."""
    onward = safe_next(request, _HOME)
    form = SignInForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = _INVALID
        if form.is_valid():
            try:
                person = _matching(request, str(form.cleaned_data["phone"]), form.cleaned_data["password"])
                return finish(request, person, onward, method="password")
            except Refusal as refusal:
                on_form(form, refusal)
                status = refusal.status
    return page(request, "people/sign_in_password.html", {"form": form, "next": onward}, status=status)


def _matching(request: HttpRequest, phone: str, given: str) -> Person:
    """Return the person whose number and password these are; refuses `sign_in_mismatch`, `sign_in_tries_used`."""
    now = clock.now()
    try:
        with transaction.atomic():
            tried = take_password_try(
                phone=phone,
                address=network_of(sender_address(request)),
                address_factor=settings.TESSERA_CODES_PER_ADDRESS,
                now=now,
                actor=VISITOR,
            )
        # takes as long for a number that nobody has, or that has no password
        person = ModelBackend().authenticate(request, username=phone, password=given)
        if not isinstance(person, Person) or not person.registered_at:
            raise SignInMismatch
    except Refusal as refusal:
        _note_refused(refusal, now)
        raise
    with transaction.atomic():
        forget_password_try(try_id=tried.id, now=now, actor=VISITOR)
    return person


def _note_refused(refusal: Refusal, now: datetime) -> None:
    with transaction.atomic():
        trail.note(actor=VISITOR, verb="sign_in", object_kind="person", outcome=refusal.code, now=now)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def password(request: HttpRequest) -> HttpResponse:
    """Set or change the password; asks for a recent sign-in, and signs out all other devices."""
    if not signed_in_recently(request):
        return go(request, f"{AGAIN}?next=/me/password", status=302)
    person = get_person(own_id(request))
    form = PasswordForm(request.POST or None, person=person)
    status = 200
    if request.method == "POST":
        status = _INVALID
        if form.is_valid():
            return _set(request, person, form.cleaned_data["password"])
    told = {"form": form, "person": person, "face": "me"}
    return page(request, "people/password.html", told, status=status)


def _set(request: HttpRequest, person: Person, chosen: str) -> HttpResponse:
    def act(actor: Actor, now: datetime) -> Did:
        changed = set_password(
            person_id=person.id,
            password=chosen,
            session_key=request.session.session_key or "",
            now=now,
            actor=actor,
        )
        keep_signed_in(request, changed)
        said = gettext("The password is set. Your other devices were signed out.")
        return Did(go="/me/password", object_id=person.id, say=said)

    return do_once(request, act, actor=person_actor(request), verb="set_password", kind="person")


@require_POST
@signed_in
def password_removal(request: HttpRequest) -> HttpResponse:
    """Remove the password; codes and passkeys remain."""
    if not signed_in_recently(request):
        return go(request, f"{AGAIN}?next=/me/password")

    def act(actor: Actor, now: datetime) -> Did:
        assert actor.id is not None
        changed = remove_password(
            person_id=actor.id, session_key=request.session.session_key or "", now=now, actor=actor
        )
        keep_signed_in(request, changed)
        return Did(go="/me/password", object_id=actor.id, say=gettext("The password was removed."))

    return do_once(request, act, actor=person_actor(request), verb="remove_password", kind="person")
