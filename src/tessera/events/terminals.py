"""Terminals: how their credential looks, and which one stands behind it. The hot lane and the API ask here.

A terminal found is remembered for a few seconds, as keys are (merchants/keys.py); whether it is revoked is looked at again
in every batch of check-ins.
"""

import hashlib
import secrets
import threading
import time
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tessera.events.errors.door import TerminalRevoked
from tessera.events.models import CrewMember, Event, Terminal
from tessera.kit.actors import Actor

__all__ = [
    "CACHE_S",
    "TERMINAL_SCOPES",
    "TERMINAL_START",
    "Station",
    "digest_of_credential",
    "find_station",
    "find_terminal",
    "forget_terminals",
    "get_terminal",
    "is_supervisors",
    "new_credential",
    "remembered_terminal",
    "see_terminal",
]

CACHE_S = 5
SEEN_EVERY_S = 10
TERMINAL_START = "tdt_"
_MOST_REMEMBERED = 10_000
TERMINAL_SCOPES = frozenset({"arrivals:write"})


@dataclass(frozen=True, slots=True)
class Station:
    """What a terminal is: its event, door and printer, who holds it, and whether that is a supervisor."""

    id: UUID
    event_id: UUID
    merchant_id: UUID | None
    door: str
    printer_id: UUID | None
    person_id: UUID | None
    supervisor: bool


@dataclass(frozen=True, slots=True)
class _Remembered:
    actor: Actor
    until_s: int | float


_remembered: dict[bytes, _Remembered] = {}
_stations: dict[UUID, Station] = {}
_lock = threading.Lock()


def new_credential() -> str:
    """Return a new credential: `tdt_` and 43 characters that nobody can guess."""
    return TERMINAL_START + secrets.token_urlsafe(32)


def digest_of_credential(secret: str) -> bytes:
    """Return what is kept instead of the credential; plain SHA-256 suffices for 256 random bits."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def remembered_terminal(secret: str) -> Actor | None:
    """Return the terminal with this credential if that is still remembered; None says nothing, ask `find_terminal` then."""
    known = _remembered.get(digest_of_credential(secret))
    return known.actor if known is not None and known.until_s > time.monotonic() else None


def find_terminal(secret: str) -> Actor | None:
    """Return the terminal with this credential as the one who acts, or None for one that is unknown.

    Refuses `terminal_revoked`.
    """
    if not secret.startswith(TERMINAL_START) or len(secret) > 128:
        return None
    if (known := remembered_terminal(secret)) is not None:
        return known
    digest = digest_of_credential(secret)
    station = _look_up(digest)
    with _lock:
        if station is None:
            _remembered.pop(digest, None)
            return None
        if len(_remembered) >= _MOST_REMEMBERED:
            _remembered.clear()
            _stations.clear()
        actor = Actor(kind="terminal", id=station.id, merchant_id=station.merchant_id, scopes=TERMINAL_SCOPES)
        _remembered[digest] = _Remembered(actor, time.monotonic() + CACHE_S)
        _stations[station.id] = station
    return actor


def get_terminal(secret: str) -> Terminal | None:
    """Return the terminal with this credential as it stands at this moment, or None; refuses `terminal_revoked`."""
    if not secret.startswith(TERMINAL_START) or len(secret) > 128:
        return None
    terminal = Terminal.objects.filter(digest=digest_of_credential(secret)).first()
    if terminal is not None and terminal.revoked_at is not None:
        raise TerminalRevoked
    return terminal


def is_supervisors(terminal: Terminal) -> bool:
    """Say whether a supervisor of the event holds the terminal."""
    supervisors = CrewMember.objects.filter(event_id=terminal.event_id, role="supervisor", until__isnull=True)
    return terminal.person_id is not None and supervisors.filter(person_id=terminal.person_id).exists()


def find_station(terminal_id: UUID) -> Station | None:
    """Return what the terminal of an actor is, as it was when its credential was looked up."""
    return _stations.get(terminal_id)


def forget_terminals() -> None:
    """Forget what is remembered in this process, as after a revocation."""
    with _lock:
        _remembered.clear()


def _look_up(digest: bytes) -> Station | None:
    terminal = Terminal.objects.filter(digest=digest).first()
    if terminal is None:
        return None
    if terminal.revoked_at is not None:
        raise TerminalRevoked
    return Station(
        terminal.id,
        terminal.event_id,
        Event.objects.values_list("merchant_id", flat=True).get(pk=terminal.event_id),
        terminal.door,
        terminal.printer_id,
        terminal.person_id,
        is_supervisors(terminal),
    )


def see_terminal(terminal: Terminal, *, waiting: int | None, now: datetime) -> None:
    """Note that the terminal is there, and what it still has to upload; at most every SEEN_EVERY_S seconds."""
    fresh = terminal.seen_at is not None and (now - terminal.seen_at).total_seconds() < SEEN_EVERY_S
    if fresh and (waiting is None or waiting == terminal.waiting):
        return
    said = {} if waiting is None else {"waiting": waiting}
    Terminal.objects.filter(pk=terminal.pk).update(seen_at=now, **said)
