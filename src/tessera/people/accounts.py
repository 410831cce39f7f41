"""What django-allauth asks about a person: here one is known by the phone number.

Sign-in codes are rows of our own (people.models.SignInCode): allauth keeps them in the session, where neither the number
of tries nor the limits by number and address would hold under several processes (docs/decisions/0016).
"""

import ipaddress
from typing import Any
from uuid import UUID

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import (
    get_authentication_records,
    perform_login,
    record_authentication,
)
from allauth.account.models import Login
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import logout, update_session_auth_hash
from django.http import HttpRequest

from tessera.kit import clock
from tessera.kit.actors import Actor
from tessera.kit.errors import PhoneInvalid
from tessera.kit.phones import masked_phone, normal_phone
from tessera.people.actions.codes import move_code_device
from tessera.people.actions.sessions import tell_of_new_device
from tessera.people.models import Person
from tessera.people.queries import find_by_phone

__all__ = [
    "RECENT_S",
    "PersonPasskeys",
    "PhoneAccounts",
    "keep_signed_in",
    "network_of",
    "own_id",
    "sender_address",
    "sign_in_person",
    "sign_out_person",
    "signed_in_recently",
]

RECENT_S = 900
"""How long after signing in one may change how one signs in, in seconds."""

_NOWHERE = "0.0.0.0"  # noqa: S104 - shown where a server behind a socket names no address


class PhoneAccounts(DefaultAccountAdapter):  # type: ignore[misc]  # allauth carries no types
    """allauth's account adapter for persons with phone numbers."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 - allauth's signature
        """Signing up is signing in with a code: allauth's own form stays closed."""
        return False

    def get_login_stages(self) -> list[str]:
        """A code, a passkey and a password each open the door alone: a passkey is no second step after a code."""
        return []

    def is_reauthentication_required(self, *, app: str, **_more: Any) -> bool:  # noqa: ARG002 - allauth's signature
        """Our pages ask for a recent sign-in themselves (`signed_in_recently`)."""
        return False

    def add_message(self, *_given: Any, **_more: Any) -> None:
        """Our pages say themselves what happened."""

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the address that the request came from."""
        return sender_address(request)

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


class PersonPasskeys(DefaultMFAAdapter):  # type: ignore[misc]  # allauth carries no types
    """allauth's adapter for passkeys: what an authenticator keeps names nobody's whole phone number."""

    def _get_site_name(self) -> str:
        return str(settings.TESSERA_OPERATOR_NAME)

    def get_public_key_credential_user_entity(self, user: Person) -> dict[str, Any]:
        """Return how the device lists this passkey's owner."""
        entity: dict[str, Any] = super().get_public_key_credential_user_entity(user)
        masked = masked_phone(user.phone or "")
        return {**entity, "name": masked, "display_name": user.nickname or masked}


def own_id(request: HttpRequest) -> UUID:
    """Return the id of the person who is signed in."""
    return UUID(str(request.user.pk))


def sender_address(request: HttpRequest) -> str:
    """Return the network address of who sent the request, as the last TESSERA_TRUSTED_PROXIES proxies wrote it down.

    With none trusted, or fewer addresses than proxies, the connection's own address counts: what a browser writes into
    X-Forwarded-For is never believed.
    """
    hops = settings.TESSERA_TRUSTED_PROXIES
    written = request.headers.get("X-Forwarded-For", "").split(",") if hops else []
    given = written[-hops] if hops and len(written) >= hops else request.META.get("REMOTE_ADDR", "")
    try:
        return str(ipaddress.ip_address(str(given).strip()))
    except ValueError:
        return _NOWHERE


def network_of(address: str) -> str:
    """Return what limits by address count as one sender: an IPv4 address, or the /64 of an IPv6 address."""
    known = ipaddress.ip_address(address)
    if isinstance(known, ipaddress.IPv4Address):
        return address
    if known.ipv4_mapped:
        return str(known.ipv4_mapped)
    return str(ipaddress.ip_network((known, 64), strict=False))


def sign_in_person(request: HttpRequest, person: Person, *, method: str) -> None:
    """Sign the person in on this device by allauth's own way: a new session key, a record of how, a row of the device.

    Whoever was signed in here before is signed out. `method` is "code", "passkey", "password" or "demo".
    """
    if request.user.is_authenticated:
        UserSession.objects.filter(session_key=request.session.session_key).delete()
        if request.user.pk == person.pk:
            request.session.cycle_key()  # Django leaves the key as it is when the same person signs in
        else:
            logout(request)
    perform_login(request, Login(user=person, redirect_url="/"))
    record_authentication(request, person, method=method)
    if method != "demo":
        tell_of_new_device(
            person_id=person.id,
            session_key=request.session.session_key or "",
            now=clock.now(),
            actor=Actor(kind="person", id=person.id),
        )


def sign_out_person(request: HttpRequest) -> None:
    """Sign out on this device, and take it off the list of devices."""
    UserSession.objects.filter(session_key=request.session.session_key or "").delete()
    logout(request)


def keep_signed_in(request: HttpRequest, person: Person) -> None:
    """Let this device stay signed in after the person's password changed, under a new session key."""
    before = request.session.session_key or ""
    UserSession.objects.filter(session_key=before).delete()
    update_session_auth_hash(request, person)
    move_code_device(
        session_key=before,
        new_session_key=request.session.session_key or "",
        now=clock.now(),
        actor=Actor(kind="person", id=person.id),
    )
    UserSession.objects.create_from_request(request)


def signed_in_recently(request: HttpRequest) -> bool:
    """Return whether the person proved who he is on this device within the last RECENT_S seconds."""
    records = get_authentication_records(request, request.user)
    latest = max((float(record.get("at", 0)) for record in records), default=0.0)
    return clock.now().timestamp() - latest < RECENT_S
