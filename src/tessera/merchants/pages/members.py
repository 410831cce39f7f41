"""The members whom a merchant knows: found by phone, own number or name; enrolled; taken away as CSV."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from tessera.kit.actors import Actor
from tessera.kit.csv_answers import csv_answer
from tessera.kit.ids import show_id
from tessera.kit.pages import Did, do_once, on_form, page, signed_in
from tessera.kit.paging import Page
from tessera.kit.phones import masked_phone, normal_phone
from tessera.kit.refusals import Refusal
from tessera.merchants.actions.customers import enrol_customer
from tessera.merchants.directory import list_customers_named, list_levels
from tessera.merchants.errors import CustomerUnnamed
from tessera.merchants.gate import Workplace, enter_merchant
from tessera.merchants.pages.forms import PhoneField, TextField
from tessera.merchants.queries import CustomerRow, list_customers
from tessera.people.queries import find_by_phone, persons_by_id

__all__ = ["enrol", "members", "members_csv"]

_A_PAGE = 50
_AT_ONCE = 200


class EnrolmentForm(forms.Form):
    """How the merchant names a member: by phone number, by a number of its own, or both."""

    phone = PhoneField(label=_("Phone number"), required=False)
    number = TextField(
        label=_("Customer number"),
        required=False,
        max_length=64,
        help_text=_("Your own number for this customer, if you use one."),
    )
    level = TextField(label=_("Level"), required=False, max_length=40)


@require_safe
@signed_in
def members(request: HttpRequest, merchant: str) -> HttpResponse:
    """Show the members, narrowed by `q` (phone whole, customer number, or beginning of the name) and `level`."""
    workplace = enter_merchant(request, merchant, need="members:read")
    asked, level = request.GET.get("q", "").strip()[:100], request.GET.get("level", "")
    cursor = request.GET.get("cursor")
    found = _found(workplace.merchant.id, asked, level or None, cursor)
    persons = persons_by_id([row.customer.person_id for row in found.items])
    narrowed = {name: value for name, value in (("q", asked), ("level", level)) if value}
    shown = {
        "workplace": workplace,
        "face": "members",
        "members": [(row, persons[row.customer.person_id]) for row in found.items],
        "asked": asked,
        "level": level,
        "levels": list_levels(workplace.merchant.id),
        "may_change": workplace.may("members:write"),
        "cursor": cursor,
        "next_cursor": found.next_cursor,
        "first_query": urlencode(narrowed),
        "next_query": urlencode({**narrowed, "cursor": found.next_cursor or ""}),
    }
    return page(request, "merchants/members.html", shown)


def _found(merchant_id: UUID, asked: str, level: str | None, cursor: str | None) -> Page[CustomerRow]:
    """A phone number is found whole and only where the merchant gave it; else by own number, else by name."""
    if not asked:
        return list_customers(merchant_id, level=level, cursor=cursor, limit=_A_PAGE)
    by_number = list_customers(merchant_id, number=asked, level=level, limit=_A_PAGE)
    if by_number.items:
        return by_number
    person_id = _by_phone(asked)
    if person_id is not None:
        by_phone = list_customers(
            merchant_id, person_ids=[person_id], phone_given=True, level=level, limit=_A_PAGE
        )
        if by_phone.items:
            return by_phone
    return list_customers_named(merchant_id, asked, level=level, cursor=cursor, limit=_A_PAGE)


def _by_phone(asked: str) -> UUID | None:
    try:
        person = find_by_phone(normal_phone(asked, region=settings.TESSERA_DEFAULT_REGION))
    except Refusal:
        return None
    return person.id if person else None


@require_safe
@signed_in
def members_csv(request: HttpRequest, merchant: str) -> StreamingHttpResponse:
    """Stream all members as CSV; phone numbers are masked."""
    workplace = enter_merchant(request, merchant, need="members:read")
    headings = [gettext("Member"), gettext("Name"), gettext("Phone"), gettext("Customer numbers")]
    headings += [gettext("Level"), gettext("Member since")]
    rows = _rows(workplace.merchant.id, ZoneInfo(workplace.merchant.time_zone))
    return csv_answer(gettext("Members"), headings, rows, bom=request.GET.get("bom") != "0")


def _rows(merchant_id: UUID, zone: ZoneInfo) -> Iterator[Sequence[str]]:
    cursor: str | None = None
    while True:
        found = list_customers(merchant_id, cursor=cursor, limit=_AT_ONCE)
        persons = persons_by_id([row.customer.person_id for row in found.items])
        for row in found.items:
            person = persons[row.customer.person_id]
            yield (
                show_id("per", person.id),
                person.nickname,
                masked_phone(person.phone) if person.phone else "",
                " ".join(row.numbers),
                row.customer.level,
                row.customer.joined_at.astimezone(zone).date().isoformat(),
            )
        cursor = found.next_cursor
        if cursor is None:
            return


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def enrol(request: HttpRequest, merchant: str) -> HttpResponse:
    """Enrol a member by phone number or customer number."""
    workplace = enter_merchant(request, merchant, need="members:write")
    form = EnrolmentForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                return _enrolled(request, workplace, form.cleaned_data)
            except Refusal as refusal:
                status = refusal.status
                on_form(form, refusal, "number" if refusal.code == "customer_number_taken" else None)
    shown = {"workplace": workplace, "face": "members", "form": form}
    return page(request, "merchants/enrol.html", shown, status=status)


def _enrolled(request: HttpRequest, workplace: Workplace, given: dict[str, Any]) -> HttpResponse:
    def act(actor: Actor, now: datetime) -> Did:
        if not (given["phone"] or given["number"]):
            raise CustomerUnnamed
        customer, new = enrol_customer(
            merchant_id=workplace.merchant.id,
            phone=given["phone"] or None,
            number=given["number"] or None,
            level=given["level"] or None,
            now=now,
            actor=actor,
        )
        return Did(
            go=f"{workplace.address}/members/{show_id('per', customer.person_id)}",
            object_id=customer.person_id,
            say=gettext("Enrolled.") if new else gettext("This member was known already."),
        )

    return do_once(request, act, actor=workplace.actor, verb="enrol_customer", kind="customer")
