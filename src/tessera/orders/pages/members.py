"""One member as a merchant knows him: what he holds here, what he bought here, his level and customer numbers."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from tessera.kit import clock
from tessera.kit.actors import Actor
from tessera.kit.errors import NotFound
from tessera.kit.ids import parse_id, show_id
from tessera.kit.pages import Did, do_once, on_form, page, signed_in
from tessera.kit.refusals import Refusal
from tessera.ledger.queries import get_balances, list_entries
from tessera.merchants.actions.customers import enrol_customer
from tessera.merchants.gate import Workplace, enter_merchant
from tessera.merchants.queries import CustomerRow, find_customer_number, list_customers, list_store_names
from tessera.orders.queries import list_purchases
from tessera.people.queries import find_joined, get_person
from tessera.points.actions.joining import join_customer_number

__all__ = ["level", "member", "number"]

_A_PAGE = 20


class LevelForm(forms.Form):
    """The member's level with this merchant."""

    level = forms.CharField(
        label=_("Level"),
        max_length=40,
        required=False,
        help_text=_("Earning rules may give more to a level, such as gold. Empty: none."),
    )


class NumberForm(forms.Form):
    """A number by which the merchant knows the member."""

    number = forms.CharField(
        label=_("Customer number"),
        max_length=64,
        help_text=_("Points under a number that stood alone come along, if the member has registered."),
    )


@require_safe
@signed_in
def member(request: HttpRequest, merchant: str, member: str) -> HttpResponse:
    """Show one member of this merchant."""
    workplace = enter_merchant(request, merchant, need="members:read")
    row = _customer(workplace, member)
    return _shown(request, workplace, row, {})


def _customer(workplace: Workplace, member: str) -> CustomerRow:
    """A member of another merchant, or of none, is not here; one who was joined is found under his own name."""
    person_id = find_joined(parse_id("per", member))
    found = list_customers(workplace.merchant.id, person_ids=[person_id], limit=1).items
    if not found:
        raise NotFound
    return found[0]


def _shown(
    request: HttpRequest,
    workplace: Workplace,
    row: CustomerRow,
    forms_given: Mapping[str, forms.Form],
    *,
    status: int = 200,
) -> HttpResponse:
    person_id, merchant_id = row.customer.person_id, workplace.merchant.id
    cursor = request.GET.get("cursor")
    told: dict[str, object] = {
        "workplace": workplace,
        "face": "members",
        "row": row,
        "person": get_person(person_id),
        "level_form": LevelForm(initial={"level": row.customer.level}),
        "number_form": NumberForm(),
        "may_change": workplace.may("members:write"),
    } | dict(forms_given)
    if workplace.may("ledger:read"):
        balances = get_balances(person_id, clock.now(), unit_id=merchant_id)
        told |= {
            "balance": balances[0] if balances else None,
            "sees_points": True,
            "entries": list_entries(person_id, merchant_id, limit=10).items,
        }
    if workplace.may("purchases:read"):
        bought = list_purchases(merchant_id=merchant_id, member_id=person_id, cursor=cursor, limit=_A_PAGE)
        stores = list_store_names(merchant_id)
        told |= {
            "bought": [(one, stores.get(one.store_id) if one.store_id else "") for one in bought.items],
            "sees_purchases": True,
            "cursor": cursor,
            "next_cursor": bought.next_cursor,
            "first_query": "",
            "next_query": f"cursor={bought.next_cursor}",
        }
    return page(request, "orders/member.html", told, status=status)


@require_POST
@signed_in
def level(request: HttpRequest, merchant: str, member: str) -> HttpResponse:
    """Set the member's level."""
    workplace = enter_merchant(request, merchant, need="members:write")
    row = _customer(workplace, member)
    form = LevelForm(request.POST)
    if not form.is_valid():
        return _shown(request, workplace, row, {"level_form": form}, status=422)

    def act(actor: Actor, now: datetime) -> Did:
        given = form.cleaned_data["level"].strip()
        enrol_customer(
            merchant_id=workplace.merchant.id,
            person_id=row.customer.person_id,
            level=given,
            now=now,
            actor=actor,
        )
        return _did(workplace, row.customer.person_id, gettext("Saved."), {"level": given})

    return do_once(request, act, actor=workplace.actor, verb="set_level", kind="customer")


@require_POST
@signed_in
def number(request: HttpRequest, merchant: str, member: str) -> HttpResponse:
    """Give the member a customer number; one that stood alone is joined to him with its points."""
    workplace = enter_merchant(request, merchant, need="members:write")
    row = _customer(workplace, member)
    form = NumberForm(request.POST)
    if not form.is_valid():
        return _shown(request, workplace, row, {"number_form": form}, status=422)
    merchant_id, person_id = workplace.merchant.id, row.customer.person_id
    given = form.cleaned_data["number"]

    def act(actor: Actor, now: datetime) -> Did:
        known = find_customer_number(merchant_id, given)
        if known is None or known.person_id == person_id or get_person(known.person_id).phone:
            enrol_customer(merchant_id=merchant_id, person_id=person_id, number=given, now=now, actor=actor)
            return _did(workplace, person_id, gettext("The number is noted."), {})
        points = join_customer_number(
            merchant_id=merchant_id, number=given, person_id=person_id, now=now, actor=actor
        )
        said = gettext("The number is joined; %(points)s points came along.") % {"points": points}
        return _did(workplace, person_id, said, {"points": points})

    try:
        return do_once(request, act, actor=workplace.actor, verb="add_customer_number", kind="customer")
    except Refusal as refusal:
        on_form(form, refusal, "number")
        return _shown(request, workplace, row, {"number_form": form}, status=refusal.status)


def _did(workplace: Workplace, person_id: UUID, said: str, details: Mapping[str, object]) -> Did:
    return Did(
        go=f"{workplace.address}/members/{show_id('per', person_id)}",
        object_id=person_id,
        details=details,
        say=said,
    )
