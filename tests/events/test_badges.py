"""Badges: how they are laid out, chosen, downloaded and asked for, on pages and over the API."""

import io
from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from PIL import Image

from tessera.events.badge_layout import arrange
from tessera.events.errors.badges import BadgeNumbersUnreadable, LabelsMissing, LabelsTooMany, SheetTooSmall
from tessera.events.labels import label_pdf, parts_of
from tessera.events.models import Event, Printer, PrintJob
from tessera.events.queries.badges import list_print_jobs
from tessera.events.rules.badges import (
    DEFAULT_DESIGN,
    SHOWS,
    SIZES,
    Badge,
    BadgeDesign,
    design_of,
    next_pause_s,
    numbers_in,
    terms_of,
)
from tessera.kit import clock
from tessera.kit.actors import SYSTEM
from tessera.kit.ids import new_id, show_id
from tessera.kit.print.bitmap import bitmap_of
from tessera.kit.print.label import Line, Qr, Shape, Text
from tessera.kit.print.port import address_is_allowed, port_is_allowed
from tessera.merchants.actions.staff import employ_person
from tessera.people.models import Person
from tests.cast import READ_SCOPES, Caller, assert_refused, make_caller
from tests.events.stage import a_guest, a_merchant, a_person, a_terminal, an_arrival, an_event
from tests.kit.test_print_labels import boxes_of_pdf, texts_of_pdf

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
NAMES = (
    "陈小美",
    "Lee",
    "欧阳娜娜·阿卜杜热西提·买买提艾力",
    "Maximiliane Wilhelmine von Hohenlohe-Langenburg zu Waldenburg",
    "Wolfeschlegelsteinhausenbergerdorff",
    "￥¥ 堃喆 \U0001f388",
    "",
)
EVERYTHING = BadgeDesign(80, 50, frozenset(SHOWS))


def box(piece: Any) -> tuple[float, float, float, float]:
    if isinstance(piece, Text):
        return piece.x, piece.baseline - piece.size * 0.74, piece.x + piece.width, piece.baseline
    if isinstance(piece, Line):
        return piece.x, piece.y, piece.x + piece.length, piece.y + piece.thickness
    if isinstance(piece, Qr):
        return piece.x, piece.y, piece.x + piece.size, piece.y + piece.size
    assert isinstance(piece, Shape)
    return min(x for x, _ in piece.points), min(y for _, y in piece.points), max(x for x, _ in piece.points), max(y for _, y in piece.points)  # fmt: skip


@pytest.mark.parametrize("size", [*SIZES, (20, 15), (210, 15), (20, 300)])
@pytest.mark.parametrize("name", NAMES)
def test_nothing_runs_over_and_nothing_overlaps(size: tuple[int, int], name: str) -> None:
    design = BadgeDesign(*size, frozenset(SHOWS))
    address = "https://tessera.example/circle/evt_06b3k1m2n3p4q5r6s7t8v9w0xx/17"
    label = arrange(
        design, Badge("A0017", name, "贵宾", "灯会之夜 Lantern night, a long title that goes on", address)
    )
    boxes = [(piece, box(piece)) for piece in label.pieces]
    for piece, (left, top, right, bottom) in boxes:
        assert left >= -0.01, piece
        assert top >= -0.6, piece
        assert right <= size[0] + 0.01, piece
        assert bottom <= size[1] + 0.01, piece
    if min(size) < 30:
        return  # on the smallest labels something has to give; nothing leaves the paper
    for place, (one, a) in enumerate(boxes):
        for other, b in boxes[place + 1 :]:
            if isinstance(one, Shape) or isinstance(other, Shape):
                continue
            apart = a[2] <= b[0] + 0.1 or b[2] <= a[0] + 0.1 or a[3] <= b[1] + 0.3 or b[3] <= a[1] + 0.3
            assert apart, (one, other)


def test_the_number_is_by_far_the_largest() -> None:
    label = arrange(
        EVERYTHING, Badge("017", "陈小美", "贵宾", "灯会之夜", "https://tessera.example/circle/x/17")
    )
    texts = [piece for piece in label.pieces if isinstance(piece, Text)]
    number = next(piece for piece in texts if piece.face == "number")
    assert all(number.size > 2 * piece.size for piece in texts if piece is not number)
    alone = arrange(BadgeDesign(80, 50, frozenset()), Badge("017"))
    [only] = alone.pieces
    assert isinstance(only, Text)
    assert only.width > 70


