"""Who hears what: the rooms' exporters and sights, tied together in the one place that knows all rooms."""

from collections.abc import Collection
from uuid import UUID

import tessera.events.queries.exports as events
import tessera.merchants.queries as merchants
import tessera.notices.queries as notices
import tessera.orders.queries as orders
import tessera.talk.queries as talk
from tessera.notices.actions.delivery import Address
from tessera.orders.past import past_baskets
from tessera.people.exports import EXPORTERS
from tessera.people.queries import persons_by_id
from tessera.people.sight import SIGHTS
from tessera.points import wallets
from tessera.points.replays import PASTS

__all__ = ["addresses_of", "wire"]


def wire() -> None:
    """Tie the rooms together; doing it again changes nothing."""
    EXPORTERS["events"] = events.export_person
    EXPORTERS["merchants"] = merchants.export_person
    EXPORTERS["notices"] = notices.export_person
    EXPORTERS["orders"] = orders.export_person
    EXPORTERS["points"] = wallets.export_person
    EXPORTERS["talk"] = talk.export_person
    if merchants.sight not in SIGHTS:
        SIGHTS.append(merchants.sight)
    if past_baskets not in PASTS:
        PASTS.append(past_baskets)


def addresses_of(person_ids: Collection[UUID]) -> dict[UUID, Address]:
    """Return where notices reach these persons; one who was erased is reached nowhere."""
    return {
        person.id: Address(phone=person.phone, language=person.language)
        for person in persons_by_id(person_ids).values()
        if person.erased_at is None
    }
