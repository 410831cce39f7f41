"""Two people of a circle: request, answer, messages; and how talk says no (spec/events.md, step 9)."""

from datetime import timedelta

import pytest
from django.db import transaction

from tessera.kit import clock
from tessera.kit.actors import SYSTEM
from tessera.kit.errors import NotFound
from tessera.kit.ids import new_id
from tessera.kit.refusals import Refusal
from tessera.people.actions.privacy import erase_person
from tessera.talk.actions import erasing
from tessera.talk.actions.contacts import offer_contact, withdraw_contact
from tessera.talk.actions.moderation import handle_report, lift_mute, report_person
from tessera.talk.errors import (
    AlreadyMuted,
    AlreadyTalking,
    MessagesTooMany,
    MessageUnusable,
    NotAgreed,
    PersonUnavailable,
    ReportHandled,
    ReportOpen,
    RequestAnswered,
    RequestDeclined,
    RequestOpen,
    RequestsUsedUp,
    TalkErased,
    TalkMuted,
    TalkWithSelf,
)
from tessera.talk.models import Message, Report
from tessera.talk.queries import (
    blocked_ids,
    count_meetings,
    count_requests,
    count_unread,
    export_person,
    find_conversation,
    find_offers,
    get_conversation,
    list_conversations,
    list_messages,
    list_requests,
    list_talking,
)
from tests.talk.people import Circle, a_person

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
def circle() -> Circle:
    return Circle()


def no(circle: Circle, refusal: Refusal, deed) -> None:
    """The deed is refused so, and leaves nothing."""
    before = circle.rows()
    with pytest.raises(type(refusal)) as told, transaction.atomic():
        deed()
    assert told.value == refusal
    assert circle.rows() == before


def test_a_request_an_answer_and_free_talk(circle: Circle) -> None:
    mei, lan = a_person(), a_person()
    asked = circle.ask(mei, lan, "Your talk on bridges was good")
    assert (circle.held(mei), count_requests(circle.id, lan), count_unread(circle.id, lan)) == (1, 1, 1)
    [row] = list_requests(circle.id, lan).items
    assert (row.state, row.last_text, row.other_id) == ("asked", "Your talk on bridges was good", mei)
    assert list_conversations(circle.id, mei).items[0].state == "waiting"
    circle.answer(lan, asked)
    assert (circle.held(mei), count_requests(circle.id, lan)) == (0, 0)
    circle.write(lan, asked, "Thank you")
    circle.write(mei, asked, "Tea?")
    said = list_messages(circle.id, asked.id, person_id=mei).items
    assert [one.text for one in said] == ["Tea?", "Thank you", "Your talk on bridges was good"]
    assert count_unread(circle.id, mei) == 1
    assert circle.read(mei, asked)
    assert not circle.read(mei, asked)
    assert (count_unread(circle.id, mei), count_unread(circle.id, lan)) == (0, 1)
    assert list_talking(circle.id, mei) == {lan}


def test_nothing_more_is_written_before_the_answer(circle: Circle) -> None:
    mei, lan = a_person(), a_person()
    asked = circle.ask(mei, lan)
    no(circle, NotAgreed(), lambda: circle.write(mei, asked))
    no(circle, NotAgreed(), lambda: circle.write(lan, asked))
    no(circle, RequestOpen(), lambda: circle.ask(mei, lan))


def test_only_who_was_asked_answers_and_once(circle: Circle) -> None:
    mei, lan, bo = a_person(), a_person(), a_person()
    asked = circle.ask(mei, lan)
    no(circle, NotFound(), lambda: circle.answer(mei, asked))
    no(circle, NotFound(), lambda: circle.answer(bo, asked))
    circle.answer(lan, asked)
    no(circle, RequestAnswered(), lambda: circle.answer(lan, asked, accept=False))
    no(circle, AlreadyTalking(), lambda: circle.ask(lan, mei))


def test_whoever_was_declined_does_not_ask_again_but_the_other_may(circle: Circle) -> None:
    mei, lan = a_person(), a_person()
    asked = circle.ask(mei, lan)
    circle.answer(lan, asked, accept=False)
    assert circle.held(mei) == 0
    no(circle, RequestDeclined(), lambda: circle.ask(mei, lan))
    no(circle, NotAgreed(), lambda: circle.write(mei, asked))
    assert circle.ask(lan, mei).answer == "accepted"
    assert (circle.held(lan), circle.held(mei)) == (0, 0)


def test_as_many_requests_as_the_organiser_allows(circle: Circle) -> None:
    mei, others = a_person(), [a_person() for _ in range(4)]
    circle.cap = 3
    asked = [circle.ask(mei, one) for one in others[:3]]
    no(circle, RequestsUsedUp(most=3), lambda: circle.ask(mei, others[3]))
    circle.answer(others[0], asked[0], accept=False)
    circle.ask(mei, others[3])
    assert circle.held(mei) == 3
    circle.cap = 0
    no(circle, RequestsUsedUp(most=0), lambda: circle.ask(others[0], others[1]))


