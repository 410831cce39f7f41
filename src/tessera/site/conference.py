"""`tessera replay sfhh DIR`: 403 arrivals by twelve terminals at once, then 26,040 meetings that lead to messages."""

import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

from tessera.site.command import say
from tessera.site.mendable import Mendable
from tessera.site.sociopatterns import Meeting, Slot, moment_of, read_meetings, read_slots

__all__ = ["replay_conference"]

TERMINALS = 12
_TITLE = "SFHH conference 2009"
_LENGTH = timedelta(days=2)
_BEFORE = timedelta(hours=9)
_CAP = 50


class ConferenceError(Mendable):
    """Something about the replay that a person can mend; the text is one sentence for that person."""


def replay_conference(folder: Path, *, verify: bool) -> int:
    """Bring the set in and, if asked, compare; return the exit status (1: a difference, named).

    A replay that was killed is simply started again: what is there is not done twice.
    """
    try:
        slots, meetings = read_slots(folder), read_meetings(folder)
    except OSError as error:
        raise ConferenceError(f"{error.filename} cannot be read: {error.strerror}.") from error
    except (ValueError, KeyError) as error:
        raise ConferenceError(f"The set in {folder} is not as it should be: {error}.") from error
    event_id = _event(len([one for slot in slots for one in slot.persons]))
    persons = _guests(event_id, [one for slot in slots for one in slot.persons])
    _arrive(event_id, persons, slots)
    numbers = _numbers(event_id, persons)
    _meet(event_id, numbers, meetings)
    return _verified(event_id, persons, numbers, slots, meetings) if verify else 0


def _event(guests: int) -> UUID:
    from django.db import transaction

    from tessera.events.actions.publishing import draft_event, publish_event
    from tessera.events.models import Event
    from tessera.kit.actors import Actor

    found = Event.objects.filter(title=_TITLE, merchant__isnull=True).first()
    if found is not None:
        return found.id
    actor, begins = Actor(kind="operator"), moment_of(0)
    with transaction.atomic():
        event = draft_event(
            merchant_id=None,
            title=_TITLE,
            text="A conference of two days.",
            place="Nice",
            time_zone="Europe/Paris",
            starts_at=begins + timedelta(hours=9),
            ends_at=begins + _LENGTH,
            doors_at=begins,
            capacity=guests,
            now=begins - _BEFORE,
            actor=actor,
        )
        publish_event(event_id=event.id, now=begins - _BEFORE, actor=actor)
    return event.id


def _guests(event_id: UUID, names: Sequence[str]) -> dict[str, UUID]:
    """Register everybody under a made-up phone number; return name -> registration."""
    from django.db import transaction

    from tessera.events.actions.registering import Newcomer, register_guests
    from tessera.events.models import Registration
    from tessera.kit.actors import Actor
    from tessera.people.actions.persons import recognise_phone

    actor, now = Actor(kind="operator"), moment_of(0) - _BEFORE
    with transaction.atomic():
        persons = {
            name: recognise_phone(phone=f"+861009700{int(name):04d}", now=now, actor=actor).id
            for name in names
        }
        known = set(Registration.objects.filter(event_id=event_id).values_list("person_id", flat=True))
        new = [Newcomer(person, {}, name) for name, person in persons.items() if person not in known]
        if new:
            register_guests(
                event_id=event_id,
                newcomers=new,
                text_version="1",
                source="import",
                tell=False,
                now=now,
                actor=actor,
            )
    rows = Registration.objects.filter(event_id=event_id, state="accepted")
    by_person = dict(rows.values_list("person_id", "id"))
    return {name: by_person[person] for name, person in persons.items() if person in by_person}


def _arrive(event_id: UUID, guests: Mapping[str, UUID], slots: Sequence[Slot]) -> None:
    """Let the persons of each slot come to twelve terminals at once, slot after slot."""
    from tessera.events.actions.check_in import check_in_guests
    from tessera.events.rules.door import CheckIn
    from tessera.kit.connections import connect
    from tessera.kit.group_commit import GroupCommit
    from tessera.site.progress import progress_bar

    second = [0]

    def handle(connection: psycopg.Connection[Any], commands: Sequence[CheckIn]) -> Sequence[Any]:
        return check_in_guests(connection, commands, now=moment_of(second[0]))

    door: GroupCommit[CheckIn, Any] = GroupCommit(handle, connect=connect, name="conference", threads=2)
    try:
        with progress_bar("Arrivals", total=sum(len(slot.persons) for slot in slots)) as advance:
            for slot in slots:
                second[0] = slot.second
                commands = [
                    CheckIn(
                        event_id=event_id,
                        by="guest",
                        given="",
                        registration_id=guests[name],
                        actor="operator",
                        owner_id=event_id,
                        door=f"Terminal {place % TERMINALS + 1}",
                        request_id=f"sfhh-{name}",
                    )
                    for place, name in enumerate(slot.persons)
                ]
                _at_once(door, commands)
                advance(len(commands))
    finally:
        door.stop()


