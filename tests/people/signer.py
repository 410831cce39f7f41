"""A browser that signs in, for the tests of signing in."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.test import Client

from tessera.kit.actors import SYSTEM
from tessera.people.actions.persons import open_person, register_person
from tessera.people.models import Person, SignInCode
from tests.cast import NOW, made_up_phone

__all__ = ["CHROME", "Signer", "registered", "sent_earlier"]


def registered(phone: str | None = None) -> Person:
    """Return a registered person with a made-up number."""
    person = open_person(phone=phone or made_up_phone(), now=NOW, actor=SYSTEM)
    return register_person(person_id=person.id, now=NOW, actor=SYSTEM)


def sent_earlier(minutes: int) -> None:
    """Let all codes have been sent that long ago."""
    for row in SignInCode.objects.all():
        row.sent_at -= timedelta(minutes=minutes)
        row.expires_at -= timedelta(minutes=minutes)
        row.save(update_fields=["sent_at", "expires_at"])


class Signer(Client):
    """A browser with an address of its own, in English, to which codes are shown (settings.TESSERA_SHOW_CODES)."""

    def __init__(self, address: str = "192.0.2.1", **options: Any) -> None:
        super().__init__(REMOTE_ADDR=address, HTTP_ACCEPT_LANGUAGE="en", HTTP_USER_AGENT=CHROME, **options)

    def ask(self, phone: str, **more: str) -> HttpResponse:
        """Ask for a code."""
        return self.post("/sign-in", {"region": "CN", "phone": phone, **more})

    def shown(self) -> str:
        """Return the code that the page shows."""
        found = re.search(
            r'<strong class="number">(\d{6})</strong>', self.get("/sign-in/code").content.decode()
        )
        assert found, "no code is shown"
        return found[1]

    def sign_in(self, phone: str, **more: str) -> HttpResponse:
        """Sign in with a code."""
        assert self.ask(phone, **more)["Location"] == "/sign-in/code"
        return self.post("/sign-in/code", {"code": self.shown()})

    def person_id(self) -> UUID | None:
        """Return who is signed in here, or None."""
        kept = self.session.get("_auth_user_id")
        return UUID(kept) if kept else None

    def is_in(self) -> bool:
        """Return whether the site takes this browser for a signed-in person's."""
        return self.get("/me/devices").status_code == 200


CHROME = (
    "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Mobile Safari/537.36"
)