def test_nobody_else_reads_or_writes(circle: Circle) -> None:
    mei, lan, bo = a_person(), a_person(), a_person()
    talk = circle.talk(mei, lan)
    no(circle, NotFound(), lambda: circle.write(bo, talk))
    for deed in (get_conversation, list_messages):
        with pytest.raises(NotFound):
            deed(circle.id, talk.id, person_id=bo)
    with pytest.raises(NotFound):
        get_conversation(new_id(), talk.id, person_id=mei)
    assert list_conversations(circle.id, bo).items == []


def test_unusable_texts_and_oneself(circle: Circle) -> None:
    mei, lan = a_person(), a_person()
    talk = circle.talk(mei, lan)
    for text in ("", "\u200b", "x" * 1001, "a\x00"):
        no(circle, MessageUnusable(most=1000), lambda text=text: circle.write(mei, talk, text))
    no(circle, MessageUnusable(most=1000), lambda: circle.ask(lan, a_person(), " "))
    no(circle, TalkWithSelf(), lambda: circle.ask(mei, mei))
    no(circle, PersonUnavailable(), lambda: circle.ask(mei, new_id()))


def test_a_blocked_person_is_told_what_a_stranger_is_told(circle: Circle) -> None:
    mei, lan, bo = a_person(), a_person(), a_person()
    asked, talk = circle.ask(lan, mei), circle.talk(bo, mei)
    circle.block(mei, lan)
    circle.block(mei, lan)
    circle.block(mei, bo)
    assert circle.held(lan) == 0
    assert blocked_ids(lan) == {mei}
    assert blocked_ids(mei) == {lan, bo}
    no(circle, PersonUnavailable(), lambda: circle.ask(lan, mei))
    no(circle, PersonUnavailable(), lambda: circle.ask(mei, lan))
    no(circle, PersonUnavailable(), lambda: circle.write(bo, talk))
    no(circle, PersonUnavailable(), lambda: circle.write(mei, talk))
    for one in (mei, lan, bo):
        assert list_conversations(circle.id, one).items == []
        assert list_requests(circle.id, one).items == []
        assert count_unread(circle.id, one) == 0
    with pytest.raises(NotFound):
        get_conversation(circle.id, asked.id, person_id=mei)
    assert circle.unblock(mei, bo)
    assert not circle.unblock(bo, mei)
    circle.write(bo, talk)
    no(circle, TalkWithSelf(), lambda: circle.block(mei, mei))


def test_whom_the_organiser_mutes_writes_nothing_and_is_told_why(circle: Circle) -> None:
    mei, lan, bo = a_person(), a_person(), a_person()
    talk = circle.talk(mei, lan)
    circle.mute(mei, "Sold insurance")
    no(circle, TalkMuted(reason="Sold insurance"), lambda: circle.write(mei, talk))
    no(circle, TalkMuted(reason="Sold insurance"), lambda: circle.ask(mei, bo))
    no(circle, AlreadyMuted(), lambda: circle.mute(mei))
    circle.write(lan, talk)
    with transaction.atomic():
        lift_mute(circle_id=circle.id, person_id=mei, now=clock.now(), actor=SYSTEM)
    circle.write(mei, talk)
    with pytest.raises(NotFound):
        lift_mute(circle_id=circle.id, person_id=mei, now=clock.now(), actor=SYSTEM)


def test_thirty_messages_a_minute(circle: Circle) -> None:
    mei, lan, bo = a_person(), a_person(), a_person()
    talk, other = circle.talk(mei, lan), circle.talk(bo, mei)
    for _ in range(29):
        circle.write(mei, talk)
    with pytest.raises(MessagesTooMany) as told:
        circle.write(mei, other)
    assert 1 <= told.value.details["retry_after_s"] <= 61
    circle.write(mei, talk, now=clock.now() + timedelta(seconds=61))
    circle.write(lan, talk)


def test_phone_numbers_are_shown_once_both_want_it(circle: Circle) -> None:
    mei, lan = a_person(), a_person()
    asked = circle.ask(mei, lan)
    named = {"circle_id": circle.id, "conversation_id": asked.id, "now": clock.now(), "actor": SYSTEM}
    with pytest.raises(NotAgreed):
        offer_contact(person_id=mei, **named)
    circle.answer(lan, asked)
    assert find_offers(circle.id, asked.id, person_id=mei) == (False, False)
    offer_contact(person_id=mei, **named)
    offer_contact(person_id=mei, **named)
    assert find_offers(circle.id, asked.id, person_id=mei) == (True, False)
    assert find_offers(circle.id, asked.id, person_id=lan) == (False, True)
    offer_contact(person_id=lan, **named)
    withdraw_contact(person_id=mei, **named)
    assert find_offers(circle.id, asked.id, person_id=lan) == (True, False)
    with pytest.raises(NotFound):
        offer_contact(person_id=a_person(), **named)


