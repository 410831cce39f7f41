"""Signing in by phone number and code; signing out."""

from datetime import datetime
from pathlib import Path
from urllib.parse import urlencode

import phonenumbers
from django import forms
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tessera.kit import clock, trail
from tessera.kit.actors import Actor
from tessera.kit.edge import repeated
from tessera.kit.errors import PhoneInvalid
from tessera.kit.ids import show_id
from tessera.kit.pages import go, on_form, page, person_actor, safe_next, signed_in
from tessera.kit.phones import masked_phone, normal_phone
from tessera.kit.reader import reader_language
from tessera.kit.refusals import Refusal
from tessera.notices.actions.sms import send_sms
from tessera.people.accounts import network_of, own_id, sender_address, sign_in_person, sign_out_person
from tessera.people.actions.signing import issue_code
from tessera.people.errors import CodeNotSent
from tessera.people.models import Person
from tessera.people.pages.pending import Pending, drop_pending, find_pending, keep_pending
from tessera.people.pages.regions import region_choices
from tessera.people.queries import get_person
from tessera.people.rules import CODE_LASTS_S, CODE_LIMITS

__all__ = [
    "SIGN_IN_CODE",
    "VISITOR",
    "PhoneForm",
    "finish",
    "other_number",
    "send_code",
    "shown_phone",
    "sign_in",
    "sign_in_again",
    "sign_out",
]

SIGN_IN_CODE = "sign_in"
VISITOR = Actor(kind="visitor")
_HOME = "/wallet"


class PhoneForm(forms.Form):
    """A phone number of any country; `cleaned_data["phone"]` is E.164."""

    region = forms.ChoiceField(label=_("Region"))
    phone = forms.CharField(
        label=_("Phone number"),
        max_length=40,
        help_text=_("For other countries, type the number with + and the country code."),
        widget=forms.TextInput(
            attrs={"type": "tel", "inputmode": "tel", "autocomplete": "tel", "autofocus": True}
        ),
    )

    def __init__(self, *given: object, **named: object) -> None:
        super().__init__(*given, **named)  # type: ignore[arg-type]  # as django.forms takes them
        field = self.fields["region"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = region_choices()
        field.initial = settings.TESSERA_DEFAULT_REGION

    def clean(self) -> dict[str, object]:
        """Bring the number into E.164; refuses at the field what cannot be one."""
        given = super().clean() or {}
        if given.get("phone") and given.get("region"):
            try:
                given["phone"] = normal_phone(str(given["phone"]), region=str(given["region"]))
            except PhoneInvalid as refusal:
                on_form(self, refusal, "phone")
        return given


@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Ask for the phone number, and send a code to it. The same for every number, known or not."""
    onward = safe_next(request, _HOME)
    if request.user.is_authenticated:
        return go(request, onward, status=302)
    form = PhoneForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = PhoneInvalid.status
        if form.is_valid():
            try:
                return _send_and_go(request, str(form.cleaned_data["phone"]), onward)
            except Refusal as refusal:
                on_form(form, refusal)
                status = refusal.status
    return page(request, "people/sign_in.html", {"form": form, "next": onward}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def sign_in_again(request: HttpRequest) -> HttpResponse:
    """Let the person prove once more who he is, before he changes how he signs in."""
    person = get_person(own_id(request))
    onward = safe_next(request, _HOME)
    said, status = "", 200
    if request.method == "POST" and person.phone:
        try:
            return _send_and_go(request, person.phone, onward)
        except Refusal as refusal:
            said, status = refusal.message(reader_language()), refusal.status
    told = {"sentence": said, "next": onward, "phone": masked_phone(person.phone or ""), "person": person}
    return page(request, "people/sign_in_again.html", told, status=status)


@require_safe
def other_number(request: HttpRequest) -> HttpResponse:
    """Let the visitor type another number; the code that was sent is forgotten here."""
    pending = find_pending(request)
    drop_pending(request)
    onward = pending.next if pending else _HOME
    return go(request, f"/sign-in?{urlencode({'next': onward})}", status=302)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Sign out on this device."""
    if request.user.is_authenticated:
        actor, now = person_actor(request), clock.now()
        with transaction.atomic():
            sign_out_person(request)
            trail.note(actor=actor, verb="sign_out", object_kind="person", object_id=actor.id or "", now=now)
    return go(request, "/")


def _send_and_go(request: HttpRequest, phone: str, onward: str) -> HttpResponse:
    begun, now = find_pending(request), clock.now()
    if not (begun and begun.phone == phone and not begun.proven_at and begun.age_s(now) < CODE_LIMITS[0][0]):
        send_code(request, phone, onward)
    return go(request, "/sign-in/code")


def send_code(request: HttpRequest, phone: str, onward: str) -> None:
    """Send a code to `phone` and let this browser wait for it; refuses `codes_too_often` and `code_not_sent`."""
    now = clock.now()
    many = settings.TESSERA_CODES_PER_ADDRESS
    address_limits = tuple((window, most * many) for window, most in CODE_LIMITS)
    try:
        with transaction.atomic():
            row, digits = issue_code(
                phone=phone,
                purpose=SIGN_IN_CODE,
                address=network_of(sender_address(request)),
                address_limits=address_limits,
                now=now,
                actor=VISITOR,
            )
            _note("send_code", show_id("cod", row.id), now=now)
    except Refusal as refusal:
        with transaction.atomic():
            _note("send_code", "", now=now, outcome=refusal.code)
        raise
    sms = send_sms(
        phone=phone,
        text=_text(digits),
        kind=SIGN_IN_CODE,
        port=settings.TESSERA_SMS,
        data_dir=Path(settings.TESSERA_DATA_DIR),
        now=now,
        actor=VISITOR,
    )
    shown = settings.TESSERA_SHOW_CODES
    if sms.outcome != "sent" and not shown:
        raise CodeNotSent
    keep_pending(
        request, Pending(phone, str(row.id), now.isoformat(), onward, digits=digits if shown else "")
    )


def finish(request: HttpRequest, person: Person, onward: str, *, method: str) -> HttpResponse:
    """Sign the person in and go on; the audit line says by what."""
    now = clock.now()

    def enter() -> None:
        with transaction.atomic():
            sign_in_person(request, person, method=method)
            actor = Actor(kind="person", id=person.id)
            trail.note(
                actor=actor,
                verb="sign_in",
                object_kind="person",
                object_id=person.id,
                details={"method": method},
                now=now,
            )

    repeated(enter)
    drop_pending(request)
    return go(request, onward)


def shown_phone(phone: str) -> str:
    """Return a number as people group its digits, with its country code."""
    return phonenumbers.format_number(phonenumbers.parse(phone), phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def _note(verb: str, object_id: str, *, now: datetime, outcome: str = "done") -> None:
    trail.note(
        actor=VISITOR, verb=verb, object_kind="sign_in_code", object_id=object_id, outcome=outcome, now=now
    )


def _text(digits: str) -> str:
    told = {"name": settings.TESSERA_OPERATOR_NAME, "code": digits, "minutes": CODE_LASTS_S // 60}
    return (
        gettext(
            "[%(name)s] %(code)s is your sign-in code, valid for %(minutes)s minutes. We never ask you for it."
        )
        % told
    )
