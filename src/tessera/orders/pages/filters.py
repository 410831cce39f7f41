"""What a list of purchases or returns is narrowed by: days, receipt, member, store."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tessera.kit.ids import InvalidId, parse_id, show_id
from tessera.kit.paging import Page
from tessera.merchants.gate import Workplace
from tessera.merchants.queries import list_store_names
from tessera.orders.pages.shoppers import find_shopper

__all__ = ["Narrowed", "gathered", "narrowed_by"]

R = TypeVar("R")
_LOOKS = 10
"""How often a page looks on where a narrowed list has come up short: 10,000 rows at most."""


def _day(label: Any) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=False, widget=widget)


class FilterForm(forms.Form):
    """The filters above a list; all of them may be empty."""

    since = _day(_("From"))
    until = _day(_("To"))
    receipt = forms.CharField(label=_("Receipt"), required=False, max_length=64)
    who = forms.CharField(label=_("Phone or customer number"), required=False, max_length=64)
    store = forms.ChoiceField(label=_("Store"), required=False)

    def clean(self) -> dict[str, Any]:
        """Refuse days the wrong way round."""
        found = super().clean() or {}
        since, until = found.get("since"), found.get("until")
        if since and until and until < since:
            self.add_error("until", gettext("This day is before the first one."))
        return found


@dataclass(frozen=True, slots=True)
class Narrowed:
    """The filters as they were typed, and as the query takes them; `nobody`: the member that was named is not known."""

    form: FilterForm
    asked: Mapping[str, Any]
    nobody: bool
    cursor: str | None
    query: str

    def after(self, cursor: str | None) -> str:
        """The address's query of the page behind `cursor`."""
        return urlencode([*([("cursor", cursor)] if cursor else []), *_pairs(self.query)])


def gathered(listed: Callable[..., Page[R]], narrowed: Narrowed, cursor: str | None, limit: int) -> Page[R]:
    """Return a page of a narrowed list, looking on while it is short; nobody's list is empty."""
    if narrowed.nobody or narrowed.form.errors:
        return Page((), None)
    items: list[R] = []
    for _look in range(_LOOKS):
        part = listed(**narrowed.asked, cursor=cursor, limit=limit)
        items += part.items
        cursor = part.next_cursor
        if cursor is None or len(items) >= limit:
            break
    return Page(items, cursor)


def _pairs(query: str) -> list[tuple[str, str]]:
    return parse_qsl(query)


def narrowed_by(request: HttpRequest, workplace: Workplace, *, stores: bool) -> Narrowed:
    """Return what the reader asked for; staff of single stores see their own stores unless they name a receipt."""
    form = FilterForm(request.GET)
    own = workplace.store_ids
    names = [
        (show_id("sto", store_id), name)
        for store_id, name in list_store_names(workplace.merchant.id).items()
        if own is None or store_id in own
    ]
    choices = [("", gettext("All stores")), *names] if own is None else names
    form.fields["store"].choices = choices  # type: ignore[attr-defined]  # a field of choices has them
    if not stores:
        del form.fields["store"]
    form.is_valid()
    told = form.cleaned_data
    asked: dict[str, Any] = {"merchant_id": workplace.merchant.id}
    zone = ZoneInfo(workplace.merchant.time_zone)
    if told.get("since"):
        asked["since"] = _midnight(told["since"], zone)
    if told.get("until"):
        asked["until"] = _midnight(told["until"] + timedelta(days=1), zone)
    if told.get("receipt"):
        asked["receipt"] = told["receipt"].strip()
    member = find_shopper(workplace.merchant.id, told["who"].strip()) if told.get("who") else None
    if member is not None:
        asked["member_id"] = member
    if stores and (store_id := _store(told.get("store"), own, named="receipt" in asked)):
        asked["store_id"] = store_id
    kept = [(name, request.GET[name]) for name in form.fields if request.GET.get(name)]
    nobody = bool(told.get("who")) and member is None
    return Narrowed(form, asked, nobody, request.GET.get("cursor"), urlencode(kept))


def _store(given: str | None, own: frozenset[UUID] | None, *, named: bool) -> UUID | None:
    try:
        store_id = parse_id("sto", given) if given else None
    except InvalidId:
        store_id = None
    if own is not None and store_id not in own and not named:
        return min(own)
    return store_id


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
