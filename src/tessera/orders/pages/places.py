"""Where a person may stand at a counter, and where he stood last (a cookie of his browser)."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from tessera.kit.ids import show_id
from tessera.merchants.gate import hats_of
from tessera.merchants.queries import Merchant, Store, list_stores
from tessera.merchants.rules import ROLE_SCOPES

__all__ = ["Counter", "places_of", "remember_store", "remembered_store"]

_COOKIE = "counter"
_YEAR_S = 365 * 24 * 3600
_MOST_STORES = 200


@dataclass(frozen=True, slots=True)
class Counter:
    """A store at whose counter the person may sell."""

    merchant: Merchant
    store: Store


def places_of(person_id: UUID) -> Sequence[Counter]:
    """Return the open stores where the person may sell, by merchant's name; at most 200 of each merchant."""
    found: dict[UUID, Counter] = {}
    for hat in hats_of(person_id):
        if "purchases:write" not in ROLE_SCOPES[hat.role]:
            continue
        stores = [hat.store] if hat.store else list_stores(hat.merchant.id, limit=_MOST_STORES).items
        for store in stores:
            if store.closed_at is None:
                found.setdefault(store.id, Counter(hat.merchant, store))
    return list(found.values())


def remembered_store(request: HttpRequest, places: Sequence[Counter]) -> Counter | None:
    """Return the only place, or the one of the last time, or None where the person has to choose."""
    if len(places) == 1:
        return places[0]
    last = request.COOKIES.get(_COOKIE, "")
    return next((place for place in places if show_id("sto", place.store.id) == last), None)


def remember_store(response: HttpResponse, store: Store) -> None:
    """Let the browser go straight to this counter the next time."""
    response.set_cookie(
        _COOKIE,
        show_id("sto", store.id),
        max_age=_YEAR_S,
        path="/counter",
        samesite="Lax",
        httponly=True,
        secure=settings.TESSERA_HTTPS,
    )