def _at_once(door: Any, commands: Sequence[Any]) -> None:
    """Hand each terminal's guests in from a thread of its own, all at the same moment."""
    start = threading.Barrier(min(TERMINALS, len(commands)))
    faults: list[BaseException] = []

    def terminal(own: Sequence[Any]) -> None:
        start.wait()
        for command in own:
            [outcome] = door.submit([command]).result()
            if isinstance(outcome, BaseException):
                faults.append(outcome)

    threads = [
        threading.Thread(target=terminal, args=(commands[place::TERMINALS],))
        for place in range(start.parties)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise ConferenceError(f"An arrival was refused: {faults[0]}")


def _numbers(event_id: UUID, guests: Mapping[str, UUID]) -> dict[str, int]:
    from tessera.events.models import Arrival

    rows = Arrival.objects.filter(event_id=event_id).values_list("registration_id", "number")
    by_registration = dict(rows)
    return {name: by_registration[guest] for name, guest in guests.items()}


def _meet(event_id: UUID, numbers: Mapping[str, int], meetings: Sequence[Meeting]) -> None:
    """At each meeting the two look each other up by number and write: first a request, then messages."""
    from tessera.site.progress import progress_bar
    from tessera.talk.models import Message

    done = Message.objects.filter(circle_id=event_id).count()
    conversations: dict[tuple[UUID, UUID], UUID] = {}
    with progress_bar("Meetings", total=len(meetings)) as advance:
        advance(done)
        for meeting in meetings[done:]:
            _talk(event_id, numbers, meeting, conversations)
            advance(1)


def _talk(
    event_id: UUID,
    numbers: Mapping[str, int],
    meeting: Meeting,
    conversations: dict[tuple[UUID, UUID], UUID],
) -> None:
    from django.db import transaction

    from tessera.events.queries.circle_search import look_up_number
    from tessera.kit.actors import Actor
    from tessera.talk.actions.writing import answer_request, ask, write_message
    from tessera.talk.queries import find_conversation

    one, other = (look_up_number(event_id, numbers[name]) for name in (meeting.one, meeting.other))
    if one is None or other is None:
        raise ConferenceError(f"Nobody has the number of {meeting.one} or {meeting.other}.")
    now, actor = moment_of(meeting.begins), Actor(kind="operator")
    pair = (min(one.person_id, other.person_id), max(one.person_id, other.person_id))
    said: dict[str, Any] = {"circle_id": event_id, "now": now, "actor": actor}
    with transaction.atomic():
        if pair not in conversations:
            known = find_conversation(event_id, *pair)
            if known is not None:
                conversations[pair] = known.id
        text = f"{meeting.ends - meeting.begins} s"
        if pair in conversations:
            write_message(conversation_id=conversations[pair], person_id=one.person_id, text=text, **said)
            return
        begun = ask(asker_id=one.person_id, other_id=other.person_id, text=text, cap=_CAP, **said)
        answer_request(conversation_id=begun.id, person_id=other.person_id, accept=True, **said)
    conversations[pair] = begun.id


def _verified(
    event_id: UUID,
    guests: Mapping[str, UUID],
    numbers: Mapping[str, int],
    slots: Sequence[Slot],
    meetings: Sequence[Meeting],
) -> int:
    for fault in (_wrong_number(numbers, slots), _wrong_meeting(event_id, guests, meetings)):
        if fault:
            say(f"Differs: {fault}.")
            return 1
    pairs = len({frozenset((one.one, one.other)) for one in meetings})
    say(
        f"Verified: {len(numbers):,} arrivals with numbers 1 to {len(numbers):,}, each in its slot;"
        f" {len(meetings):,} meetings as {pairs:,} conversations."
    )
    return 0


def _wrong_number(numbers: Mapping[str, int], slots: Sequence[Slot]) -> str:
    if sorted(numbers.values()) != list(range(1, sum(len(slot.persons) for slot in slots) + 1)):
        return "the numbers have gaps, or are not unique"
    for slot in slots:
        for name in slot.persons:
            if numbers[name] not in slot.numbers:
                return f"person {name}: number {numbers[name]}, expected {slot.numbers.start} to {slot.numbers.stop - 1}"
    return ""


def _wrong_meeting(event_id: UUID, guests: Mapping[str, UUID], meetings: Sequence[Meeting]) -> str:
    """Compare how many messages each pair has written with how often it met."""
    from tessera.events.models import Registration
    from tessera.talk.models import Conversation, Message

    rows = Registration.objects.filter(event_id=event_id).values_list("id", "person_id")
    person_of = dict(rows)
    name_of = {person_of[guest]: name for name, guest in guests.items()}
    pair_of = {
        row.id: frozenset((name_of[row.low_id], name_of[row.high_id]))
        for row in Conversation.objects.filter(circle_id=event_id, answer="accepted")
    }
    written = Message.objects.filter(circle_id=event_id).values_list("conversation_id", flat=True)
    found = Counter(pair_of[conversation] for conversation in written)
    expected = Counter(frozenset((one.one, one.other)) for one in meetings)
    for pair in expected | found:
        if expected[pair] != found[pair]:
            return f"{' and '.join(sorted(pair))}: {expected[pair]} meetings, {found[pair]} messages"
    return ""
