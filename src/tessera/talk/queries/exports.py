"""What this room keeps about one person."""

from typing import Any
from uuid import UUID

from tessera.talk.models import Conversation, Message, Mute, Report
from tessera.talk.queries.blocks import count_blocked

__all__ = ["export_person"]


def export_person(person_id: UUID) -> dict[str, Any]:
    """Return what this room keeps about the person as plain JSON values: his own messages, not those of others."""
    return {
        "messages": [
            {"circle": str(one.circle_id), "at": one.at.isoformat(), "text": one.text}
            for one in Message.objects.filter(from_id=person_id).order_by("id")
        ],
        "requests": [
            {"circle": str(one.circle_id), "at": one.asked_at.isoformat(), "answer": one.answer}
            for one in Conversation.objects.filter(asker_id=person_id).order_by("id")
        ],
        "reports": [
            {"circle": str(one.circle_id), "at": one.at.isoformat(), "kind": one.kind, "text": one.text}
            for one in Report.objects.filter(by_id=person_id).order_by("id")
        ],
        "mutes": [
            {"circle": str(one.circle_id), "at": one.at.isoformat(), "reason": one.reason}
            for one in Mute.objects.filter(person_id=person_id).order_by("id")
        ],
        "blocked": count_blocked(person_id),
    }
