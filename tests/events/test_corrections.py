"""A wrong number is put right: what is refused, what follows, and who wins (spec/events.md, 10)."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from tessera.events.actions.check_in import check_in_guests
from tessera.events.actions.corrections import (
    accept_correction,
    ask_correction,
    refuse_correction,
    swap_correction,
    withdraw_correction,
)
from tessera.events.errors.corrections import (
    CorrectionDecided,
    CorrectionOpen,
    NotArrived,
    NumberIsOwn,
    NumberLeased,
    NumberNotGiven,
    NumberOutOfRange,
    NumberTaken,
    NumberVoid,
)
from tessera.events.models import (
    Arrival,
    Correction,
    Event,
    Numbering,
    NumberSetAside,
    Printer,
    PrintJob,
    Registration,
    Terminal,
)
from tessera.events.queries.corrections import list_corrections
from tessera.events.rules.corrections import Run, next_of_run
from tessera.kit import clock
from tessera.kit.actors import SYSTEM
from tessera.kit.connections import connect
from tessera.kit.edge import repeated
from tessera.kit.errors import NotFound
from tessera.kit.refusals import Refusal
from tessera.kit.retry import retried
from tessera.notices.models import Notice
from tests.events.stage import a_guest, a_lease, a_terminal, an_arrival, an_event, at_the_door

pytestmark = pytest.mark.usefixtures("committed")


def done(action: Callable[..., Any], **given: Any) -> Any:
    """Act as the edge does: in a transaction, again after a fault that passes."""

    def attempt() -> Any:
        with transaction.atomic():
            return action(**given, now=clock.now(), actor=SYSTEM)

    return repeated(attempt)


def asked(event: Event, guest: Registration, wanted: int | None = None) -> Correction:
    found = done(
        ask_correction,
        event_id=event.id,
        registration_id=guest.id,
        wanted_number=wanted,
        reason="Wrong badge",
    )
    assert isinstance(found, Correction)
    return found


def arrived(event: Event, *numbers: int) -> list[Registration]:
    guests = []
    for number in numbers:
        guests.append(a_guest(event, name=f"Guest {number}"))
        an_arrival(event, guests[-1], number)
    return guests


def number_of(guest: Registration) -> int:
    return Arrival.objects.get(event_id=guest.event_id, registration_id=guest.id).number


def aside_of(event: Event) -> list[tuple[int, str]]:
    aside = NumberSetAside.objects.filter(event_id=event.id).order_by("number")
    return list(aside.values_list("number", "kind"))


def told(guest: Registration) -> list[str]:
    return list(Notice.objects.filter(person_id=guest.person_id).values_list("template", flat=True))


def check_in(event: Event, *guests: Registration) -> list[Any]:
    with connect() as line:
        commands = [at_the_door(event, guest) for guest in guests]
        return list(retried(line, lambda c: check_in_guests(c, commands, now=clock.now())))


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """Let all of them start together; a refusal is returned, not raised."""
    gate = threading.Barrier(len(works))

    def run(work: Callable[[], Any]) -> Any:
        gate.wait(timeout=30)
        try:
            return work()
        except Refusal as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return [future.result(timeout=60) for future in [pool.submit(run, work) for work in works]]


# --- What is asked, and what is refused -----------------------------------------------------------------------------


def test_asked_once_and_withdrawn_by_oneself() -> None:
    event = an_event()
    guest, other = arrived(event, 1, 2)
    first = asked(event, guest, 7)
    with pytest.raises(CorrectionOpen):
        asked(event, guest, 8)
    whose = {"event_id": event.id, "correction_id": first.id}
    with pytest.raises(NotFound):
        done(withdraw_correction, **whose, registration_id=other.id)
    done(withdraw_correction, **whose, registration_id=guest.id)
    assert [one.state for one in Correction.objects.filter(event_id=event.id)] == ["withdrawn"]
    with pytest.raises(CorrectionDecided):
        done(accept_correction, **whose, number=None)
    asked(event, guest, 8)
    assert number_of(guest) == 1


def test_only_who_has_a_number_asks_for_another() -> None:
    event = an_event()
    [guest] = arrived(event, 1)
    with pytest.raises(NotArrived):
        asked(event, a_guest(event), 4)
    with pytest.raises(NumberIsOwn):
        asked(event, guest, 1)
    assert not Correction.objects.filter(event_id=event.id).exists()


def test_a_free_number_is_given_and_the_run_passes_it_over() -> None:
    event = an_event()
    guest, _other = arrived(event, 1, 2)
    one = asked(event, guest, 4)
    done(accept_correction, event_id=event.id, correction_id=one.id, number=4)
    assert number_of(guest) == 4
    assert Arrival.objects.get(event_id=event.id, registration_id=guest.id).corrected
    assert [no.number for no in check_in(event, a_guest(event), a_guest(event))] == [3, 5]
    assert aside_of(event) == [(1, "void"), (4, "out_of_turn")]
    one.refresh_from_db()
    assert (one.state, one.number, one.new_number) == ("accepted", 1, 4)
    assert Notice.objects.get(person_id=guest.person_id).template == "number_corrected"


def test_without_a_wish_the_next_of_the_run_is_given() -> None:
    event = an_event()
    guest, _other = arrived(event, 1, 2)
    one = asked(event, guest)
    done(accept_correction, event_id=event.id, correction_id=one.id, number=None)
    assert number_of(guest) == 3
    assert [no.number for no in check_in(event, a_guest(event))] == [4]
    assert Numbering.objects.get(pk=event.id).arrived == 3


def test_a_number_that_cannot_be_given_is_refused_and_nothing_changes() -> None:
    event = an_event()
    guest, _other = arrived(event, 1, 2)
    terminal = a_terminal(event, door="East gate")
    leased = a_lease(event, terminal)
    NumberSetAside.objects.create(
        event_id=event.id, number=9, kind="void", registration_id=guest.id, at=clock.now(), actor="test"
    )
    one = asked(event, guest, 2)
    whose = {"event_id": event.id, "correction_id": one.id}
    before = (Numbering.objects.filter(pk=event.id).values().get(), aside_of(event))
    for number, refusal in [
        (1, NumberIsOwn(number=1)),
        (2, NumberTaken(number=2)),
        (9, NumberVoid(number=9)),
        (leased[0], NumberLeased(number=leased[0], door="East gate")),
        (0, NumberOutOfRange(first=1, last=1000)),
        (5_000, NumberOutOfRange(first=1, last=1000)),
    ]:
        with pytest.raises(Refusal) as refused:
            done(accept_correction, **whose, number=number)
        assert refused.value == refusal
    with pytest.raises(NumberNotGiven):
        done(swap_correction, **whose, number=77)
    assert (Numbering.objects.filter(pk=event.id).values().get(), aside_of(event)) == before
    assert number_of(guest) == 1
    assert Correction.objects.get(event_id=event.id).state == "open"
    assert told(guest) == []


def test_refused_with_a_reason_that_the_guest_reads() -> None:
    event = an_event()
    [guest] = arrived(event, 1)
    one = asked(event, guest, 88)
    done(refuse_correction, event_id=event.id, correction_id=one.id, reason="Numbers go by arrival")
    assert number_of(guest) == 1
    notice = Notice.objects.get(person_id=guest.person_id)
    assert (notice.template, notice.context["reason"]) == ("number_kept", "Numbers go by arrival")


def test_two_guests_get_each_others_number() -> None:
    event = an_event()
    guest, other = arrived(event, 1, 2)
    one, their = asked(event, guest, 2), asked(event, other, 1)
    done(swap_correction, event_id=event.id, correction_id=one.id)
    assert (number_of(guest), number_of(other)) == (2, 1)
    states = {line.id: line for line in Correction.objects.filter(event_id=event.id)}
    assert (states[one.id].state, states[one.id].new_number) == ("swapped", 2)
    assert (states[their.id].state, states[their.id].new_number) == ("swapped", 1)
    assert aside_of(event) == []
    assert (told(guest), told(other)) == (["number_corrected"], ["number_corrected"])


def test_a_swap_leaves_another_wish_of_the_other_guest_open() -> None:
    event = an_event()
    guest, other = arrived(event, 1, 2)
    one, their = asked(event, guest, 2), asked(event, other, 40)
    done(swap_correction, event_id=event.id, correction_id=one.id)
    their.refresh_from_db()
    assert their.state == "open"


def test_the_badge_is_printed_anew_where_it_came_from() -> None:
    event = an_event()
    terminal = a_terminal(event)
    printer = Printer.objects.create(
        event_id=event.id, name="Desk", language="browser", width_mm=80, height_mm=50, made_at=clock.now()
    )
    Terminal.objects.filter(pk=terminal.id).update(printer_id=printer.id)
    guest = a_guest(event)
    an_arrival(event, guest, 1, terminal_id=terminal.id)
    one = asked(event, guest)
    done(accept_correction, event_id=event.id, correction_id=one.id, number=None)
    job = PrintJob.objects.get(event_id=event.id)
    assert (job.number, job.reason, job.printer_id) == (2, "corrected", printer.id)


def test_the_queue_says_who_has_the_wanted_number_and_whether_it_is_free() -> None:
    event = an_event(prefixes={"vip": "V"}, number_width=2)
    guest, other, third, fourth = arrived(event, 1, 2, 3, 4)
    Arrival.objects.filter(registration_id=guest.id).update(prefix="V")
    for who, wanted in [(guest, 2), (other, 30), (third, None), (fourth, 2_000)]:
        asked(event, who, wanted)
    rows = list_corrections(event, waiting=True).items
    assert [row.standing for row in rows] == ["taken", "free", "any", "outside"]
    assert (rows[0].guest.shown, rows[0].wanted_shown) == ("V01", "V02")
    assert rows[0].other is not None
    assert rows[0].other.registration_id == other.id
    first = list_corrections(event, waiting=True, limit=3)
    rest = list_corrections(event, waiting=True, limit=3, cursor=first.next_cursor)
    assert [row.correction.id for row in [*first.items, *rest.items]] == [row.correction.id for row in rows]


# --- Many at once ---------------------------------------------------------------------------------------------------


def test_both_are_accepted_at_once_and_numbers_stay_unique() -> None:
    """A correction accepted while the other guest's is: one free number goes to one of them, once."""
    event = an_event()
    guests = arrived(event, *range(1, 9))
    corrections = [asked(event, guest, 20) for guest in guests]
    outcomes = at_once(
        *[
            lambda one=one: done(accept_correction, event_id=event.id, correction_id=one.id, number=20)
            for one in corrections
        ]
    )
    assert [type(one) for one in outcomes if isinstance(one, Refusal)] == [NumberTaken] * 7
    numbers = sorted(number_of(guest) for guest in guests)
    assert len(set(numbers)) == 8
    assert numbers[-1] == 20


