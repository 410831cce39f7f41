"""Badges on paper: the queue, printers that answer, are away, hang or reset, and what reached them as pictures."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import zxingcpp
from django.db import connection, transaction

from tessera.events.actions.badges import ask_for_badge, note_browser_print, retry_print_jobs
from tessera.events.actions.check_in import check_in_guests
from tessera.events.actions.printers import bind_terminal, print_trial, remove_printer
from tessera.events.actions.printing import SENDING_FOR, take_print_job
from tessera.events.errors.badges import PrinterGone, PrintJobNotFailed
from tessera.events.errors.corrections import NotArrived
from tessera.events.models import Arrival, Event, Printer, PrintJob
from tessera.events.printing import dots_for, print_next
from tessera.events.queries.badges import badge_of, blank_badge, due_printers, find_arrival, list_printers
from tessera.events.rules.badges import MOST_ATTEMPTS
from tessera.kit import clock
from tessera.kit.actors import SYSTEM
from tessera.kit.connections import connect
from tessera.kit.retry import retried
from tessera.site.printing import work
from tests.events.fake_printer import READERS, FakePrinter
from tests.events.stage import a_guest, a_terminal, an_arrival, an_event, at_the_door

pytestmark = pytest.mark.usefixtures("committed")

ORIGIN = "https://tessera.example"


@pytest.fixture(autouse=True)
def _printers_here(settings: Any) -> None:
    settings.TESSERA_PRINTER_NETWORKS = ["127.0.0.0/8"]


def the_event(**terms: Any) -> Event:
    badge = {"width_mm": 72, "height_mm": 50, "shows": ["title", "name", "qr", "mark"], "origin": ORIGIN}
    return an_event(title="灯会之夜 ¥88", badge=badge, **terms)


def a_printer(event: Event, port: int, language: str = "escpos", **terms: Any) -> Printer:
    usual = {
        "name": "Front desk",
        "width_mm": 72,
        "height_mm": 50,
        "host": "127.0.0.1",
        "made_at": clock.now(),
    }
    return Printer.objects.create(event_id=event.id, language=language, port=port, **{**usual, **terms})


def asked(event: Event, printer: Printer, number: int, name: str = "陈小美") -> PrintJob:
    guest = a_guest(event, name=name)
    an_arrival(event, guest, number)
    with transaction.atomic():
        return ask_for_badge(
            event_id=event.id, registration_id=guest.id, printer_id=printer.id, reason="", now=clock.now(), actor=SYSTEM
        )  # fmt: skip


def state(job: PrintJob) -> tuple[str, str, int]:
    found = PrintJob.objects.get(event_id=job.event_id, id=job.id)
    return found.state, found.fault, found.attempts


def drawn(event: Event, job: PrintJob, printer: Printer) -> Any:
    arrival, guest = find_arrival(event.id, job.registration_id)
    return dots_for(event, badge_of(event, arrival, name=guest.name, group=guest.group), printer)


@pytest.mark.parametrize("language", ["escpos", "tspl", "zpl"])
@pytest.mark.parametrize("width_mm", [48, 72])
def test_what_the_printer_got_is_the_badge(language: str, width_mm: int) -> None:
    event = the_event()
    with FakePrinter() as device:
        printer = a_printer(event, device.port, language, width_mm=width_mm)
        job = asked(event, printer, 17)
        assert print_next(printer.id) == "printed"
    [content] = device.labels
    got, meant = READERS[language](content), drawn(event, job, printer)
    assert got.size == (width_mm * 8, 400)
    assert got.tobytes() == meant.tobytes()
    [code] = zxingcpp.read_barcodes(got.convert("L"))
    assert code.text.startswith(f"{ORIGIN}/circle/evt_")
    assert code.text.endswith("/17")
    assert state(job) == ("printed", "", 1)


def test_a_check_in_at_a_bound_terminal_prints_by_itself() -> None:
    event = the_event()
    with FakePrinter() as device:
        printer = a_printer(event, device.port)
        terminal = a_terminal(event)
        with transaction.atomic():
            bound = bind_terminal(
                event_id=event.id,
                terminal_id=terminal.id,
                printer_id=printer.id,
                now=clock.now(),
                actor=SYSTEM,
            )
        commands = [
            at_the_door(event, a_guest(event), terminal_id=terminal.id, printer_id=bound.printer_id)
            for _ in range(3)
        ]
        with connect() as line:
            retried(line, lambda c: check_in_guests(c, commands, now=clock.now()))
        assert printer.id in due_printers(now=clock.now())
        assert [print_next(printer.id) for _ in range(4)] == ["printed"] * 3 + [None]
    jobs = list(
        PrintJob.objects.filter(event_id=event.id).order_by("finished_at").values_list("number", flat=True)
    )
    assert jobs == [1, 2, 3], "in the order of the numbers"
    assert len(device.labels) == 3


@pytest.mark.parametrize(
    ("language", "answer", "fault"),
    [
        ("escpos", b"\x12", ""),
        ("escpos", b"\x32", "paper_out"),
        ("escpos", b"\x16", "cover_open"),
        ("tspl", b"\x00", ""),
        ("tspl", b"\x04", "paper_out"),
        (
            "zpl",
            b"\x02030,0,0,0400,000,0,0,0,000,0,0,0\x03\r\n\x02000,0,0,0,0,2,4,0,00000000,1,000\x03\r\n",
            "",
        ),
        (
            "zpl",
            b"\x02030,1,0,0400,000,0,0,0,000,0,0,0\x03\r\n\x02000,0,0,0,0,2,4,0,00000000,1,000\x03\r\n",
            "paper_out",
        ),
    ],
)
def test_a_printer_that_answers_is_believed(language: str, answer: bytes, fault: str) -> None:
    event = the_event()
    with FakePrinter(answer=answer) as device:
        printer = a_printer(event, device.port, language)
        job = asked(event, printer, 5)
        assert print_next(printer.id) == ("queued" if fault else "printed")
    assert state(job)[1] == fault
    if fault:
        assert all(len(label) < 16 for label in device.labels), "nothing but the question was sent"
    else:
        [content] = device.labels
        assert READERS[language](content).size == (576, 400)


def test_a_printer_that_is_away_is_tried_with_pauses_and_given_up() -> None:
    event = the_event()
    with FakePrinter() as device:
        port = device.port
    printer = a_printer(event, port)
    job = asked(event, printer, 7)
    now = clock.now()
    waits = []
    for _ in range(MOST_ATTEMPTS):
        before = now
        assert print_next(printer.id, clocked=lambda: now) in {"queued", "failed"}  # noqa: B023 - called at once
        due = PrintJob.objects.get(event_id=event.id, id=job.id).due_at
        assert print_next(printer.id, clocked=lambda: now) is None, "not before its time"  # noqa: B023
        now = max(due, now) + timedelta(milliseconds=1)
        waits.append(round((due - before).total_seconds()))
    assert waits[:-1] == [2, 5, 15, 30, 60, 120, 300]
    assert state(job) == ("failed", "away", MOST_ATTEMPTS)
    with transaction.atomic():
        assert retry_print_jobs(event_id=event.id, job_id=job.id, now=now, actor=SYSTEM) == 1
    assert state(job) == ("queued", "", 0)


def test_a_connection_that_breaks_is_tried_again() -> None:
    event = the_event()
    with FakePrinter(behave="resets_once") as device:
        printer = a_printer(event, device.port)
        job = asked(event, printer, 7)
        assert print_next(printer.id) == "queued"
        assert state(job) == ("queued", "reset", 1)
        later = clock.now() + timedelta(seconds=3)
        assert print_next(printer.id, clocked=lambda: later) == "printed"
    assert len(device.labels) == 1


def test_two_workers_print_each_badge_once_and_in_order() -> None:
    event = the_event()
    with FakePrinter() as device:
        printer = a_printer(event, device.port)
        jobs = [asked(event, printer, number) for number in range(1, 13)]

        def serve() -> None:
            try:
                tries = 0
                while (
                    tries < 200
                    and PrintJob.objects.filter(printer_id=printer.id, state__in=["queued", "sent"]).exists()
                ):
                    print_next(printer.id)
                    tries += 1
            finally:
                connection.close()

        threads = [threading.Thread(target=serve) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
    assert {state(job) for job in jobs} == {("printed", "", 1)}
    assert device.connections == 12
    finished = (
        PrintJob.objects.filter(event_id=event.id).order_by("finished_at").values_list("number", flat=True)
    )
    assert list(finished) == list(range(1, 13))


def test_many_at_once_take_one_job_once() -> None:
    event = the_event()
    printer = a_printer(event, 9100)
    asked(event, printer, 1)
    gate = threading.Barrier(8)
    taken: list[Any] = []

    def take() -> None:
        try:
            gate.wait(10)
            with transaction.atomic():
                taken.append(take_print_job(printer_id=printer.id, now=clock.now(), actor=SYSTEM))
        finally:
            connection.close()

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sum(one is not None for one in taken) == 1


def test_who_died_while_sending_is_followed_by_another() -> None:
    """The badge may then be there twice; that is said on the page, and better than a guest without one."""
    event = the_event()
    with FakePrinter() as device:
        printer = a_printer(event, device.port)
        job = asked(event, printer, 1)
        with transaction.atomic():
            dead = take_print_job(printer_id=printer.id, now=clock.now(), actor=SYSTEM)
        assert dead is not None
        assert state(job)[0] == "sent"
        assert print_next(printer.id) is None
        later = clock.now() + SENDING_FOR + timedelta(seconds=1)
        assert print_next(printer.id, clocked=lambda: later) == "printed"
    assert state(job) == ("printed", "", 2)


def test_a_hanging_printer_holds_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tessera.kit.print.port._SEND_S", 1)
    event = the_event()
    stop = threading.Event()
    with FakePrinter(behave="hangs") as hanging, FakePrinter() as fine:
        stuck = a_printer(event, hanging.port, width_mm=210, height_mm=300, dots_per_mm=24)
        working = a_printer(event, fine.port)
        first = asked(event, stuck, 1)
        others = [asked(event, working, number) for number in range(2, 6)]
        worker = threading.Thread(target=work, args=(stop,), kwargs={"look_every_s": 0.05})
        worker.start()
        try:
            for _ in range(300):
                if all(state(job)[0] == "printed" for job in others) and state(first)[1] == "timed_out":
                    break
                stop.wait(0.05)
        finally:
            stop.set()
            worker.join(30)
    assert [state(job)[0] for job in others] == ["printed"] * 4
    assert state(first)[0] == "queued"
    assert state(first)[1] == "timed_out"
    [row] = [row for row in list_printers(event.id) if row.printer.id == stuck.id]
    assert (row.waiting, row.fault) == (1, "timed_out")


def test_a_corrected_number_is_the_one_that_is_printed() -> None:
    event = the_event()
    with FakePrinter() as device:
        printer = a_printer(event, device.port)
        job = asked(event, printer, 3)
        Arrival.objects.filter(event_id=event.id, number=3).update(number=44)
        assert print_next(printer.id) == "printed"
    assert PrintJob.objects.get(event_id=event.id, id=job.id).number == 44
    [content] = device.labels
    assert READERS["escpos"](content).tobytes() == drawn(event, job, printer).tobytes()


def test_a_guest_who_is_no_longer_here_gets_no_badge() -> None:
    event = the_event()
    with FakePrinter() as device:
        printer = a_printer(event, device.port)
        job = asked(event, printer, 3)
        Arrival.objects.filter(event_id=event.id, number=3).delete()
        assert print_next(printer.id) == "failed"
    assert state(job)[:2] == ("failed", "not_arrived")
    assert device.connections == 0


def test_a_printer_elsewhere_is_never_connected_to(settings: Any) -> None:
    event = the_event()
    with FakePrinter() as device:
        settings.TESSERA_PRINTER_NETWORKS = ["10.0.0.0/8"]
        for place, host in enumerate(("127.0.0.1", "localhost", "::ffff:127.0.0.1")):
            job = asked(event, a_printer(event, device.port, host=host), 100 + place)
            assert print_next(job.printer_id) == "failed"
            assert state(job)[:2] == ("failed", "address_forbidden")
        settings.TESSERA_PRINTER_NETWORKS = ["127.0.0.0/8"]
        settings.TESSERA_PRINTER_PORTS = ["515"]
        job = asked(event, a_printer(event, device.port), 99)
        assert print_next(job.printer_id) == "failed"
        assert device.connections == 0


def test_a_trial_needs_no_guest() -> None:
    event = the_event()
    with FakePrinter() as device:
        printer = a_printer(event, device.port)
        with transaction.atomic():
            print_trial(event_id=event.id, printer_id=printer.id, now=clock.now(), actor=SYSTEM)
        assert print_next(printer.id) == "printed"
    got = READERS["escpos"](device.labels[0])
    assert got.tobytes() == dots_for(event, blank_badge(event, 0), printer).tobytes()


def test_a_removed_printer_hands_over_or_fails() -> None:
    event = the_event()
    old, new = a_printer(event, 9100), a_printer(event, 9101, name="Second desk")
    moved, trial = asked(event, old, 1), None
    with transaction.atomic():
        trial = print_trial(event_id=event.id, printer_id=old.id, now=clock.now(), actor=SYSTEM)
        count = remove_printer(
            event_id=event.id, printer_id=old.id, instead_id=new.id, now=clock.now(), actor=SYSTEM
        )
    assert count == 2
    assert PrintJob.objects.get(event_id=event.id, id=moved.id).printer_id == new.id
    assert state(trial)[:2] == ("failed", "printer_gone")
    with pytest.raises(PrinterGone), transaction.atomic():
        print_trial(event_id=event.id, printer_id=old.id, now=clock.now(), actor=SYSTEM)
    # what a terminal, still remembered, asked for meanwhile
    late = PrintJob.objects.create(
        event_id=event.id, registration_id=moved.registration_id, printer_id=old.id, number=1,
        asked_at=clock.now(), asked_by="test", due_at=clock.now(),
    )  # fmt: skip
    assert print_next(old.id) is None
    assert state(late)[:2] == ("failed", "printer_gone")


def test_a_browser_prints_by_itself() -> None:
    event = the_event()
    printer = a_printer(event, 9100, "browser", host="")
    job = asked(event, printer, 1)
    assert printer.id not in due_printers(now=clock.now())
    with transaction.atomic():
        count = note_browser_print(
            event_id=event.id, registration_id=job.registration_id, now=clock.now(), actor=SYSTEM
        )
    assert count == 1
    assert state(job)[0] == "printed"


@pytest.fixture
def nothing_new() -> Iterator[None]:
    before = PrintJob.objects.count()
    yield
    assert PrintJob.objects.count() == before


def test_no_badge_before_the_arrival(nothing_new: None) -> None:
    event = the_event()
    guest, printer = a_guest(event), a_printer(event, 9100)

    def ask(printer_id: UUID) -> None:
        with transaction.atomic():
            ask_for_badge(
                event_id=event.id, registration_id=guest.id, printer_id=printer_id, reason="", now=clock.now(), actor=SYSTEM
            )  # fmt: skip

    with pytest.raises(NotArrived):
        ask(printer.id)
    an_arrival(event, guest, 1)
    Printer.objects.filter(pk=printer.id).update(removed_at=clock.now())
    with pytest.raises(PrinterGone):
        ask(printer.id)


def test_only_what_failed_is_tried_again() -> None:
    event = the_event()
    printer = a_printer(event, 9100)
    job = asked(event, printer, 1)
    with pytest.raises(PrintJobNotFailed), transaction.atomic():
        retry_print_jobs(event_id=event.id, job_id=job.id, now=clock.now(), actor=SYSTEM)
    assert state(job) == ("queued", "", 0)
