"""The guests that a terminal carries with it, and where its event stands (spec/events.md, Offline door)."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from tessera.events.models import Event, Numbering, Seats, Terminal
from tessera.events.rules.crew import CHANGES_OVERLAP
from tessera.events.rules.roster import code_salt, digest_under, roster_salt
from tessera.kit.clock import EPOCH
from tessera.kit.errors import CursorInvalid
from tessera.kit.lent import lent_connection
from tessera.kit.sql import statement

__all__ = ["Roster", "RosterGuest", "Standing", "list_roster", "standing_of"]

_NIL = UUID(int=0)


@dataclass(frozen=True, slots=True)
class RosterGuest:
    """One accepted guest: digests in hexadecimal under the terminal's salt, the code's under `code_salt`."""

    registration_id: UUID
    name: str
    picture: str
    group: str
    phone_hash: str
    tail_hash: str
    code_salt: str
    code_hash: str
    ticket_hash: str
    number: int | None
    arrived_at: datetime | None


@dataclass(frozen=True, slots=True)
class Roster:
    """A page of the roster; `removed` may no longer enter; the next changes are asked for with `mark`."""

    salt: str
    items: Sequence[RosterGuest]
    removed: Sequence[UUID]
    next_cursor: str | None
    mark: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """How many an event has accepted and how many have arrived."""

    accepted: int
    arrived: int


def standing_of(event_id: UUID) -> Standing:
    """Return where the event stands."""
    return Standing(
        accepted=Seats.objects.values_list("taken", flat=True).get(pk=event_id),
        arrived=Numbering.objects.values_list("arrived", flat=True).get(pk=event_id),
    )


def list_roster(
    event: Event, terminal: Terminal, *, since: datetime | None, cursor: str | None, limit: int, now: datetime
) -> Roster:
    """Return a page of the accepted guests, or (`since` a mark) of those of whom something has changed; by id.

    All pages of one download carry the mark of its first. Refuses `cursor_invalid`.
    """
    after, mark = _position(cursor) if cursor else (_NIL, now - CHANGES_OVERLAP)
    asked: dict[str, Any] = {"event": event.id, "after": after, "most": limit + 1, "since": since}
    name = "roster" if since is None else "roster_changes"
    rows = lent_connection().execute(statement("events", name), asked).fetchall()
    more, rows = len(rows) > limit, rows[:limit]
    salt = roster_salt(bytes(terminal.vault_key), terminal.id)
    return Roster(
        salt=salt.hex(),
        items=[_guest(row, salt) for row in rows if row[7] == "accepted"],
        removed=[row[0] for row in rows if row[7] != "accepted"],
        next_cursor=_cursor(rows[-1][0], mark) if more else None,
        mark=mark,
    )


def _guest(row: Sequence[Any], salt: bytes) -> RosterGuest:
    registration_id, name, picture, group, phone, code, ticket, _, number, arrived_at = row
    of_code = code_salt(salt, registration_id)
    return RosterGuest(
        registration_id=registration_id,
        name=name,
        picture=picture,
        group=group,
        phone_hash=digest_under(salt, phone or ""),
        tail_hash=digest_under(salt, (phone or "")[-4:]),
        code_salt=of_code.hex(),
        code_hash=digest_under(of_code, code),
        ticket_hash=digest_under(salt, ticket),
        number=number,
        arrived_at=arrived_at,
    )


def _cursor(last: UUID, mark: datetime) -> str:
    millis = (mark - EPOCH) // timedelta(milliseconds=1)
    return base64.urlsafe_b64encode(last.bytes + millis.to_bytes(8, "big")).decode().rstrip("=")


def _position(cursor: str) -> tuple[UUID, datetime]:
    try:
        read = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        if len(read) != 24:
            raise CursorInvalid
        return UUID(bytes=read[:16]), EPOCH + timedelta(milliseconds=int.from_bytes(read[16:], "big"))
    except (binascii.Error, ValueError, OverflowError):
        raise CursorInvalid from None
