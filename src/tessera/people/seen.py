"""When a device was last seen: written at most once in ten minutes, not with every page."""

from collections.abc import Callable
from datetime import datetime, timedelta

from allauth.usersessions.models import UserSession
from django.http import HttpRequest, HttpResponse

from tessera.kit import clock
from tessera.people.accounts import sender_address

__all__ = ["SeenDevices"]

_PAUSE = timedelta(minutes=10)
_MOST_REMEMBERED = 10_000


class SeenDevices:
    """Notes for a signed-in person's session when and from where it was seen; each process remembers what it noted."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._next = get_response
        self._noted: dict[str, datetime] = {}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on, then take note."""
        response = self._next(request)
        key = request.session.session_key
        if key and request.user.is_authenticated:
            now = clock.now()
            last = self._noted.get(key)
            if last is None or now - last >= _PAUSE:
                if len(self._noted) >= _MOST_REMEMBERED:
                    self._noted.clear()
                self._noted[key] = now
                UserSession.objects.filter(session_key=key, last_seen_at__lt=now - _PAUSE).update(
                    last_seen_at=now, ip=sender_address(request)
                )
        return response