def test_two_swaps_of_the_same_two_guests_happen_once() -> None:
    event = an_event()
    guest, other = arrived(event, 1, 2)
    one, their = asked(event, guest, 2), asked(event, other, 1)
    outcomes = at_once(
        *[
            lambda which=which: done(swap_correction, event_id=event.id, correction_id=which.id)
            for which in [one, their] * 4
        ]
    )
    assert sum(not isinstance(outcome, Refusal) for outcome in outcomes) == 1
    assert {type(no) for no in outcomes if isinstance(no, Refusal)} == {CorrectionDecided}
    assert (number_of(guest), number_of(other)) == (2, 1)


def test_swaps_that_cross_one_another_keep_every_number() -> None:
    event = an_event()
    guests = arrived(event, *range(1, 7))
    wishes = [asked(event, guest, 1 + (place + 1) % 6) for place, guest in enumerate(guests)]
    at_once(
        *[
            lambda one=one: done(swap_correction, event_id=event.id, correction_id=one.id, number=None)
            for one in wishes
        ]
    )
    assert sorted(number_of(guest) for guest in guests) == [1, 2, 3, 4, 5, 6]


def test_check_ins_that_reach_the_number_pass_it_over() -> None:
    event = an_event()
    guest, *_others = arrived(event, 1, 2)
    one = asked(event, guest, 10)
    coming = [a_guest(event) for _ in range(16)]
    outcomes = at_once(
        lambda: done(accept_correction, event_id=event.id, correction_id=one.id, number=10),
        *[lambda who=who: check_in(event, who) for who in coming],
    )
    numbers = sorted(Arrival.objects.filter(event_id=event.id).values_list("number", flat=True))
    assert len(set(numbers)) == 18
    if isinstance(outcomes[0], Refusal):  # the run was there first
        assert outcomes[0] == NumberTaken(number=10)
        assert numbers == list(range(1, 19))
    else:
        assert number_of(guest) == 10
        assert numbers == [*range(2, 20)]


