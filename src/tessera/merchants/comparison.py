"""An application side by side with what is stored (spec/membership.md, Comparison): for the operator only."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from tessera.kit.ids import InvalidId, parse_id
from tessera.kit.paging import Page, page_of, position_of
from tessera.merchants.likeness import are_alike, name_key
from tessera.merchants.models import (
    Approval,
    Declination,
    Employment,
    Merchant,
    Store,
    Suspension,
)
from tessera.merchants.queries import MerchantRow, get_merchant
from tessera.people.queries import persons_by_id

__all__ = [
    "MOST_NAMES",
    "Applicant",
    "Likeness",
    "Standing",
    "compare_merchant",
    "count_waiting",
    "get_applicant",
    "get_standing",
    "list_by_standing",
]

MOST_NAMES = 50_000
"""Most names that one comparison looks at, the newest first."""
_MOST_ALIKE = 10
_MOST_STORES = 5


@dataclass(frozen=True, slots=True)
class Standing:
    """How a merchant stands with the operator: status "waiting", "declined", "active" or "suspended", and its rows."""

    status: str
    approval: Approval | None
    declination: Declination | None
    suspension: Suspension | None


@dataclass(frozen=True, slots=True)
class Applicant:
    """What is known of a merchant for comparing it."""

    merchant: Merchant
    status: str
    stores: Sequence[tuple[str, str, str]]
    """Name, district, address of up to five stores."""
    owners: Sequence[tuple[UUID, str, str]]
    """Id, nickname, phone number of its owners."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """Another merchant, and why it may be the same: same_name, similar_name, same_phone, same_place, same_owner."""

    applicant: Applicant
    reasons: Sequence[str]


def get_standing(merchant_id: UUID) -> Standing:
    """Return how the merchant stands with the operator."""
    approval = Approval.objects.filter(merchant=merchant_id).first()
    declination = Declination.objects.filter(merchant=merchant_id, lifted_at__isnull=True).first()
    suspension = Suspension.objects.filter(merchant=merchant_id, lifted_at__isnull=True).first()
    status = "suspended" if suspension else "active" if approval else "declined" if declination else "waiting"
    return Standing(status, approval, declination, suspension)


def _of_status(status: str) -> Q:
    approved = Q(approval__isnull=False)
    stopped = Q(Exists(Suspension.objects.filter(merchant=OuterRef("pk"), lifted_at__isnull=True)))
    declined = Q(Exists(Declination.objects.filter(merchant=OuterRef("pk"), lifted_at__isnull=True)))
    return {
        "waiting": ~approved & ~stopped & ~declined,
        "declined": ~approved & ~stopped & declined,
        "active": approved & ~stopped,
        "suspended": stopped,
    }.get(status, Q())


def count_waiting() -> int:
    """Return how many merchants wait for the operator, counted up to 1,000."""
    return len(Merchant.objects.filter(_of_status("waiting")).values_list("pk")[:1000])


def list_by_standing(
    *, status: str = "", search: str = "", cursor: str | None = None, limit: int = 50
) -> Page[tuple[Merchant, Standing]]:
    """Return merchants, the newest first, those that wait the oldest first; refuses `cursor_invalid`.

    `search` is part of a name, the beginning of a credit code, the last four to eight digits of a phone
    number, or a whole id.
    """
    rows = Merchant.objects.filter(_of_status(status))
    upwards = status == "waiting"
    position = position_of(cursor)
    if position:
        rows = rows.filter(id__gt=position) if upwards else rows.filter(id__lt=position)
    if search:
        rows = rows.filter(_matching(search.strip()))
    found = list(rows.order_by("id" if upwards else "-id")[: limit + 1])
    page = page_of(found, limit=limit, key=lambda row: row.id)
    return Page(items=[(row, get_standing(row.id)) for row in page.items], next_cursor=page.next_cursor)


def _matching(search: str) -> Q:
    try:
        return Q(pk=parse_id("mer", search))
    except InvalidId:
        pass
    wanted = Q(name__icontains=search) | Q(code__istartswith=search)
    digits = search.lstrip("+").replace(" ", "")
    return wanted | Q(phone__endswith=digits) if digits.isdigit() and 4 <= len(digits) <= 8 else wanted


def get_applicant(merchant_id: UUID) -> Applicant:
    """Return what is known of the merchant for comparing it; refuses `not_found`."""
    return _applicant(get_merchant(merchant_id))


def _applicant(row: MerchantRow) -> Applicant:
    stores = Store.objects.filter(merchant=row.merchant, closed_at__isnull=True).order_by("id")
    owners = Employment.objects.filter(merchant=row.merchant, role="owner", until__isnull=True)
    ids = list(owners.order_by("id").values_list("person_id", flat=True)[:5])
    persons = persons_by_id(ids)
    return Applicant(
        merchant=row.merchant,
        status=get_standing(row.merchant.id).status,
        stores=list(stores.values_list("name", "district", "address")[:_MOST_STORES]),
        owners=[(one, persons[one].nickname, persons[one].phone or "") for one in ids if one in persons],
    )


def compare_merchant(merchant_id: UUID) -> tuple[Sequence[Likeness], bool]:
    """Return up to ten merchants that may be the same, the likeliest first, and whether all names were looked at.

    Looked for: the same or a similar name, the same phone number, a store of the same name or address in the same
    district, the same owner. Refuses `not_found`.
    """
    subject = get_applicant(merchant_id)
    reasons: dict[UUID, list[str]] = {}

    def found(ids: Collection[UUID], reason: str) -> None:
        for one in ids:
            if one != merchant_id:
                reasons.setdefault(one, []).append(reason)

    names = list(Merchant.objects.order_by("-id").values_list("id", "name")[:MOST_NAMES])
    key = name_key(subject.merchant.name)
    keys = [(one, name_key(name)) for one, name in names]
    found([one for one, other in keys if other == key], "same_name")
    found([one for one, other in keys if other != key and are_alike(key, other)][:200], "similar_name")
    if subject.merchant.phone:
        same = Merchant.objects.filter(phone=subject.merchant.phone)
        found(list(same.values_list("id", flat=True)[:50]), "same_phone")
    found(_at_same_place(merchant_id), "same_place")
    owned = Employment.objects.filter(
        person_id__in=[one for one, _, _ in subject.owners], role="owner", until__isnull=True
    )
    found(list(set(owned.values_list("merchant_id", flat=True)[:50])), "same_owner")
    best = sorted(reasons, key=lambda one: (-_weight(reasons[one]), one))[:_MOST_ALIKE]
    return [Likeness(get_applicant(one), reasons[one]) for one in best], len(names) < MOST_NAMES


def _weight(reasons: Sequence[str]) -> int:
    weights = {"same_name": 4, "same_phone": 4, "same_place": 3, "similar_name": 2, "same_owner": 1}
    return sum(weights[one] for one in reasons)


def _at_same_place(merchant_id: UUID) -> set[UUID]:
    """Return merchants with a store of the same name, or at the same address, in the same district."""
    same: set[UUID] = set()
    mine = Store.objects.filter(merchant=merchant_id).order_by("id")[:20]
    for store in mine:
        if not store.district:
            continue
        wanted = {name_key(store.name), *([name_key(store.address)] if store.address else [])}
        near = Store.objects.filter(district=store.district).exclude(merchant=merchant_id)
        for owner, name, address in near.order_by("-id").values_list("merchant_id", "name", "address")[:5000]:
            if name_key(name) in wanted or (address and name_key(address) in wanted):
                same.add(owner)
    return same
