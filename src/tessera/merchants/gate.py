"""Who comes through a merchant's door: staff, by role and store (spec/README.md, People and roles).

One person has one sign-in; the page decides which of his roles acts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest

from tessera.kit.actors import Actor
from tessera.kit.errors import NotFound
from tessera.kit.ids import parse_id, show_id
from tessera.kit.pages import person_actor
from tessera.merchants.errors import RoleMissing
from tessera.merchants.menu import MENU
from tessera.merchants.models import Employment, Merchant, Store
from tessera.merchants.queries import get_merchant, get_store
from tessera.merchants.rules import MERCHANT_SCOPES, ROLE_SCOPES

__all__ = ["Hat", "Workplace", "counters_of", "enter_merchant", "enter_store", "hats_of"]


@dataclass(frozen=True, slots=True)
class Hat:
    """One employment of a person: where and as what; no store: at all of them."""

    merchant: Merchant
    store: Store | None
    role: str


@dataclass(frozen=True, slots=True)
class Workplace:
    """A merchant entered by a member of staff: who acts, with which roles, and the merchant's status.

    `store_ids`: the stores where he may do what he came for; None: all of them.
    """

    actor: Actor
    merchant: Merchant
    status: str
    roles: frozenset[str]
    store_ids: frozenset[UUID] | None

    @property
    def address(self) -> str:
        """Where the merchant's console begins."""
        return f"/console/{show_id('mer', self.merchant.id)}"

    @property
    def menu(self) -> Sequence[Mapping[str, Any]]:
        """What the console's side bar shows to this person."""
        shown = [
            {
                "title": group.title,
                "items": [
                    {
                        "key": item.key,
                        "address": self.address + item.path,
                        "icon": item.icon,
                        "title": item.title,
                    }
                    for item in group.items
                    if self.may(item.need)
                ],
            }
            for group in MENU
        ]
        return [group for group in shown if group["items"]]

    def may(self, scope: str) -> bool:
        """Say whether the roles held here allow `scope`."""
        return scope in self.actor.scopes


def hats_of(person_id: UUID) -> Sequence[Hat]:
    """Return the person's employments that last, by merchant's name; at most 200."""
    rows = Employment.objects.filter(person_id=person_id, until__isnull=True).select_related(
        "merchant", "store"
    )
    return [Hat(row.merchant, row.store, row.role) for row in rows.order_by("merchant__name", "id")[:200]]


def counters_of(person_id: UUID) -> Sequence[Store]:
    """Return the open stores where the person may work the counter, by merchant's and store's name; at most 200."""
    working = [role for role, scopes in ROLE_SCOPES.items() if "purchases:write" in scopes]
    held = Employment.objects.filter(person_id=person_id, until__isnull=True, role__in=working)
    everywhere = held.filter(store__isnull=True).values("merchant_id")
    stores = Store.objects.filter(closed_at__isnull=True).filter(
        Q(pk__in=held.filter(store__isnull=False).values("store_id")) | Q(merchant_id__in=everywhere)
    )
    return list(stores.select_related("merchant").order_by("merchant__name", "name", "id")[:200])


def enter_merchant(request: HttpRequest, merchant: str, *, need: str) -> Workplace:
    """Return the workplace behind an address (`mer_...`), entered by the signed-in person.

    `need` is a scope of merchants.rules.MERCHANT_SCOPES, or "merchants:own" for what only an owner does. Refuses
    `not_found` for who does not work there, `role_missing` where the roles do not allow it.
    """
    merchant_id = parse_id("mer", merchant)
    row = get_merchant(merchant_id)
    held = list(
        Employment.objects.filter(
            person_id=str(request.user.pk), merchant_id=merchant_id, until__isnull=True
        ).values_list("role", "store_id")
    )
    if not held:
        raise NotFound
    scopes = frozenset().union(*(ROLE_SCOPES[role] for role, _ in held))
    where = [store_id for role, store_id in held if need in ROLE_SCOPES[role]]
    if not where:
        raise RoleMissing
    return Workplace(
        actor=person_actor(request, merchant_id=merchant_id, scopes=scopes),
        merchant=row.merchant,
        status=row.status,
        roles=frozenset(role for role, _ in held),
        store_ids=None if None in where else frozenset(store_id for store_id in where if store_id),
    )


def enter_store(request: HttpRequest, store: str, *, need: str) -> tuple[Workplace, Store]:
    """Return workplace and store behind an address (`sto_...`); refuses as `enter_merchant`, and other stores."""
    found = get_store(parse_id("sto", store))
    workplace = enter_merchant(request, show_id("mer", found.merchant_id), need=need)
    if workplace.store_ids is not None and found.id not in workplace.store_ids:
        raise NotFound
    return workplace, found


assert all(scopes <= {*MERCHANT_SCOPES, "merchants:own"} for scopes in ROLE_SCOPES.values())
