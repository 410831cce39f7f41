"""Checks guests in: one handler for the door, the API, the bulk call, the offline queue and the replay."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import psycopg

from tessera.events.errors.door import (
    AlreadyArrived,
    DoorCodeWrong,
    DoorNotOpen,
    EventCancelled,
    EventOver,
    GuessesLocked,
    GuestAmbiguous,
    GuestUnknown,
    NotPublished,
    OtherEvent,
    RegistrationCancelled,
    RegistrationDeclined,
    RegistrationPending,
    RegistrationWaitlisted,
    TerminalRevoked,
    TicketUnknown,
)
from tessera.events.rules.door import (
    MOST_WRONG_AT_EVENT,
    MOST_WRONG_AT_TERMINAL,
    MOST_WRONG_OF_PHONE,
    Checked,
    CheckIn,
    event_topic,
    shown_number,
)
from tessera.kit import clock
from tessera.kit.arrays import booleans, digests, integers, moments, texts, uuids
from tessera.kit.errors import IdReused, NotFound
from tessera.kit.live import note, person_topic
from tessera.kit.refusals import Refusal
from tessera.kit.sql import statement

__all__ = ["check_in_guests", "handle_arrivals"]

Outcome = Checked | Refusal

_MOST = [MOST_WRONG_OF_PHONE, MOST_WRONG_AT_TERMINAL, MOST_WRONG_AT_EVENT]
_PLAIN: dict[str, type[Refusal]] = {
    one.code: one
    for one in (
        EventCancelled,
        EventOver,
        GuestAmbiguous,
        GuestUnknown,
        NotFound,
        NotPublished,
        TerminalRevoked,
        TicketUnknown,
    )
}
_BY_STATE: dict[str, type[Refusal]] = {
    one.code: one
    for one in (RegistrationCancelled, RegistrationDeclined, RegistrationPending, RegistrationWaitlisted)
}


def handle_arrivals(connection: psycopg.Connection[Any], commands: Sequence[CheckIn]) -> list[Outcome]:
    """Check in a batch of group commit."""
    return check_in_guests(connection, commands, now=clock.now())


def check_in_guests(
    connection: psycopg.Connection[Any], commands: Sequence[CheckIn], *, now: datetime
) -> list[Outcome]:
    """Check a batch of guests in, in the caller's transaction, and answer for each, in order (spec/events.md, 5 and 6).

    Each answer is the guest with his number, the same answer again for a request seen before (`repeat`), or a refusal:
    `already_arrived` (with the number), `guest_unknown`, `door_code_wrong`, `guesses_locked`, `guest_ambiguous`,
    `ticket_unknown`, `other_event`, `registration_...`, `door_not_open`, `event_...`, `terminal_revoked`, `id_reused`,
    `not_found`. A refusal stops no other guest and leaves only its count of wrong codes. What a terminal recorded by itself
    is taken in even where its number cannot be: the guest then gets the next one, and `void_number` says which is not valid.
    """
    rows = connection.execute(
        statement("events", "check_in"),
        {
            "now": now,
            "event": uuids([c.event_id for c in commands]),
            "merchant": uuids([c.merchant_id for c in commands]),
            "owner": uuids([c.owner_id for c in commands]),
            "request": texts([c.request_id for c in commands]),
            "digest": digests([c.request_digest for c in commands]),
            "by": texts([c.by for c in commands]),
            "given": texts([c.given for c in commands]),
            "code": texts([c.code for c in commands]),
            "registration": uuids([c.registration_id for c in commands]),
            "confirm": booleans([c.confirm for c in commands]),
            "at": moments([c.arrived_at for c in commands]),
            "number": integers([c.number for c in commands]),
            "door": texts([c.door for c in commands]),
            "terminal": uuids([c.terminal_id for c in commands]),
            "printer": uuids([c.printer_id for c in commands]),
            "actor": texts([c.actor for c in commands]),
            "most": integers(_MOST),
        },
    ).fetchall()
    words = set()
    outcomes = []
    for command, row in zip(commands, rows, strict=True):
        outcomes.append(_outcome(command, row))
        if row[1] == "arrived" and not row[14]:
            words |= {(event_topic(command.event_id), "arrivals"), (person_topic(row[3]), "arrival")}
    note(connection, words)
    return outcomes


_TOLD: dict[str, Callable[[Sequence[Any]], Refusal]] = {
    "already_arrived": lambda row: _already(row),  # noqa: PLW0108 - it is defined below
    "door_code_wrong": lambda row: DoorCodeWrong(tries_left=int(row[13])),
    "guesses_locked": lambda row: GuessesLocked(what=row[13]),
    "other_event": lambda row: OtherEvent(title=row[13]),
    "door_not_open": lambda row: DoorNotOpen(opens=_written(row[10], row[13], "%Y-%m-%d %H:%M")),
    "id_reused": lambda row: IdReused(request_id=row[13]),
}
"""Verdict -> its refusal, told from the row."""


def _outcome(command: CheckIn, row: Sequence[Any]) -> Outcome:
    verdict = row[1]
    if verdict in {"arrived", "may_enter"}:
        return _checked(command, row)
    if verdict in _BY_STATE:
        return _BY_STATE[verdict](name=row[4] or "")
    return _TOLD[verdict](row) if verdict in _TOLD else _PLAIN[verdict]()


def _written(moment: datetime, zone: str, form: str) -> str:
    return f"{moment.astimezone(ZoneInfo(zone)):{form}}"


def _checked(command: CheckIn, row: Sequence[Any]) -> Checked:
    number, prefix = row[7], row[8] or ""
    return Checked(
        event_id=command.event_id,
        registration_id=row[2],
        person_id=row[3],
        name=row[4],
        picture=row[5],
        group=row[6],
        number=number,
        shown="" if number is None else shown_number(number, prefix=prefix, width=row[9]),
        arrived_at=row[10],
        door=row[11] or "",
        void_number=row[12],
        repeat=row[14],
    )


def _already(row: Sequence[Any]) -> AlreadyArrived:
    return AlreadyArrived(
        name=row[4],
        number=row[7],
        shown=shown_number(row[7], prefix=row[8] or "", width=row[9]),
        at=row[10].isoformat(),
        time=_written(row[10], row[13], "%H:%M"),
        door=row[11] or "",
        void_number=row[12],
    )
