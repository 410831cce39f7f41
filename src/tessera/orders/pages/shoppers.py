"""How a member is named to a merchant's staff: nickname, number, and the phone number as far as they may see it."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings

from tessera.kit.errors import PhoneInvalid
from tessera.kit.phones import normal_phone
from tessera.merchants.gate import Workplace
from tessera.merchants.queries import find_customer_number, list_customers, sight
from tessera.people.queries import find_by_phone, persons_by_id
from tessera.people.sight import phone_for

__all__ = ["Shopper", "find_shopper", "shoppers_of"]


@dataclass(frozen=True, slots=True)
class Shopper:
    """A member as staff see him; what is not known is empty."""

    name: str
    phone: str
    numbers: tuple[str, ...]

    @property
    def title(self) -> str:
        """The best name there is."""
        return self.name or self.phone or (self.numbers[0] if self.numbers else "")

    @property
    def note(self) -> str:
        """What else is known."""
        rest = [
            self.phone if self.name else "",
            *(self.numbers if self.name or self.phone else self.numbers[1:]),
        ]
        return " · ".join(one for one in rest if one)


def shoppers_of(workplace: Workplace, member_ids: Collection[UUID]) -> dict[UUID, Shopper]:
    """Return the members of one page of purchases by id; one who is no longer known has no words."""
    merchant_id = workplace.merchant.id
    persons = persons_by_id(member_ids)
    seen = sight(merchant_id, member_ids)
    rows = list_customers(merchant_id, person_ids=member_ids, limit=max(1, len(member_ids))).items
    numbers = {row.customer.person_id: row.numbers for row in rows}
    return {
        member_id: Shopper(
            person.nickname,
            phone_for(person, whole=seen.get(member_id, False)) or "",
            numbers.get(member_id, ()),
        )
        for member_id, person in persons.items()
    }


def find_shopper(merchant_id: UUID, words: str) -> UUID | None:
    """Return the member whose customer number or phone number this is; a number that he did not give here finds nobody."""
    known = find_customer_number(merchant_id, words)
    if known is not None:
        return known.person_id
    try:
        person = find_by_phone(normal_phone(words, region=settings.TESSERA_DEFAULT_REGION))
    except PhoneInvalid:
        return None
    return person.id if person and sight(merchant_id, [person.id]).get(person.id) else None
