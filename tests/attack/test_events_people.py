"""People who bend what events and talk promise: erased, blocked, hidden, slow clocks, the same file a hundred times."""

import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from PIL import Image

from tessera.events.actions.answers import keep_answer_file
from tessera.events.actions.circle import describe_guest, set_circle_terms
from tessera.events.actions.closing import close_circle
from tessera.events.actions.erasing import forget_guest
from tessera.events.actions.reviewing import decide_registrations, undo_decision
from tessera.events.actions.talks import block_guest, report_guest
from tessera.events.answering import answer_file_path
from tessera.events.models import AnswerFile, CrewMember, Decision, Publication, Registration, Terminal
from tessera.events.queries.circle_search import find_by_words
from tessera.kit import clock
from tessera.kit.actors import SYSTEM
from tessera.kit.csv_answers import csv_answer
from tessera.kit.media import find_picture, keep_picture
from tessera.kit.refusals import Refusal
from tessera.people.actions.pictures import use_picture
from tessera.people.models import Person
from tessera.talk.errors import PersonUnavailable, RequestsUsedUp
from tessera.talk.models import Report
from tests.events.devices import Device
from tests.events.registering_stage import ask, register, taken
from tests.events.stage import a_guest, a_lease, a_person, a_terminal, an_arrival, an_event
from tests.events.test_walk_ins import someone
from tests.talk.people import Circle
from tests.talk.people import a_person as somebody

pytestmark = pytest.mark.usefixtures("committed")


def by_system() -> dict[str, Any]:
    return {"now": clock.now(), "actor": SYSTEM}


def a_picture() -> io.BytesIO:
    out = io.BytesIO()
    Image.new("RGB", (80, 80), "red").save(out, "PNG")
    out.seek(0)
    return out


def test_a_closing_circle_leaves_the_picture_of_the_account() -> None:
    """Prevents a circle that closes from taking away the photo that a member has everywhere."""
    event, (person_id, _) = an_event(), a_person()
    name = keep_picture(a_picture())
    with transaction.atomic():
        use_picture(person_id=person_id, picture=name, **by_system())
    assert register(event, person_id=person_id).picture == name
    with transaction.atomic():
        close_circle(event_id=event.id, **by_system())
    assert Person.objects.get(pk=person_id).picture == name
    assert find_picture(name, 96) is not None
    assert Registration.objects.get(event_id=event.id).picture == ""


@pytest.mark.parametrize("how", ["undo", "accept", "waitlist"])
def test_nobody_brings_an_erased_guest_back(how: str) -> None:
    """Prevents a place, a code and a notice for somebody who is not there any more."""
    event = an_event(capacity=2, starts_at=clock.now() + timedelta(days=1), review="hand")
    guest = register(event)
    if how != "undo":
        with transaction.atomic():
            decide_registrations(
                event_id=event.id,
                registration_ids=[guest.id],
                verdict="decline",
                reason="Full",
                **by_system(),
            )
    with transaction.atomic():
        forget_guest(person_id=guest.person_id, **by_system())
    before = Registration.objects.get(id=guest.id).state
    if how == "undo":
        last = Decision.objects.filter(registration_id=guest.id).latest("at", "id")
        with pytest.raises(Refusal), transaction.atomic():
            undo_decision(event_id=event.id, decision_id=last.id, **by_system())
    else:
        with transaction.atomic():
            done = decide_registrations(
                event_id=event.id, registration_ids=[guest.id], verdict=how, **by_system()
            )
        assert list(done.refused) == [guest.id]
    row = Registration.objects.get(id=guest.id)
    assert (row.state, row.code, taken(event)) == (before, "", 0)


def test_an_erased_member_of_the_crew_leaves_no_terminal() -> None:
    event, (person_id, _) = an_event(), a_person()
    terminal = a_terminal(event, person_id=person_id)
    assert Device(terminal).get("session").status_code == 200
    with transaction.atomic():
        forget_guest(person_id=person_id, **by_system())
    assert CrewMember.objects.get(person_id=person_id).until is not None
    assert Terminal.objects.get(pk=terminal.id).revoked_at is not None
    assert Device(terminal).get("session").status_code == 403


