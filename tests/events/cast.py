"""What the cast of the pages has at an event: an event of merchant A under way, with one of everything."""

from collections.abc import Mapping
from uuid import UUID

from tessera.events.models import (
    AnswerFile,
    Correction,
    CrewMember,
    Decision,
    Printer,
    PrintJob,
    Question,
    Registration,
)
from tessera.kit import clock
from tessera.kit.ids import new_id, parse_id, show_id
from tessera.talk.models import Conversation, Message, Report
from tests.events.stage import a_guest, a_lease, a_terminal, an_arrival, an_event

__all__ = ["event_ids"]


def event_ids(merchant: str, persons: Mapping[str, UUID], called: str = "") -> dict[str, str]:
    """Put the event on the stage; return the ids that addresses name. `called`: how everything is named."""
    event = an_event(
        merchant_id=parse_id("mer", merchant),
        title=called or "Lantern night",
        text=called or "Lanterns and tea",
        place=called or "Courtyard",
    )
    now = clock.now()
    question = Question.objects.create(
        event=event, position=1, kind="text", label=called or "What do you do?", required=False
    )
    guest = a_guest(event, name=called or "Member", person=(persons["member"], _phone(persons["member"])))
    other = a_guest(event, name=called or "Lan")
    waiting = a_guest(event, name=called or "Ping", state="pending")
    an_arrival(event, guest, 1, door=called or "Door A")
    an_arrival(event, other, 2, door=called or "Door A")
    terminal = a_terminal(event, door=called or "Door A", person_id=persons["guide"])
    a_lease(event, terminal)
    printer = Printer.objects.create(
        event_id=event.id,
        name=called or "Front desk",
        language="browser",
        width_mm=80,
        height_mm=50,
        made_at=now,
    )
    job = PrintJob.objects.create(
        event_id=event.id, id=new_id(), registration_id=guest.id, printer_id=printer.id, number=1, asked_at=now,
        asked_by="system", due_at=now,
    )  # fmt: skip
    decision = Decision.objects.create(
        event_id=event.id, id=new_id(), registration_id=guest.id, before="pending", after="accepted",
        by="person", reason=called, at=now, actor="system",
    )  # fmt: skip
    answer = AnswerFile.objects.create(
        event_id=event.id, id=new_id(), person_id=waiting.person_id, question_id=question.id,
        file_name=(called or "cv") + ".pdf", media_type="application/pdf", size_bytes=10, stored="0" * 32, at=now,
    )  # fmt: skip
    correction = Correction.objects.create(
        event_id=event.id, id=new_id(), registration_id=other.id, number=2, reason=called or "Wrong badge", asked_at=now
    )  # fmt: skip
    conversation, report = _talk(event.id, guest, other, called)
    crew = CrewMember.objects.get(event_id=event.id, person_id=persons["guide"])
    return {
        "event": show_id("evt", event.id),
        "question": show_id("qst", question.id),
        "registration": show_id("reg", waiting.id),
        "guest": show_id("reg", guest.id),
        "ticket": guest.ticket,
        "number": "2",
        "terminal": show_id("trm", terminal.id),
        "crew": show_id("crw", crew.id),
        "printer": show_id("ptr", printer.id),
        "print_job": show_id("pjb", job.id),
        "decision": show_id("dcs", decision.id),
        "answer": show_id("ans", answer.id),
        "correction": show_id("cor", correction.id),
        "conversation": conversation,
        "report": report,
    }


def _phone(person_id: UUID) -> str:
    from tessera.people.queries import get_person

    return get_person(person_id).phone or ""


def _talk(event_id: UUID, guest: Registration, other: Registration, called: str) -> tuple[str, str]:
    """A conversation that both have agreed to, and a report about it."""
    now = clock.now()
    low, high = sorted((guest.person_id, other.person_id))
    talk = Conversation.objects.create(
        circle_id=event_id, id=new_id(), low_id=low, high_id=high, asker_id=other.person_id, asked_at=now,
        answer="accepted", answered_at=now, last_at=now,
    )  # fmt: skip
    Message.objects.create(
        circle_id=event_id, conversation_id=talk.id, id=new_id(), from_id=other.person_id, text=called or "Hello", at=now
    )  # fmt: skip
    report = Report.objects.create(
        circle_id=event_id, id=new_id(), by_id=guest.person_id, about_id=other.person_id, conversation_id=talk.id,
        kind="other", text=called or "Too many questions", at=now,
    )  # fmt: skip
    return show_id("cnv", talk.id), show_id("rpt", report.id)
