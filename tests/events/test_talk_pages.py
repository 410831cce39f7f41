"""Pages of talks: what guests see of one another, what the organiser sees, and what forms leave behind when refused."""

import re
import uuid
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client

from tessera.events.actions.talks import report_guest
from tessera.events.models import CircleClosure, CircleProfile, Event, Registration
from tessera.kit import clock
from tessera.kit.actors import SYSTEM
from tessera.kit.ids import show_id
from tessera.kit.models import AuditLine
from tessera.merchants.actions.staff import employ_person
from tessera.notices.models import Notice
from tessera.people.models import Person
from tessera.talk.models import Block, Conversation, Message, Mute, Report
from tests.events.stage import a_guest, a_person, an_arrival, an_event
from tests.talk.people import Circle

pytestmark = pytest.mark.django_db

BACKEND = "django.contrib.auth.backends.ModelBackend"


@dataclass
class Hall:
    """An event with guests numbered from 1, who look at its circle."""

    event: Event
    guests: list[Registration] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"/circle/{show_id('evt', self.event.id)}"

    @property
    def console(self) -> str:
        return f"/organise/{show_id('evt', self.event.id)}/circle"

    @property
    def circle(self) -> Circle:
        circle = Circle()
        circle.id = self.event.id
        return circle

    def person(self, number: int) -> UUID:
        return self.guests[number - 1].person_id

    def talk(self, one: int, other: int) -> str:
        made = self.circle.talk(self.person(one), self.person(other))
        return f"{self.address}/talks/{show_id('cnv', made.id)}"

    def get(self, number: int, path: str, **headers: str) -> HttpResponse:
        return browser(self.person(number)).get(self._path(path), headers=headers)

    def post(self, number: int, path: str, body: dict[str, Any], **headers: str) -> HttpResponse:
        sent = {"request_id": uuid.uuid4().hex, **body}
        return browser(self.person(number)).post(self._path(path), sent, headers=headers)

    def _path(self, path: str) -> str:
        return path if path.startswith("/circle") else self.address + path


def browser(person_id: UUID) -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(Person.objects.get(pk=person_id), backend=BACKEND)
    return client


def text_of(response: HttpResponse) -> str:
    return response.content.decode()


def said(response: HttpResponse) -> str:
    """What the page says, without what is made anew for each."""
    main = text_of(response).partition("<main")[2].partition("</main>")[0]
    return re.sub(r'value="[^"]+"', "", main)


@pytest.fixture
def hall() -> Hall:
    hall = Hall(an_event(circle={"requests": 2}))
    for number, name in enumerate(("Mei Ling", "Lan Hua", "Bo Wen", "Ping An"), 1):
        hall.guests.append(a_guest(hall.event, name=name))
        an_arrival(hall.event, hall.guests[-1], number)
    return hall


@pytest.fixture
def organiser(hall: Hall) -> Client:
    person_id, _ = a_person("Owner")
    assert hall.event.merchant_id is not None
    with transaction.atomic():
        employ_person(
            merchant_id=hall.event.merchant_id, person_id=person_id, role="owner", store_id=None,
            now=clock.now(), actor=SYSTEM,
        )  # fmt: skip
    return browser(person_id)


def test_a_request_is_sent_once_and_told_without_its_text(hall: Hall) -> None:
    assert "2 of 2 open requests" in text_of(hall.get(1, "/2/request"))
    body = {"text": "About the bridge", "request_id": "one"}
    first, again = hall.post(1, "/2/request", body), hall.post(1, "/2/request", body)
    assert (first.status_code, again.status_code) == (303, 303)
    assert first["Location"] == again["Location"]
    assert Message.objects.count() == 1
    notice = Notice.objects.get(person_id=hall.person(2))
    assert notice.template == "talk_request"
    assert "bridge" not in str(notice.context)
    assert not AuditLine.objects.filter(details__icontains="bridge").exists()
    listed = text_of(hall.get(2, "/talks"))
    assert "About the bridge" in listed
    assert "No. 001" in listed
    assert hall.get(1, "/2/request")["Location"] == first["Location"]


def test_a_refused_request_keeps_what_was_typed(hall: Hall) -> None:
    for number in (2, 3):
        hall.post(1, f"/{number}/request", {"text": "Hello"})
    refused = hall.post(1, "/4/request", {"text": "My long thought"})
    assert refused.status_code == 409
    assert "2 of your requests have not been answered" in text_of(refused)
    assert "My long thought" in text_of(refused)
    assert "0 of 2 open requests" in text_of(refused)
    assert Conversation.objects.count() == 2
    assert hall.post(2, "/4/request", {"text": "x" * 1001}).status_code == 422
    assert Conversation.objects.count() == 2


