"""My businesses, and a new one."""

from datetime import datetime
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from tessera.kit.actors import Actor
from tessera.kit.ids import show_id
from tessera.kit.pages import Did, do_once, on_form, page, person_actor, signed_in
from tessera.kit.refusals import Refusal
from tessera.merchants.actions.business import FirstStore, open_business
from tessera.merchants.directory import list_workplaces
from tessera.merchants.gate import hats_of
from tessera.merchants.pages.forms import CodeField, PhoneField, TextField

__all__ = ["businesses", "open_one"]

_FIELD_OF = {"code_invalid": "code", "code_in_use": "code"}


class BusinessForm(forms.Form):
    """What a new business tells of itself."""

    name = TextField(label=_("Name of the business"), max_length=100)
    code = CodeField(
        label=_("Unified social credit code"),
        required=False,
        max_length=24,
        help_text=_("18 characters, on the business licence. You may leave it empty for now."),
    )
    phone = PhoneField(label=_("Phone of the business"), required=False)
    store_name = TextField(label=_("Name of the first store"), max_length=100)
    district = TextField(label=_("District"), max_length=60, required=False)
    address = TextField(label=_("Address"), max_length=200, required=False)


@require_safe
@signed_in
def businesses(request: HttpRequest) -> HttpResponse:
    """Show the consoles that are open to the person, or how to open a business."""
    person_id = UUID(str(request.user.pk))
    roles: dict[UUID, set[str]] = {}
    for hat in hats_of(person_id):
        roles.setdefault(hat.merchant.id, set()).add(hat.role)
    mine = [(row, sorted(roles[row.merchant.id])) for row in list_workplaces(list(roles))]
    return page(request, "merchants/businesses.html", {"mine": mine})


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def open_one(request: HttpRequest) -> HttpResponse:
    """Let whoever is signed in open a business; it waits for the operator."""
    form = BusinessForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                return _opened(request, form)
            except Refusal as refusal:
                status = refusal.status
                on_form(form, refusal, _FIELD_OF.get(refusal.code))
    return page(request, "merchants/open.html", {"form": form}, status=status)


def _opened(request: HttpRequest, form: BusinessForm) -> HttpResponse:
    given = form.cleaned_data

    def act(actor: Actor, now: datetime) -> Did:
        merchant, _store = open_business(
            name=given["name"],
            code=given["code"],
            phone=given["phone"],
            store=FirstStore(given["store_name"], given["district"], given["address"]),
            person_id=UUID(str(request.user.pk)),
            now=now,
            actor=actor,
        )
        return Did(
            go=f"/console/{show_id('mer', merchant.id)}",
            object_id=merchant.id,
            merchant_id=merchant.id,
            say=gettext("Your business is open. The operator will look at it."),
        )

    return do_once(request, act, actor=person_actor(request), verb="open_business", kind="merchant")
