"""Reads of the room `merchants`."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from tessera.kit.errors import NotFound
from tessera.kit.paging import Page, page_of, position_of
from tessera.kit.policies import find_policy
from tessera.merchants.models import (
    ApiKey,
    Approval,
    Customer,
    CustomerNumber,
    Employment,
    Merchant,
    Store,
    Suspension,
)
from tessera.merchants.rules import status_of

__all__ = [
    "APPLICATIONS_POLICY",
    "CustomerRow",
    "Merchant",
    "MerchantRow",
    "NamedMerchant",
    "Store",
    "accepts_applications",
    "api_keys_by_id",
    "count_stores",
    "export_person",
    "find_customer_number",
    "find_level",
    "get_api_key",
    "get_employment",
    "get_merchant",
    "get_rules_revision",
    "get_store",
    "is_active",
    "is_suspended",
    "list_api_keys",
    "list_customers",
    "list_employments",
    "list_merchants",
    "list_owner_ids",
    "list_similar",
    "list_store_names",
    "list_stores",
    "merchants_by_id",
    "sight",
]

M = TypeVar("M", bound=Model)

APPLICATIONS_POLICY = "applications"
"""The policy's name; its value: accepted."""


@dataclass(frozen=True, slots=True)
class MerchantRow:
    """A merchant with its status: "pending", "active" or "suspended"."""

    merchant: Merchant
    status: str


@dataclass(frozen=True, slots=True)
class NamedMerchant:
    """A merchant as messages to its customers speak of it: by its name, and of its own days."""

    id: UUID
    name: str
    time_zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """A customer with the merchant's own numbers for him."""

    customer: Customer
    numbers: tuple[str, ...]


def _with_status() -> "QuerySet[Merchant]":
    return Merchant.objects.annotate(
        approved=Exists(Approval.objects.filter(merchant=OuterRef("pk"))),
        suspended=Exists(Suspension.objects.filter(merchant=OuterRef("pk"), lifted_at__isnull=True)),
    )


def _row(merchant: Merchant) -> MerchantRow:
    approved, suspended = getattr(merchant, "approved"), getattr(merchant, "suspended")  # noqa: B009 - annotations
    return MerchantRow(merchant, status_of(approved=approved, suspended=suspended))


def _page(rows: "QuerySet[M]", *, cursor: str | None, limit: int) -> Page[M]:
    position = position_of(cursor)
    rows = rows.order_by("id")
    if position:
        rows = rows.filter(id__gt=position)
    return page_of(list(rows[: limit + 1]), limit=limit, key=lambda row: row.pk)


def get_merchant(merchant_id: UUID) -> MerchantRow:
    """Return the merchant with its status; refuses `not_found`."""
    merchant = _with_status().filter(pk=merchant_id).first()
    if merchant is None:
        raise NotFound
    return _row(merchant)


def merchants_by_id(merchant_ids: Collection[UUID]) -> dict[UUID, NamedMerchant]:
    """Return those of the merchants that exist, by id; at most one batch of them is asked for."""
    rows = Merchant.objects.filter(pk__in=set(merchant_ids)).values_list("id", "name", "time_zone")
    return {row[0]: NamedMerchant(row[0], row[1], ZoneInfo(row[2])) for row in rows}


def get_rules_revision(merchant_id: UUID) -> int:
    """Return how often the merchant has published rules; refuses `not_found`."""
    revision = Merchant.objects.filter(pk=merchant_id).values_list("rules_revision", flat=True).first()
    if revision is None:
        raise NotFound
    return revision


def is_active(merchant_id: UUID) -> bool:
    """Return whether the merchant is approved and not suspended."""
    stopped = Exists(Suspension.objects.filter(merchant=OuterRef("pk"), lifted_at__isnull=True))
    return Merchant.objects.filter(~stopped, pk=merchant_id, approval__isnull=False).exists()


def is_suspended(merchant_id: UUID) -> bool:
    """Return whether the operator has stopped the merchant."""
    return Suspension.objects.filter(merchant=merchant_id, lifted_at__isnull=True).exists()


