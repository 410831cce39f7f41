"""Guests say how they look and who may see it; the organiser sets the circle's terms (spec/events.md, step 8)."""

import unicodedata
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction

from tessera.events.errors.circle import (
    CircleClosed,
    CircleTermsInvalid,
    ProfileFieldAbsent,
    ProfileTextUnusable,
)
from tessera.events.models import CircleClosure, CircleProfile, Event, Registration
from tessera.events.rules.circle import FIELDS, LONGEST, seen_by_of, terms_of
from tessera.events.rules.words import words_of
from tessera.kit.actors import Actor
from tessera.kit.errors import NotFound
from tessera.kit.media import remove_picture

__all__ = ["MOST_CLOSING_DAYS", "MOST_REQUESTS", "describe_guest", "set_circle_terms", "use_circle_picture"]

MOST_CLOSING_DAYS = 365
MOST_REQUESTS = 500
_LINES = frozenset({"introduction"})
_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}


def describe_guest(
    *, event_id: UUID, person_id: UUID, described: Mapping[str, Any], now: datetime, actor: Actor
) -> CircleProfile:
    """Let a guest's profile in one circle say what `described` holds; what it does not name stays.

    Texts by field (rules.circle.FIELDS but the picture), and `seen_by`: field -> "circle", "talks", "nobody", for the name
    also "initial". Refuses `circle_closed`, `profile_field_absent` and `profile_text_unusable`.
    """
    event = _open_event(event_id)
    fields = terms_of(event.circle).fields
    profile = _locked_profile(event_id, person_id, now)
    for field in described:
        if field in FIELDS and field not in fields and described[field]:
            raise ProfileFieldAbsent(field=field)
        if field in LONGEST:
            setattr(profile, field, _checked(field, described[field]))
    if "seen_by" in described:
        wanted = {field: to for field, to in described["seen_by"].items() if field in fields}
        profile.seen_by = seen_by_of({**profile.seen_by, **wanted}, FIELDS)
    return _kept(event, profile, now)


def use_circle_picture(
    *, event_id: UUID, person_id: UUID, picture: str, now: datetime, actor: Actor
) -> CircleProfile:
    """Let `picture` (a name from kit.media.keep_picture; "" for none) be the guest's in this circle.

    The one before is removed on commit. Refuses `circle_closed` and `profile_field_absent`.
    """
    event = _open_event(event_id)
    if picture and "picture" not in terms_of(event.circle).fields:
        raise ProfileFieldAbsent(field="picture")
    profile = _locked_profile(event_id, person_id, now)
    if profile.picture and profile.picture != picture:
        transaction.on_commit(partial(remove_picture, profile.picture))
    profile.picture = picture
    return _kept(event, profile, now)


def set_circle_terms(*, event_id: UUID, terms: Mapping[str, Any], now: datetime, actor: Actor) -> Event:
    """Let the circle have these terms (`closing_days` 1 to 365, `requests` 1 to 500, `fields`); what is not named stays.

    Refuses `circle_terms_invalid`, `circle_closed`, `not_found`. Source: spec/events.md, steps 1, 8, 9 and 11.
    """
    event = Event.objects.select_for_update(of=("self",)).filter(pk=event_id).first()
    if event is None:
        raise NotFound
    if CircleClosure.objects.filter(pk=event_id).exists():
        raise CircleClosed
    for field, most in (("closing_days", MOST_CLOSING_DAYS), ("requests", MOST_REQUESTS)):
        value = terms.get(field, 1)
        if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
            raise CircleTermsInvalid(field=field, least=1, most=most)
    before = terms_of(event.circle).fields
    event.circle = {**event.circle, **terms}
    event.changed_at = now
    event.save(update_fields=["circle", "changed_at"])
    if terms_of(event.circle).fields != before:
        _find_anew(event)
    return event


def _open_event(event_id: UUID) -> Event:
    event = Event.objects.filter(pk=event_id).first()
    if event is None:
        raise NotFound
    if CircleClosure.objects.filter(pk=event_id).exists():
        raise CircleClosed
    return event


def _locked_profile(event_id: UUID, person_id: UUID, now: datetime) -> CircleProfile:
    fresh = CircleProfile(event_id=event_id, person_id=person_id, changed_at=now)
    CircleProfile.objects.bulk_create([fresh], ignore_conflicts=True)
    return CircleProfile.objects.select_for_update().get(event_id=event_id, person_id=person_id)


def _checked(field: str, text: Any) -> str:
    """Return the text as it is kept; line breaks stay where a field has lines, blanks at its ends go."""
    most = LONGEST[field]
    clean = unicodedata.normalize("NFC", str(text)).replace("\r\n", "\n").replace("\r", "\n").strip()
    breaks = "\n" if field in _LINES else ""
    if len(clean) > most or any(
        one not in breaks and one != "\u200d" and unicodedata.category(one) in _INVISIBLE for one in clean
    ):
        raise ProfileTextUnusable(field=field, most=most)
    return clean


def _kept(event: Event, profile: CircleProfile, now: datetime) -> CircleProfile:
    """Write the profile with the words by which the whole circle may find it: of what the whole circle may see."""
    profile.words = _words(event, profile)
    profile.changed_at = now
    values = {
        field: getattr(profile, field) for field in (*LONGEST, "picture", "seen_by", "words", "changed_at")
    }
    CircleProfile.objects.filter(event_id=event.id, person_id=profile.person_id).update(**values)
    return profile


def _words(event: Event, profile: CircleProfile) -> list[str]:
    to = seen_by_of(profile.seen_by, terms_of(event.circle).fields)
    texts = [getattr(profile, field) for field in ("appearance", "interests") if to[field] == "circle"]
    name = ""
    if to["name"] == "circle":
        name = profile.name or _registered_name(event.id, profile.person_id)
    return words_of(event.id, *texts, name=name)


def _find_anew(event: Event) -> None:
    """Let every guest be found by what the circle may see of him now: what the organiser took out is no clue any more."""
    profiles = CircleProfile.objects.filter(event_id=event.id).select_for_update()
    changed = []
    for profile in profiles.order_by("person_id"):
        words = _words(event, profile)
        if words != profile.words:
            profile.words = words
            changed.append(profile)
    CircleProfile.objects.bulk_update(changed, ["words"], batch_size=500)


def _registered_name(event_id: UUID, person_id: UUID) -> str:
    names = Registration.objects.filter(event_id=event_id, person_id=person_id).values_list("name", flat=True)
    return names.first() or ""
