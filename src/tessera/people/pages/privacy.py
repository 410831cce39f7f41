"""People's data is theirs: consents, a copy of everything, and erasure (spec/README.md, rule 7)."""

import json
from datetime import datetime

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from tessera.kit import clock, trail
from tessera.kit.actors import Actor
from tessera.kit.pages import Did, do_once, go, page, person_actor, signed_in
from tessera.people.accounts import own_id, sign_out_person, signed_in_recently
from tessera.people.actions.privacy import erase_person, record_consent
from tessera.people.exports import assemble_export
from tessera.people.queries import get_person, list_consents, list_standing_consents
from tessera.people.rules import TEXT_VERSION

__all__ = ["consents", "erasure", "export", "goodbye"]

_INVALID = 422
_NEEDED = ("terms", "privacy")
_CHOSEN = ("news",)
"""Purposes that one agrees to or not, without losing anything."""


class ConsentForm(forms.Form):
    """One choice about one purpose."""

    purpose = forms.ChoiceField(choices=[(one, one) for one in _CHOSEN])
    given = forms.ChoiceField(choices=[("yes", "yes"), ("no", "no")])


class ErasureForm(forms.Form):
    """The last digits of one's own number, so that nobody is erased by a slip of the finger."""

    digits = forms.CharField(
        label=_("The last four digits of your phone number"),
        max_length=4,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "pattern": "[0-9]{4}"}),
    )

    def __init__(self, *given: object, phone: str) -> None:
        super().__init__(*given)  # type: ignore[arg-type]  # as django.forms takes them
        self._phone = phone

    def clean_digits(self) -> str:
        """Return the digits if they end the person's number."""
        digits = str(self.cleaned_data["digits"])
        if not self._phone or digits != self._phone[-4:]:
            raise forms.ValidationError(_("These are not the last four digits of your phone number."))
        return digits


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def consents(request: HttpRequest) -> HttpResponse:
    """Show what was agreed to, when, to which text; give or withdraw what is a free choice."""
    form = ConsentForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return _consented(request, form.cleaned_data["purpose"], given=form.cleaned_data["given"] == "yes")
    cursor = request.GET.get("cursor") or None
    history = list_consents(own_id(request), cursor=cursor, limit=20)
    standing = list_standing_consents(own_id(request))
    shown = {
        "face": "me",
        "needed": [(purpose, standing.get(purpose)) for purpose in _NEEDED],
        "chosen": [(purpose, standing.get(purpose)) for purpose in _CHOSEN],
        "history": history.items,
        "cursor": cursor,
        "next_cursor": history.next_cursor,
        "next_query": f"cursor={history.next_cursor}",
        "first_query": "",
    }
    return page(request, "people/consents.html", shown, status=_INVALID if request.method == "POST" else 200)


def _consented(request: HttpRequest, purpose: str, *, given: bool) -> HttpResponse:
    def act(actor: Actor, now: datetime) -> Did:
        row = record_consent(
            person_id=own_id(request),
            purpose=purpose,
            text_version=TEXT_VERSION,
            given=given,
            now=now,
            actor=actor,
        )
        said = gettext("Noted: you agree.") if given else gettext("Noted: you no longer agree.")
        details = {"purpose": purpose, "given": given}
        return Did(go="/me/consents", object_id=row.person_id, details=details, say=said)

    return do_once(request, act, actor=person_actor(request), verb="record_consent", kind="person")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@signed_in
def export(request: HttpRequest) -> HttpResponse:
    """Hand over everything that is kept about the person as a file; reading it is noted in the audit trail."""
    if request.method != "POST":
        return page(request, "people/export.html", {"face": "me"})
    person_id, now = own_id(request), clock.now()
    told = {"made_at": now.isoformat(), **assemble_export(person_id)}
    trail.note(
        actor=person_actor(request), verb="export_person", object_kind="person", object_id=person_id, now=now
    )
    written = json.dumps(told, ensure_ascii=False, indent=2, default=str)
    response = HttpResponse(written, content_type="application/json; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="tessera-{now:%Y-%m-%d}.json"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def erasure(request: HttpRequest) -> HttpResponse:
    """Say what goes and what stays; erase after a recent sign-in and the last digits of the number, and sign out."""
    if not signed_in_recently(request):
        return go(request, "/sign-in/again?next=/me/erasure", status=302)
    person = get_person(own_id(request))
    form = ErasureForm(request.POST or None, phone=person.phone or "")
    if request.method == "POST" and form.is_valid():
        return _erased(request)
    status = _INVALID if request.method == "POST" else 200
    return page(request, "people/erasure.html", {"face": "me", "form": form}, status=status)


def _erased(request: HttpRequest) -> HttpResponse:
    person_id = own_id(request)

    def act(actor: Actor, now: datetime) -> Did:
        erase_person(person_id=person_id, reason="own wish", now=now, actor=actor)
        return Did(go="/goodbye", object_id=person_id)

    response = do_once(request, act, actor=person_actor(request), verb="erase_person", kind="person")
    sign_out_person(request)
    return response


@require_safe
def goodbye(request: HttpRequest) -> HttpResponse:
    """Say that the erasure is done."""
    return page(request, "people/goodbye.html")