def test_no_code_is_printed_where_nobody_knows_the_address() -> None:
    label = arrange(EVERYTHING, Badge("017", "Mei", "", "Lantern night"))
    assert not any(isinstance(piece, Qr) for piece in label.pieces)


def test_a_badge_takes_a_moment() -> None:
    """Prevents a door that waits for its badge: 32 terminals, one badge each, on one machine."""
    label = arrange(
        EVERYTHING, Badge("017", "陈小美", "贵宾", "灯会之夜", "https://tessera.example/circle/x/17")
    )
    assert bitmap_of(label, 8).size == (640, 400)


def test_a_design_is_kept_and_read_back() -> None:
    design = BadgeDesign(60, 40, frozenset({"name"}), "medium")
    assert design_of(terms_of(design)) == design
    assert design_of({}) == DEFAULT_DESIGN
    assert design_of({"width_mm": 9000, "shows": "all", "number": "huge"}) == DEFAULT_DESIGN


def test_numbers_as_people_write_them() -> None:
    assert numbers_in("3, 7，12-20、30 – 31") == [(3, 3), (7, 7), (12, 20), (30, 31)]
    for wrong in ("x", "7-3", "-3", "1,,2", "٣", "1" * 12, ",".join("1" * 101)):
        assert numbers_in(wrong) is None, wrong


def test_pauses_grow_and_end() -> None:
    assert [next_pause_s(tries) for tries in range(1, 9)] == [2, 5, 15, 30, 60, 120, 300, None]


@pytest.mark.parametrize(
    ("address", "fine"),
    [
        ("192.168.1.50", True),
        ("10.0.0.3", True),
        ("fd00::7", True),
        ("127.0.0.1", False),
        ("::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:192.168.1.9", True),
        ("169.254.169.254", False),
        ("8.8.8.8", False),
        ("0.0.0.0", False),
        ("printer", False),
    ],
)
def test_printers_are_in_the_house(address: str, fine: bool) -> None:
    assert address_is_allowed(address) is fine


def test_printers_have_their_ports(settings: Any) -> None:
    assert [port for port in (22, 80, 5432, 9099, 9100, 9109, 9110) if port_is_allowed(port)] == [9100, 9109]
    settings.TESSERA_PRINTER_PORTS = ["515", "9100-9100"]
    assert [port for port in (514, 515, 9100, 9101) if port_is_allowed(port)] == [515, 9100]


# --- Labels ---------------------------------------------------------------------------------------------------------


def wanted(**other: Any) -> Mapping[str, Any]:
    return {"who": "arrived", "numbers": "", "paper": "label", "marks": True, **other}


@pytest.fixture
def event() -> Event:
    made = an_event(
        badge={"origin": "https://tessera.example", "width_mm": 80, "height_mm": 50, "shows": ["name", "qr"]}
    )
    for number, name in enumerate(("陈小美", "李雷", "Łukasz"), 1):
        an_arrival(made, a_guest(made, name=name), number)
    return made


def test_labels_of_those_who_arrived(event: Event) -> None:
    content = label_pdf(event, wanted()).read()
    assert boxes_of_pdf(content) == [(80, 50)] * 3
    assert set(texts_of_pdf(content)) == {"001", "002", "003", "陈小美", "李雷", "Łukasz"}
    chosen = texts_of_pdf(label_pdf(event, wanted(numbers="2-9")).read())
    assert {"002", "003"} == {one for one in chosen if one.isdigit()}


def test_labels_on_sheets(event: Event) -> None:
    assert boxes_of_pdf(label_pdf(event, wanted(paper="a4", skip=11)).read()) == [(297, 210)] * 2
    with pytest.raises(SheetTooSmall):
        label_pdf(event, wanted(paper="a4", columns=6))


