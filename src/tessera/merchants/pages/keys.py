"""API keys: what machines show to act for a merchant. A secret is shown once."""

from datetime import datetime

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from tessera.kit.actors import Actor
from tessera.kit.errors import NotFound
from tessera.kit.ids import parse_id
from tessera.kit.pages import Did, do_once, on_form, page, signed_in
from tessera.kit.refusals import Refusal
from tessera.merchants.actions.keys import issue_key, revoke_key
from tessera.merchants.gate import Workplace, enter_merchant
from tessera.merchants.models import ApiKey
from tessera.merchants.pages.forms import TextField
from tessera.merchants.queries import get_api_key, list_api_keys
from tessera.merchants.rules import MERCHANT_SCOPES

__all__ = ["SCOPE_WORDS", "keys", "revoke"]

SCOPE_WORDS = {
    "purchases:write": _("Record purchases and returns"),
    "purchases:read": _("Read purchases, returns and figures"),
    "members:read": _("Find members"),
    "members:write": _("Enrol members, set levels and customer numbers"),
    "catalog:read": _("Read products"),
    "catalog:write": _("Change products and prices"),
    "rules:read": _("Read earning rules"),
    "rules:write": _("Change earning rules"),
    "points:write": _("Give and take points by hand"),
    "ledger:read": _("Read balances and entries"),
    "merchants:read": _("Read stores and staff"),
    "merchants:write": _("Change stores and staff"),
    "events:read": _("Read events and registrations"),
    "events:write": _("Change events, review registrations"),
    "arrivals:write": _("Check guests in at the door"),
    "circle:read": _("Look guests up in circles"),
    "circle:write": _("Act for guests in circles"),
}
_A_PAGE = 50
_TILL = ("purchases:write", "members:read", "catalog:read")


class KeyForm(forms.Form):
    """What a key is for and what it may do."""

    label = TextField(
        label=_("What is it for"), max_length=100, help_text=_("Such as “till 2” or “web shop”.")
    )
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"),
        choices=list(SCOPE_WORDS.items()),
        widget=forms.CheckboxSelectMultiple,
        initial=_TILL,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def keys(request: HttpRequest, merchant: str) -> HttpResponse:
    """Show the keys; issue one and show its secret this once."""
    workplace = enter_merchant(request, merchant, need="merchants:own")
    form = KeyForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                return _issued(request, workplace, form)
            except Refusal as refusal:
                status = refusal.status
                on_form(form, refusal)
    cursor = request.GET.get("cursor")
    found = list_api_keys(workplace.merchant.id, cursor=cursor, limit=_A_PAGE)
    shown = {
        "workplace": workplace,
        "face": "keys",
        "form": form,
        "all_scopes": len(MERCHANT_SCOPES),
        "keys": [(key, [SCOPE_WORDS.get(scope, scope) for scope in key.scopes]) for key in found.items],
        "cursor": cursor,
        "next_cursor": found.next_cursor,
        "first_query": "",
        "next_query": f"cursor={found.next_cursor}",
    }
    return page(request, "merchants/keys.html", shown, status=status)


def _issued(request: HttpRequest, workplace: Workplace, form: KeyForm) -> HttpResponse:
    """A repeat of the form leads to the list: nobody has kept the secret."""
    made: list[tuple[ApiKey, str]] = []

    def act(actor: Actor, now: datetime) -> Did:
        made.append(
            issue_key(
                merchant_id=workplace.merchant.id,
                label=form.cleaned_data["label"],
                scopes=form.cleaned_data["scopes"],
                now=now,
                actor=actor,
            )
        )
        return Did(
            go=f"{workplace.address}/keys",
            object_id=made[-1][0].id,
            details={"scopes": made[-1][0].scopes},
        )

    moved_on = do_once(request, act, actor=workplace.actor, verb="issue_key", kind="api_key")
    # of two clicks at once the slower one's key was rolled back
    if not made or not ApiKey.objects.filter(pk=made[-1][0].id).exists():
        return moved_on
    key, secret = made[-1]
    shown = {"workplace": workplace, "face": "keys", "key": key, "secret": secret}
    response = page(request, "merchants/key_issued.html", shown, status=201)
    response["Cache-Control"] = "no-store"
    return response


@require_POST
@signed_in
def revoke(request: HttpRequest, merchant: str, key: str) -> HttpResponse:
    """Take a key out of use."""
    workplace = enter_merchant(request, merchant, need="merchants:own")
    known = get_api_key(parse_id("key", key))
    if known.merchant_id != workplace.merchant.id:
        raise NotFound

    def act(actor: Actor, now: datetime) -> Did:
        revoke_key(key_id=known.id, now=now, actor=actor)
        return Did(
            go=f"{workplace.address}/keys",
            object_id=known.id,
            say=gettext("Revoked. Machines with this key are turned away within seconds."),
        )

    return do_once(request, act, actor=workplace.actor, verb="revoke_key", kind="api_key", object_id=known.id)


assert set(SCOPE_WORDS) == set(MERCHANT_SCOPES)
