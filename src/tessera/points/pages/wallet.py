"""The member's wallet, and the points of one merchant in it."""

import re
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from tessera.kit import clock
from tessera.kit.errors import NotFound
from tessera.kit.ids import parse_id
from tessera.kit.live import person_topic, token_for
from tessera.kit.pages import is_partial, page, signed_in
from tessera.merchants.queries import merchants_by_id
from tessera.points.wallets import find_latest, get_purse, get_wallet, list_movements

__all__ = ["latest", "purse", "wallet"]

_SOON = timedelta(days=45)
"""What ends within this time is said at the top of the wallet."""


_JUST = timedelta(minutes=2)
_SECONDS = re.compile(r"[0-9]{1,10}")


@require_safe
@signed_in
def wallet(request: HttpRequest) -> HttpResponse:
    """Show all points, what ends soon, and what moved last; a part of the page turns when points come."""
    now, person_id = clock.now(), UUID(str(request.user.pk))
    shown = {
        "face": "wallet",
        "now": now,
        "person_id": person_id,
        "wallet": get_wallet(person_id, now=now, ending_before=now + _SOON),
        "live_token": token_for(request, [person_topic(person_id)]),
    }
    return page(request, "points/wallet_part.html" if is_partial(request) else "points/wallet.html", shown)


@require_safe
@signed_in
def latest(request: HttpRequest) -> HttpResponse:
    """Tell of the points that have just come or gone; nothing where that was a while ago.

    `since` is when the page that asks was made (seconds since 1970): what it shows already is no news.
    """
    since = request.GET.get("since", "")
    made_at = datetime.fromtimestamp(int(since), UTC) if _SECONDS.fullmatch(since) else clock.EPOCH
    moved = find_latest(UUID(str(request.user.pk)), since=max(made_at, clock.now() - _JUST))
    return page(request, "points/latest.html", {"moved": moved})


@require_safe
@signed_in
def purse(request: HttpRequest, merchant: str) -> HttpResponse:
    """Show the points of one merchant: what can be spent, until when, and every movement with its why."""
    now, person_id = clock.now(), UUID(str(request.user.pk))
    merchant_id = parse_id("mer", merchant)
    found = merchants_by_id([merchant_id]).get(merchant_id)
    if found is None:
        raise NotFound
    cursor = request.GET.get("cursor") or None
    movements, next_cursor = list_movements(person_id, found, cursor=cursor)
    held, lots = get_purse(person_id, found, now=now)
    shown = {
        "face": "wallet",
        "purse": held,
        "lots": lots,
        "movements": movements,
        "cursor": cursor,
        "next_cursor": next_cursor,
        "next_query": f"cursor={next_cursor}",
        "first_query": "",
        "live_token": token_for(request, [person_topic(person_id)]),
    }
    return page(request, "points/purse_part.html" if is_partial(request) else "points/purse.html", shown)
