"""What the room keeps about one person, for his copy of everything (spec/README.md, rule 7)."""

from typing import Any
from uuid import UUID

from tessera.events.models import (
    AnswerFile,
    Arrival,
    CircleProfile,
    Correction,
    CrewMember,
    Event,
    Jotting,
    Question,
    Registration,
)
from tessera.events.rules.door import shown_number

__all__ = ["export_person"]


def export_person(person_id: UUID) -> dict[str, object]:
    """Return everything this room keeps about the person, as plain JSON values."""
    rows = list(Registration.objects.filter(person_id=person_id).order_by("id"))
    circles = CircleProfile.objects.filter(person_id=person_id).order_by("event_id")
    jottings = Jotting.objects.filter(person_id=person_id).order_by("event_id", "number")
    crews = CrewMember.objects.filter(person_id=person_id).order_by("id")
    event_ids = {
        *(one.event_id for one in rows),
        *(one.event_id for one in circles),
        *(one.event_id for one in jottings),
        *(one.event_id for one in crews),
    }
    titles = dict(Event.objects.filter(pk__in=event_ids).values_list("id", "title"))
    return {
        "registrations": _registrations(person_id, rows, titles),
        "circle_profiles": [
            {
                "event": titles[one.event_id],
                "name": one.name,
                "appearance": one.appearance,
                "introduction": one.introduction,
                "interests": one.interests,
                "picture": one.picture,
                "seen_by": one.seen_by,
            }
            for one in circles
        ],
        "jottings": [
            {
                "event": titles[one.event_id],
                "number": one.number,
                "remark": one.remark,
                "at": one.at.isoformat(),
            }
            for one in jottings
        ],
        "crew_of": [
            {
                "event": titles[one.event_id],
                "role": one.role,
                "since": one.since.isoformat(),
                "until": one.until and one.until.isoformat(),
            }
            for one in crews
        ],
    }


def _registrations(
    person_id: UUID, rows: list[Registration], titles: dict[UUID, str]
) -> list[dict[str, Any]]:
    labels = {
        str(key): label
        for key, label in Question.objects.filter(event_id__in=titles).values_list("id", "label")
    }
    arrivals = {one.registration_id: one for one in Arrival.objects.filter(person_id=person_id)}
    files = AnswerFile.objects.filter(person_id=person_id).order_by("id")
    corrections = Correction.objects.filter(registration_id__in=[row.id for row in rows]).order_by("id")
    told = []
    for row in rows:
        here = arrivals.get(row.id)
        told.append(
            {
                "event": titles[row.event_id],
                "state": row.state,
                "name": row.name,
                "phone": row.phone,
                "answers": {labels.get(key, key): value for key, value in row.answers.items()},
                "files": [one.file_name for one in files if one.event_id == row.event_id],
                "registered_at": row.registered_at.isoformat(),
                "source": row.source,
                "text_version": row.text_version,
                "arrived_at": here and here.arrived_at.isoformat(),
                "number": here and shown_number(here.number, prefix=here.prefix, width=1),
                "corrections": [
                    {
                        "number": one.number,
                        "wanted": one.wanted_number,
                        "reason": one.reason,
                        "state": one.state,
                    }
                    for one in corrections
                    if one.registration_id == row.id
                ],
            }
        )
    return told
