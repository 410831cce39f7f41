"""The organiser's board: figures, pace, doors, terminals; what is to take away; events at the same time (spec/events.md, 11)."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.html import escape

from tessera.events.actions.corrections import refuse_correction
from tessera.events.models import (
    Arrival,
    Cancellation,
    Event,
    Jotting,
    PrintJob,
    Question,
    Registration,
    Terminal,
)
from tessera.events.queries.board import get_board, list_doors, list_pace, list_terminals
from tessera.events.queries.clashes import list_clashes, list_clashing_pairs
from tessera.events.queries.events import get_event
from tessera.events.rules.board import MOST_STEPS, step_of, steps_between
from tessera.kit import clock
from tessera.kit.actors import SYSTEM
from tessera.kit.ids import new_id
from tessera.talk.models import Conversation, Message
from tests.events.stage import a_guest, a_lease, a_merchant, a_terminal, an_arrival, an_event
from tests.events.test_corrections_pages import asked, at, key_of, organiser

pytestmark = pytest.mark.django_db
HX = {"HX-Request": "true"}


def a_busy_event(**terms: Any) -> tuple[Event, list[Registration]]:
    """Six accepted, four of them here through two doors, two waitlisted, one pending."""
    event = an_event(**terms)
    guests = [a_guest(event, name=f"Guest {place}") for place in range(6)]
    for state in ("waitlisted", "waitlisted", "pending"):
        a_guest(event, state=state)
    now = clock.now()
    for place, minutes in enumerate((50, 40, 30, 2)):
        an_arrival(
            event, guests[place], place + 1, arrived_at=now - timedelta(minutes=minutes), door="AB"[place % 2]
        )
    return event, guests


def shown(event: Event) -> Any:
    now = clock.now()
    return get_board(get_event(event.id, now=now), now=now)


def test_figures_count_what_there_is() -> None:
    event, guests = a_busy_event(capacity=10)
    asked(guests[0], None)
    for state, fault in (("failed", "away"), ("failed", "undone"), ("queued", "")):
        PrintJob.objects.create(
            event_id=event.id, id=new_id(), registration_id=guests[0].id, printer_id=new_id(), number=1, state=state,
            fault=fault, asked_at=clock.now(), asked_by="system", due_at=clock.now(),
        )  # fmt: skip
    board = shown(event)
    assert (board.accepted, board.arrived, board.percent, board.still) == (6, 4, 66, 2)
    assert (board.waitlisted, board.pending, board.lately, board.capacity) == (2, 1, 1, 10)
    assert (board.corrections, board.badges_failed, board.badges_waiting) == (1, 1, 1)
    assert board.no_shows is None
    assert [(door.door, door.arrived, door.lately) for door in list_doors(event.id, now=clock.now())] == [
        ("A", 2, 0),
        ("B", 2, 1),
    ]


def test_who_did_not_come_is_counted_when_it_is_over() -> None:
    event, _guests = a_busy_event(starts_at=clock.now() - timedelta(days=1))
    assert shown(event).no_shows == 2


def test_a_terminal_that_is_silent_counts_as_away() -> None:
    event, guests = a_busy_event()
    now = clock.now()
    here, away, revoked, fresh = (a_terminal(event, door=door) for door in ("A", "B", "C", "D"))
    Terminal.objects.filter(pk=here.id).update(seen_at=now)
    Terminal.objects.filter(pk=away.id).update(seen_at=now - timedelta(minutes=9), waiting=12)
    Terminal.objects.filter(pk=revoked.id).update(seen_at=now, revoked_at=now)
    numbers = a_lease(event, away, 50)
    Arrival.objects.filter(registration_id=guests[0].id).update(
        terminal_id=away.id, offline=True, number=numbers[0]
    )
    rows = {row.id: row for row in list_terminals(event.id, now=now)}
    assert [rows[one.id].state for one in (here, away, revoked, fresh)] == ["here", "away", "revoked", "new"]
    assert (rows[away.id].waiting, rows[away.id].arrived, rows[away.id].numbers_left) == (12, 1, 49)


def test_pace_has_every_step_and_no_more_than_a_chart_shows() -> None:
    event, _guests = a_busy_event()
    board = shown(event)
    pace = list_pace(event.id, board.first_at, board.last_at)
    assert sum(count for _at, count in pace.steps) == 4
    assert pace.step_min == 1
    assert 48 <= len(pace.steps) <= 50
    first = datetime(2026, 5, 1, 18, tzinfo=UTC)
    for minutes in (0, 1, 59, 60, 600, 60 * 24 * 9):
        step = step_of(first, first + timedelta(minutes=minutes))
        begin = first - timedelta(minutes=step)
        assert minutes / step <= MOST_STEPS
        assert len(steps_between({first: 1, begin: 2}, step)) == 2
    assert steps_between({}, 5) == []


def test_the_board_and_its_parts_are_shown_live() -> None:
    event, guests = a_busy_event(title="Lanterns <at> night")
    page, here = organiser(event), at(event, "/organise/EVENT")
    asked(guests[0], 2)
    text = page.get(here).content.decode()
    assert "Lanterns &lt;at&gt; night" in text
    assert "1 correction waits" in text
    assert 'hx-trigger="live:arrivals from:body' in text
    figures = page.get(f"{here}?part=figures", headers=HX).content.decode()
    assert figures.lstrip().startswith('<section class="stack-l" id="figures"')
    assert page.get(f"{here}?part=pace", headers=HX).content.decode().count("<svg") == 2
    assert "<td" in page.get(f"{here}?part=pace-table", headers=HX).content.decode()
    wall = page.get(f"{here}/wall").content.decode()
    assert ">4</p>" in wall
    assert not any(guest.name in wall for guest in guests), "the wall shows numbers alone"
    part = page.get(f"{here}/wall", headers=HX).content.decode()
    assert part.lstrip().startswith('<section class="wall-face"')


def test_an_event_without_anybody_says_what_comes() -> None:
    page = organiser(event := an_event(starts_at=clock.now() + timedelta(days=3)))
    text = page.get(at(event, "/organise/EVENT")).content.decode()
    assert "The doors open at" in text
    assert "The chart begins with the first arrival." in text


def test_the_board_asks_as_much_of_the_database_however_many_came() -> None:
    event, _guests = a_busy_event()
    page, here = organiser(event), at(event, "/organise/EVENT")
    page.get(here)
    with CaptureQueriesContext(connection) as few:
        page.get(here)
    for place in range(20):
        an_arrival(event, a_guest(event), 100 + place)
    with CaptureQueriesContext(connection) as many:
        page.get(here)
    assert len(many) == len(few)


def test_meetings_are_counted_and_nobody_is_named() -> None:
    event, guests = a_busy_event()
    low, high = sorted((guests[0].person_id, guests[1].person_id))
    now = clock.now()
    talk = Conversation.objects.create(
        circle_id=event.id, id=new_id(), low_id=low, high_id=high, asker_id=low, asked_at=now, answer="accepted",
        answered_at=now, last_at=now,
    )  # fmt: skip
    Message.objects.create(
        circle_id=event.id, conversation_id=talk.id, id=new_id(), from_id=low, text="See you", at=now
    )
    Jotting.objects.create(event_id=event.id, person_id=low, number=3, at=now)
    page = organiser(event)
    text = page.get(at(event, "/organise/EVENT")).content.decode()
    assert "50 %" in text
    taken = page.get(at(event, "/organise/EVENT/exports/meetings.csv"))
    rows = dict(table(taken)[1:])
    assert rows["Guests who talked with at least one other"] == "2"
    assert (rows["Messages"], rows["Numbers jotted"]) == ("1", "1")
    assert "See you" not in text


def table(answer: Any) -> list[list[str]]:
    assert answer.status_code == 200
    return list(csv.reader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))


def test_guests_are_taken_away_with_answers_as_columns_and_no_formula() -> None:
    event, guests = a_busy_event(time_zone="Asia/Kathmandu")
    question = Question.objects.create(
        event=event, position=1, kind="choices", label="=SUM(1)", required=False
    )
    Registration.objects.filter(id=guests[0].id).update(
        name="=cmd|x", answers={str(question.id): ["tea", "cake"]}
    )
    moment = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
    Arrival.objects.filter(registration_id=guests[0].id).update(arrived_at=moment)
    answer = organiser(event).get(at(event, "/organise/EVENT/exports/guests.csv"))
    rows = table(answer)
    assert len(rows) == 10
    [first] = [row for row in rows if "cmd" in row[0]]
    assert first[0] == "'=cmd|x"
    assert first[1].lstrip("'") == guests[0].phone
    assert first[-1] == "tea; cake"
    assert "2026-05-01 17:45:00" in first
    assert guests[0].code not in answer.getvalue().decode(), "the door's code is a secret of the guest"


def test_arrivals_and_the_doors_log_are_taken_away() -> None:
    event, guests = a_busy_event()
    page = organiser(event)
    assert [row[1] for row in table(page.get(at(event, "/organise/EVENT/exports/arrivals.csv")))[1:]] == [
        f"Guest {place}" for place in range(4)
    ]
    one = asked(guests[0], 9, "wet")
    refuse_correction(event_id=event.id, correction_id=one.id, reason="no", now=clock.now(), actor=SYSTEM)
    [entry] = table(page.get(at(event, "/organise/EVENT/exports/door-log.csv")))[1:]
    assert (entry[1], entry[6]) == ("Correction refused", "wet / no")
    pace = table(page.get(at(event, "/organise/EVENT/exports/pace.csv")))
    assert sum(int(row[1]) for row in pace[1:]) == 4


def test_board_and_arrivals_over_the_api() -> None:
    event, guests = a_busy_event(number_width=3)
    reader, stranger = key_of(event, "events:read"), key_of(an_event(), "events:read")
    without = key_of(event, "catalog:read")
    board = json.loads(reader.get(at(event, "/events/EVENT/board")).content)
    assert (board["accepted"], board["arrived"], board["waitlisted"]) == (6, 4, 2)
    assert [door["door"] for door in board["doors"]] == ["A", "B"]
    first = json.loads(reader.get(at(event, "/events/EVENT/arrivals?limit=3")).content)
    rest = json.loads(
        reader.get(at(event, f"/events/EVENT/arrivals?limit=3&cursor={first['next_cursor']}")).content
    )
    rows = first["items"] + rest["items"]
    assert sorted(row["shown"] for row in rows) == ["001", "002", "003", "004"]
    assert rest["next_cursor"] is None
    text = json.dumps(rows)
    assert not any(guest.phone and guest.phone in text for guest in guests)
    for path in ("board", "arrivals"):
        assert stranger.get(at(event, f"/events/EVENT/{path}")).status_code == 404
        assert without.get(at(event, f"/events/EVENT/{path}")).status_code == 403


# --- Events at the same time ----------------------------------------------------------------------------------------


def lasting(merchant: UUID, begins: float, hours: float, **terms: Any) -> Event:
    starts = datetime(2027, 5, 1, 12, tzinfo=UTC) + timedelta(hours=begins)
    ends = starts + timedelta(hours=hours)
    return an_event(
        merchant_id=merchant, starts_at=starts, ends_at=ends, registration_until=starts, published=False, **terms
    )  # fmt: skip


def test_events_clash_that_overlap_and_not_those_that_touch() -> None:
    merchant = a_merchant()
    first, second, touching = lasting(merchant, 0, 2), lasting(merchant, 1, 2), lasting(merchant, 3, 1)
    lasting(a_merchant("Other"), 0, 9)
    cancelled = lasting(merchant, 0.5, 1)
    Cancellation.objects.create(event=cancelled, at=clock.now(), actor="test", reason="rain")
    assert list_clashing_pairs(merchant) == [(first.id, second.id)]
    assert len(list_clashing_pairs(merchant, cancelled_too=True)) == 3
    found = list_clashes(
        merchant, starts_at=second.starts_at, ends_at=second.ends_at, place="", but=second.id
    )
    assert [one.id for one in found] == [first.id]
    text = organiser(touching).get(at(touching, "/organise/EVENT/clashes")).content.decode()
    assert text.strip() == ""
    text = organiser(second).get(at(second, "/organise/EVENT/clashes")).content.decode()
    assert escape(first.title) in text


def test_an_event_without_a_length_clashes_at_the_same_place_only() -> None:
    merchant = a_merchant()
    hall = lasting(merchant, 0, 3, place="Hall")
    here, _elsewhere = lasting(merchant, 0, 0, place="Hall"), lasting(merchant, 1, 0, place="Cafe")
    [pair] = list_clashing_pairs(merchant)
    assert set(pair) == {hall.id, here.id}