def accepts_applications() -> bool:
    """Return whether persons may apply with a business of their own: yes, unless the operator's policy says no."""
    return bool(find_policy(APPLICATIONS_POLICY).get("accepted", True))


def list_owner_ids(merchant_id: UUID) -> list[UUID]:
    """Return the persons who own the merchant now, at most 20."""
    rows = Employment.objects.filter(merchant=merchant_id, role="owner", until__isnull=True)
    return list(rows.order_by("id").values_list("person_id", flat=True).distinct()[:20])


def list_merchants(
    *,
    merchant_id: UUID | None = None,
    name: str | None = None,
    district: str | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[MerchantRow]:
    """Return merchants, oldest first, narrowed by part of the name and by a district in which they have a store.

    `merchant_id` leaves only that one. Refuses `cursor_invalid`.
    """
    rows = _with_status()
    if merchant_id is not None:
        rows = rows.filter(pk=merchant_id)
    if name:
        rows = rows.filter(name__icontains=name)
    if district:
        rows = rows.filter(Exists(Store.objects.filter(merchant=OuterRef("pk"), district=district)))
    page = _page(rows, cursor=cursor, limit=limit)
    return Page(items=[_row(merchant) for merchant in page.items], next_cursor=page.next_cursor)


def list_similar(
    *, name: str, phone: str, districts: Collection[str], but: UUID, limit: int = 20
) -> list[Merchant]:
    """Return up to `limit` merchants that look like the same one: same phone, or same name in the same district.

    Without a district of its own, the same name anywhere is similar. Source: spec/membership.md, Comparison.
    """
    same_name = Q(name__iexact=name)
    if districts:
        same_name &= Q(Exists(Store.objects.filter(merchant=OuterRef("pk"), district__in=list(districts))))
    alike = same_name | Q(phone=phone) if phone else same_name
    return list(Merchant.objects.filter(alike).exclude(pk=but).order_by("id")[:limit])


def get_store(store_id: UUID, *, merchant_id: UUID | None = None) -> Store:
    """Return the store, of that merchant where one is given; refuses `not_found`."""
    rows = Store.objects.filter(pk=store_id)
    store = (rows.filter(merchant_id=merchant_id) if merchant_id else rows).first()
    if store is None:
        raise NotFound
    return store


def list_stores(
    merchant_id: UUID, *, district: str | None = None, cursor: str | None = None, limit: int = 50
) -> Page[Store]:
    """Return the merchant's stores, oldest first. Refuses `cursor_invalid`."""
    rows = Store.objects.filter(merchant_id=merchant_id)
    if district:
        rows = rows.filter(district=district)
    return _page(rows, cursor=cursor, limit=limit)


def count_stores(merchant_id: UUID, store_ids: Collection[UUID]) -> int:
    """Return how many of these stores are the merchant's (closed ones too)."""
    return Store.objects.filter(merchant_id=merchant_id, pk__in=list(store_ids)).count()


def list_store_names(merchant_id: UUID, *, most: int = 1000) -> dict[UUID, str]:
    """Return the names of the merchant's stores by id, at most `most`."""
    return dict(Store.objects.filter(merchant_id=merchant_id).values_list("id", "name")[:most])


def get_employment(employment_id: UUID) -> Employment:
    """Return the employment; refuses `not_found`."""
    employment = Employment.objects.filter(pk=employment_id).first()
    if employment is None:
        raise NotFound
    return employment


def list_employments(
    merchant_id: UUID,
    *,
    role: str | None = None,
    ended: bool | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[Employment]:
    """Return who works or (ended) worked for the merchant, oldest first. Refuses `cursor_invalid`."""
    rows = Employment.objects.filter(merchant_id=merchant_id)
    if role:
        rows = rows.filter(role=role)
    if ended is not None:
        rows = rows.filter(until__isnull=not ended)
    return _page(rows, cursor=cursor, limit=limit)


def get_api_key(key_id: UUID) -> ApiKey:
    """Return the API key; refuses `not_found`."""
    key = ApiKey.objects.filter(pk=key_id).first()
    if key is None:
        raise NotFound
    return key


def api_keys_by_id(key_ids: Collection[UUID]) -> dict[UUID, ApiKey]:
    """Return those of the keys that exist, by id; at most one page of them is asked for."""
    return ApiKey.objects.in_bulk(list(key_ids))


def list_api_keys(merchant_id: UUID | None, *, cursor: str | None = None, limit: int = 50) -> Page[ApiKey]:
    """Return the merchant's API keys (None: the platform's), revoked ones too, oldest first."""
    rows = ApiKey.objects.filter(merchant_id=merchant_id) if merchant_id else _platform_keys()
    return _page(rows, cursor=cursor, limit=limit)


def _platform_keys() -> "QuerySet[ApiKey]":
    return ApiKey.objects.filter(merchant__isnull=True)


def find_customer_number(merchant_id: UUID, number: str) -> CustomerNumber | None:
    """Return the merchant's customer number or None."""
    return CustomerNumber.objects.filter(merchant_id=merchant_id, number=number).first()


def find_level(merchant_id: UUID, person_id: UUID) -> str | None:
    """Return the customer's level with the merchant ("": he has none), None for one who is no customer."""
    rows = Customer.objects.filter(merchant_id=merchant_id, person_id=person_id)
    return rows.values_list("level", flat=True).first()


def list_customers(
    merchant_id: UUID,
    *,
    number: str | None = None,
    person_ids: Collection[UUID] | None = None,
    level: str | None = None,
    phone_given: bool = False,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[CustomerRow]:
    """Return the merchant's customers by person id, narrowed by own number, persons or level.

    `phone_given`: only those whose phone number the merchant itself gave, so that it cannot find out others by asking.

    Refuses `cursor_invalid`.
    """
    rows = Customer.objects.filter(merchant_id=merchant_id).order_by("person_id")
    position = position_of(cursor)
    if position:
        rows = rows.filter(person_id__gt=position)
    if number is not None:
        named = CustomerNumber.objects.filter(merchant_id=merchant_id, number=number)
        rows = rows.filter(person_id__in=named.values("person_id"))
    if person_ids is not None:
        rows = rows.filter(person_id__in=list(person_ids))
    if level is not None:
        rows = rows.filter(level=level)
    if phone_given:
        rows = rows.filter(phone_given=True)
    page = page_of(list(rows[: limit + 1]), limit=limit, key=lambda customer: customer.person_id)
    numbers = _numbers(merchant_id, [customer.person_id for customer in page.items])
    items = [CustomerRow(customer, numbers.get(customer.person_id, ())) for customer in page.items]
    return Page(items=items, next_cursor=page.next_cursor)


def _numbers(merchant_id: UUID, person_ids: Collection[UUID]) -> dict[UUID, tuple[str, ...]]:
    found: dict[UUID, tuple[str, ...]] = {}
    rows = CustomerNumber.objects.filter(merchant_id=merchant_id, person_id__in=list(person_ids))
    for person_id, number in rows.order_by("number").values_list("person_id", "number"):
        found[person_id] = (*found.get(person_id, ()), number)
    return found


def sight(merchant_id: UUID, person_ids: Collection[UUID]) -> dict[UUID, bool]:
    """Return those of the persons whom the merchant knows, each with whether it may see the phone number whole."""
    rows = Customer.objects.filter(merchant_id=merchant_id, person_id__in=list(person_ids))
    return dict(rows.values_list("person_id", "phone_given"))


def export_person(person_id: UUID) -> dict[str, object]:
    """Return everything this room keeps about the person, as plain JSON values."""
    customers = Customer.objects.filter(person_id=person_id).order_by("merchant_id")
    numbers = CustomerNumber.objects.filter(person_id=person_id).order_by("merchant_id", "number")
    employments = Employment.objects.filter(person_id=person_id).order_by("id")
    return {
        "customer_of": [
            {"merchant": str(row.merchant_id), "level": row.level, "joined_at": row.joined_at.isoformat()}
            for row in customers
        ],
        "customer_numbers": [{"merchant": str(row.merchant_id), "number": row.number} for row in numbers],
        "employments": [
            {
                "merchant": str(row.merchant_id),
                "role": row.role,
                "since": row.since.isoformat(),
                "until": row.until and row.until.isoformat(),
            }
            for row in employments
        ],
    }