def test_what_the_organiser_takes_out_of_the_circle_is_not_found_by() -> None:
    """Prevents looks that nobody sees any more from being found by guessing words."""
    event = an_event()
    guest = a_guest(event, name="Mei")
    an_arrival(event, guest, 1)
    described = {"appearance": "red dress", "interests": "chess"}
    with transaction.atomic():
        describe_guest(event_id=event.id, person_id=guest.person_id, described=described, **by_system())
    assert [one.number for one in find_by_words(event.id, "red dress", 5)] == [1]
    with transaction.atomic():
        set_circle_terms(event_id=event.id, terms={"fields": ["interests", "name"]}, **by_system())
    assert find_by_words(event.id, "red dress", 5) == []
    assert [one.number for one in find_by_words(event.id, "chess", 5)] == [1]
    with transaction.atomic():
        set_circle_terms(event_id=event.id, terms={"fields": ["appearance"]}, **by_system())
    assert [one.number for one in find_by_words(event.id, "red dress", 5)] == [1]


def test_blocking_whom_one_has_asked_frees_no_request() -> None:
    """Prevents a cap of 50 that ends where somebody asks, blocks, and asks the next one."""
    circle = Circle(cap=2)
    spammer, others = somebody(), [somebody() for _ in range(4)]
    for other in others[:2]:
        circle.ask(spammer, other)
        circle.block(spammer, other)
    with pytest.raises(RequestsUsedUp):
        circle.ask(spammer, others[2])
    for other in others[:2]:
        circle.unblock(spammer, other)
    with pytest.raises(RequestsUsedUp):
        circle.ask(spammer, others[3])
    circle.block(others[0], spammer)
    circle.ask(spammer, others[2])


def test_whoever_was_insulted_reports_though_he_was_blocked_afterwards() -> None:
    """Prevents an insult that nobody can report because its author blocked first."""
    event = an_event()
    guests = [a_guest(event) for _ in range(3)]
    for number, guest in enumerate(guests, 1):
        an_arrival(event, guest, number)
    rude, hurt, third = (guest.person_id for guest in guests)
    circle = Circle()
    circle.id = event.id
    circle.write(rude, circle.talk(rude, hurt), "An insult")
    with transaction.atomic():
        block_guest(event=event, person_id=rude, number=2, **by_system())
        block_guest(event=event, person_id=rude, number=3, **by_system())
    said = {"event": event, "number": 1, "kind": "harassment", "text": "", "block": False, **by_system()}
    with transaction.atomic():
        report_guest(person_id=hurt, **said)
    assert "An insult" in str(Report.objects.get(circle_id=event.id).evidence)
    with (
        pytest.raises(PersonUnavailable),
        transaction.atomic(),
    ):  # with whom there was nothing he sees nothing of
        report_guest(person_id=third, **said)


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00Z", "2020-01-01T00:00:00Z", "9999-12-31T00:00:00Z"])
def test_a_walk_in_taken_in_by_a_wrong_clock_is_in(moment: str) -> None:
    """Prevents a guest who is inside from being lost, or from standing in the lists with the year 1."""
    event = an_event()
    Publication.objects.filter(event=event).update(at=clock.now() - timedelta(hours=3))
    terminal = a_terminal(event)
    number = a_lease(event, terminal)[0]
    [answer] = Device(terminal).walk_in(someone(number=number, arrived_at=moment))
    assert answer["status"] == 201, answer
    row = Registration.objects.get(event_id=event.id)
    assert clock.now() - timedelta(hours=3) < row.registered_at <= clock.now()


def test_a_file_given_anew_replaces_the_one_before() -> None:
    """Prevents a guest who changes his answer a hundred times from filling the disk."""
    event, (person_id, _) = an_event(), a_person()
    question = ask(event, "file", kinds=["pdf"])
    paths: list[Path] = []
    for _ in range(3):
        with transaction.atomic():
            row = keep_answer_file(
                question=question, person_id=person_id, file_name="cv.pdf", file=io.BytesIO(b"%PDF-1"), **by_system()
            )  # fmt: skip
        paths.append(answer_file_path(row.stored))
    assert [one.is_file() for one in paths] == [False, False, True]
    assert AnswerFile.objects.get(person_id=person_id).id == row.id
    assert str(settings.TESSERA_DATA_DIR) in str(paths[0])


def test_a_heading_is_no_formula() -> None:
    content = b"".join(csv_answer("x", ["=HYPERLINK(1)", "Name"], [], bom=False).streaming_content)
    assert content.startswith(b"'=HYPERLINK")
