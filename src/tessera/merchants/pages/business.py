"""A business's own details, and the sign for its door."""

from datetime import datetime
from zoneinfo import available_timezones

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from tessera.kit.actors import Actor
from tessera.kit.ids import parse_id, show_id
from tessera.kit.pages import Did, do_once, go, on_form, page, signed_in
from tessera.kit.qr import qr_svg
from tessera.kit.refusals import Refusal
from tessera.merchants.actions.business import change_merchant
from tessera.merchants.gate import enter_merchant
from tessera.merchants.pages.forms import CodeField, PhoneField, TextField
from tessera.merchants.queries import get_store

__all__ = ["business", "shop", "sign"]

_FIELD_OF = {"time_zone_unknown": "time_zone", "code_invalid": "code", "code_in_use": "code"}
_COMMON_ZONES = ("Asia/Shanghai", "Asia/Hong_Kong", "Asia/Taipei", "Asia/Singapore", "Asia/Tokyo", "UTC")


def _zones() -> list[tuple[str, list[tuple[str, str]]]]:
    others = sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/"))
    return [
        (gettext("Common"), [(zone, zone) for zone in _COMMON_ZONES]),
        (gettext("All"), [(zone, zone) for zone in others if zone not in _COMMON_ZONES]),
    ]


class DetailsForm(forms.Form):
    """What may be changed of a business; the credit code only where none has been given."""

    name = TextField(
        label=_("Name"), max_length=100, help_text=_("Members see it on their wallet and receipts.")
    )
    phone = PhoneField(label=_("Phone"), required=False)
    code = CodeField(
        label=_("Unified social credit code"),
        required=False,
        max_length=24,
        help_text=_("18 characters, on the business licence. It can be given once."),
    )
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=_zones,
        help_text=_("Days in figures and rules begin at midnight there."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def business(request: HttpRequest, merchant: str) -> HttpResponse:
    """Show the details of the business; who may, changes them."""
    need = "merchants:write" if request.method == "POST" else "merchants:read"
    workplace = enter_merchant(request, merchant, need=need)
    row = workplace.merchant
    known = {"name": row.name, "phone": row.phone, "time_zone": row.time_zone}
    form = DetailsForm(request.POST if request.method == "POST" else None, initial=known)
    if row.code:
        del form.fields["code"]
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            given = form.cleaned_data

            def act(actor: Actor, now: datetime) -> Did:
                _merchant, changed = change_merchant(merchant_id=row.id, **given, now=now, actor=actor)
                told = {"changed": sorted(changed)} | ({"name": changed["name"]} if "name" in changed else {})
                return Did(
                    go=f"{workplace.address}/business",
                    object_id=row.id,
                    merchant_id=row.id,
                    details=told,
                    say=gettext("Saved."),
                )

            try:
                return do_once(
                    request,
                    act,
                    actor=workplace.actor,
                    verb="change_merchant",
                    kind="merchant",
                    object_id=row.id,
                )
            except Refusal as refusal:
                status = refusal.status
                on_form(form, refusal, _FIELD_OF.get(refusal.code))
    shown = {
        "workplace": workplace,
        "face": "business",
        "form": form,
        "may_change": workplace.may("merchants:write"),
    }
    return page(request, "merchants/business.html", shown, status=status)


@require_safe
@signed_in
def sign(request: HttpRequest, merchant: str, store: str) -> HttpResponse:
    """Show the sign for a store's door: a code that opens the shop's page with any phone camera; for printing."""
    workplace = enter_merchant(request, merchant, need="merchants:read")
    found = get_store(parse_id("sto", store), merchant_id=workplace.merchant.id)
    address = request.build_absolute_uri(f"/s/{show_id('sto', found.id)}")
    shown = {
        "workplace": workplace,
        "face": "stores",
        "store": found,
        "address": address,
        "code": qr_svg(address),
    }
    return page(request, "merchants/sign.html", shown)


@require_safe
def shop(request: HttpRequest, store: str) -> HttpResponse:
    """Lead from the code on a store's door to the shop's page."""
    found = get_store(parse_id("sto", store))
    return go(request, f"/shops/{show_id('mer', found.merchant_id)}", status=302)
