"""Who takes part and how points are earned there; for visitors too."""

from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST, require_safe

from tessera.kit import clock
from tessera.kit.ids import parse_id
from tessera.kit.pages import page
from tessera.ledger.queries import get_balances
from tessera.merchants.nearby import Shop, get_shop, list_districts, list_shops, list_shops_near
from tessera.people.queries import get_person
from tessera.points.queries import current_book
from tessera.points.wording import names_for, programme_sentences, rule_note, rule_sentence

__all__ = ["near", "shop", "shops"]


class PlaceForm(forms.Form):
    """Where the reader is, in ten-millionths of a degree, and part of a name."""

    latitude_e7 = forms.IntegerField(min_value=-900_000_000, max_value=900_000_000)
    longitude_e7 = forms.IntegerField(min_value=-1_800_000_000, max_value=1_800_000_000)
    name = forms.CharField(max_length=100, required=False)


@require_safe
def shops(request: HttpRequest) -> HttpResponse:
    """List the merchants that take part, by district and name; a member's own district first."""
    districts = list_districts()
    district = request.GET.get("district", _own_district(request))[:60]
    district = district if district in districts else ""
    name, cursor = request.GET.get("name", "").strip()[:100], request.GET.get("cursor") or None
    found = list_shops(district=district, name=name, cursor=cursor)
    narrowed = {"district": district, "name": name}
    shown = {
        "face": "shops",
        "districts": districts,
        "district": district,
        "name": name,
        "rows": _with_points(request, found.items),
        "cursor": cursor,
        "next_cursor": found.next_cursor,
        "next_query": urlencode({**narrowed, "cursor": found.next_cursor or ""}),
        "first_query": urlencode(narrowed),
    }
    return page(request, "points/shops.html", shown)


@require_POST
def near(request: HttpRequest) -> HttpResponse:
    """List the merchants near a place, which is not written down anywhere; asked by POST, so that no log has it."""
    form = PlaceForm(request.POST)
    if not form.is_valid():
        return page(request, "points/shops_near.html", {"rows": [], "lost": True}, status=422)
    place = form.cleaned_data
    found = list_shops_near(
        latitude_e7=place["latitude_e7"], longitude_e7=place["longitude_e7"], name=place["name"]
    )
    return page(request, "points/shops_near.html", {"rows": _with_points(request, found)})


@require_safe
def shop(request: HttpRequest, merchant: str) -> HttpResponse:
    """Show one merchant's programme in words: what earns points, when they can be spent, until when, and where."""
    found, now = get_shop(parse_id("mer", merchant)), clock.now()
    book = current_book(found.merchant.id)
    versions = book.in_force(now)
    names = names_for(
        found.merchant.id,
        versions,
        currency=found.merchant.currency,
        time_zone=found.merchant.time_zone,
    )
    terms = replace(
        book.programme_at(now), point_cost_num=0
    )  # what a point costs is the merchant's own affair
    [(_, points)] = _with_points(request, [found])
    shown = {
        "face": "shops",
        "shop": found,
        "points": points,
        "rules": [(one.name, rule_sentence(one, names), rule_note(one, names), one.kind) for one in versions],
        "terms": programme_sentences(terms, currency=found.merchant.currency),
    }
    return page(request, "points/shop.html", shown)


def _own_district(request: HttpRequest) -> str:
    return get_person(UUID(str(request.user.pk))).district if request.user.is_authenticated else ""


def _with_points(request: HttpRequest, found: Sequence[Shop]) -> list[tuple[Shop, int | None]]:
    """Return the shops, each with the signed-in member's points there (None: no member, or none ever)."""
    held: dict[UUID, int] = {}
    if request.user.is_authenticated:
        balances = get_balances(UUID(str(request.user.pk)), clock.now())
        held = {one.unit_id: one.available for one in balances}
    return [(one, held.get(one.merchant.id)) for one in found]
