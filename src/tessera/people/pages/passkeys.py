"""Passkeys: signing in with one, and a person's own ones. Built on allauth.mfa; the browser's part is passkeys.js."""

import ipaddress
import struct
from datetime import datetime
from typing import Any

from allauth.mfa.base.internal.flows import post_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import LoginWebAuthnForm
from allauth.mfa.webauthn.internal import auth
from cryptography.exceptions import InvalidSignature
from django import forms
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from tessera.kit.actors import Actor
from tessera.kit.pages import Did, do_once, go, page, person_actor, safe_next, signed_in
from tessera.kit.reader import reader_language
from tessera.kit.refusals import Refusal
from tessera.people.accounts import own_id, signed_in_recently
from tessera.people.actions.passkeys import add_passkey, remove_passkey, rename_passkey
from tessera.people.errors import PasskeysTooMany, PasskeyUnknown
from tessera.people.models import Person
from tessera.people.pages.passwords import AGAIN
from tessera.people.pages.signing import PhoneForm, finish
from tessera.people.queries import list_passkeys
from tessera.people.rules import device_name

__all__ = [
    "passkey",
    "passkey_options",
    "passkey_removal",
    "passkeys",
    "sign_in_passkey",
    "sign_in_passkey_options",
]

_HOME = "/wallet"
_LONGEST = 20_000
_BROKEN = (
    forms.ValidationError, InvalidSignature, ValueError, TypeError, KeyError, AttributeError, IndexError, struct.error,
)  # fmt: skip
"""What fido2 raises at a credential that no authenticator made."""


class CredentialForm(forms.Form):
    """What the browser's authenticator answered."""

    credential = forms.JSONField(widget=forms.HiddenInput)
    name = forms.CharField(required=False, max_length=60)

    def clean_credential(self) -> dict[str, Any]:
        """Return an object of bounded size."""
        credential = self.cleaned_data["credential"]
        if not isinstance(credential, dict) or len(self.data.get("credential", "")) > _LONGEST:
            raise forms.ValidationError("credential")
        return credential


class NameForm(forms.Form):
    """What its owner calls a passkey."""

    name = forms.CharField(label=_("Name"), max_length=60)


@require_POST
def sign_in_passkey_options(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - the session gets the challenge
    """Give the browser a challenge: any passkey of this site may answer it."""
    return _json(auth.begin_authentication())


@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_passkey(request: HttpRequest) -> HttpResponse:
    """Sign in whom the passkey names; refuses `passkey_unknown` for everything else alike."""
    onward = safe_next(request, _HOME)
    if request.method != "POST":  # a refusal stood at this address and was loaded again
        return go(request, "/sign-in", status=302)
    form = CredentialForm(request.POST)
    try:
        authenticator = _proven(form)
    except PasskeyUnknown as refusal:
        told = {"form": PhoneForm(), "next": onward, "sentence": refusal.message(reader_language())}
        return page(request, "people/sign_in.html", told, status=refusal.status)
    response = finish(request, authenticator.user, onward, method="passkey")
    post_authentication(request, authenticator, passwordless=True)
    return response


def _proven(form: CredentialForm) -> Authenticator:
    if not form.is_valid():
        raise PasskeyUnknown
    try:
        answered = LoginWebAuthnForm({"credential": form.data["credential"]})
        if not answered.is_valid():
            raise PasskeyUnknown
    except _BROKEN:
        raise PasskeyUnknown from None
    found = answered.cleaned_data["credential"]
    assert isinstance(found, Authenticator)
    if not isinstance(found.user, Person) or not found.user.is_active:
        raise PasskeyUnknown
    return found


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def passkeys(request: HttpRequest) -> HttpResponse:
    """List the person's passkeys; POST adds the one that the browser has just made."""
    said: Refusal | None = None
    status = 200
    if request.method == "POST":
        if not signed_in_recently(request):
            return go(request, f"{AGAIN}?next=/me/passkeys")
        try:
            return _add(request)
        except (PasskeyUnknown, PasskeysTooMany) as refusal:
            said, status = refusal, refusal.status
    told = {
        "passkeys": list_passkeys(own_id(request)),
        "sentence": said.message(reader_language()) if said else "",
        "recent": signed_in_recently(request),
        "by_number": _is_number(request.get_host()),
        "face": "me",
    }
    return page(request, "people/passkeys.html", told, status=status)


@require_POST
@signed_in
def passkey_options(request: HttpRequest) -> HttpResponse:
    """Give the browser what it needs to make a passkey; asks for a recent sign-in."""
    if not signed_in_recently(request):
        return JsonResponse({"go": f"{AGAIN}?next=/me/passkeys"}, status=403)
    return _json(auth.begin_registration(request.user, passwordless=True))


@require_POST
@signed_in
def passkey(request: HttpRequest, passkey: int) -> HttpResponse:
    """Give a passkey another name."""
    form = NameForm(request.POST)
    if not form.is_valid():
        return go(request, "/me/passkeys")

    def act(actor: Actor, now: datetime) -> Did:
        assert actor.id is not None
        name = form.cleaned_data["name"].strip()
        rename_passkey(person_id=actor.id, passkey_id=passkey, name=name, now=now, actor=actor)
        return Did(go="/me/passkeys", object_id=actor.id, say=gettext("The passkey has its new name."))

    return do_once(request, act, actor=person_actor(request), verb="rename_passkey", kind="person")


@require_POST
@signed_in
def passkey_removal(request: HttpRequest, passkey: int) -> HttpResponse:
    """Remove a passkey; asks for a recent sign-in."""
    if not signed_in_recently(request):
        return go(request, f"{AGAIN}?next=/me/passkeys")

    def act(actor: Actor, now: datetime) -> Did:
        assert actor.id is not None
        remove_passkey(person_id=actor.id, passkey_id=passkey, now=now, actor=actor)
        return Did(go="/me/passkeys", object_id=actor.id, say=gettext("The passkey was removed."))

    return do_once(request, act, actor=person_actor(request), verb="remove_passkey", kind="person")


def _add(request: HttpRequest) -> HttpResponse:
    form = CredentialForm(request.POST)
    if not form.is_valid():
        raise PasskeyUnknown
    credential = form.cleaned_data["credential"]
    try:
        made = auth.complete_registration(credential)
    except _BROKEN:
        raise PasskeyUnknown from None
    if not made.is_user_verified():
        raise PasskeyUnknown
    name = form.cleaned_data["name"].strip() or device_name(request.headers.get("User-Agent", ""))

    def act(actor: Actor, now: datetime) -> Did:
        assert actor.id is not None
        add_passkey(person_id=actor.id, name=name, credential=credential, now=now, actor=actor)
        said = gettext("The passkey is ready. Use it the next time you sign in.")
        return Did(go="/me/passkeys", object_id=actor.id, say=said)

    return do_once(request, act, actor=person_actor(request), verb="add_passkey", kind="person")


def _json(options: dict[str, Any]) -> HttpResponse:
    response = JsonResponse(options)
    response["Cache-Control"] = "no-store"
    return response


def _is_number(host: str) -> bool:
    """Say whether the site is asked for by a number: browsers bind passkeys to names only."""
    try:
        ipaddress.ip_address(
            host.rpartition(":")[0].strip("[]")
            if not host.endswith("]") and ":" in host
            else host.strip("[]")
        )
    except ValueError:
        return False
    return True
