"""Consent and erasure: people's data is theirs (spec/README.md, rule 7)."""

from datetime import datetime
from uuid import UUID

from tessera.kit.actors import Actor
from tessera.kit.outbox import tell
from tessera.people.actions.codes import end_code_devices
from tessera.people.actions.persons import lock_person
from tessera.people.actions.pictures import take_picture_away
from tessera.people.actions.sessions import forget_sign_ins
from tessera.people.models import Consent, Erasure

__all__ = ["erase_person", "record_consent"]


def record_consent(
    *, person_id: UUID, purpose: str, text_version: str, given: bool, now: datetime, actor: Actor
) -> Consent:
    """Write down that the person agreed to (`given`) or withdrew from `purpose`, as worded in `text_version`.

    Refuses `not_found` and `person_erased`.
    """
    person = lock_person(person_id)
    return Consent.objects.create(
        person_id=person.id,
        purpose=purpose,
        text_version=text_version,
        given=given,
        at=now,
        actor=actor.name,
    )


def erase_person(*, person_id: UUID, reason: str, now: datetime, actor: Actor) -> Erasure:
    """Take away what names the person: phone number, nickname, birthday, district, password, picture, member codes.

    Ids and the ledger stay.

    Refuses `not_found` and `person_erased`. Tells "people.erased", so that the rooms above drop their part.
    """
    take_picture_away(person_id=person_id, now=now, actor=actor)
    end_code_devices(person_id=person_id, now=now, actor=actor)
    person = lock_person(person_id)
    person.phone = None
    person.nickname = ""
    person.birthday = None
    person.district = ""
    person.password = ""
    person.erased_at = now
    person.save(update_fields=["phone", "nickname", "birthday", "district", "password", "erased_at"])
    forget_sign_ins(person_id=person.id, now=now, actor=actor)
    tell("people.erased", {"person_id": str(person.id)}, now=now)
    return Erasure.objects.create(person_id=person.id, at=now, actor=actor.name, reason=reason)