def _report(circle: Circle, by, about, kind: str = "harassment", text: str = "") -> Report:
    with transaction.atomic():
        return report_person(
            circle_id=circle.id, by_id=by, about_id=about, kind=kind, text=text, now=clock.now(), actor=SYSTEM
        )


def test_a_report_keeps_what_the_reported_person_wrote_and_nothing_else(circle: Circle) -> None:
    mei, lan, bo = a_person(), a_person(), a_person()
    talk, other = circle.talk(mei, lan), circle.talk(lan, bo)
    circle.write(lan, talk, "Buy this")
    circle.write(mei, talk, "No")
    circle.write(lan, talk, "Buy that")
    circle.write(lan, other, "Between us")
    report = _report(circle, mei, lan)
    assert [one["text"] for one in report.evidence] == ["Buy this", "Buy that"]
    with pytest.raises(ReportOpen):
        _report(circle, mei, lan)
    assert _report(circle, bo, mei).evidence == []
    named = {"circle_id": circle.id, "report_id": report.id, "now": clock.now(), "actor": SYSTEM}
    assert handle_report(outcome="nothing", **named).outcome == "nothing"
    with pytest.raises(ReportHandled):
        handle_report(outcome="muted", **named)
    assert _report(circle, mei, lan).id != report.id


def test_what_a_circle_has_come_to_outlives_what_was_said(circle: Circle) -> None:
    mei, lan, bo, ping = (a_person() for _ in range(4))
    talk = circle.talk(mei, lan)
    circle.talk(mei, bo)
    circle.answer(ping, circle.ask(mei, ping), accept=False)
    circle.ask(lan, ping)
    came_to = count_meetings(circle.id)
    assert (came_to.requests, came_to.accepted, came_to.declined, came_to.unanswered) == (4, 2, 1, 1)
    assert (came_to.messages, came_to.talked, dict(came_to.by_partners)) == (4, 3, {1: 2, 2: 1})
    assert came_to.median_partners(guests=4) == 1
    with transaction.atomic():
        erasing.erase_circle(circle_id=circle.id, now=clock.now(), actor=SYSTEM)
        erasing.erase_circle(circle_id=circle.id, now=clock.now(), actor=SYSTEM)
    assert circle.rows() == {"Conversation": 0, "Message": 0, "Allowance": 0, "unanswered": 0}
    assert count_meetings(circle.id) == came_to
    no(circle, TalkErased(), lambda: circle.ask(mei, ping))
    no(circle, TalkErased(), lambda: circle.write(mei, talk))


def test_an_erased_person_leaves_the_others_words(circle: Circle) -> None:
    mei, lan, bo = a_person(), a_person(), a_person()
    talk, asked = circle.talk(mei, lan), circle.ask(mei, bo)
    circle.write(mei, talk, "My secret")
    circle.write(lan, talk, "Mine")
    _report(circle, lan, mei, text="Rude")
    circle.block(bo, mei)
    assert [one["text"] for one in export_person(mei)["messages"]] == ["Hello", "Hello", "My secret"]
    with transaction.atomic():
        erase_person(person_id=mei, reason="asked", now=clock.now(), actor=SYSTEM)
        erasing.erase_person(person_id=mei, now=clock.now(), actor=SYSTEM)
        erasing.erase_person(person_id=mei, now=clock.now(), actor=SYSTEM)
    assert [one.text for one in list_messages(circle.id, talk.id, person_id=lan).items] == ["Mine"]
    assert not Message.objects.filter(from_id=mei).exists()
    assert Report.objects.get(about_id=mei).evidence == []
    assert circle.held(mei) == 0
    assert export_person(mei)["messages"] == []
    found = find_conversation(circle.id, mei, bo)
    assert found is not None
    assert (found.id, found.answer) == (asked.id, "declined")
    no(circle, PersonUnavailable(), lambda: circle.write(lan, talk))


def test_long_lists_come_in_pages(circle: Circle) -> None:
    mei, others = a_person(), [a_person() for _ in range(7)]
    for one in others:
        circle.talk(one, mei)
    seen, cursor = [], None
    while True:
        page = list_conversations(circle.id, mei, cursor=cursor, limit=3)
        seen += [row.other_id for row in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == others[::-1]
    talk = find_conversation(circle.id, mei, others[0])
    assert talk is not None
    for number in range(5):
        circle.write(mei, talk, str(number))
    first = list_messages(circle.id, talk.id, person_id=mei, limit=4)
    rest = list_messages(circle.id, talk.id, person_id=mei, limit=4, cursor=first.next_cursor)
    assert [one.text for one in [*first.items, *rest.items]] == ["4", "3", "2", "1", "0", "Hello"]
    assert rest.next_cursor is None
