"""The console's first page: the first steps of a new merchant; afterwards, how it stands today."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from tessera.insights.beginnings import count_figures, look_at_steps
from tessera.kit import clock
from tessera.kit.pages import page, signed_in
from tessera.merchants.gate import Workplace, enter_merchant
from tessera.merchants.queries import list_store_names
from tessera.orders.queries import list_purchases
from tessera.people.queries import persons_by_id

__all__ = ["home"]

_LAST = 6


@require_safe
@signed_in
def home(request: HttpRequest, merchant: str) -> HttpResponse:
    """Show what to do first until the first purchase is in; then figures, what expires, and the last purchases."""
    workplace = enter_merchant(request, merchant, need="merchants:read")
    steps = look_at_steps(workplace)
    shown = {
        "workplace": workplace,
        "face": "home",
        "steps": steps,
        "may_prepare": workplace.may("rules:write"),
    }
    if steps.purchase:
        shown |= _figures(workplace)
    return page(request, "insights/home.html", shown)


def _figures(workplace: Workplace) -> dict[str, object]:
    """Figures are for those who may see them all; a cashier sees the last purchases only."""
    told: dict[str, object] = {}
    if workplace.may("ledger:read"):
        told["standing"] = count_figures(workplace, now=clock.now())
    if workplace.may("purchases:read"):
        last = list_purchases(merchant_id=workplace.merchant.id, limit=_LAST).items
        persons = persons_by_id({row.member_id for row in last})
        stores = list_store_names(workplace.merchant.id)
        told["last"] = [
            (row, persons.get(row.member_id), stores.get(row.store_id) if row.store_id else "")
            for row in last
        ]
    return told
