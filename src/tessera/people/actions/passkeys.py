"""A person's passkeys: added, renamed, removed."""

from datetime import datetime
from typing import Any
from uuid import UUID

from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal.auth import WebAuthn

from tessera.kit.actors import Actor
from tessera.kit.errors import NotFound
from tessera.people.actions.persons import lock_person
from tessera.people.errors import PasskeysTooMany

__all__ = ["MOST_PASSKEYS", "add_passkey", "remove_passkey", "rename_passkey"]

MOST_PASSKEYS = 20


def add_passkey(
    *, person_id: UUID, name: str, credential: dict[str, Any], now: datetime, actor: Actor
) -> Authenticator:
    """Keep a passkey whose registration was verified. Refuses `passkeys_too_many`, `not_found`, `person_erased`."""
    person = lock_person(person_id)
    if Authenticator.objects.filter(user=person).count() >= MOST_PASSKEYS:
        raise PasskeysTooMany(most=MOST_PASSKEYS)
    made: Authenticator = WebAuthn.add(person, name, credential).instance
    return made


def rename_passkey(*, person_id: UUID, passkey_id: int, name: str, now: datetime, actor: Actor) -> None:
    """Give a passkey another name. Refuses `not_found` for what is not the person's."""
    row = Authenticator.objects.select_for_update().filter(user_id=person_id, pk=passkey_id).first()
    if row is None:
        raise NotFound
    row.data = {**row.data, "name": name}
    row.save(update_fields=["data"])


def remove_passkey(*, person_id: UUID, passkey_id: int, now: datetime, actor: Actor) -> None:
    """Take a passkey away. Refuses `not_found` for what is not the person's."""
    gone, _ = Authenticator.objects.filter(user_id=person_id, pk=passkey_id).delete()
    if not gone:
        raise NotFound
