"""Many at once: caps, mutual requests, blocks, mutes and erasing hold exactly (spec/README.md, rule 3)."""

import time
from collections import Counter
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction

from tessera.kit import clock
from tessera.kit.actors import SYSTEM
from tessera.kit.edge import repeated
from tessera.kit.refusals import Refusal
from tessera.talk.actions import writing
from tessera.talk.actions.erasing import erase_circle
from tessera.talk.models import Conversation, Message
from tessera.talk.queries import blocked_ids
from tests.races.race import race
from tests.talk.people import Circle, a_person

pytestmark = pytest.mark.usefixtures("committed")


def at_once(*deeds: Callable[[], Any]) -> list[str]:
    """Let all deeds happen at the same moment, each on a connection of its own; return what became of each."""

    def work(_: Any, number: int) -> str:
        try:
            repeated(deeds[number])
        except Refusal as refusal:
            return refusal.code
        finally:
            connection.close()
        return "done"

    return race(work, len(deeds))


def test_sixty_requests_at_once_and_fifty_are_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "MESSAGES_A_MINUTE", 1000)
    circle, mei = Circle(cap=50), a_person()
    others = [a_person() for _ in range(60)]
    told = at_once(*[lambda one=one: circle.ask(mei, one) for one in others])
    assert Counter(told) == {"done": 50, "requests_used_up": 10}
    assert circle.held(mei) == 50
    assert Conversation.objects.filter(circle_id=circle.id, answer="").count() == 50


@pytest.mark.parametrize("_", range(5))
def test_two_ask_each_other_at_the_same_moment(_: int) -> None:
    circle = Circle()
    pairs: list[tuple[UUID, UUID]] = [(a_person(), a_person()) for _ in range(8)]
    deeds = [lambda a=a, b=b: circle.ask(a, b) for pair in pairs for a, b in (pair, pair[::-1])]
    assert at_once(*deeds) == ["done"] * 16
    assert Conversation.objects.filter(circle_id=circle.id).count() == 8
    assert Conversation.objects.filter(circle_id=circle.id, answer="accepted").count() == 8
    assert Message.objects.filter(circle_id=circle.id).count() == 16
    assert {circle.held(one) for pair in pairs for one in pair} == {0}


def test_an_answer_comes_once() -> None:
    circle, mei, lan = Circle(), a_person(), a_person()
    asked = circle.ask(mei, lan)
    told = at_once(*[lambda yes=yes: circle.answer(lan, asked, accept=yes) for yes in [True, False] * 8])
    assert Counter(told) == {"done": 1, "request_answered": 15}
    assert circle.held(mei) == 0


@pytest.mark.parametrize("_", range(10))
def test_accepting_against_blocking(_: int) -> None:
    """Whichever was first: what waits is counted, nothing else is, and nobody writes after the block."""
    circle, mei, lan = Circle(), a_person(), a_person()
    asked = circle.ask(mei, lan)
    told = at_once(
        lambda: circle.answer(lan, asked), lambda: circle.block(mei, lan), lambda: circle.ask(lan, mei)
    )
    assert told[1] == "done"
    assert set(told[::2]) <= {"done", "person_unavailable", "request_answered", "already_talking"}
    asked.refresh_from_db()
    assert asked.answer in {"accepted", ""}
    assert (circle.held(mei), circle.held(lan)) == (int(not asked.answer), 0)
    assert at_once(lambda: circle.write(lan, asked)) == ["person_unavailable"]
    assert blocked_ids(lan) == {mei}


@pytest.mark.parametrize("_", range(5))
def test_a_muted_person_writes_nothing_after_the_mute(_: int) -> None:
    """Prevents a message that is committed after the organiser was told that there will be none."""
    circle, mei, lan = Circle(), a_person(), a_person()
    talk = circle.talk(mei, lan)
    counted: list[int] = []

    def mute() -> None:
        circle.mute(mei)
        counted.append(Message.objects.filter(circle_id=circle.id, from_id=mei).count())

    told = at_once(mute, *[lambda: circle.write(mei, talk) for _ in range(16)])
    assert told[0] == "done"
    assert set(told[1:]) <= {"done", "talk_muted"}
    assert Message.objects.filter(circle_id=circle.id, from_id=mei).count() == counted[0]


def test_thirty_messages_a_minute_also_from_many_windows() -> None:
    circle, mei, lan = Circle(), a_person(), a_person()
    talk = circle.talk(lan, mei)
    told = at_once(*[lambda: circle.write(mei, talk) for _ in range(48)])
    assert Counter(told) == {"done": 30, "messages_too_many": 18}


def test_nothing_is_left_of_what_is_written_while_a_circle_is_erased() -> None:
    circle, mei, lan = Circle(), a_person(), a_person()
    talk, others = circle.talk(mei, lan), [a_person() for _ in range(10)]

    def erase() -> None:
        time.sleep(0.01)
        with transaction.atomic():
            erase_circle(circle_id=circle.id, now=clock.now(), actor=SYSTEM)

    told = at_once(
        erase,
        *[lambda: circle.write(mei, talk) for _ in range(10)],
        *[lambda one=one: circle.ask(lan, one) for one in others],
    )
    assert set(told[1:]) <= {"done", "talk_erased", "not_found"}
    assert circle.rows() == {"Conversation": 0, "Message": 0, "Allowance": 0, "unanswered": 0}