def test_numbers_printed_ahead_come_in_parts(event: Event) -> None:
    parts = parts_of(event, wanted(who="blank", numbers="1-20000"))
    assert (len(parts), parts[0].first, parts[0].last, parts[-1].last) == (20, 1, 1000, 20000)
    few = label_pdf(event, wanted(who="blank", numbers="998-1003", number_prefix="V")).read()
    assert texts_of_pdf(few) == ["V998", "V999", "V1000", "V1001", "V1002", "V1003"]


@pytest.mark.parametrize(
    ("asked", "refusal"),
    [
        ({"numbers": "nine"}, BadgeNumbersUnreadable),
        ({"who": "blank"}, BadgeNumbersUnreadable),
        ({"who": "blank", "numbers": "1-99999999"}, LabelsTooMany),
        ({"numbers": "77"}, LabelsMissing),
    ],
)
def test_labels_that_there_are_not(event: Event, asked: dict[str, Any], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        label_pdf(event, wanted(**asked))


# --- Pages ----------------------------------------------------------------------------------------------------------


def signed(person_id: UUID, language: str = "en") -> Client:
    client = Client(headers={"Accept-Language": language})
    client.force_login(Person.objects.get(pk=person_id), backend=BACKEND)
    return client


@pytest.fixture
def owner(event: Event) -> Client:
    person_id, _ = a_person("Owner")
    assert event.merchant_id is not None
    employ_person(
        merchant_id=event.merchant_id, person_id=person_id, role="owner", store_id=None, now=clock.now(), actor=SYSTEM
    )  # fmt: skip
    return signed(person_id)


def address(event: Event) -> str:
    return f"/organise/{show_id('evt', event.id)}"


def sent(**fields: Any) -> dict[str, Any]:
    return {"request_id": uuid4().hex, **fields}


def a_printer(event: Event, **terms: Any) -> Printer:
    usual = {
        "name": "Front desk",
        "language": "tspl",
        "host": "192.168.1.50",
        "width_mm": 80,
        "height_mm": 50,
    }
    return Printer.objects.create(event_id=event.id, made_at=clock.now(), **{**usual, **terms})


def a_job(event: Event, printer: Printer, **terms: Any) -> PrintJob:
    arrival_of = {
        "registration_id": new_id(),
        "number": 1,
        "asked_by": "test",
        "asked_at": clock.now(),
        "due_at": clock.now(),
    }
    return PrintJob.objects.create(
        event_id=event.id, id=new_id(), printer_id=printer.id, **{**arrival_of, **terms}
    )


def test_the_design_is_saved_once_and_seen_before(event: Event, owner: Client) -> None:
    body = sent(width_mm="60", height_mm="40", shows=["name", "group"], number="medium")
    assert owner.post(f"{address(event)}/badges", body).status_code == 303
    event.refresh_from_db()
    assert design_of(event.badge) == BadgeDesign(60, 40, frozenset({"name", "group"}), "medium")
    assert event.badge["origin"] == "http://testserver"
    seen = owner.get(f"{address(event)}/badges/preview?width_mm=50&height_mm=80&number=full").content.decode()
    assert 'width="50mm" height="80mm"' in seen
    picture = owner.get(
        f"{address(event)}/badges/preview.png?width_mm=50&height_mm=80&number=full&shows=name"
    )
    assert Image.open(io.BytesIO(picture.content)).size == (400, 640)


def test_a_size_that_no_label_has_changes_nothing(event: Event, owner: Client) -> None:
    before = event.badge
    response = owner.post(f"{address(event)}/badges", sent(width_mm="500", height_mm="40", number="full"))
    assert response.status_code == 422
    assert 'value="500"' in response.content.decode()
    event.refresh_from_db()
    assert event.badge == before


def test_labels_are_downloaded_or_offered_in_parts(event: Event, owner: Client) -> None:
    found = owner.get(f"{address(event)}/badges.pdf?who=arrived&paper=a4")
    assert found["Content-Type"] == "application/pdf"
    assert b"".join(found.streaming_content).startswith(b"%PDF")
    offered = owner.get(f"{address(event)}/badges.pdf?who=blank&numbers=1-2500&paper=label")
    assert offered.status_code == 200
    assert offered.content.decode().count("part=") == 3
    refused = owner.get(f"{address(event)}/badges.pdf?who=arrived&paper=label&numbers=x")
    assert refused.status_code == 422
    assert "12-20" in refused.content.decode()


def test_a_printer_is_added_only_where_printers_may_be(event: Event, owner: Client) -> None:
    body = {
        "name": "Door A",
        "language": "zpl",
        "port": "9100",
        "width_mm": "80",
        "height_mm": "50",
        "dots_per_mm": "8",
    }
    for host, port in (
        ("127.0.0.1", "9100"),
        ("169.254.169.254", "9100"),
        ("192.168.1.5", "5432"),
        ("", "9100"),
    ):
        response = owner.post(f"{address(event)}/printers", sent(**{**body, "host": host, "port": port}))
        assert response.status_code == 422
        assert not Printer.objects.filter(event_id=event.id).exists()
    assert owner.post(f"{address(event)}/printers", sent(**body, host="192.168.1.5")).status_code == 303
    assert Printer.objects.get(event_id=event.id).host == "192.168.1.5"


def test_a_terminal_is_bound_and_let_go(event: Event, owner: Client) -> None:
    terminal, printer = a_terminal(event), a_printer(event)
    where = f"{address(event)}/terminals/{show_id('trm', terminal.id)}/printer"
    assert owner.post(where, sent(printer=show_id("ptr", printer.id))).status_code == 303
    page = owner.get(f"{address(event)}/printers").content.decode()
    assert f'value="{show_id("ptr", printer.id)}" selected' in page
    assert owner.post(where, sent(printer=show_id("ptr", new_id()))).status_code == 404
    removal = f"{address(event)}/printers/{show_id('ptr', printer.id)}/removal"
    assert owner.post(removal, sent()).status_code == 303
    assert owner.post(where, sent(printer=show_id("ptr", printer.id))).status_code == 409
    page = owner.get(f"{address(event)}/printers").content.decode()
    assert "Front desk" not in page


def test_the_queue_is_narrowed_and_goes_on(event: Event, owner: Client) -> None:
    printer = a_printer(event)
    for number in range(60):
        a_job(
            event,
            printer,
            number=number,
            state="printed" if number % 2 else "failed",
            fault="" if number % 2 else "away",
        )
    page = owner.get(f"{address(event)}/badges?state=failed").content.decode()
    assert page.count('<dialog class="sheet" id="job-') == 30
    first = list_print_jobs(event.id, limit=50)
    second = list_print_jobs(event.id, cursor=first.next_cursor, limit=50)
    assert [row.job.number for row in (*first.items, *second.items)] == list(range(59, -1, -1))
    retried = owner.post(f"{address(event)}/printers/{show_id('ptr', printer.id)}/attempts", sent())
    assert retried.status_code == 303
    assert PrintJob.objects.filter(event_id=event.id, state="queued", fault="").count() == 30


def test_a_reprint_needs_a_reason(event: Event, owner: Client) -> None:
    printer = a_printer(event)
    [guest] = [row.registration_id for row in event_arrivals(event)][:1]
    job = a_job(event, printer, registration_id=guest, state="printed")
    where = f"{address(event)}/print-jobs/{show_id('pjb', job.id)}/reprints"
    assert owner.post(where, sent(printer=show_id("ptr", printer.id), reason=" ")).status_code == 422
    assert PrintJob.objects.filter(event_id=event.id).count() == 1
    body = sent(printer=show_id("ptr", printer.id), reason="Lost")
    assert owner.post(where, body).status_code == 303
    assert owner.post(where, body).status_code == 303
    assert list(
        PrintJob.objects.filter(event_id=event.id, state="queued").values_list("reason", flat=True)
    ) == ["Lost"]


def event_arrivals(event: Event) -> Any:
    from tessera.events.models import Arrival

    return Arrival.objects.filter(event_id=event.id).order_by("number")


def test_the_crew_prints_in_the_browser(event: Event) -> None:
    person_id, _ = a_person("Crew")
    a_terminal(event, person_id=person_id)
    crew = signed(person_id)
    browser = a_printer(event, language="browser", host="")
    guest = event_arrivals(event)[0].registration_id
    job = a_job(event, browser, registration_id=guest)
    where = f"/door/{show_id('evt', event.id)}/badges/{show_id('reg', guest)}"
    page = crew.get(f"{where}?print")
    assert "data-at-once" in page.content.decode()
    assert 'href="/badge-paper/80x50.css"' in page.content.decode()
    assert "data-at-once" not in crew.get(where).content.decode()
    assert b"size: 80mm 50mm" in crew.get("/badge-paper/80x50.css").content
    assert crew.post(f"{where}/printing", sent()).status_code == 303
    assert PrintJob.objects.get(event_id=event.id, id=job.id).state == "printed"
    waiting = a_guest(event)
    away = crew.get(f"/door/{show_id('evt', event.id)}/badges/{show_id('reg', waiting.id)}")
    assert away.status_code == 409


def test_a_phone_number_is_on_no_page_of_badges(event: Event, owner: Client) -> None:
    printer = a_printer(event)
    from tessera.events.models import Registration

    guest = Registration.objects.get(event_id=event.id, id=event_arrivals(event)[0].registration_id)
    a_job(event, printer, registration_id=guest.id)
    assert guest.phone
    for rest in ("/badges", "/printers", "/print-jobs"):
        assert guest.phone.encode() not in owner.get(address(event) + rest).content


# --- API ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def keys(event: Event) -> dict[str, Caller]:
    return {
        "full": make_caller("full", event.merchant_id, ["events:read", "events:write"]),
        "reader": make_caller("reader", event.merchant_id, ["events:read"]),
        "blind": make_caller("blind", event.merchant_id, [one for one in READ_SCOPES if "events" not in one]),
        "other": make_caller("other", a_merchant(), ["events:read", "events:write"]),
        "operator": make_caller("operator", None, ["operator"]),
        "nobody": Caller("nobody", None),
    }


WHO_READS = {"full": 200, "reader": 200, "blind": 403, "other": 404, "operator": 200, "nobody": 401}
WHO_WRITES = {"full": 201, "reader": 403, "blind": 403, "other": 404, "operator": 201, "nobody": 401}


@pytest.mark.parametrize("who", WHO_READS)
def test_who_may_do_what(event: Event, keys: dict[str, Caller], who: str) -> None:
    printer = a_printer(event)
    guest = event_arrivals(event)[0].registration_id
    failed = a_job(event, printer, registration_id=guest, state="failed", fault="away")
    where = f"/events/{show_id('evt', event.id)}"
    for rest in ("/print-jobs", "/printers", "/badges.pdf"):
        assert keys[who].get(where + rest).status_code == WHO_READS[who], rest
    again = {
        "registration_id": show_id("reg", guest),
        "printer_id": show_id("ptr", printer.id),
        "reason": "Lost",
    }
    made = {"name": "B", "language": "zpl", "host": "192.168.1.6", "width_mm": 50, "height_mm": 30}
    writes = {
        f"{where}/print-jobs": again,
        f"{where}/print-jobs/{show_id('pjb', failed.id)}/attempts": None,
        f"{where}/printers": made,
    }
    for path, body in writes.items():
        assert keys[who].post(path, body).status_code == WHO_WRITES[who], path
    done = WHO_WRITES[who] == 201
    assert PrintJob.objects.filter(event_id=event.id).count() == (2 if done else 1)
    assert Printer.objects.filter(event_id=event.id).count() == (2 if done else 1)


def test_the_api_says_no(event: Event, keys: dict[str, Caller]) -> None:
    where = f"/events/{show_id('evt', event.id)}"
    made = {"name": "B", "language": "zpl", "host": "127.0.0.1", "width_mm": 50, "height_mm": 30}
    assert_refused(keys["full"].post(f"{where}/printers", made), 422, "printer_address_forbidden")
    too_small = {**made, "host": "192.168.1.5", "width_mm": 5}
    assert_refused(keys["full"].post(f"{where}/printers", too_small), 422, "badge_size_invalid")
    assert not Printer.objects.filter(event_id=event.id).exists()
    assert_refused(keys["full"].get(f"{where}/badges.pdf?paper=a4&columns=6"), 422, "sheet_too_small")
    job = a_job(event, a_printer(event))
    assert_refused(
        keys["full"].post(f"{where}/print-jobs/{show_id('pjb', job.id)}/attempts", None),
        409,
        "print_job_not_failed",
    )
