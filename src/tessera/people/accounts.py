"""What django-allauth asks about a person: here one is known by the phone number.

Sign-in codes are rows of our own (people.models.SignInCode): allauth keeps them in the session, where neither the number
of tries nor the limits by number and address would hold under several processes.
"""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from tessera.kit.errors import PhoneInvalid
from tessera.kit.phones import normal_phone
from tessera.people.models import Person
from tessera.people.queries import find_by_phone

__all__ = ["PhoneAccounts"]


class PhoneAccounts(DefaultAccountAdapter):  # type: ignore[misc]  # allauth carries no types
    """allauth's account adapter for persons with phone numbers."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 - allauth's signature
        """Signing up is signing in with a code: allauth's own form stays closed."""
        return False

    def get_phone(self, user: Person) -> tuple[str, bool] | None:
        """Return the phone number and whether it was proven."""
        return (user.phone, user.registered_at is not None) if user.phone else None

    def get_user_by_phone(self, phone: str) -> Person | None:
        """Return the registered person with this number."""
        try:
            person = find_by_phone(normal_phone(phone))
        except PhoneInvalid:
            return None
        return person if person and person.registered_at else None

    def set_phone(self, user: Person, phone: str, verified: bool) -> None:  # noqa: FBT001 - allauth's signature
        """Numbers change by a proven code only (people.actions), never here."""
        raise NotImplementedError

    def set_phone_verified(self, user: Person, phone: str) -> None:
        """Numbers are proven by a code only (people.actions), never here."""
        raise NotImplementedError

    def send_verification_code_sms(self, user: Person, phone: str, code: str, **more: Any) -> None:
        """Codes are sent by people.actions, never here."""
        raise NotImplementedError
