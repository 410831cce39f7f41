"""An event's form is sent: its picture is kept, the action happens once, a refusal stands at its field."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from tessera.events.pages.publishing_forms import EventForm
from tessera.kit.actors import Actor
from tessera.kit.media import keep_picture, remove_picture
from tessera.kit.pages import Did, do_once, on_form
from tessera.kit.refusals import Refusal

__all__ = ["remove_pictures", "save_event"]

_FIELD_OF = {
    "time_zone_unknown": "time_zone",
    "place_invalid": "latitude",
    "capacity_below_taken": "capacity",
    "picture_too_large": "picture",
    "picture_unreadable": "picture",
    "numbers_in_use": "number_start",
}
_FIELD_BY_WHY = {
    "end": "ends_at",
    "length": "ends_at",
    "past": "ends_at",
    "doors": "doors_at",
    "title": "title",
} | {
    "registration": "registration_until",
    "capacity": "capacity",
    "numbers": "number_start",
    "group_question": "group_question",
    "circle": "closing_days",
}


def save_event(
    request: HttpRequest,
    form: EventForm,
    act: Any,
    actor: Actor,
    kept: list[str],
    *,
    verb: str,
    object_id: UUID | str = "",
) -> HttpResponse | int:
    """Keep the picture and act; on a refusal say so at its field, remove the picture, and return the status."""
    acted: list[bool] = []

    def noted(actor: Actor, now: datetime) -> Did:
        acted.append(True)
        did: Did = act(actor, now)
        return did

    try:
        if form.cleaned_data.get("picture"):
            kept.append(keep_picture(form.cleaned_data["picture"]))
        answered = do_once(request, noted, actor=actor, verb=verb, kind="event", object_id=object_id)
    except Refusal as refusal:
        remove_pictures(kept)
        why = str(refusal.details.get("why", ""))
        on_form(form, refusal, _FIELD_OF.get(refusal.code) or _FIELD_BY_WHY.get(why))
        return refusal.status
    if not acted:  # the same form again: its first picture is the one that is shown
        remove_pictures(kept)
    return answered


def remove_pictures(pictures: Iterable[str]) -> None:
    """Remove these pictures, which nothing shows."""
    for name in pictures:
        remove_picture(name)
