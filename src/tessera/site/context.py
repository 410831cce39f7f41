"""What every template knows: the operator's name, whether this is a demo, and who reads."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from tessera.kit.live import person_topic, token_for
from tessera.notices.queries import count_unread

__all__ = ["everywhere"]


def everywhere(request: HttpRequest) -> dict[str, Any]:
    """Return the names that all templates may use."""

    def unread() -> int:
        return count_unread(UUID(str(request.user.pk))) if request.user.is_authenticated else 0

    def live_token() -> str:
        person = getattr(request, "user", None)
        if not person or not person.is_authenticated:
            return ""
        return token_for(request, [person_topic(person.pk), *getattr(request, "live_topics", ())])

    return {
        "operator_name": settings.TESSERA_OPERATOR_NAME,
        "demo": settings.TESSERA_DEMO,
        "unread": SimpleLazyObject(unread),
        "live_token": SimpleLazyObject(live_token),
    }