def test_answering(hall: Hall) -> None:
    hall.post(1, "/2/request", {"text": "Hello"})
    address = hall.post(3, "/2/request", {"text": "Hi"})["Location"]
    declined = hall.post(2, f"{address}/answer", {"answer": "declined"})
    assert declined["Location"] == f"{hall.address}/talks"
    assert not Notice.objects.filter(person_id=hall.person(3)).exists()
    assert "did not accept" in text_of(hall.get(3, address))
    one = Conversation.objects.get(asker_id=hall.person(1))
    address = f"{hall.address}/talks/{show_id('cnv', one.id)}"
    assert hall.post(1, f"{address}/answer", {"answer": "accepted"}).status_code == 404
    assert hall.post(2, f"{address}/answer", {"answer": "accepted"})["Location"] == address
    assert Notice.objects.get(person_id=hall.person(1)).template == "talk_accepted"


def test_a_conversation_is_for_its_two(hall: Hall) -> None:
    address = hall.talk(1, 2)
    for path, status in (("", 404), ("?after=", 404)):
        assert hall.get(3, address + path).status_code == status
    assert hall.post(3, address, {"text": "Me too"}).status_code == 404
    assert Message.objects.count() == 1
    assert "Hello" not in text_of(hall.get(3, "/talks"))


def test_reading_takes_the_mark_away(hall: Hall) -> None:
    address = hall.talk(1, 2)
    hall.post(2, address, {"text": "New words"})
    assert "New</span>" in text_of(hall.get(1, "/talks"))
    assert "New words" in text_of(hall.get(1, address))
    assert "New</span>" not in text_of(hall.get(1, "/talks"))


def test_what_is_new_comes_as_a_part(hall: Hall) -> None:
    address = hall.talk(1, 2)
    first = Message.objects.get()
    mark = f"?after={show_id('msg', first.id)}&foot_mark=accepted.0&head_mark=accepted.00"
    told = hall.post(2, address, {"text": "Second"}, **{"HX-Request": "true"})
    assert told.status_code == 204
    part = text_of(hall.get(1, address + mark, **{"HX-Request": "true"}))
    assert part.count("talk-line") == 1
    assert "Second" in part
    assert told["HX-Redirect"].partition("#")[2] in part
    assert "talk-foot" not in part
    assert "talk-head" not in part
    assert "talk-day" not in part
    hall.circle.mute(hall.person(1), "Advertising")
    assert "talk-foot" in text_of(hall.get(1, address + mark, **{"HX-Request": "true"}))


def test_a_refused_message_keeps_the_text_and_says_why(hall: Hall) -> None:
    address = hall.talk(1, 2)
    hall.circle.mute(hall.person(1), "Sold insurance")
    refused = hall.post(1, address, {"text": "Let me speak"})
    assert refused.status_code == 403
    assert "Sold insurance" in text_of(refused)
    part = hall.post(1, address, {"text": "Let me speak"}, **{"HX-Request": "true"})
    assert (part.status_code, part["Content-Type"]) == (403, "text/plain; charset=utf-8")
    for text in ("", "\x00", "x" * 1001):
        assert hall.post(2, address, {"text": text}).status_code == 422
    assert Message.objects.count() == 1


def test_a_blocked_guest_is_answered_as_if_there_were_no_such_number(hall: Hall) -> None:
    hall.post(2, "/1/block", {})
    assert Block.objects.count() == 1
    assert not Notice.objects.exists()
    for path in ("/2/request", "/2/report", "/2"):
        blocked, unknown = hall.get(1, path), hall.get(1, path.replace("2", "77"))
        assert blocked.status_code == unknown.status_code == 404
        assert said(blocked) == said(unknown)
    for path in ("request", "report", "block", "block-end"):
        body = {"text": "Hello", "kind": "other"}
        refused, unknown = hall.post(1, f"/2/{path}", body), hall.post(1, f"/77/{path}", body)
        assert refused.status_code == unknown.status_code == 404
        assert said(refused) == said(unknown)
    assert Conversation.objects.count() == 0
    assert "001" in text_of(hall.get(2, "/talks/blocked"))
    assert hall.post(2, "/1/block-end", {}).status_code == 303
    assert hall.get(1, "/2/request").status_code == 200


def test_names_and_looks_are_shown_to_whom_they_are_for(hall: Hall) -> None:
    CircleProfile.objects.create(
        event_id=hall.event.id, person_id=hall.person(1), appearance="Green hat", changed_at=clock.now(),
        seen_by={"name": "talks", "appearance": "nobody"},
    )  # fmt: skip
    hall.post(1, "/2/request", {"text": "Hello"})
    asked = text_of(hall.get(2, "/talks"))
    assert "Mei Ling" not in asked
    assert "Green hat" not in asked
    one = Conversation.objects.get()
    hall.post(2, f"/talks/{show_id('cnv', one.id)}/answer", {"answer": "accepted"})
    assert "Mei Ling" in text_of(hall.get(2, "/talks"))