def test_the_same_correction_decided_twice_counts_once() -> None:
    event = an_event()
    [guest] = arrived(event, 1)
    one = asked(event, guest)
    whose = {"event_id": event.id, "correction_id": one.id}
    outcomes = at_once(
        *[lambda: done(accept_correction, **whose, number=None)] * 4,
        *[lambda: done(refuse_correction, **whose, reason="no")] * 4,
    )
    assert sum(not isinstance(outcome, Refusal) for outcome in outcomes) == 1
    assert len(told(guest)) == 1


def test_an_undone_arrival_has_nothing_to_correct() -> None:
    event = an_event()
    [guest] = arrived(event, 1)
    one = asked(event, guest, 5)
    Arrival.objects.filter(event_id=event.id).delete()
    with pytest.raises(NotArrived):
        done(accept_correction, event_id=event.id, correction_id=one.id, number=5)
    assert list_corrections(event, waiting=True).items[0].standing == "away"
    done(refuse_correction, event_id=event.id, correction_id=one.id, reason="not here")
    assert aside_of(event) == []


@given(st.integers(0, 30), st.integers(0, 30), st.integers(0, 30), st.sets(st.integers(0, 120), max_size=20))
def test_the_next_of_the_run_was_never_given_and_is_not_set_aside(
    start: int, length: int, gap: int, aside: set[int]
) -> None:
    run = Run(start, start + length, start + length + gap)
    given_numbers = []
    for _ in range(5):
        number, after = next_of_run(run, aside)
        assert number not in aside
        assert after.next_number <= after.run_end <= after.next_block
        assert not run.run_end <= number < run.next_block
        given_numbers.append(number)
        run = after
    assert given_numbers == sorted(set(given_numbers))
