"""People of a circle, and what they do, in short words."""

from typing import Any
from uuid import UUID

from django.db import transaction

from tessera.kit import clock
from tessera.kit.actors import SYSTEM
from tessera.kit.ids import new_id
from tessera.people.actions.persons import open_person
from tessera.talk.actions import blocking, moderation, writing
from tessera.talk.models import Allowance, Conversation, Message
from tests.cast import made_up_phone

CIRCLE_TABLES = (Conversation, Message, Allowance)


def a_person() -> UUID:
    """Somebody."""
    with transaction.atomic():
        return open_person(phone=made_up_phone(), now=clock.now(), actor=SYSTEM).id


class Circle:
    """A circle in which people talk; every deed is a transaction of its own."""

    def __init__(self, *, cap: int = 50) -> None:
        self.id = new_id()
        self.cap = cap

    def ask(self, asker: UUID, other: UUID, text: str = "Hello", **how: Any) -> Conversation:
        with transaction.atomic():
            return writing.ask(
                circle_id=self.id, asker_id=asker, other_id=other, text=text,
                **{"cap": self.cap, "now": clock.now(), "actor": SYSTEM, **how},
            )  # fmt: skip

    def answer(self, person: UUID, talk: Conversation, *, accept: bool = True) -> Conversation:
        with transaction.atomic():
            return writing.answer_request(
                circle_id=self.id, conversation_id=talk.id, person_id=person, accept=accept,
                now=clock.now(), actor=SYSTEM,
            )  # fmt: skip

    def write(self, person: UUID, talk: Conversation, text: str = "Yes", **how: Any) -> Message:
        with transaction.atomic():
            return writing.write_message(
                circle_id=self.id, conversation_id=talk.id, person_id=person, text=text,
                **{"now": clock.now(), "actor": SYSTEM, **how},
            )  # fmt: skip

    def read(self, person: UUID, talk: Conversation) -> bool:
        with transaction.atomic():
            return writing.mark_read(
                circle_id=self.id, conversation_id=talk.id, person_id=person, now=clock.now(), actor=SYSTEM
            )

    def block(self, person: UUID, other: UUID) -> None:
        with transaction.atomic():
            blocking.block_person(
                circle_id=self.id, person_id=person, blocked_id=other, now=clock.now(), actor=SYSTEM
            )

    def unblock(self, person: UUID, other: UUID) -> bool:
        with transaction.atomic():
            return blocking.unblock_person(person_id=person, blocked_id=other, now=clock.now(), actor=SYSTEM)

    def mute(self, person: UUID, reason: str = "Advertising") -> None:
        with transaction.atomic():
            moderation.mute_person(
                circle_id=self.id, person_id=person, reason=reason, now=clock.now(), actor=SYSTEM
            )

    def talk(self, one: UUID, other: UUID) -> Conversation:
        """Let the two agree to talk."""
        asked = self.ask(one, other)
        return self.answer(other, asked)

    def held(self, person: UUID) -> int:
        """How many unanswered requests are counted against the person."""
        found = Allowance.objects.filter(circle_id=self.id, person_id=person).values_list(
            "unanswered", flat=True
        )
        return found.first() or 0

    def rows(self) -> dict[str, int]:
        """How much there is: what a refusal may not change."""
        found = {kind.__name__: kind.objects.filter(circle_id=self.id).count() for kind in CIRCLE_TABLES}
        total = Allowance.objects.filter(circle_id=self.id).values_list("unanswered", flat=True)
        return {**found, "unanswered": sum(total)}
