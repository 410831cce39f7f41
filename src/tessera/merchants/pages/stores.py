"""A merchant's stores: where they are, on a map of our own drawing and in a table."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tessera.kit.actors import Actor
from tessera.kit.ids import parse_id
from tessera.kit.pages import Did, do_once, on_form, page, signed_in
from tessera.kit.refusals import Refusal
from tessera.merchants.actions.stores import change_store, close_store, open_store
from tessera.merchants.gate import Workplace, enter_merchant
from tessera.merchants.map import Place, draw_map
from tessera.merchants.models import Store
from tessera.merchants.pages.forms import DegreesField, TextField, e7_of
from tessera.merchants.queries import get_store, list_stores

__all__ = ["close", "edit", "new", "stores"]

_FIELD_OF = {"store_number_taken": "number", "place_invalid": "latitude"}
_A_PAGE = 200
_WIDTHS = (("is-wide", 860), ("is-narrow", 340))
"""Two drawings, so that letters are as large on a phone as on a PC."""


class StoreForm(forms.Form):
    """A store's name, number and place."""

    name = TextField(label=_("Name"), max_length=100)
    number = TextField(
        label=_("Store number"),
        max_length=64,
        help_text=_("As your tills and files write it, such as 1 or S01."),
    )
    district = TextField(label=_("District"), max_length=60, required=False)
    address = TextField(label=_("Address"), max_length=200, required=False)
    latitude = DegreesField(label=_("Latitude"), most=90)
    longitude = DegreesField(label=_("Longitude"), most=180)

    def store(self) -> dict[str, Any]:
        """Return what was given, as the actions want it."""
        given = self.cleaned_data
        kept = {name: given[name] for name in ("name", "number", "district", "address")}
        return kept | {
            "latitude_e7": e7_of(given["latitude"]),
            "longitude_e7": e7_of(given["longitude"]),
        }


def _known(store: Store) -> dict[str, Any]:
    def degrees(e7: int | None) -> str:
        return "" if e7 is None else f"{e7 / 10_000_000:.7f}".rstrip("0").rstrip(".")

    return {
        "name": store.name,
        "number": store.number,
        "district": store.district,
        "address": store.address,
        "latitude": degrees(store.latitude_e7),
        "longitude": degrees(store.longitude_e7),
    }


@require_safe
@signed_in
def stores(request: HttpRequest, merchant: str) -> HttpResponse:
    """Show the stores: a map of those whose place is known, and all of them as a table."""
    workplace = enter_merchant(request, merchant, need="merchants:read")
    cursor = request.GET.get("cursor")
    found = list_stores(workplace.merchant.id, cursor=cursor, limit=_A_PAGE)
    places = [
        Place(store.name, store.district, store.latitude_e7, store.longitude_e7, number)
        for number, store in enumerate(found.items, 1)
        if store.latitude_e7 is not None and store.longitude_e7 is not None and store.closed_at is None
    ]
    shown = {
        "workplace": workplace,
        "face": "stores",
        "stores": found.items,
        "drawings": [(name, draw_map(places, width=width)) for name, width in _WIDTHS if places],
        "may_change": workplace.may("merchants:write"),
        "cursor": cursor,
        "next_cursor": found.next_cursor,
        "first_query": "",
        "next_query": f"cursor={found.next_cursor}",
    }
    return page(request, "merchants/stores.html", shown)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def new(request: HttpRequest, merchant: str) -> HttpResponse:
    """Open a store."""
    workplace = enter_merchant(request, merchant, need="merchants:write")
    form = StoreForm(request.POST if request.method == "POST" else None)

    def act(actor: Actor, now: datetime) -> Did:
        store = open_store(merchant_id=workplace.merchant.id, **form.store(), now=now, actor=actor)
        return Did(go=f"{workplace.address}/stores", object_id=store.id, say=gettext("The store is open."))

    return _answered(request, workplace, form, act, verb="open_store", shown={})


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def edit(request: HttpRequest, merchant: str, store: str) -> HttpResponse:
    """Change a store's details."""
    workplace = enter_merchant(request, merchant, need="merchants:write")
    found = get_store(parse_id("sto", store), merchant_id=workplace.merchant.id)
    form = StoreForm(request.POST if request.method == "POST" else None, initial=_known(found))

    def act(actor: Actor, now: datetime) -> Did:
        change_store(
            store_id=found.id,
            merchant_id=workplace.merchant.id,
            changes=form.store(),
            now=now,
            actor=actor,
        )
        return Did(go=f"{workplace.address}/stores", object_id=found.id, say=gettext("Saved."))

    return _answered(request, workplace, form, act, verb="change_store", shown={"store": found})


def _answered(
    request: HttpRequest,
    workplace: Workplace,
    form: StoreForm,
    act: Any,
    *,
    verb: str,
    shown: Mapping[str, Any],
) -> HttpResponse:
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                return do_once(request, act, actor=workplace.actor, verb=verb, kind="store")
            except Refusal as refusal:
                status = refusal.status
                on_form(form, refusal, _FIELD_OF.get(refusal.code))
    told = {"workplace": workplace, "face": "stores", "form": form, **shown}
    return page(request, "merchants/store.html", told, status=status)


@require_POST
@signed_in
def close(request: HttpRequest, merchant: str, store: str) -> HttpResponse:
    """Close a store for good."""
    workplace = enter_merchant(request, merchant, need="merchants:write")
    found = get_store(parse_id("sto", store), merchant_id=workplace.merchant.id)

    def act(actor: Actor, now: datetime) -> Did:
        close_store(store_id=found.id, now=now, actor=actor)
        return Did(
            go=f"{workplace.address}/stores",
            object_id=found.id,
            say=gettext("The store is closed. Its history stays."),
        )

    return do_once(request, act, actor=workplace.actor, verb="close_store", kind="store", object_id=found.id)
