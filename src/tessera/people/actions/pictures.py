"""The picture a person shows to the shops he buys from."""

from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import transaction

from tessera.kit.actors import Actor
from tessera.kit.media import remove_picture
from tessera.kit.outbox import tell
from tessera.people.actions.persons import lock_person

__all__ = ["take_picture_away", "use_picture"]


def use_picture(*, person_id: UUID, picture: str, now: datetime, actor: Actor) -> None:
    """Let `picture` (a name from `kit.media.keep_picture`) be the person's; the one before is removed on commit.

    Tells "people.pictured".

    Refuses `not_found` and `person_erased`; then the caller removes the new one again.
    """
    person = lock_person(person_id)
    before, person.picture = person.picture, picture
    person.save(update_fields=["picture"])
    tell("people.pictured", {"person_id": str(person_id)}, now=now)
    if before:
        transaction.on_commit(partial(remove_picture, before))


def take_picture_away(*, person_id: UUID, now: datetime, actor: Actor) -> None:
    """Leave the person without a picture; its files go on commit. Refuses `not_found` and `person_erased`."""
    use_picture(person_id=person_id, picture="", now=now, actor=actor)