def test_phone_numbers_are_in_no_page_before_both_want_it(hall: Hall) -> None:
    address = hall.talk(1, 2)
    phones = [guest.phone.removeprefix("+86") for guest in hall.guests if guest.phone]
    hall.post(1, f"{address}/contact", {"offer": "yes"})
    pages = (address, "/talks", "/3/request", "/2/report", "/talks/blocked")
    for number in (1, 2):
        for path in pages:
            content = text_of(hall.get(number, path))
            assert not [one for one in phones if one in content], path
    hall.post(2, f"{address}/contact", {"offer": "yes"})
    assert phones[1] in text_of(hall.get(1, address))
    assert phones[0] in text_of(hall.get(2, address))
    hall.post(1, f"{address}/contact", {"offer": "no"})
    for number in (1, 2):
        assert not [one for one in phones if one in text_of(hall.get(number, address))]


def test_a_closed_circle_says_so(hall: Hall) -> None:
    address = hall.talk(1, 2)
    CircleClosure.objects.create(event_id=hall.event.id, at=clock.now(), erased=4)
    for path in (address, "/talks", "/2/request"):
        assert hall.get(1, path).status_code == 410
    assert hall.post(1, address, {"text": "Late"}).status_code == 410
    assert Message.objects.count() == 1


def reported(hall: Hall) -> Report:
    address = hall.talk(1, 2)
    hall.post(1, address, {"text": "Buy my lamps"})
    hall.post(2, address, {"text": "Never, and my secret is 42"})
    with transaction.atomic():
        return report_guest(
            event=hall.event, person_id=hall.person(2), number=1, kind="advertising", text="Lamps again",
            block=False, now=clock.now(), actor=SYSTEM,
        )  # fmt: skip


def test_the_organiser_sees_the_evidence_and_nothing_else(hall: Hall, organiser: Client) -> None:
    report = reported(hall)
    case = f"{hall.console}/reports/{show_id('rpt', report.id)}"
    assert "about No. 001, by No. 002" in text_of(organiser.get(f"{hall.console}/reports"))
    shown = text_of(organiser.get(case))
    assert "Buy my lamps" in shown
    assert "my secret" not in shown
    assert organiser.get(f"{hall.address}/talks").status_code == 404
    assert 'class="badge is-refusal">1<' in text_of(organiser.get(hall.console))


def test_muting_from_a_report_closes_it_and_tells_the_guest(hall: Hall, organiser: Client) -> None:
    report = reported(hall)
    case = f"{hall.console}/reports/{show_id('rpt', report.id)}"
    body = {"outcome": "muted", "reason": "Lamps", "request_id": "one"}
    assert organiser.post(case, {**body, "reason": ""}).status_code == 422
    assert Mute.objects.count() == 0
    assert organiser.post(case, body).status_code == 303
    report.refresh_from_db()
    assert report.outcome == "muted"
    assert Notice.objects.filter(person_id=hall.person(1), template="talk_muted").count() == 1
    assert organiser.post(case, {"outcome": "nothing", "request_id": "two"}).status_code == 409
    guest = show_id("reg", hall.guests[0].id)
    assert "Lamps" in text_of(organiser.get(f"{hall.console}/mutes"))
    ended = organiser.post(f"{hall.console}/mutes/{guest}/end", {"request_id": "three"})
    assert ended.status_code == 303
    assert Mute.objects.filter(lifted_at__isnull=True).count() == 0
    lines = AuditLine.objects.filter(verb__in=["handle_report", "unmute_guest"], outcome="done")
    assert {line.merchant_id for line in lines} == {hall.event.merchant_id}


def test_a_number_is_muted_once(hall: Hall, organiser: Client) -> None:
    for number, status in (("3", 303), ("3", 409), ("99", 404), ("x", 422)):
        body = {"number": number, "reason": "Rude", "request_id": uuid.uuid4().hex}
        assert organiser.post(f"{hall.console}/mutes", body).status_code == status
    assert Mute.objects.count() == 1


def test_long_lists_have_pages(hall: Hall) -> None:
    for number in range(5, 13):
        hall.guests.append(a_guest(hall.event, name=f"Guest {number}"))
        an_arrival(hall.event, hall.guests[-1], number)
        hall.circle.ask(hall.person(number), hall.person(1), f"request-{number}")
    first = text_of(hall.get(1, "/talks"))
    assert "request-12" in first
    assert "request-5" not in first
    assert "All 8 requests" in first
    assert "request-5" in text_of(hall.get(1, "/talks?show=requests"))
    assert hall.get(1, "/talks?cursor=nonsense").status_code == 422
    assert hall.get(1, f"{hall.talk(1, 2)}?before=nonsense").status_code == 422
