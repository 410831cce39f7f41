"""Who works for a merchant: owners take on and dismiss."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from tessera.kit.actors import Actor
from tessera.kit.errors import NotFound
from tessera.kit.ids import parse_id, show_id
from tessera.kit.pages import Did, do_once, on_form, page, signed_in
from tessera.kit.refusals import Refusal
from tessera.merchants.actions.staff import dismiss_employee, employ_person
from tessera.merchants.directory import list_open_stores
from tessera.merchants.gate import Workplace, enter_merchant
from tessera.merchants.pages.forms import PhoneField, masked, named
from tessera.merchants.queries import get_employment, list_employments
from tessera.people.actions.persons import recognise_phone
from tessera.people.queries import persons_by_id

__all__ = ["end", "staff"]

_ROLES = [
    ("cashier", _("Cashier: works the counter")),
    ("guide", _("Guide: serves members in the shop")),
    ("manager", _("Manager: everything but staff and keys")),
    ("owner", _("Owner: everything")),
]
_A_PAGE = 50


class EmploymentForm(forms.Form):
    """Whom to take on, as what, and where."""

    phone = PhoneField(
        label=_("Phone number"), help_text=_("Whoever signs in with this number finds the new role there.")
    )
    role = forms.ChoiceField(label=_("Role"), choices=_ROLES, initial="cashier", widget=forms.RadioSelect)
    store = forms.ChoiceField(label=_("Store"), required=False)

    def __init__(self, given: Any, *, merchant_id: UUID) -> None:
        super().__init__(given)
        stores = [(show_id("sto", store.id), store.name) for store in list_open_stores(merchant_id)]
        self.fields["store"].choices = [("", _("All stores")), *stores]  # type: ignore[attr-defined]  # a ChoiceField

    def clean(self) -> dict[str, Any]:
        """Return the form; an owner is one everywhere."""
        given: dict[str, Any] = super().clean() or {}
        if given.get("role") == "owner" and given.get("store"):
            self.add_error("store", gettext("An owner works at all stores."))
        return given


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def staff(request: HttpRequest, merchant: str) -> HttpResponse:
    """Show who works here, or (?ended=1) worked; take somebody on."""
    workplace = enter_merchant(request, merchant, need="merchants:own")
    form = EmploymentForm(
        request.POST if request.method == "POST" else None, merchant_id=workplace.merchant.id
    )
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                return _employed(request, workplace, form)
            except Refusal as refusal:
                status = refusal.status
                on_form(form, refusal, "phone")
    return _shown(request, workplace, form, status=status)


def _employed(request: HttpRequest, workplace: Workplace, form: EmploymentForm) -> HttpResponse:
    given = form.cleaned_data

    def act(actor: Actor, now: datetime) -> Did:
        employment = employ_person(
            merchant_id=workplace.merchant.id,
            person_id=recognise_phone(phone=given["phone"], now=now, actor=actor).id,
            role=given["role"],
            store_id=parse_id("sto", given["store"]) if given["store"] else None,
            now=now,
            actor=actor,
        )
        return Did(
            go=f"{workplace.address}/staff",
            object_id=employment.id,
            details={"role": employment.role},
            say=gettext("Taken on."),
        )

    return do_once(request, act, actor=workplace.actor, verb="employ_person", kind="employment")


def _shown(request: HttpRequest, workplace: Workplace, form: EmploymentForm, *, status: int) -> HttpResponse:
    ended = request.GET.get("ended") == "1"
    cursor = request.GET.get("cursor")
    found = list_employments(workplace.merchant.id, ended=ended, cursor=cursor, limit=_A_PAGE)
    persons = persons_by_id([one.person_id for one in found.items])
    names = {store.id: store.name for store in list_open_stores(workplace.merchant.id)}
    people = [
        {
            "employment": one,
            "name": named(persons.get(one.person_id)),
            "phone": masked(persons.get(one.person_id)),
            "store": names.get(one.store_id, "·") if one.store_id else "",
            "role": dict(_ROLE_NAMES)[one.role],
            "self": str(one.person_id) == str(request.user.pk),
        }
        for one in found.items
    ]
    context = {
        "workplace": workplace,
        "face": "staff",
        "form": form,
        "people": people,
        "ended": ended,
        "cursor": cursor,
        "next_cursor": found.next_cursor,
        "first_query": "ended=1" if ended else "",
        "next_query": f"{'ended=1&' if ended else ''}cursor={found.next_cursor}",
    }
    return page(request, "merchants/staff.html", context, status=status)


_ROLE_NAMES = [
    ("cashier", _("Cashier")),
    ("guide", _("Guide")),
    ("manager", _("Manager")),
    ("owner", _("Owner")),
]


@require_POST
@signed_in
def end(request: HttpRequest, merchant: str, employment: str) -> HttpResponse:
    """End an employment; one's own too, but not the last owner's."""
    workplace = enter_merchant(request, merchant, need="merchants:own")
    known = get_employment(parse_id("emp", employment))
    if known.merchant_id != workplace.merchant.id:
        raise NotFound
    own = str(known.person_id) == str(request.user.pk)

    def act(actor: Actor, now: datetime) -> Did:
        dismiss_employee(employment_id=known.id, now=now, actor=actor)
        return Did(
            go="/work" if own else f"{workplace.address}/staff",
            object_id=known.id,
            say=gettext("The employment has ended."),
        )

    return do_once(
        request, act, actor=workplace.actor, verb="dismiss_employee", kind="employment", object_id=known.id
    )
