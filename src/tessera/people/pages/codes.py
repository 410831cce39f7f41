"""The code that was sent: typed, sent once more, and what a new member is asked after it."""

import unicodedata
from datetime import datetime

from django import forms
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from tessera.kit import clock, trail
from tessera.kit.edge import repeated
from tessera.kit.ids import show_id
from tessera.kit.pages import go, on_form, page
from tessera.kit.reader import reader_language
from tessera.kit.refusals import Refusal
from tessera.people.actions.signing import join_by_phone, try_code
from tessera.people.errors import CodeWrong, ConsentMissing
from tessera.people.models import Person
from tessera.people.pages.pending import Pending, find_pending, prove_pending
from tessera.people.pages.signing import VISITOR, finish, send_code, shown_phone
from tessera.people.queries import find_by_phone
from tessera.people.rules import CODE_LIMITS

__all__ = ["another_code", "code", "welcome"]

_START = "/sign-in"
_AGREED = ("terms", "privacy")


class CodeForm(forms.Form):
    """Six digits, in whichever width and grouping they were typed."""

    code = forms.CharField(
        label=_("Six-digit code"),
        max_length=20,
        widget=forms.TextInput(
            attrs={
                "inputmode": "numeric",
                "autocomplete": "one-time-code",
                "pattern": "[0-9 ]*",
                "maxlength": "7",
                "autofocus": True,
            }
        ),
    )

    def clean_code(self) -> str:
        """Return the digits alone."""
        typed = unicodedata.normalize("NFKC", self.cleaned_data["code"])
        digits = "".join(character for character in typed if not character.isspace())
        if not (len(digits) == 6 and digits.isdecimal()):
            raise forms.ValidationError(gettext("The code has six digits."))
        return digits


class WelcomeForm(forms.Form):
    """What a new member is asked once."""

    nickname = forms.CharField(
        label=_("What may we call you?"),
        required=False,
        max_length=40,
        help_text=_("Optional. You can change it at any time."),
        widget=forms.TextInput(attrs={"autocomplete": "nickname"}),
    )
    agree = forms.BooleanField(label=_("I agree to the terms of use and the privacy notice."), required=False)


@require_http_methods(["GET", "HEAD", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """Take the code, and let the person in whose number it proves."""
    pending, now = find_pending(request), clock.now()
    if pending is None:
        return go(request, _START, status=302)
    if pending.is_proven(now):
        return go(request, "/sign-in/welcome", status=302)
    form = CodeForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = CodeWrong.status
        if form.is_valid():
            refusal = _tried(pending, form.cleaned_data["code"], now)
            if refusal is None:
                return _let_in(request, pending, now)
            on_form(form, refusal, "code")
            status = refusal.status
    return _code_page(request, form, pending, now, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def another_code(request: HttpRequest) -> HttpResponse:
    """Send a new code to the same number; the one before no longer counts in this browser."""
    pending, now = find_pending(request), clock.now()
    if request.method != "POST":  # a refusal stood at this address and was loaded again
        return go(request, "/sign-in/code", status=302)
    if pending is None:
        return go(request, _START)
    try:
        send_code(request, pending.phone, pending.next)
    except Refusal as refusal:
        form = CodeForm()
        said = refusal.message(reader_language())
        return _code_page(request, form, pending, now, status=refusal.status, said=said)
    return go(request, "/sign-in/code")


@require_http_methods(["GET", "HEAD", "POST"])
def welcome(request: HttpRequest) -> HttpResponse:
    """Ask a new member for consent and, if he likes, a name; then he has joined."""
    pending, now = find_pending(request), clock.now()
    if pending is None or not pending.is_proven(now):
        return go(request, _START, status=302)
    form = WelcomeForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = ConsentMissing.status
        if form.is_valid():
            if form.cleaned_data["agree"]:
                return finish(request, _joined(pending, form, now), pending.next, method="code")
            on_form(form, ConsentMissing(), "agree")
    told = {"form": form, "phone": shown_phone(pending.phone)}
    return page(request, "people/sign_in_welcome.html", told, status=status)


def _tried(pending: Pending, digits: str, now: datetime) -> Refusal | None:
    with transaction.atomic():
        refusal = try_code(code_id=pending.code_id, digits=digits, now=now, actor=VISITOR)
        trail.note(
            actor=VISITOR,
            verb="try_code",
            object_kind="sign_in_code",
            object_id=show_id("cod", pending.code_id),
            outcome=refusal.code if refusal else "done",
            now=now,
        )
    return refusal


def _let_in(request: HttpRequest, pending: Pending, now: datetime) -> HttpResponse:
    person = find_by_phone(pending.phone)
    if person and person.registered_at:
        return finish(request, person, pending.next, method="code")
    prove_pending(request, pending, now=now)
    return go(request, "/sign-in/welcome")


def _joined(pending: Pending, form: WelcomeForm, now: datetime) -> Person:
    def join() -> Person:
        with transaction.atomic():
            return join_by_phone(
                phone=pending.phone,
                nickname=form.cleaned_data["nickname"].strip(),
                language=reader_language(),
                given=_AGREED,
                now=now,
                actor=VISITOR,
            )

    return repeated(join)


def _code_page(
    request: HttpRequest, form: CodeForm, pending: Pending, now: datetime, *, status: int, said: str = ""
) -> HttpResponse:
    wait_s = max(0, CODE_LIMITS[0][0] - pending.age_s(now))
    told = {
        "form": form,
        "said": said,
        "phone": shown_phone(pending.phone),
        "digits": pending.digits if settings.TESSERA_SHOW_CODES else "",
        "wait_s": wait_s,
    }
    return page(request, "people/sign_in_code.html", told, status=status)
