"""Switching: one person, several roles, one sign-in (spec/README.md, People and roles)."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from tessera.kit.ids import show_id
from tessera.kit.pages import page, signed_in
from tessera.merchants.gate import counters_of, hats_of
from tessera.merchants.rules import ROLE_SCOPES
from tessera.people.gate import is_platform_operator

__all__ = ["work"]


@dataclass(frozen=True, slots=True)
class Console:
    """A merchant's console that the person may enter, and as what."""

    address: str
    name: str
    roles: Sequence[str]


@require_safe
@signed_in
def work(request: HttpRequest) -> HttpResponse:
    """Show every face of the product that this person has, and no other."""
    person_id = UUID(str(request.user.pk))
    hats = hats_of(person_id)
    roles: dict[UUID, list[str]] = {}
    for hat in hats:
        if "merchants:read" in ROLE_SCOPES[hat.role] and hat.role not in roles.setdefault(
            hat.merchant.id, []
        ):
            roles[hat.merchant.id].append(hat.role)
    names = {hat.merchant.id: hat.merchant.name for hat in hats}
    told = {
        "counters": counters_of(person_id),
        "consoles": [
            Console(f"/console/{show_id('mer', merchant_id)}", names[merchant_id], held)
            for merchant_id, held in roles.items()
        ],
        "operator": is_platform_operator(person_id),
        "face": "me",
    }
    return page(request, "merchants/work.html", told)
